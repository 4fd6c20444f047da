//! Revisions come and go: new ones for a new template, replicas that start and stop. Callers hold
//! the gate.

use super::identity;
use super::image_pull;
use super::model;
use super::names;
use super::secrets;
use super::state::{ContainerApps, Replica, Revision, Running};
use super::template;
use super::validate;
use crate::WorkloadId;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::workload::{ContainerSpec, Mount, TokenEndpoint, WorkloadError};
use ::http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// Where an app's containers find tokens.
const TOKENS: &str = "http://localhost:42356/msi/token";

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
/// their environment where to ask.
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
    properties["latestReadyRevisionName"] = match (&name, old) {
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
    let Some(name) = name else {
        if offers_tokens && !offered {
            for revision in revisions.iter().filter(|revision| revision.active) {
                stop(all, &id, &revision.name).await;
                start(all, cx, &body, &revision.name).await?;
            }
        }
        return Ok(None);
    };
    let revision = Revision {
        name: name.clone(),
        template,
        created: cx.clock.now(),
        active: true,
        failed: None,
        replicas: Vec::new(),
    };
    {
        let mut state = all.state();
        let known = state.apps.entry(id.to_ascii_lowercase()).or_default();
        known.made += 1;
        known.revisions.push(revision);
    }
    let failed = match start(all, cx, &body, &name).await {
        Ok(failed) => failed,
        Err(error) => {
            let mut state = all.state();
            if let Some(known) = state.apps.get_mut(&id.to_ascii_lowercase()) {
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
    if body["properties"]["configuration"]["activeRevisionsMode"] == "Single" {
        for other in revisions.iter().filter(|revision| revision.active) {
            stop(all, &id, &other.name).await;
            all.change(&id, &other.name, |revision| revision.active = false);
        }
    }
    Ok(None)
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

enum StartError {
    Image(String),
    Refused(ArmError),
}

/// An error drops the containers that were started before, which kills them.
async fn start_replica(
    all: &ContainerApps,
    cx: &Context,
    app: &Value,
    revision: &Revision,
    name: String,
) -> Result<Replica, StartError> {
    let secrets = all.secrets(app["id"].as_str().unwrap_or_default());
    let mut containers = Vec::new();
    for container in revision.template["containers"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let image = text(&container["image"]);
        let files = match image_pull::pull(cx, app, &secrets, &image).await {
            Ok(files) => files,
            Err(why) => {
                let (app, container) = (text(&app["name"]), text(&container["name"]));
                return Err(StartError::Image(image_pull::provisioning_error(
                    &app, &container, &image, &why,
                )));
            }
        };
        let mut spec = spec(cx, app, revision, &name, container, &secrets);
        if let Some(files) = &files {
            let words = |list: &Value| -> Vec<String> {
                list.as_array().into_iter().flatten().map(text).collect()
            };
            let (command, arguments) = (words(&container["command"]), words(&container["args"]));
            spec.command = files.config.command_line(&command, &arguments);
        }
        spec.files = files;
        let started = run(cx, spec).await.map_err(StartError::Refused)?;
        containers.push(started);
    }
    Ok(Replica {
        name,
        created: cx.clock.now(),
        containers,
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn spec(
    cx: &Context,
    app: &Value,
    revision: &Revision,
    replica: &str,
    container: &Value,
    secrets: &[Value],
) -> ContainerSpec {
    let id = text(&app["id"]).to_ascii_lowercase();
    let name = text(&container["name"]);
    let words = |list: &Value| {
        let list = list.as_array().into_iter().flatten();
        list.map(text).collect::<Vec<String>>()
    };
    let mut command = words(&container["command"]);
    command.extend(words(&container["args"]));
    let mut environment = variables(cx, app, revision, replica);
    for variable in container["env"].as_array().into_iter().flatten() {
        let value = match variable["secretRef"].as_str().filter(|r| !r.is_empty()) {
            Some(reference) => secrets::value(secrets, reference).unwrap_or_default(),
            None => variable["value"].as_str().unwrap_or_default(),
        };
        environment.push((text(&variable["name"]), value.to_owned()));
    }
    ContainerSpec {
        id: WorkloadId(format!(
            "{id}/revisions/{}/replicas/{replica}/containers/{name}",
            revision.name
        )),
        image: text(&container["image"]),
        command,
        environment,
        hostname: Some(replica.to_owned()),
        tokens: TokenEndpoint::App,
        files: None,
        mounts: mounts(&revision.template["volumes"], container, secrets),
        name,
    }
}

/// The folders of secrets that a container asks for: those that the volume names, or all of the app.
fn mounts(volumes: &Value, container: &Value, secrets: &[Value]) -> Vec<Mount> {
    let wanted = container["volumeMounts"].as_array().into_iter().flatten();
    wanted
        .filter_map(|mount| {
            let volumes = volumes.as_array()?;
            let volume = volumes
                .iter()
                .find(|volume| volume["name"] == mount["volumeName"])?;
            let named: Vec<(String, String)> = match volume["secrets"].as_array() {
                Some(named) if !named.is_empty() => named
                    .iter()
                    .map(|one| (text(&one["secretRef"]), text(&one["path"])))
                    .collect(),
                _ => secrets
                    .iter()
                    .map(|secret| (text(&secret["name"]), text(&secret["name"])))
                    .collect(),
            };
            let files = named.into_iter().map(|(secret, path)| {
                let path = if path.is_empty() {
                    secret.clone()
                } else {
                    path
                };
                let value = secrets::value(secrets, &secret).unwrap_or_default();
                (path, value.as_bytes().to_vec())
            });
            Some(Mount {
                path: text(&mount["mountPath"]),
                files: files.collect(),
            })
        })
        .collect()
}

/// What every container of an app finds in its environment (document "Manage environment variables
/// on Azure Container Apps"). `MSI_ENDPOINT` is not documented, and shown by
/// microsoft-authentication-library-for-dotnet 5077 with the values of the others.
fn variables(
    cx: &Context,
    app: &Value,
    revision: &Revision,
    replica: &str,
) -> Vec<(String, String)> {
    let properties = &app["properties"];
    let environment = cx
        .resources
        .get(properties["environmentId"].as_str().unwrap_or_default())
        .unwrap_or_default();
    let ingress = &properties["configuration"]["ingress"];
    let mut variables = vec![
        ("CONTAINER_APP_NAME", text(&app["name"])),
        ("CONTAINER_APP_REVISION", revision.name.clone()),
        ("CONTAINER_APP_REPLICA_NAME", replica.to_owned()),
        (
            "CONTAINER_APP_ENV_DNS_SUFFIX",
            text(&environment["properties"]["defaultDomain"]),
        ),
        (
            "CONTAINER_APP_HOSTNAME",
            model::fqdn(&revision.name, ingress, &environment),
        ),
    ];
    if let Some(port) = ingress["targetPort"].as_u64().filter(|port| *port > 0) {
        variables.push(("CONTAINER_APP_PORT", port.to_string()));
    }
    if identity::has_any(app) {
        let secret = cx
            .endpoint_secrets
            .of(app["id"].as_str().unwrap_or_default());
        variables.push(("IDENTITY_ENDPOINT", TOKENS.to_owned()));
        variables.push(("IDENTITY_HEADER", secret));
        variables.push(("MSI_ENDPOINT", TOKENS.to_owned()));
    }
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

async fn run(cx: &Context, spec: ContainerSpec) -> Result<Running, ArmError> {
    let emulator = cx.emulator();
    let emulator = emulator.ok_or_else(|| failed("the emulator is shutting down"))?;
    let name = spec.name.clone();
    match cx.workloads.start(emulator, spec).await {
        Ok(container) => Ok(Running {
            name,
            id: arm::operation_id().replace('-', ""),
            started: cx.clock.now(),
            container: Arc::from(container),
        }),
        Err(WorkloadError::ImageNotAvailable(image)) => {
            Err(validate::not_emulated(&format!("the image '{image}'")))
        }
        Err(WorkloadError::Unsupported(what)) => Err(validate::not_emulated(&what)),
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
            "docproof could not run the container app: {why}. This says nothing about the article."
        ),
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_volume_has_the_secrets_that_it_names_or_all() {
        let secrets = [
            json!({"name": "one", "value": "1"}),
            json!({"name": "two", "value": "2"}),
        ];
        let container = json!({"volumeMounts": [{"volumeName": "v", "mountPath": "/mnt/s"}]});
        let none = json!([{"name": "other", "storageType": "Secret"}]);
        assert!(mounts(&none, &container, &secrets).is_empty());
        let all = json!([{"name": "v", "storageType": "Secret", "secrets": null}]);
        assert_eq!(mounts(&all, &container, &secrets)[0].files.len(), 2);
        let named = json!([{"name": "v", "secrets": [{"secretRef": "two", "path": "file"}]}]);
        let mounted = mounts(&named, &container, &secrets);
        assert_eq!(mounted[0].files, [("file".to_owned(), b"2".to_vec())]);
    }
}
