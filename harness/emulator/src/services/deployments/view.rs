//! Deployments as they are shown.

use super::deploy::{Operation, Outcome, Plan};
use crate::arm;
use crate::context::Context;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The type of deployments.
pub(super) const KIND: &str = "Microsoft.Resources/deployments";

/// A deployment that has ended.
pub(super) fn ended(
    cx: &Context,
    id: &str,
    name: &str,
    begun: Timestamp,
    outcome: &Outcome,
) -> Value {
    let duration = cx.clock.now().duration_since(begun);
    let mut properties = json!({
        "templateHash": hash(&outcome.template),
        "parameters": outcome.parameters,
        "mode": "Incremental",
        "provisioningState": if outcome.error.is_some() { "Failed" } else { "Succeeded" },
        "timestamp": arm::seven_digits(cx.clock.now()),
        "duration": format!("PT{}.{:07}S", duration.as_secs(), duration.subsec_nanos() / 100),
        "correlationId": arm::operation_id(),
        "providers": providers(&outcome.kinds),
        "dependencies": [],
    });
    match &outcome.error {
        Some(error) => properties["error"] = error.clone(),
        None => {
            if outcome.outputs.as_object().is_some_and(|o| !o.is_empty()) {
                properties["outputs"] = outcome.outputs.clone();
            }
            let made = outcome.operations.iter();
            let made: Vec<Value> = made.map(|one| json!({ "id": one.id })).collect();
            properties["outputResources"] = json!(made);
        }
    }
    json!({ "id": id, "name": name, "type": KIND, "properties": properties })
}

/// The same deployment while it has just been taken.
pub(super) fn accepted(body: Value) -> Value {
    unfinished(body, "Accepted")
}

/// The same deployment while it goes on.
pub(super) fn running(body: Value) -> Value {
    unfinished(body, "Running")
}

fn unfinished(mut body: Value, state: &str) -> Value {
    if let Some(properties) = body["properties"].as_object_mut() {
        for later in ["outputs", "outputResources", "error"] {
            properties.shift_remove(later);
        }
        properties.insert("provisioningState".to_owned(), json!(state));
    }
    body
}

/// A deployment that was only checked.
pub(super) fn validated(cx: &Context, id: &str, name: &str, plan: &Plan<'_>) -> Value {
    let resources = plan.resources.iter().filter(|one| !one.existing);
    let kinds: Vec<(String, String)> = resources
        .clone()
        .map(|one| (one.kind.clone(), String::new()))
        .collect();
    let resources: Vec<Value> = resources.map(|one| json!({ "id": one.id })).collect();
    json!({
        "id": id,
        "name": name,
        "type": KIND,
        "properties": {
            "templateHash": hash(&plan.template),
            "parameters": plan.parameters,
            "mode": "Incremental",
            "provisioningState": "Succeeded",
            "timestamp": arm::seven_digits(cx.clock.now()),
            "duration": "PT0S",
            "correlationId": arm::operation_id(),
            "providers": providers(&kinds),
            "dependencies": [],
            "validatedResources": resources,
        },
    })
}

/// One step of a deployment.
pub(super) fn operation(deployment: &str, operation: &Operation) -> Value {
    let id = hash(&json!(operation.id));
    let mut properties = json!({
        "provisioningOperation": "Create",
        "provisioningState": if operation.error.is_some() { "Failed" } else { "Succeeded" },
        "statusCode": status(operation.status),
        "targetResource": {
            "id": operation.id,
            "resourceType": operation.kind,
            "resourceName": operation.name,
        },
    });
    if let Some(error) = &operation.error {
        properties["statusMessage"] = json!({ "error": error });
    }
    json!({
        "id": format!("{deployment}/operations/{id}"),
        "operationId": id,
        "properties": properties,
    })
}

fn status(code: u16) -> String {
    let status = ::http::StatusCode::from_u16(code).ok();
    let reason = status.and_then(|status| status.canonical_reason());
    reason.unwrap_or("Conflict").replace(' ', "")
}

/// The resource types, by their providers.
fn providers(kinds: &[(String, String)]) -> Value {
    let mut providers: Vec<Value> = Vec::new();
    for (kind, location) in kinds {
        let (namespace, kind) = kind.split_once('/').unwrap_or((kind, ""));
        let location = if location.is_empty() {
            Value::Null
        } else {
            json!(location)
        };
        let entry = json!({ "resourceType": kind, "locations": [location] });
        let own = providers.iter_mut().find(|one| {
            one["namespace"]
                .as_str()
                .is_some_and(|n| n.eq_ignore_ascii_case(namespace))
        });
        let kinds = own.and_then(|own| own["resourceTypes"].as_array_mut());
        match kinds {
            Some(kinds) if kinds.contains(&entry) => {}
            Some(kinds) => kinds.push(entry),
            None => providers.push(json!({ "namespace": namespace, "resourceTypes": [entry] })),
        }
    }
    json!(providers)
}

/// A number as Resource Manager shows for a template; how it is made is not published.
fn hash(template: &Value) -> String {
    let digest = Sha256::digest(template.to_string().as_bytes());
    let number = digest
        .iter()
        .take(8)
        .fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    number.to_string()
}
