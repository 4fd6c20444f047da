//! The identities of an app, environment or job, as it shows them.

use crate::arm::ArmError;
use crate::context::Context;
use crate::identity::Caller;
use crate::services::assigned::{self, Holder};
use serde_json::{Map, Value, json};

pub(super) use crate::services::assigned::forget;

/// What `identity` says. Without any it says so (`None`); user-assigned ones have the id that they
/// have themselves, whatever case was sent (recorded in `test_containerapp_env_identity_user`).
///
/// # Errors
/// What [`assigned::resolve`] refuses.
pub(super) fn resolve(
    cx: &Context,
    caller: &Caller,
    holder: &Holder<'_>,
    sent: &Value,
    old: Option<&Value>,
) -> Result<Value, ArmError> {
    let assigned = assigned::resolve(cx, caller, holder, sent, old)?;
    let mut body = Map::new();
    body.insert("type".into(), json!(assigned.kind()));
    if let Some(principal) = assigned.principal {
        body.insert("principalId".into(), json!(principal));
        body.insert("tenantId".into(), json!(cx.tenant));
    }
    if let Some(users) = assigned.users {
        let shown = users.into_iter().map(|(key, identity)| {
            let properties = &identity["properties"];
            let ids = json!({
                "principalId": properties["principalId"], "clientId": properties["clientId"],
            });
            let id = identity["id"].as_str().map_or(key, str::to_owned);
            (id, ids)
        });
        body.insert(
            "userAssignedIdentities".into(),
            Value::Object(shown.collect()),
        );
    }
    Ok(Value::Object(body))
}

/// Whether a resource has any identity.
pub(super) fn has_any(resource: &Value) -> bool {
    let kind = resource["identity"]["type"].as_str().unwrap_or("None");
    kind != "None"
}
