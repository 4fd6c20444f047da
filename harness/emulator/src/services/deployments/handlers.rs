//! Make, check, show and forget deployments.

use super::deploy::{self, Plan};
use super::state::{Deployment, Deployments};
use super::view;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// How long a client is told to wait between looks at an operation, where that takes time.
const RETRY_SECONDS: u64 = 5;

fn existing(all: &Deployments, id: &str, name: &str) -> Result<Deployment, ArmError> {
    let found = all.all().get(&id.to_lowercase()).cloned();
    found.ok_or_else(|| {
        ArmError::new(
            StatusCode::NOT_FOUND,
            "DeploymentNotFound",
            format!("Deployment '{name}' could not be found."),
        )
        .from_gateway()
    })
}

/// Whether clients are told by now that it has ended.
fn has_ended(cx: &Context, deployment: &Deployment) -> bool {
    deployment.ready_at <= cx.clock.now()
}

fn shown(cx: &Context, deployment: &Deployment) -> Value {
    if has_ended(cx, deployment) {
        deployment.body.clone()
    } else {
        view::running(deployment.body.clone())
    }
}

/// The deployments of a group, the last first.
pub(super) fn list(
    all: &Deployments,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let below = format!(
        "{}/",
        path.allow_at(cx, request, (view::KIND, ""), "read")?
            .1
            .trim_end_matches('/')
    );
    let below = below.to_lowercase();
    let deployments = all.all();
    let mut found: Vec<&Deployment> = deployments
        .iter()
        .filter(|(id, _)| id.starts_with(&below))
        .map(|(_, deployment)| deployment)
        .collect();
    let at = |one: &&Deployment| one.body["properties"]["timestamp"].to_string();
    found.sort_by_key(|one| std::cmp::Reverse(at(one)));
    let found: Vec<Value> = found.into_iter().map(|one| shown(cx, one)).collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": found })))
}

/// One deployment.
pub(super) fn get(
    all: &Deployments,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (view::KIND, name), "read")?;
    let deployment = existing(all, &id, name)?;
    Ok(Response::json(StatusCode::OK, &shown(cx, &deployment)))
}

/// 204 or 404, as for groups.
pub(super) fn exists(
    all: &Deployments,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (view::KIND, name), "read")?;
    Ok(Response::empty(match existing(all, &id, name) {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::NOT_FOUND,
    }))
}

/// Carries a deployment out. 201 (200 for a name that was used) with `Accepted`, and an operation to
/// poll; a template that is wrong is refused before anything is made.
pub(super) async fn put(
    all: &Deployments,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (view::KIND, name), "write")?;
    let body = deploy::body(request)?;
    let begun = cx.clock.now();
    let outcome = deploy::carry_out(cx, request, path, name, &body).await?;
    let wait = i64::try_from(cx.operation_seconds).unwrap_or(i64::MAX);
    let operation = arm::operation_id();
    let deployment = Deployment {
        body: view::ended(cx, &id, name, begun, &outcome),
        error: outcome.error.clone(),
        operations: outcome.operations,
        template: outcome.template,
        operation: operation.clone(),
        ready_at: begun
            .checked_add(jiff::SignedDuration::from_secs(wait))
            .unwrap_or(begun),
    };
    let accepted = view::accepted(deployment.body.clone());
    let old = all.all().insert(id.to_lowercase(), deployment);
    let status = if old.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let version = request.query("api-version").unwrap_or_default();
    let url = format!(
        "https://{}{id}/operationStatuses/{operation}?api-version={version}",
        arm::HOST
    );
    let response = Response::json(status, &accepted).with_header("azure-asyncoperation", url);
    Ok(arm::with_retry_after(cx, response, RETRY_SECONDS))
}

/// How a deployment stands.
pub(super) fn status(
    all: &Deployments,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    operation: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (view::KIND, name), "operationstatuses/read")?;
    let deployment = existing(all, &id, name)?;
    if !deployment.operation.eq_ignore_ascii_case(operation) {
        return Err(arm::not_found(view::KIND, name, path.group_name()));
    }
    let body = match (&deployment.error, has_ended(cx, &deployment)) {
        (_, false) => json!({ "status": "Running" }),
        (None, true) => json!({ "status": "Succeeded" }),
        (Some(error), true) => json!({ "status": "Failed", "error": error }),
    };
    let response = Response::json(StatusCode::OK, &body);
    Ok(arm::with_retry_after(cx, response, RETRY_SECONDS))
}

/// Checks a template without making anything. The resources' own services aren't asked.
pub(super) fn validate(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (view::KIND, name), "validate/action")?;
    let body = deploy::body(request)?;
    let surroundings = deploy::surroundings(cx, path, name, &body)?;
    let plan = Plan::new(cx, path, &body, &surroundings)?;
    let shown = view::validated(cx, &id, name, &plan);
    Ok(Response::json(StatusCode::OK, &shown))
}

/// The template that was deployed.
pub(super) fn export(
    all: &Deployments,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (view::KIND, name), "exportTemplate/action")?;
    let deployment = existing(all, &id, name)?;
    let body = json!({ "template": deployment.template });
    Ok(Response::json(StatusCode::OK, &body))
}

/// What a deployment did, resource by resource.
pub(super) fn operations(
    all: &Deployments,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (view::KIND, name), "operations/read")?;
    let deployment = existing(all, &id, name)?;
    let shown = deployment.operations.iter();
    let shown: Vec<Value> = shown.map(|one| view::operation(&id, one)).collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": shown })))
}

/// Forgets a deployment; what it made stays. 204 if there was none.
pub(super) fn delete(
    all: &Deployments,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (view::KIND, name), "delete")?;
    all.all().remove(&id.to_lowercase());
    // Azure takes some time for it; here nothing is left to wait for.
    Ok(Response::empty(StatusCode::NO_CONTENT))
}
