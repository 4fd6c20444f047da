//! Which requests are for workspaces, and their handling.

use super::model::{self, KIND};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use ::http::{Method, StatusCode};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

/// The service.
#[derive(Debug)]
pub(crate) struct OperationalInsights;

impl Service for OperationalInsights {
    fn owns(&self, request: &Request) -> bool {
        ArmPath::of(request)
            .is_some_and(|path| path.is("Microsoft.OperationalInsights", &["workspaces"]))
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move { arm::respond(route(cx, request)) })
    }
}

fn route(cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    let in_group = path.group.is_some();
    match (request.method.clone(), rest.as_slice(), in_group) {
        (Method::GET, ["workspaces"], _) => list(cx, request, &path),
        (Method::GET, ["workspaces", _], true) => get(cx, request, &path, name),
        (Method::PUT, ["workspaces", _], true) => put(cx, request, &path, name),
        (Method::DELETE, ["workspaces", _], true) => delete(cx, request, &path, name),
        (Method::POST, ["workspaces", _, "sharedkeys"], true) => keys(cx, request, &path, name),
        _ => Err(arm::not_emulated(request)),
    }
}

/// Checks that the caller may do `verb` at a workspace; answers its id, which is of another casing here.
fn allow(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    verb: &str,
) -> Result<String, ArmError> {
    let id = model::id(&path.subscription, path.group_name(), name);
    path.allow(cx, request, &format!("{KIND}/{verb}"), &id)?;
    Ok(id)
}

fn existing(cx: &Context, path: &ArmPath, id: &str, name: &str) -> Result<Value, ArmError> {
    cx.resources
        .get(id)
        .ok_or_else(|| arm::not_found(KIND, name, path.group_name()))
}

fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    arm::authorize(cx, request, &format!("{KIND}/read"), &path.scope)?;
    let found = cx.resources.list(&path.scope, Some(KIND));
    Ok(Response::json(StatusCode::OK, &json!({ "value": found })))
}

fn get(cx: &Context, request: &Request, path: &ArmPath, name: &str) -> Result<Response, ArmError> {
    let id = allow(cx, request, path, name, "read")?;
    let body = existing(cx, path, &id, name)?;
    Ok(shown(StatusCode::OK, &body))
}

/// A workspace as an answer, which names no character set (recorded in
/// `hist_test_containerapp_env_premium_sku`).
fn shown(status: StatusCode, workspace: &Value) -> Response {
    Response::json(status, workspace).with_header("content-type", "application/json")
}

/// 201 `Creating` for a new one; the client looks at the workspace itself until it has succeeded.
fn put(cx: &Context, request: &Request, path: &ArmPath, name: &str) -> Result<Response, ArmError> {
    let id = allow(cx, request, path, name, "write")?;
    arm::require_registered(cx, "Microsoft.OperationalInsights")?;
    let sent = request.json()?;
    if sent["location"].as_str().is_none_or(str::is_empty) {
        let message = "The location property is required for this definition.";
        return Err(
            ArmError::new(StatusCode::BAD_REQUEST, "LocationRequired", message).from_gateway(),
        );
    }
    let old = cx.resources.get(&id);
    let body = model::workspace(cx, &id, name, &sent, old.as_ref());
    cx.resources.put(&id, body.clone());
    let mut first = body;
    let status = if old.is_some() {
        StatusCode::OK
    } else {
        first["properties"]["provisioningState"] = json!("Creating");
        StatusCode::CREATED
    };
    Ok(arm::with_retry_after(cx, shown(status, &first), 30))
}

/// The wording of a refusal is not recorded, nor are soft-deleted workspaces emulated.
fn delete(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = allow(cx, request, path, name, "delete")?;
    let status = match cx.resources.remove(&id) {
        Some(_) => StatusCode::OK,
        None => StatusCode::NO_CONTENT,
    };
    cx.access.remove_below(&id);
    Ok(Response::empty(status))
}

fn keys(cx: &Context, request: &Request, path: &ArmPath, name: &str) -> Result<Response, ArmError> {
    let id = allow(cx, request, path, name, "sharedKeys/action")?;
    let workspace = existing(cx, path, &id, name)?;
    let body = json!({
        "primarySharedKey": model::key(&workspace, "primary"),
        "secondarySharedKey": model::key(&workspace, "secondary"),
    });
    Ok(Response::json(StatusCode::OK, &body))
}
