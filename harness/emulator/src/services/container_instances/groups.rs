//! Create, read, change, delete, stop and start container groups.

use super::state::ContainerInstances;
use super::{identity, image, lifecycle, model, validate, view};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// The version that the service names in its operation URLs, whatever was asked (recorded in
/// `test_container_create`).
const OPERATION_VERSION: &str = "2018-06-01";

/// Where Windows containers ask for tokens. The address is not recorded: it is that of Service Fabric,
/// on which the service runs, without its TLS.
const WINDOWS_TOKENS: &str =
    "http://localhost:2377/metadata/identity/oauth2/token?api-version=2020-05-01";

/// How long a client is told to wait between looks at an operation, where that takes time. Azure
/// tells nothing, and `az` waits its own 30 seconds.
const RETRY_SECONDS: u64 = 5;

/// A group that must be there. Its absence is ARM's own error.
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

/// The groups of a resource group or of the subscription, without any `instanceView`.
pub(super) fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    let all = path.list(cx, request, model::KIND)?;
    Ok(Response::json(StatusCode::OK, &json!({ "value": all })))
}

/// One group, with what its containers do now.
pub(super) fn get(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), "read")?;
    let body = existing(cx, path, &id, name)?;
    let mut state = all.state();
    let group = state.groups.entry(id.to_lowercase()).or_default();
    Ok(Response::json(
        StatusCode::OK,
        &view::shown(body, group, cx.clock.now()),
    ))
}

/// Makes a group or replaces one, and starts its containers. 201 (200 for one that was there) with
/// `Pending` and an operation to poll; the containers run by then.
pub(super) async fn put(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = path.allow_at(cx, request, (model::KIND, name), "write")?;
    arm::require_registered(cx, "Microsoft.ContainerInstance")?;
    let sent = request.json()?;
    let policy = validate::check(&sent, name)?;
    let _gate = all.gate.lock().await;
    let old = cx.resources.get(&id);
    let address = lifecycle::address(all, old.as_ref());
    let mut body = model::group(&id, name, &sent, Some(&address));
    let version = arm::api_version(request)?;
    model::as_of(version, &mut body);
    if let Some(old) = &old {
        validate::check_update(old, &body, name)?;
    }
    let identity = identity::resolve(cx, &caller, &id, name, &sent["identity"], old.as_ref())?;
    if !identity.is_null() {
        body["identity"] = identity;
    }
    // The resource has to be there before the first instruction of a container: the metadata
    // endpoint reads the identities from it.
    cx.resources.put(&id, body.clone());
    let mut specs = model::specs(&id, &sent);
    if model::is_windows(&sent) && body["identity"].is_object() {
        // Windows containers have no metadata server; they are told where to ask, and with what.
        let secret = cx.endpoint_secrets.of(&id);
        for spec in &mut specs {
            let mut told = vec![
                ("IDENTITY_ENDPOINT".to_owned(), WINDOWS_TOKENS.to_owned()),
                ("IDENTITY_HEADER".to_owned(), secret.clone()),
            ];
            told.append(&mut spec.environment);
            spec.environment = told;
        }
    }
    let specs = image::pulled(cx, name, &sent, &body, specs).await;
    let replaced = match specs {
        Ok(specs) => lifecycle::replace(all, cx, &id, specs, policy).await,
        Err(error) => {
            lifecycle::halt(all, cx, &id).await;
            Err(error)
        }
    };
    if let Err(error) = replaced {
        cx.resources.remove(&id);
        identity::forget(cx, &body);
        all.state().groups.remove(&id.to_lowercase());
        return Err(error);
    }
    let operation = arm::operation_id();
    let location = body["location"].as_str().unwrap_or_default().to_owned();
    all.state()
        .operations
        .insert(operation.clone(), (id, cx.clock.now()));
    let status = if old.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let url = format!(
        "https://management.azure.com/subscriptions/{}/providers/Microsoft.ContainerInstance/\
         locations/{location}/operations/{operation}?api-version={OPERATION_VERSION}",
        path.subscription
    );
    let mut response =
        Response::json(status, &view::pending(body)).with_header("azure-asyncoperation", url);
    if version >= model::STANDBY_POOLS_FROM {
        response = response.with_header("azure-asyncnotification", "Enabled");
    }
    Ok(arm::with_retry_after(cx, response, RETRY_SECONDS))
}

/// How making a group stands.
pub(super) fn operation(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    operation: &str,
) -> Result<Response, ArmError> {
    arm::authorize(cx, request, "", "")?;
    let state = all.state();
    let (id, begun) = state.operations.get(operation).cloned().ok_or_else(|| {
        // The wording is not recorded.
        ArmError::new(
            StatusCode::NOT_FOUND,
            "ResourceNotFound",
            format!("Operation '{operation}' was not found."),
        )
    })?;
    let group = state.groups.get(&id.to_lowercase());
    let done = group.is_none_or(|group| cx.is_reached(group.ready_at));
    let events = group
        .filter(|_| done)
        .map_or_else(|| json!([]), view::events);
    let body = json!({
        "id": id,
        "status": if done { "Succeeded" } else { "Pending" },
        "startTime": arm::seven_digits(begun),
        "properties": { "events": events },
    });
    Ok(arm::with_retry_after(
        cx,
        Response::json(StatusCode::OK, &body),
        RETRY_SECONDS,
    ))
}

/// Tags alone can be changed.
pub(super) fn patch(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), "write")?;
    let sent = request.json()?;
    let changed = cx.resources.update(&id, |body| {
        if sent["tags"].is_object() {
            body["tags"] = sent["tags"].clone();
        }
    });
    changed.ok_or_else(|| arm::not_found(model::KIND, name, path.group_name()))?;
    get(all, cx, request, path, name)
}

/// 200 with the group as it was; 204 if there was none. Nothing of it runs afterwards.
pub(super) async fn delete(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), "delete")?;
    let Some(body) = cx.resources.remove(&id) else {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    };
    let shown = {
        let mut state = all.state();
        view::shown(
            body.clone(),
            state.groups.entry(id.to_lowercase()).or_default(),
            cx.clock.now(),
        )
    };
    cx.access.remove_below(&id);
    lifecycle::remove(all, cx, &body).await;
    Ok(Response::json(StatusCode::OK, &shown))
}

/// `start`, `stop` or `restart`: 204 once it is done.
pub(super) async fn act(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    verb: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), &format!("{verb}/action"))?;
    existing(cx, path, &id, name)?;
    let _gate = all.gate.lock().await;
    match verb {
        "stop" => lifecycle::stop(all, cx, &id).await,
        "start" => lifecycle::start(all, cx, &id).await?,
        _ => lifecycle::restart(all, cx, &id).await?,
    }
    Ok(Response::empty(StatusCode::NO_CONTENT))
}
