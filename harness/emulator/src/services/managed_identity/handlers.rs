//! Create, read, change, delete.

use super::model;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

fn allow(cx: &Context, request: &Request, verb: &str, scope: &str) -> Result<(), ArmError> {
    arm::authorize(cx, request, &format!("{}/{verb}", model::KIND), scope).map(|_| ())
}

fn ok(body: &Value) -> Result<Response, ArmError> {
    Ok(Response::json(StatusCode::OK, body))
}

/// The identities of a group or of the subscription.
pub(super) fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    allow(cx, request, "read", &path.scope)?;
    if path.group.is_some() {
        arm::require_group(cx, &path.subscription, path.group_name())?;
    }
    ok(&json!({ "value": cx.resources.list(&path.scope, Some(model::KIND)) }))
}

/// One identity.
pub(super) fn get(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = model::id(&path.subscription, path.group_name(), name);
    allow(cx, request, "read", &id)?;
    arm::require_group(cx, &path.subscription, path.group_name())?;
    ok(&cx
        .resources
        .get(&id)
        .ok_or_else(|| arm::not_found(model::KIND, name, path.group_name()))?)
}

/// 201 for a new identity with a *relative* `Location` (recorded in `test_identity_management`);
/// 200 for one that exists, whose principal stays the same.
pub(super) fn put(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let group = path.group_name();
    let id = model::id(&path.subscription, group, name);
    allow(cx, request, "write", &id)?;
    arm::require_group(cx, &path.subscription, group)?;
    arm::require_registered(cx, "Microsoft.ManagedIdentity")?;
    let sent = request.json()?;
    if sent["location"].as_str().is_none_or(str::is_empty) {
        return Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "LocationRequired",
            "The location property is required for this definition.",
        )
        .from_gateway());
    }
    let changed = cx.resources.update(&id, |body| {
        body["tags"] = if sent["tags"].is_object() {
            sent["tags"].clone()
        } else {
            json!({})
        };
        body.clone()
    });
    if let Some(body) = changed {
        return ok(&body);
    }
    let principal = model::principal(&id, name);
    let body = model::body(&id, name, &sent, &principal, &cx.tenant);
    cx.directory.add(principal);
    cx.resources.put(&id, body.clone());
    Ok(Response::json(StatusCode::CREATED, &body).with_header("location", &id))
}

/// Tags alone can be changed.
pub(super) fn patch(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = model::id(&path.subscription, path.group_name(), name);
    allow(cx, request, "write", &id)?;
    let sent = request.json()?;
    let changed = cx.resources.update(&id, |body| {
        if sent["tags"].is_object() {
            body["tags"] = sent["tags"].clone();
        }
        body.clone()
    });
    ok(&changed.ok_or_else(|| arm::not_found(model::KIND, name, path.group_name()))?)
}

/// The resources that have an identity assigned.
pub(super) fn associated(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = model::id(&path.subscription, path.group_name(), name);
    allow(cx, request, "listAssociatedResources/action", &id)?;
    cx.resources
        .get(&id)
        .ok_or_else(|| arm::not_found(model::KIND, name, path.group_name()))?;
    let has = |resource: &Value| {
        let assigned = resource["identity"]["userAssignedIdentities"].as_object();
        assigned.is_some_and(|all| all.keys().any(|key| key.eq_ignore_ascii_case(&id)))
    };
    let found: Vec<Value> = cx
        .resources
        .list("", None)
        .iter()
        .filter(|resource| has(resource))
        .map(|resource| {
            let group = resource["id"].as_str().and_then(|id| id.split('/').nth(4));
            json!({
                "id": resource["id"],
                "name": resource["name"],
                "type": resource["type"],
                "resourceGroup": group,
                "subscriptionId": cx.subscription,
                "subscriptionDisplayName": "docproof",
            })
        })
        .collect();
    ok(&json!({ "totalCount": found.len(), "value": found }))
}

/// 200 without a body; 204 if there was none. Role assignments of the principal stay behind, as
/// in Azure.
pub(super) fn delete(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = model::id(&path.subscription, path.group_name(), name);
    allow(cx, request, "delete", &id)?;
    match cx.resources.remove(&id) {
        Some(body) => {
            forget(cx, &body);
            Ok(Response::empty(StatusCode::OK))
        }
        None => Ok(Response::empty(StatusCode::NO_CONTENT)),
    }
}

/// Takes the principal of a deleted identity out of the directory.
pub(super) fn forget(cx: &Context, resource: &Value) {
    if resource["type"] != model::KIND {
        return;
    }
    if let Some(object_id) = resource["properties"]["principalId"].as_str() {
        cx.directory.remove(object_id);
    }
}
