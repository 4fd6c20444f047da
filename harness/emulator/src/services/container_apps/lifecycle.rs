//! Revisions come and go: new ones for a new template, replicas that start and stop. Callers hold
//! the gate.

use super::containers::{StartError, start_replica, text};
use super::identity;
use super::model;
use super::names;
use super::state::{ContainerApps, Revision};
use super::template;
use super::validate;
use crate::arm::{self, ArmError};
use crate::context::Context;
use serde_json::{Value, json};

/// Refuses a revision's suffix that another template of the app has.
///
/// # Errors
/// 400. The wording is not recorded.
pub(super) fn check_suffix(
    all: &ContainerApps,
    id: &str,
    name: &str,
    sent: &Value,
) -> Result<(), ArmError> {
    let Some(suffix) = sent["revisionSuffix"].as_str().filter(|s| !s.is_empty()) else {
        return Ok(());
    };
    let wanted = format!("{name}--{suffix}");
    let template = template::settled(sent);
    let taken = all
        .revisions(id)
        .iter()
        .any(|one| one.name == wanted && !template::same(&one.template, &template));
    if taken {
        return Err(validate::refuse(
            "ContainerAppRevisionSuffixInUse",
            format!("A revision with the suffix '{suffix}' already exists for '{name}'."),
        ));
    }
    Ok(())
}

/// Stores an app and rolls its template out: a new revision if the template is a new one. Without
/// one, containers start again only when the app gets its first identity, since they learn from
/// their environment where to ask. A revision that could not be provisioned is tried again with the
/// same template (not recorded).
///
/// Answers why the revision could not be provisioned, if so.
///
/// # Errors
/// What the emulator or the machine cannot do; nothing is left running then.
pub(super) async fn roll_out(
    all: &ContainerApps,
    cx: &Context,
    mut body: Value,
    environment: &Value,
    old: Option<&Value>,
) -> Result<Option<String>, ArmError> {
    let id = body["id"].as_str().unwrap_or_default().to_owned();
    let app = body["name"].as_str().unwrap_or_default().to_owned();
    let offers_tokens = identity::has_any(&body);
    let revisions = all.revisions(&id);
    let template = body["properties"]["template"].clone();
    let name = match revisions.last() {
        Some(last) if template::same(&last.template, &template) && !is_renamed(last, &template) => {
            None
        }
        _ => Some(next_name(all, &id, &app, &template)),
    };
    let latest = name
        .clone()
        .or_else(|| revisions.last().map(|last| last.name.clone()))
        .unwrap_or_default();
    let properties = &mut body["properties"];
    properties["latestRevisionName"] = json!(latest);
    let failed = revisions.last().filter(|last| last.failed.is_some());
    let to_start = name
        .clone()
        .or_else(|| failed.map(|last| last.name.clone()));
    properties["latestReadyRevisionName"] = match (&to_start, old) {
        (None, Some(old)) => old["properties"]["latestReadyRevisionName"].clone(),
        _ => json!(latest),
    };
    let ingress = &properties["configuration"]["ingress"];
    properties["latestRevisionFqdn"] = json!(model::fqdn(&latest, ingress, environment));
    // The resource has to be there before the first instruction of a container: the token endpoint
    // reads the identities from it.
    cx.resources.put(&id, body.clone());
    let offered = {
        let mut state = all.state();
        let known = state.apps.entry(id.to_ascii_lowercase()).or_default();
        let offered = known.offers_tokens;
        known.offers_tokens = offered || offers_tokens;
        offered
    };
    let Some(to_start) = to_start else {
        if offers_tokens && !offered {
            for revision in revisions.iter().filter(|revision| revision.active) {
                stop(all, &id, &revision.name).await;
                start(all, cx, &body, &revision.name).await?;
            }
        }
        return Ok(None);
    };
    if let Some(name) = &name {
        let revision = Revision {
            name: name.clone(),
            template,
            created: cx.clock.now(),
            active: true,
            failed: None,
            replicas: Vec::new(),
        };
        let mut state = all.state();
        let known = state.apps.entry(id.to_ascii_lowercase()).or_default();
        known.made += 1;
        known.revisions.push(revision);
    }
    let failed = match start(all, cx, &body, &to_start).await {
        Ok(failed) => failed,
        Err(error) => {
            let mut state = all.state();
            let known = state.apps.get_mut(&id.to_ascii_lowercase());
            if let Some((known, name)) = known.zip(name) {
                known.made -= 1;
                known.revisions.retain(|revision| revision.name != name);
            }
            return Err(error);
        }
    };
    if let Some(why) = failed {
        let ready = old.map_or(json!(""), |old| {
            old["properties"]["latestReadyRevisionName"].clone()
        });
        cx.resources.update(&id, |body| {
            body["properties"]["provisioningState"] = json!("Failed");
            body["properties"]["latestReadyRevisionName"] = ready;
        });
        return Ok(Some(why));
    }
    if let Some(old) = old {
        take_time(all, cx, &id, old);
    }
    if body["properties"]["configuration"]["activeRevisionsMode"] == "Single" {
        let others = revisions.iter().filter(|one| one.name != to_start);
        for other in others.filter(|revision| revision.active) {
            stop(all, &id, &other.name).await;
            all.change(&id, &other.name, |revision| revision.active = false);
        }
    }
    Ok(None)
}

/// Where operations take time, the new revision of an app takes as much again to be ready, and one that
/// is replaced before never is (recorded in `test_containerapp_e2e`, `test_container_acr` and others; how
/// long it takes is not the same in all of them).
fn take_time(all: &ContainerApps, cx: &Context, id: &str, old: &Value) {
    let former = all
        .ready_before(cx, id)
        .unwrap_or_else(|| text(&old["properties"]["latestReadyRevisionName"]));
    let until = cx
        .clock
        .now()
        .as_second()
        .saturating_add_unsigned(cx.operation_seconds.saturating_mul(2));
    if let Some(known) = all.state().apps.get_mut(&id.to_ascii_lowercase()) {
        known.ready_before = Some((former, until));
    }
}

fn is_renamed(last: &Revision, template: &Value) -> bool {
    let suffix = template["revisionSuffix"].as_str().unwrap_or_default();
    !suffix.is_empty() && !last.name.ends_with(&format!("--{suffix}"))
}

/// The first revision has a random suffix, and most of the later ones a number (recorded in
/// `test_containerapp_e2e`; `test_container_app_mount_secret_e2e` has a random one there, too).
fn next_name(all: &ContainerApps, id: &str, app: &str, template: &Value) -> String {
    let suffix = template["revisionSuffix"].as_str().unwrap_or_default();
    if !suffix.is_empty() {
        return format!("{app}--{suffix}");
    }
    let state = all.state();
    match state.apps.get(&id.to_ascii_lowercase()) {
        Some(known) if known.made > 0 => format!("{app}--{:07}", known.made),
        _ => format!("{app}--{}", names::random(7)),
    }
}

/// Starts the replicas of a revision: as many as it has at least, and one in any case. Answers why
/// that failed, if it is the revision's own fault.
///
/// # Errors
/// What the emulator or the machine cannot do.
pub(super) async fn start(
    all: &ContainerApps,
    cx: &Context,
    app: &Value,
    revision: &str,
) -> Result<Option<String>, ArmError> {
    let id = app["id"].as_str().unwrap_or_default();
    let found = all
        .revisions(id)
        .into_iter()
        .find(|one| one.name == revision);
    let Some(found) = found else { return Ok(None) };
    let least = found.template["scale"]["minReplicas"].as_u64().unwrap_or(0);
    let template_hash = &arm::operation_id().replace('-', "")[..10];
    let mut replicas = Vec::new();
    for _ in 0..least.max(1) {
        let name = format!("{revision}-{template_hash}-{}", names::random(5));
        match start_replica(all, cx, app, &found, name).await {
            Ok(replica) => replicas.push(replica),
            Err(StartError::Refused(error)) => return Err(error),
            Err(StartError::Image(why)) => {
                all.change(id, revision, |one| one.failed = Some(why.clone()));
                return Ok(Some(why));
            }
        }
    }
    all.change(id, revision, |one| {
        one.replicas = replicas;
        one.failed = None;
    });
    Ok(None)
}

/// Stops the replicas of a revision.
pub(super) async fn stop(all: &ContainerApps, id: &str, revision: &str) {
    let mut replicas = Vec::new();
    all.change(id, revision, |one| {
        replicas = std::mem::take(&mut one.replicas);
    });
    for container in replicas.iter().flat_map(|replica| &replica.containers) {
        container.container.stop().await;
    }
}

/// Stops and forgets an app that left the store.
pub(super) async fn forget(all: &ContainerApps, cx: &Context, id: &str) {
    for revision in all.revisions(id) {
        stop(all, id, &revision.name).await;
    }
    cx.endpoint_secrets.forget(id);
    let key = id.to_ascii_lowercase();
    let mut state = all.state();
    state.apps.remove(&key);
    state.secrets.remove(&key);
}
