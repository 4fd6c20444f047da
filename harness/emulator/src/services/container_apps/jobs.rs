//! `Microsoft.App/jobs`: made, shown and given identities. They are never executed. Their shape
//! follows the specification; it is not recorded.

use super::identity;
use super::model;
use super::names::{self, JOB};
use super::operations::{self, End};
use super::secrets;
use super::state::ContainerApps;
use super::template;
use super::validate;
use super::workload_profiles;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::Caller;
use crate::services::assigned::Holder;
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// What operations on jobs are called.
const KIND: &str = "containerappsjob";

/// A missing job is the provider's own error (recorded in `test_containerapp_eventjob`).
fn existing(cx: &Context, id: &str, name: &str) -> Result<Value, ArmError> {
    cx.resources.get(id).ok_or_else(|| {
        ArmError::new(
            StatusCode::NOT_FOUND,
            "ContainerAppsJobNotFound",
            format!("Container apps job '{name}' was not found."),
        )
    })
}

/// The jobs of a resource group or of the subscription.
pub(super) fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    arm::authorize(cx, request, &format!("{JOB}/read"), &path.scope)?;
    let jobs = cx.resources.list(&path.scope, Some(JOB));
    Ok(Response::json(StatusCode::OK, &json!({ "value": jobs })))
}

/// One job.
pub(super) fn get(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (JOB, name), "read")?;
    Ok(Response::json(StatusCode::OK, &existing(cx, &id, name)?))
}

/// Makes a job or replaces one.
pub(super) fn put(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = path.allow_at(cx, request, (JOB, name), "write")?;
    arm::require_registered(cx, "Microsoft.App")?;
    let sent = request.json()?;
    let own = secrets::read(&sent["properties"]["configuration"]["secrets"])?;
    let body = match build(all, cx, &caller, &id, name, &sent, &own)? {
        Ok(body) => body,
        Err(response) => return Ok(*response),
    };
    all.state().secrets.insert(id.to_ascii_lowercase(), own);
    cx.resources.put(&id, body.clone());
    let begun = operations::begin(all, cx, KIND, &body, End::Done);
    let mut first = body;
    first["properties"]["provisioningState"] = json!("InProgress");
    let response = Response::json(StatusCode::CREATED, &first)
        .with_header("x-ms-async-operation-timeout", "PT15M");
    Ok(begun.with_status(cx, request, response))
}

/// Changes a job.
pub(super) fn patch(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = path.allow_at(cx, request, (JOB, name), "write")?;
    let mut sent = existing(cx, &id, name)?;
    let patch = request.json()?;
    let own = match &patch["properties"]["configuration"]["secrets"] {
        Value::Null => all.secrets(&id),
        new => secrets::read(new)?,
    };
    model::merge(&mut sent, &patch);
    let body = match build(all, cx, &caller, &id, name, &sent, &own)? {
        Ok(body) => body,
        Err(response) => return Ok(*response),
    };
    all.state().secrets.insert(id.to_ascii_lowercase(), own);
    cx.resources.put(&id, body.clone());
    let begun = operations::begin(all, cx, KIND, &body, End::Done);
    Ok(begun.with_result(cx, request, Response::empty(StatusCode::ACCEPTED)))
}

/// Removes a job.
pub(super) fn delete(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (JOB, name), "delete")?;
    let Some(body) = cx.resources.remove(&id) else {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    };
    forget(all, cx, &body);
    let begun = operations::begin(all, cx, KIND, &body, End::Gone);
    Ok(begun.with_result(cx, request, Response::empty(StatusCode::ACCEPTED)))
}

/// Forgets a job that left the store.
pub(super) fn forget(all: &ContainerApps, cx: &Context, job: &Value) {
    let id = job["id"].as_str().unwrap_or_default();
    cx.access.remove_below(id);
    identity::forget(cx, job);
    all.state().secrets.remove(&id.to_ascii_lowercase());
}

/// The secrets of a job, with their values.
pub(super) fn list_secrets(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (JOB, name), "listSecrets/action")?;
    existing(cx, &id, name)?;
    let body = json!({ "value": all.secrets(&id) });
    Ok(Response::json(StatusCode::OK, &body))
}

fn build(
    all: &ContainerApps,
    cx: &Context,
    caller: &Caller,
    id: &str,
    name: &str,
    sent: &Value,
    own: &[Value],
) -> Result<Result<Value, Box<Response>>, ArmError> {
    let environment = match validate::environment(all, cx, sent) {
        Ok(environment) => environment,
        Err(response) => return Ok(Err(response)),
    };
    let profile = workload_profiles::of_app(&environment, sent)?;
    validate::properties(sent, own, profile)?;
    let old = cx.resources.get(id);
    let holder = Holder {
        kind: JOB,
        id,
        name,
    };
    let identity = identity::resolve(cx, caller, &holder, &sent["identity"], old.as_ref())?;
    let location = sent["location"].as_str();
    let location = location.or(environment["location"].as_str());
    let mut body = json!({
        "id": id,
        "name": name,
        "type": JOB,
        "location": crate::services::resources::display_name(location.unwrap_or_default()),
    });
    if sent["tags"].is_object() {
        body["tags"] = sent["tags"].clone();
    }
    body["systemData"] = names::system_data(cx, caller, old.as_ref());
    let new = &sent["properties"];
    let mut configuration = new["configuration"].clone();
    configuration["secrets"] = secrets::shown(own);
    let settled = template::settled(&new["template"]);
    let event_stream = names::region_path(&body, "jobs");
    body["properties"] = json!({
        "provisioningState": "Succeeded",
        "environmentId": environment["id"],
        "workloadProfileName": profile["name"],
        "configuration": configuration,
        "template": {
            "containers": settled["containers"],
            "initContainers": null,
            "volumes": null,
        },
        "eventStreamEndpoint": format!("https://{event_stream}/eventstream"),
    });
    body["identity"] = identity;
    Ok(Ok(body))
}
