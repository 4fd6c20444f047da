//! Cache rules: which repository of another registry is kept here. From the specification's examples,
//! not recorded. Nothing is pulled through one.

use super::ContainerRegistry;
use super::parts::{Change, Part, refuse};
use crate::arm::ArmError;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// The kind in ids.
pub(super) const KIND: &str = "cacheRules";

/// Makes a rule, or replaces it: 201, and an operation to poll.
pub(super) fn put(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "write")?;
    part.check_name()?;
    let sent = request.json()?;
    let old = cx.resources.get(&part.id);
    let change = Change::of(&sent, old.as_ref());
    let wanted = |key: &str| {
        let value = change.either(key);
        // The code and the text are not recorded.
        let wrong = || refuse("CacheRuleInvalid", format!("The cache rule has no {key}."));
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .ok_or_else(wrong)
    };
    let mut properties = json!({
        "credentialSetResourceId": change.either("credentialSetResourceId"),
        "sourceRepository": wanted("sourceRepository")?,
        "targetRepository": wanted("targetRepository")?,
    });
    properties["creationDate"] = json!(change.created(&part));
    properties["provisioningState"] = json!("Succeeded");
    let mut body = part.body(properties);
    let identity = &sent["identity"];
    if !identity.is_null() {
        body["identity"] = shown(cx, identity)?;
    }
    cx.resources.put(&part.id, body.clone());
    Ok(part.begun(all, cx, request, body, "Creating"))
}

/// 202 and a result to poll; 204 if there was none.
pub(super) fn delete(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "delete")?;
    let response = part.remove(all, cx, request);
    // An operation that takes no time has ended, and clients take no 200 here.
    Ok(match cx.operation_seconds {
        0 => Response::empty(StatusCode::NO_CONTENT),
        _ => response,
    })
}

/// The identities that a rule signs in with, which have to be there.
fn shown(cx: &Context, identity: &Value) -> Result<Value, ArmError> {
    let mut all = json!({});
    let given = identity["userAssignedIdentities"].as_object();
    for id in given.into_iter().flat_map(|given| given.keys()) {
        let found = cx.resources.get(id).ok_or_else(|| {
            // The code and the text are not recorded.
            refuse(
                "FailedIdentityOperation",
                format!("The identity {id} was not found."),
            )
        })?;
        all[id.as_str()] = json!({
            "principalId": found["properties"]["principalId"],
            "clientId": found["properties"]["clientId"],
        });
    }
    Ok(json!({ "type": identity["type"], "userAssignedIdentities": all }))
}
