//! `Microsoft.App/managedEnvironments`.

use super::apps;
use super::identity;
use super::model;
use super::names::{self, APP, ENVIRONMENT};
use super::network;
use super::operations::{self, End};
use super::preview;
use super::state::ContainerApps;
use super::validate;
use super::version;
use super::workload_profiles;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::Caller;
use crate::services::assigned::Holder;
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// What operations on environments are called.
const KIND: &str = "managedEnvironment";
/// The address of environments, in the block reserved for documentation.
const ADDRESS: &str = "203.0.113.7";

fn existing(cx: &Context, path: &ArmPath, id: &str, name: &str) -> Result<Value, ArmError> {
    validate::existing(cx, ENVIRONMENT, path.group_name(), id, name)
}

fn shown(all: &ContainerApps, cx: &Context, request: &Request, body: Value) -> Value {
    if operations::is_busy(all, cx, body["id"].as_str().unwrap_or_default()) {
        let data = &body["systemData"];
        let is_new = data["createdAt"] == data["lastModifiedAt"];
        return begun(request, version::environment(request, body), is_new);
    }
    version::environment(request, body)
}

/// An environment while an operation goes on. In the first preview a new one had no address yet.
fn begun(request: &Request, mut shown: Value, is_new: bool) -> Value {
    shown["properties"]["provisioningState"] = json!(under_way(is_new));
    if is_new
        && preview::is_asked(request)
        && let Some(properties) = shown["properties"].as_object_mut()
    {
        properties.shift_remove("staticIp");
    }
    shown
}

/// What an environment says of itself while an operation goes on. What it says while it changes is
/// recorded in `hist_test_containerapp_env_premium_sku`.
fn under_way(is_new: bool) -> &'static str {
    if is_new { "Waiting" } else { "InProgress" }
}

/// The environments of a resource group or of the subscription.
pub(super) fn list(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let found = path.list(cx, request, ENVIRONMENT)?;
    let found: Vec<Value> = found
        .into_iter()
        .map(|one| shown(all, cx, request, one))
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": found })))
}

/// One environment.
pub(super) fn get(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (ENVIRONMENT, name), "read")?;
    let body = existing(cx, path, &id, name)?;
    Ok(Response::json(
        StatusCode::OK,
        &shown(all, cx, request, body),
    ))
}

/// Makes an environment: 201, `Waiting`, and an operation to poll.
pub(super) fn put(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = path.allow_at(cx, request, (ENVIRONMENT, name), "write")?;
    arm::require_registered(cx, "Microsoft.App")?;
    let sent = request.json()?;
    if sent["location"].as_str().is_none_or(str::is_empty) {
        let message = "The location property is required for this definition.";
        return Err(validate::refuse("LocationRequired", message).from_gateway());
    }
    let old = cx.resources.get(&id);
    let body = build(cx, request, &caller, &id, name, &sent, old.as_ref())?;
    cx.resources.put(&id, body.clone());
    let operation = operations::begin(all, cx, KIND, &body, End::Done);
    let first = version::environment(request, body);
    let mut first = begun(request, first, old.is_none());
    if preview::is_asked(request) {
        names::with_zone(&mut first["systemData"], old.is_none());
    }
    let response = Response::json(StatusCode::CREATED, &first)
        .with_header("x-ms-async-operation-timeout", "PT15M");
    Ok(operation.with_status(cx, request, response))
}

/// Changes an environment: 202 without a body, and the result to poll for (recorded in
/// `test_containerapp_env_identity_user`).
pub(super) fn patch(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = path.allow_at(cx, request, (ENVIRONMENT, name), "write")?;
    let old = existing(cx, path, &id, name)?;
    let mut sent = old.clone();
    model::merge(&mut sent, &request.json()?);
    let body = build(cx, request, &caller, &id, name, &sent, Some(&old))?;
    cx.resources.put(&id, body.clone());
    let begun = operations::begin(all, cx, KIND, &body, End::Done);
    Ok(begun.with_result(cx, request, Response::empty(StatusCode::ACCEPTED)))
}

/// 202 and the result to poll for; 204 if there is none. Apps in it have to go first.
pub(super) fn delete(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (ENVIRONMENT, name), "delete")?;
    let inside = apps_in(cx, &id);
    if !inside.is_empty() && cx.resources.get(&id).is_some() {
        // The wording is that of connected environments, which is recorded; the code is not.
        return Err(ArmError::new(
            StatusCode::CONFLICT,
            "ManagedEnvironmentNotEmpty",
            format!(
                "The specified environment {name} cannot be deleted because it still contains {} \
                 active container apps.",
                inside.len()
            ),
        ));
    }
    let Some(body) = cx.resources.remove(&id) else {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    };
    cx.access.remove_below(&id);
    identity::forget(cx, &body);
    let begun = operations::begin(all, cx, KIND, &body, End::Gone);
    Ok(begun.with_result(cx, request, Response::empty(StatusCode::ACCEPTED)))
}

fn apps_in(cx: &Context, id: &str) -> Vec<Value> {
    let mut apps = cx.resources.list("", Some(APP));
    apps.retain(|app| {
        let own = app["properties"]["environmentId"].as_str();
        own.is_some_and(|own| own.eq_ignore_ascii_case(id))
    });
    apps
}

/// Whether the name of an app is free in an environment. The text of the refusal is not recorded.
pub(super) fn check_name(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(
        cx,
        request,
        (ENVIRONMENT, name),
        "checknameavailability/action",
    )?;
    existing(cx, path, &id, name)?;
    let sent = request.json()?;
    let wanted = sent["name"].as_str().unwrap_or_default();
    let taken = apps_in(cx, &id)
        .iter()
        .any(|app| app["name"].as_str() == Some(wanted));
    let body = if taken {
        json!({
            "nameAvailable": false,
            "reason": "AlreadyExists",
            "message": format!("The name '{wanted}' is already in use in the environment."),
        })
    } else {
        json!({ "nameAvailable": true })
    };
    Ok(Response::json(StatusCode::OK, &body))
}

/// How much of its quota an environment uses, after the example of the specification.
pub(super) fn usages(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (ENVIRONMENT, name), "usages/read")?;
    existing(cx, path, &id, name)?;
    let cores: f64 = apps_in(cx, &id)
        .iter()
        .flat_map(|app| {
            app["properties"]["template"]["containers"]
                .as_array()
                .cloned()
        })
        .flatten()
        .filter_map(|container| container["resources"]["cpu"].as_f64())
        .sum();
    let usage = json!({
        "unit": "Count",
        "currentValue": cores,
        "limit": 100,
        "name": { "value": "ManagedEnvironmentConsumptionCores",
                  "localizedValue": "Managed Environment Consumption Cores" },
    });
    Ok(Response::json(StatusCode::OK, &json!({ "value": [usage] })))
}

/// A token for the region's endpoint, good for this environment alone.
pub(super) fn auth_token(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = path.allow_at(cx, request, (ENVIRONMENT, name), "getAuthToken/action")?;
    let body = existing(cx, path, &id, name)?;
    let kind = "Microsoft.App/environments/accesstoken";
    Ok(apps::token(cx, &caller, &body, kind))
}

/// The environment as it is kept, keys in the order of `test_containerapp_env_e2e`. The key of the
/// workspace is never shown again.
fn build(
    cx: &Context,
    request: &Request,
    caller: &Caller,
    id: &str,
    name: &str,
    sent: &Value,
    old: Option<&Value>,
) -> Result<Value, ArmError> {
    let new = &sent["properties"];
    let location =
        crate::services::resources::display_name(sent["location"].as_str().unwrap_or_default());
    let profiles = workload_profiles::read(&new["workloadProfiles"], old)?;
    let vnet = &new["vnetConfiguration"];
    let vnet = network::read(cx, request, (id, &location), vnet, &profiles)?;
    let group = match &new["infrastructureResourceGroup"] {
        Value::Null if vnet.is_object() && !profiles.is_null() => {
            json!(network::infrastructure_group(id, name, &location))
        }
        group => group.clone(),
    };
    let mut body = json!({ "id": id, "name": name, "type": ENVIRONMENT, "location": location });
    if sent["tags"].is_object() {
        body["tags"] = sent["tags"].clone();
    }
    body["systemData"] = names::system_data(cx, caller, old);
    let kept = |key: &str, new: String| {
        let own = old.and_then(|old| old["properties"][key].as_str());
        own.map_or(new, str::to_owned)
    };
    let event_stream = names::region_path(&body, "managedEnvironments");
    let flag = |path: &str| json!(new.pointer(path).and_then(Value::as_bool) == Some(true));
    body["properties"] = json!({
        "provisioningState": "Succeeded",
        "daprAIInstrumentationKey": new["daprAIInstrumentationKey"],
        "daprAIConnectionString": new["daprAIConnectionString"],
        "vnetConfiguration": vnet,
        "defaultDomain": kept("defaultDomain", names::domain(&location)),
        "staticIp": ADDRESS,
        "appLogsConfiguration": logs(&new["appLogsConfiguration"]),
        "zoneRedundant": flag("/zoneRedundant"),
        "kedaConfiguration": { "version": "2.16.1" },
        "daprConfiguration": { "version": "1.13.6-msft.2" },
        "eventStreamEndpoint": format!("https://{event_stream}/eventstream"),
        "customDomainConfiguration": {
            "customDomainVerificationId": names::verification_id(cx),
            "dnsSuffix": null,
            "certificateKeyVaultProperties": null,
            "certificateValue": null,
            "certificatePassword": null,
            "thumbprint": null,
            "subjectName": null,
            "expirationDate": null,
        },
        "workloadProfiles": profiles,
        "infrastructureResourceGroup": group,
        "peerAuthentication": { "mtls": { "enabled": flag("/peerAuthentication/mtls/enabled") } },
        "peerTrafficConfiguration": {
            "encryption": { "enabled": flag("/peerTrafficConfiguration/encryption/enabled") },
        },
    });
    let had = old.is_some_and(|old| old["identity"].is_object());
    if sent["identity"].is_object() || had {
        let holder = Holder {
            kind: ENVIRONMENT,
            id,
            name,
        };
        let identity = identity::resolve(cx, caller, &holder, &sent["identity"], old)?;
        // Unlike an app, an environment does not say that it has none.
        if identity["type"] != "None" {
            body["identity"] = identity;
        }
    }
    Ok(body)
}

fn logs(sent: &Value) -> Value {
    let workspace = match &sent["logAnalyticsConfiguration"] {
        Value::Object(workspace) => {
            json!({ "customerId": workspace.get("customerId"), "sharedKey": null })
        }
        _ => Value::Null,
    };
    json!({ "destination": sent["destination"], "logAnalyticsConfiguration": workspace })
}
