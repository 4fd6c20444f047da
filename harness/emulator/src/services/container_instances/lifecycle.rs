//! Starting and stopping the containers of a group. Callers hold the gate.

use super::identity;
use super::image::inaccessible;
use super::model;
use super::restart::{self, RestartPolicy};
use super::state::{ContainerInstances, Group, Running};
use super::validate::not_emulated;
use crate::arm::ArmError;
use crate::context::Context;
use crate::workload::{ContainerSpec, WorkloadError};
use ::http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

/// The public address of a group: the one it has, or the next one of the block that is reserved
/// for documentation (RFC 5737), since nothing can be reached there.
pub(super) fn address(all: &ContainerInstances, old: Option<&Value>) -> String {
    if let Some(kept) = old.and_then(|old| old["properties"]["ipAddress"]["ip"].as_str()) {
        return kept.to_owned();
    }
    let mut state = all.state();
    state.addresses = state.addresses.checked_add(1).unwrap_or(1);
    format!("203.0.113.{}", state.addresses)
}

/// Stops what runs under this id and starts `specs` in its place.
pub(super) async fn replace(
    all: &ContainerInstances,
    cx: &Context,
    id: &str,
    specs: Vec<ContainerSpec>,
    policy: RestartPolicy,
) -> Result<(), ArmError> {
    halt(all, cx, id).await;
    let ready_at = cx.operation_end();
    let group = Group {
        specs,
        policy,
        ready_at,
        ..Group::default()
    };
    all.state().groups.insert(id.to_lowercase(), group);
    start(all, cx, id).await
}

/// Starts the containers of a group; those that run are left alone.
pub(super) async fn start(
    all: &ContainerInstances,
    cx: &Context,
    id: &str,
) -> Result<(), ArmError> {
    let key = id.to_lowercase();
    let specs = match all.state().groups.get(&key) {
        Some(group) if group.running.is_empty() || group.stopped => group.specs.clone(),
        _ => return Ok(()),
    };
    let mut running = Vec::with_capacity(specs.len());
    for spec in specs {
        // An error drops the containers that were started before, which kills them.
        running.push(start_one(cx, id, spec).await?);
    }
    for one in &mut running {
        one.watch = restart::watch(all, cx, &key, one);
    }
    if let Some(group) = all.state().groups.get_mut(&key) {
        group.running = running;
        group.stopped = false;
    }
    Ok(())
}

/// Starts one container of a group.
pub(super) async fn start_one(
    cx: &Context,
    id: &str,
    spec: ContainerSpec,
) -> Result<Running, ArmError> {
    let emulator = cx.emulator();
    let emulator = emulator.ok_or_else(|| failed("the emulator is shutting down"))?;
    let name = spec.name.clone();
    // A pulled image is named by its digest in events (recorded in `test_container_create_with_acr`).
    let image = match &spec.files {
        Some(files) => files.canonical.clone(),
        None => spec.image.clone(),
    };
    match cx.workloads.start(emulator, spec).await {
        Ok(container) => Ok(Running::new(
            name,
            image,
            Arc::from(container),
            cx.clock.now(),
        )),
        Err(WorkloadError::ImageNotAvailable(image)) => {
            Err(not_emulated(&format!("the image '{image}'")))
        }
        Err(WorkloadError::ImageNotFound(image)) => {
            Err(inaccessible(&image, id.rsplit('/').next().unwrap_or(id)))
        }
        Err(WorkloadError::Unsupported(what)) => Err(not_emulated(&what)),
        Err(error @ WorkloadError::Environment(_)) => Err(failed(&error.to_string())),
    }
}

/// The machine could not do it. Azure has no such answer; 501 is not among the codes that clients
/// try again.
fn failed(why: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_IMPLEMENTED,
        "EnvironmentFailed",
        format!(
            "docproof could not run the container group: {why}. This says nothing about the article."
        ),
    )
}

/// Stops a group; it can be started again.
pub(super) async fn stop(all: &ContainerInstances, cx: &Context, id: &str) {
    halt(all, cx, id).await;
    if let Some(group) = all.state().groups.get_mut(&id.to_lowercase()) {
        group.stopped = true;
    }
}

/// Stops and starts a group; its principals and its address stay.
pub(super) async fn restart(
    all: &ContainerInstances,
    cx: &Context,
    id: &str,
) -> Result<(), ArmError> {
    stop(all, cx, id).await;
    start(all, cx, id).await?;
    if let Some(group) = all.state().groups.get_mut(&id.to_lowercase()) {
        group.restarts += 1;
    }
    Ok(())
}

/// Stops and forgets a group that left the store, with its own principal. Takes the gate itself.
pub(super) async fn remove(all: &ContainerInstances, cx: &Context, body: &Value) {
    let _gate = all.gate.lock().await;
    debug_assert_eq!(body["type"], model::KIND);
    let id = body["id"].as_str().unwrap_or_default();
    halt(all, cx, id).await;
    identity::forget(cx, body);
    cx.endpoint_secrets.forget(id);
    let key = id.to_lowercase();
    let mut state = all.state();
    state.groups.remove(&key);
    state.sessions.retain(|_, session| session.group != key);
}

/// Stops what runs under this id.
pub(super) async fn halt(all: &ContainerInstances, cx: &Context, id: &str) {
    let running: Vec<Running> = all
        .state()
        .groups
        .get(&id.to_lowercase())
        .map(|group| group.running.clone())
        .unwrap_or_default();
    for one in &running {
        one.container.stop().await;
    }
    let now = cx.clock.now();
    if let Some(group) = all.state().groups.get_mut(&id.to_lowercase()) {
        for one in &mut group.running {
            one.look(now);
        }
    }
}
