//! Revisions and replicas as they are shown, and what is done to a revision.

use super::apps::allow;
use super::lifecycle;
use super::model;
use super::names::{self, APP};
use super::state::{ContainerApps, Replica, Revision, Running};
use super::validate;
use crate::arm::ArmError;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use crate::workload::ContainerState;
use ::http::StatusCode;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// An app, and its revisions.
fn find(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    verb: &str,
) -> Result<(Value, Vec<Revision>), ArmError> {
    let (_, id) = allow(cx, request, path, name, verb)?;
    let app = validate::existing(cx, APP, path.group_name(), &id, name)?;
    let revisions = all.revisions(&id);
    Ok((app, revisions))
}

fn one(revisions: Vec<Revision>, name: &str) -> Result<Revision, ArmError> {
    let found = revisions
        .into_iter()
        .find(|revision| revision.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| missing("RevisionNotFound", &format!("Revision '{name}'")))
}

/// The wording is not recorded.
fn missing(code: &str, what: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_FOUND,
        code,
        format!("{what} was not found."),
    )
}

/// Every revision of an app.
pub(super) fn list(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (app, revisions) = find(all, cx, request, path, name, "revisions/read")?;
    let shown: Vec<Value> = revisions.iter().map(|one| shown(cx, &app, one)).collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": shown })))
}

/// One revision.
pub(super) fn get(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    revision: &str,
) -> Result<Response, ArmError> {
    let (app, revisions) = find(all, cx, request, path, name, "revisions/read")?;
    let revision = one(revisions, revision)?;
    Ok(Response::json(StatusCode::OK, &shown(cx, &app, &revision)))
}

/// `activate`, `deactivate` or `restart`. The texts of the answers are not recorded; `az` prints
/// whatever JSON comes.
pub(super) async fn act(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    revision: &str,
    verb: &str,
) -> Result<Response, ArmError> {
    let action = format!("revisions/{verb}/action");
    let (app, revisions) = find(all, cx, request, path, name, &action)?;
    let revision = one(revisions, revision)?;
    let id = app["id"].as_str().unwrap_or_default();
    let _gate = all.gate.lock().await;
    let said = match verb {
        "activate" => "Activate succeeded",
        "deactivate" => "Deactivate succeeded",
        _ => "Restart succeeded",
    };
    let active = verb != "deactivate";
    if !(verb == "activate" && revision.active) {
        lifecycle::stop(all, id, &revision.name).await;
        all.change(id, &revision.name, |one| one.active = active);
        if active {
            lifecycle::start(all, cx, &app, &revision.name).await?;
        }
    }
    Ok(Response::json(StatusCode::OK, &json!(said)))
}

/// Every replica of a revision.
pub(super) fn replicas(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    revision: &str,
) -> Result<Response, ArmError> {
    let (app, revisions) = find(all, cx, request, path, name, "revisions/replicas/read")?;
    let revision = one(revisions, revision)?;
    let shown: Vec<Value> = revision
        .replicas
        .iter()
        .map(|one| shown_replica(&app, &revision, one))
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": shown })))
}

/// One replica.
pub(super) fn replica(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    revision: &str,
    replica: &str,
) -> Result<Response, ArmError> {
    let (app, revisions) = find(all, cx, request, path, name, "revisions/replicas/read")?;
    let revision = one(revisions, revision)?;
    let found = revision
        .replicas
        .iter()
        .find(|one| one.name.eq_ignore_ascii_case(replica))
        .ok_or_else(|| missing("ReplicaNotFound", &format!("Replica '{replica}'")))?;
    let shown = shown_replica(&app, &revision, found);
    Ok(Response::json(StatusCode::OK, &shown))
}

/// The id of a part of an app: `containerApps` here, whatever the app's own id has (recorded in
/// `test_containerapp_replica_commands`).
fn part(app: &Value, rest: &str) -> String {
    let id = app["id"].as_str().unwrap_or_default();
    let id = id.replacen(
        "/Microsoft.App/containerapps/",
        "/Microsoft.App/containerApps/",
        1,
    );
    format!("{id}/{rest}")
}

/// After the examples of the specification; not recorded.
fn shown(cx: &Context, app: &Value, revision: &Revision) -> Value {
    let properties = &app["properties"];
    let environment = cx
        .resources
        .get(properties["environmentId"].as_str().unwrap_or_default())
        .unwrap_or_default();
    let ingress = &properties["configuration"]["ingress"];
    let created = revision
        .created
        .to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%S+00:00")
        .to_string();
    let latest = properties["latestRevisionName"] == revision.name.as_str();
    let carries = revision.active && ingress.is_object();
    let (health, provisioning, running) = match (&revision.failed, revision.active) {
        (Some(_), _) => ("Unhealthy", "Failed", "Failed"),
        (None, true) => ("Healthy", "Provisioned", "Running"),
        (None, false) => ("None", "Deprovisioned", "Stopped"),
    };
    let mut body = json!({
        "id": part(app, &format!("revisions/{}", revision.name)),
        "name": revision.name,
        "type": "Microsoft.App/containerapps/revisions",
        "properties": {
            "createdTime": created,
            "lastActiveTime": created,
            "fqdn": model::fqdn(&revision.name, ingress, &environment),
            "template": revision.template,
            "active": revision.active,
            "replicas": revision.replicas.len(),
            "trafficWeight": if latest && carries { 100 } else { 0 },
            "healthState": health,
            "provisioningState": provisioning,
            "runningState": running,
        },
    });
    if let Some(why) = &revision.failed {
        body["properties"]["provisioningError"] = json!(why);
    }
    body
}

/// Recorded in `test_containerapp_replica_commands`.
fn shown_replica(app: &Value, revision: &Revision, replica: &Replica) -> Value {
    let rest = format!("revisions/{}/replicas/{}", revision.name, replica.name);
    let endpoint = format!("{}/{rest}", names::region_path(app, "containerApps"));
    let created = replica
        .created
        .to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let containers: Vec<Value> = replica
        .containers
        .iter()
        .map(|container| shown_container(container, &endpoint))
        .collect();
    let runs = replica
        .containers
        .iter()
        .all(|one| one.container.state() == ContainerState::Running);
    json!({
        "id": part(app, &rest),
        "name": replica.name,
        "type": "Microsoft.App/containerapps/revisions/replicas",
        "properties": {
            "createdTime": created,
            "runningState": if runs { "Running" } else { "NotRunning" },
            "runningStateDetails": "",
            "containers": containers,
            "initContainers": [],
        },
    })
}

fn shown_container(running: &Running, endpoint: &str) -> Value {
    let state = running.container.state();
    let runs = state == ContainerState::Running;
    let started = running
        .started
        .to_zoned(TimeZone::UTC)
        .strftime("%-m/%-d/%Y %-I:%M:%S %p");
    let details = match state {
        ContainerState::Running => format!("Container started at: {started}."),
        // The wording is not recorded.
        ContainerState::Terminated { exit_code } => {
            format!("Container terminated with exit code '{exit_code}'.")
        }
    };
    json!({
        "name": running.name,
        "containerId": format!("containerd://{}", running.id),
        "ready": runs,
        "started": runs,
        "restartCount": 0,
        "runningState": if runs { "Running" } else { "Terminated" },
        "runningStateDetails": details,
        "logStreamEndpoint": format!("https://{endpoint}/containers/{}/logstream", running.name),
        "execEndpoint": format!("wss://{endpoint}/containers/{}/exec", running.name),
    })
}
