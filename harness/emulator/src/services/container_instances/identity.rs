//! The identities of a container group, as it shows them.

use super::model::KIND;
use crate::arm::ArmError;
use crate::context::Context;
use crate::identity::Caller;
use crate::services::assigned::{self, Holder};
use serde_json::{Map, Value, json};

pub(super) use crate::services::assigned::forget;

/// What `identity` says once Azure has resolved it; null if there is none. Keys of the dictionary
/// keep the case they were sent in (recorded in `test_container_create_with_msi`).
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
    let assigned = assigned::resolve(cx, caller, &holder, sent, old)?;
    let kind = assigned.kind();
    if kind == "None" {
        return Ok(Value::Null);
    }
    let mut body = Map::new();
    if let Some(users) = assigned.users {
        let shown = users.into_iter().map(|(key, identity)| {
            let properties = &identity["properties"];
            let ids = json!({
                "principalId": properties["principalId"], "clientId": properties["clientId"],
            });
            (key, ids)
        });
        body.insert(
            "userAssignedIdentities".into(),
            Value::Object(shown.collect()),
        );
    }
    if let Some(principal) = assigned.principal {
        body.insert("principalId".into(), json!(principal));
    }
    body.insert("tenantId".into(), json!(cx.tenant));
    body.insert("type".into(), json!(kind));
    Ok(Value::Object(body))
}
