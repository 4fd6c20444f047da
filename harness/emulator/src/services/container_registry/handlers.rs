//! Create, read, change and delete registries.

use super::model::{self, Stamp};
use super::{ContainerRegistry, identity, names};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::Caller;
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// How long a client is told to wait between looks at an operation, where that takes time (recorded
/// in `TestContainerregistryTestSuite`).
const RETRY_SECONDS: u64 = 10;

/// The state of a registry that is being changed.
const UPDATING: &str = "Updating";

/// A registry that must be there.
pub(super) fn existing(
    cx: &Context,
    path: &ArmPath,
    id: &str,
    name: &str,
) -> Result<Value, ArmError> {
    cx.resources
        .get(id)
        .ok_or_else(|| arm::not_found(model::KIND, name, path.group_name()))
}

/// The registries of a group or of the subscription.
pub(super) fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    let version = arm::api_version(request)?;
    let all: Vec<Value> = path
        .list(cx, request, model::KIND)?
        .into_iter()
        .map(|registry| model::as_of(version, registry))
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": all })))
}

/// One registry.
pub(super) fn get(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), "read")?;
    let registry = model::as_of(arm::api_version(request)?, existing(cx, path, &id, name)?);
    Ok(Response::json(StatusCode::OK, &registry))
}

/// Makes a registry or replaces one: 201 with `Creating` or `Updating`, and an operation to poll
/// (recorded in `test_acr_create_normal` and `test_acr_identity`).
pub(super) fn put(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = path.allow_at(cx, request, (model::KIND, name), "write")?;
    arm::require_registered(cx, "Microsoft.ContainerRegistry")?;
    if !names::is_valid(name) {
        return Err(names::invalid(name));
    }
    let sent = request.json()?;
    model::check(&sent)?;
    let old = cx.resources.get(&id);
    if old.is_none() && model::find(cx, name).is_some() {
        return Ok(names::taken(name));
    }
    let mut registry = model::registry(&id, name, &sent, old.as_ref(), &Stamp::of(cx, &caller));
    set_identity(cx, &caller, &id, name, &sent, old.as_ref(), &mut registry)?;
    cx.resources.put(&id, registry.clone());
    all.state().contents(name);
    let state = if old.is_some() { UPDATING } else { "Creating" };
    begun(all, cx, request, &id, registry, state)
}

/// Changes what is sent and keeps the rest: 200, or 201 with an operation if identities are sent
/// (recorded in `test_acr_create_normal` and `test_acr_identity`).
pub(super) fn patch(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = path.allow_at(cx, request, (model::KIND, name), "write")?;
    let old = existing(cx, path, &id, name)?;
    let sent = request.json()?;
    let merged = model::merged(&old, &sent);
    model::check(&merged)?;
    let mut registry = model::registry(&id, name, &merged, Some(&old), &Stamp::of(cx, &caller));
    let asynchronous = sent["identity"].is_object();
    if asynchronous {
        set_identity(cx, &caller, &id, name, &sent, Some(&old), &mut registry)?;
    } else if old["identity"].is_object() {
        place_identity(&mut registry, old["identity"].clone());
    }
    cx.resources.put(&id, registry.clone());
    if asynchronous {
        return begun(all, cx, request, &id, registry, UPDATING);
    }
    let registry = model::as_of(arm::api_version(request)?, registry);
    Ok(Response::json(StatusCode::OK, &registry))
}

fn set_identity(
    cx: &Context,
    caller: &Caller,
    id: &str,
    name: &str,
    sent: &Value,
    old: Option<&Value>,
    registry: &mut Value,
) -> Result<(), ArmError> {
    let identity = identity::resolve(cx, caller, id, name, &sent["identity"], old)?;
    if !identity.is_null() {
        place_identity(registry, identity);
    }
    Ok(())
}

/// Behind `type`, as recorded.
fn place_identity(registry: &mut Value, identity: Value) {
    if let Some(map) = registry.as_object_mut() {
        map.shift_insert(2, "identity".to_owned(), identity);
    }
}

fn begun(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    id: &str,
    registry: Value,
    state: &'static str,
) -> Result<Response, ArmError> {
    let operation = format!("registries-{}", arm::operation_id());
    let ready = cx.operation_end();
    all.state()
        .operations
        .insert(operation.clone(), (ready, state));
    let body = model::as_of(
        arm::api_version(request)?,
        model::under_way(registry, state),
    );
    let response = Response::json(StatusCode::CREATED, &body);
    Ok(polled(cx, request, id, &operation, response))
}

/// How making a registry stands: nothing but a status. The header is repeated on each poll.
pub(super) fn operation(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    operation: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), "operationStatuses/read")?;
    status(all, cx, request, &id, operation)
}

/// How an operation on the resource `id` stands.
///
/// # Errors
/// 404 for an unknown one.
pub(super) fn status(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    id: &str,
    operation: &str,
) -> Result<Response, ArmError> {
    let ready = all.state().operations.get(operation).copied();
    let (ready, state) = ready.ok_or_else(|| {
        // The wording is not recorded.
        ArmError::new(
            StatusCode::NOT_FOUND,
            "ResourceNotFound",
            format!("Operation '{operation}' was not found."),
        )
    })?;
    let done = cx.is_reached(ready);
    let status = if done { "Succeeded" } else { state };
    let response = Response::json(StatusCode::OK, &json!({ "status": status }));
    Ok(polled(cx, request, id, operation, response))
}

/// An answer that says where an operation is to be looked at.
pub(super) fn polled(
    cx: &Context,
    request: &Request,
    id: &str,
    operation: &str,
    response: Response,
) -> Response {
    let url = format!(
        "https://{}{id}/operationStatuses/{operation}?api-version={}&t={}",
        arm::HOST,
        request.query("api-version").unwrap_or_default(),
        cx.clock.now().as_nanosecond()
    );
    arm::with_retry_after(
        cx,
        response.with_header("azure-asyncoperation", url),
        RETRY_SECONDS,
    )
}

/// 200 without a body, or 204 if there was none. What was pushed goes with it.
pub(super) fn delete(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), "delete")?;
    let Some(registry) = cx.resources.remove(&id) else {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    };
    cx.access.remove_below(&id);
    forget(all, cx, &registry);
    Ok(Response::empty(StatusCode::OK))
}

/// Forgets a registry that left the store.
pub(super) fn forget(all: &ContainerRegistry, cx: &Context, registry: &Value) {
    identity::forget(cx, registry);
    let id = registry["id"].as_str().unwrap_or_default();
    for part in cx.resources.list(id, None) {
        cx.resources.remove(part["id"].as_str().unwrap_or_default());
    }
    let name = registry["name"].as_str().unwrap_or_default();
    all.state().registries.remove(&name.to_ascii_lowercase());
}
