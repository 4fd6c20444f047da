//! The identities of a registry: its own, and those assigned to it.

use super::model::KIND;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::identity::{Principal, PrincipalKind};
use ::http::StatusCode;
use serde_json::{Map, Value, json};

/// What `identity` says once Azure has resolved it; null if there is none. This service writes the
/// kind with a small letter (recorded in `test_acr_identity`).
///
/// # Errors
/// 400 `FailedIdentityOperation` for an identity that is not there.
pub(super) fn resolve(
    cx: &Context,
    id: &str,
    name: &str,
    sent: &Value,
    old: Option<&Value>,
) -> Result<Value, ArmError> {
    let kind = sent["type"].as_str().unwrap_or_default().to_lowercase();
    let (system, user) = (
        kind.contains("systemassigned"),
        kind.contains("userassigned"),
    );
    let mut assigned = Map::new();
    for (key, wanted) in sent["userAssignedIdentities"]
        .as_object()
        .into_iter()
        .flatten()
    {
        // Null takes an identity away.
        if !user || wanted.is_null() {
            continue;
        }
        let identity = cx.resources.get(key).ok_or_else(|| missing(id, key))?;
        let properties = &identity["properties"];
        assigned.insert(
            key.clone(),
            json!({ "principalId": properties["principalId"], "clientId": properties["clientId"] }),
        );
    }
    let had = old.and_then(|old| old["identity"]["principalId"].as_str());
    let mut body = Map::new();
    match (system, had) {
        (true, Some(principal)) => drop(body.insert("principalId".into(), json!(principal))),
        (true, None) => {
            let principal = Principal {
                object_id: arm::operation_id(),
                client_id: arm::operation_id(),
                display_name: name.to_owned(),
                user_principal_name: None,
                resource_id: Some(id.to_owned()),
                secret: None,
                kind: PrincipalKind::ManagedIdentity,
            };
            body.insert("principalId".into(), json!(principal.object_id));
            cx.directory.add(principal);
        }
        (false, Some(principal)) => drop(cx.directory.remove(principal)),
        (false, None) => {}
    }
    let kind = match (system, user && !assigned.is_empty()) {
        (true, true) => "systemAssigned, userAssigned",
        (true, false) => "systemAssigned",
        (false, true) => "userAssigned",
        (false, false) => return Ok(Value::Null),
    };
    // Only where there is a principal of its own.
    if system {
        body.insert("tenantId".into(), json!(cx.tenant));
    }
    body.insert("type".into(), json!(kind));
    if !assigned.is_empty() {
        body.insert("userAssignedIdentities".into(), Value::Object(assigned));
    }
    Ok(Value::Object(body))
}

/// Takes a registry's own principal out of the directory.
pub(super) fn forget(cx: &Context, registry: &Value) {
    if let Some(principal) = registry["identity"]["principalId"].as_str() {
        cx.directory.remove(principal);
    }
}

fn missing(id: &str, identity: &str) -> ArmError {
    let inner = json!({"error": {
        "code": "BadRequest", "message": format!("Resource '{identity}' was not found."),
    }});
    debug_assert!(id.contains(KIND));
    ArmError::new(
        StatusCode::BAD_REQUEST,
        "FailedIdentityOperation",
        format!(
            "Identity operation for resource '{id}' failed with error 'Failed to perform resource \
             identity operation. Status: 'BadRequest'. Response: '{inner}'.'."
        ),
    )
    .from_gateway()
}
