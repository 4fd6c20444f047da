//! The identities of a registry, as it shows them.

use super::model::KIND;
use crate::arm::ArmError;
use crate::context::Context;
use crate::identity::Caller;
use crate::services::assigned::{self, Holder};
use serde_json::{Map, Value, json};

pub(super) use crate::services::assigned::forget;

/// What `identity` says once Azure has resolved it; null if there is none. This service writes the
/// kind with a small letter, and the tenant only beside a principal of the registry's own (recorded
/// in `test_acr_identity`). An identity that is sent as null is taken away.
///
/// # Errors
/// What [`assigned::resolve`] refuses.
pub(super) fn resolve(
    cx: &Context,
    caller: &Caller,
    id: &str,
    name: &str,
    sent: &Value,
    old: Option<&Value>,
) -> Result<Value, ArmError> {
    let holder = Holder {
        kind: KIND,
        id,
        name,
    };
    let mut wanted = sent.clone();
    if let Some(users) = wanted["userAssignedIdentities"].as_object_mut() {
        users.retain(|_, wanted| !wanted.is_null());
    }
    let assigned = assigned::resolve(cx, caller, &holder, &wanted, old)?;
    let users = assigned.users.unwrap_or_default();
    let kind = match (&assigned.principal, users.is_empty()) {
        (Some(_), false) => "systemAssigned, userAssigned",
        (Some(_), true) => "systemAssigned",
        (None, false) => "userAssigned",
        (None, true) => return Ok(Value::Null),
    };
    let mut body = Map::new();
    if let Some(principal) = assigned.principal {
        body.insert("principalId".into(), json!(principal));
        body.insert("tenantId".into(), json!(cx.tenant));
    }
    body.insert("type".into(), json!(kind));
    if !users.is_empty() {
        let shown = users.into_iter().map(|(key, identity)| {
            let properties = &identity["properties"];
            let ids = json!({
                "principalId": properties["principalId"], "clientId": properties["clientId"],
            });
            (key, ids)
        });
        let shown: Map<String, Value> = shown.collect();
        body.insert("userAssignedIdentities".into(), Value::Object(shown));
    }
    Ok(Value::Object(body))
}
