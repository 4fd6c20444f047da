//! The identities of a container group: its own, and those assigned to it.

use super::model::KIND;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::identity::{Caller, Principal, PrincipalKind};
use ::http::StatusCode;
use serde_json::{Map, Value, json};

const ASSIGN: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";

/// What `identity` says once Azure has resolved it; null if there is none. Keys of the dictionary
/// keep the case they were sent in (recorded in `test_container_create_with_msi`). A system-assigned
/// principal stays the same while the group keeps it, and is made here when it is new.
///
/// # Errors
/// 400 `FailedIdentityOperation` for an identity that is not there, 403 `LinkedAuthorizationFailed`
/// for one that the caller may not assign.
pub(super) fn resolve(
    cx: &Context,
    caller: &Caller,
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
    let mut body = Map::new();
    if user {
        body.insert(
            "userAssignedIdentities".into(),
            assigned(cx, caller, id, sent)?,
        );
    }
    let had = old.and_then(|old| old["identity"]["principalId"].as_str());
    match (system, had) {
        (true, Some(principal)) => drop(body.insert("principalId".into(), json!(principal))),
        (true, None) => {
            let principal = own_principal(id, name);
            body.insert("principalId".into(), json!(principal.object_id));
            cx.directory.add(principal);
        }
        (false, Some(principal)) => drop(cx.directory.remove(principal)),
        (false, None) => {}
    }
    let kind = match (system, user) {
        (true, true) => "SystemAssigned, UserAssigned",
        (true, false) => "SystemAssigned",
        (false, true) => "UserAssigned",
        (false, false) => return Ok(Value::Null),
    };
    body.insert("tenantId".into(), json!(cx.tenant));
    body.insert("type".into(), json!(kind));
    Ok(Value::Object(body))
}

/// Takes the group's own principal out of the directory.
pub(super) fn forget(cx: &Context, group: &Value) {
    if let Some(principal) = group["identity"]["principalId"].as_str() {
        cx.directory.remove(principal);
    }
}

fn own_principal(id: &str, name: &str) -> Principal {
    Principal {
        object_id: arm::operation_id(),
        client_id: arm::operation_id(),
        display_name: name.to_owned(),
        user_principal_name: None,
        resource_id: Some(id.to_owned()),
        secret: None,
        kind: PrincipalKind::ManagedIdentity,
    }
}

fn assigned(cx: &Context, caller: &Caller, id: &str, sent: &Value) -> Result<Value, ArmError> {
    let mut shown = Map::new();
    for key in sent["userAssignedIdentities"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key)
    {
        let identity = cx.resources.get(key).ok_or_else(|| missing(id, key))?;
        if !cx.access.is_allowed(&caller.object_id, ASSIGN, false, key) {
            return Err(not_allowed(cx, caller, id, key));
        }
        let properties = &identity["properties"];
        shown.insert(
            key.clone(),
            json!({ "principalId": properties["principalId"], "clientId": properties["clientId"] }),
        );
    }
    Ok(Value::Object(shown))
}

fn missing(id: &str, identity: &str) -> ArmError {
    let inner = json!({"error": {
        "code": "BadRequest", "message": format!("Resource '{identity}' was not found."),
    }});
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

fn not_allowed(cx: &Context, caller: &Caller, id: &str, identity: &str) -> ArmError {
    let upn = cx
        .directory
        .by_object_id(&caller.object_id)
        .and_then(|p| p.user_principal_name);
    ArmError::new(
        StatusCode::FORBIDDEN,
        "LinkedAuthorizationFailed",
        format!(
            "The client '{}' with object id '{}' has permission to perform action '{KIND}/write' \
             on scope '{id}'; however, it does not have permission to perform action(s) '{ASSIGN}' \
             on the linked scope(s) '{identity}' (respectively) or the linked scope(s) are invalid.",
            upn.unwrap_or_else(|| caller.client_id.clone()),
            caller.object_id
        ),
    )
    .from_gateway()
}
