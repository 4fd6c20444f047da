//! The containers of a replica: their images, commands, environments, secrets and mounts.

use super::identity;
use super::image_pull;
use super::model;
use super::secrets;
use super::state::{ContainerApps, Replica, Revision, Running};
use super::validate;
use crate::WorkloadId;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::workload::{ContainerSpec, Mount, TokenEndpoint, WorkloadError};
use ::http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

/// Where an app's containers find tokens.
const TOKENS: &str = "http://localhost:42356/msi/token";

/// Why a replica did not start.
pub(super) enum StartError {
    /// One of its images cannot be had; the text is the revision's error.
    Image(String),
    /// The emulator or the machine cannot do it.
    Refused(ArmError),
}

/// Starts one replica. An error drops the containers that were started before, which kills them.
pub(super) async fn start_replica(
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
        let started = run(cx, spec).await.map_err(|error| match error {
            // The registry's own words are not known here: those of Docker's registry, as Azure puts
            // others' into this text.
            StartError::Image(image) => {
                let (app, container) = (text(&app["name"]), text(&container["name"]));
                let why = "GET https:: MANIFEST_UNKNOWN: manifest unknown";
                StartError::Image(image_pull::provisioning_error(
                    &app, &container, &image, why,
                ))
            }
            refused => refused,
        })?;
        containers.push(started);
    }
    Ok(Replica {
        name,
        created: cx.clock.now(),
        containers,
    })
}

pub(super) fn text(value: &Value) -> String {
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

/// Where its registry does not have the image, that is the error, and the image is named.
async fn run(cx: &Context, spec: ContainerSpec) -> Result<Running, StartError> {
    let emulator = cx.emulator();
    let emulator = emulator.ok_or_else(|| failed("the emulator is shutting down"));
    let emulator = emulator.map_err(StartError::Refused)?;
    let name = spec.name.clone();
    match cx.workloads.start(emulator, spec).await {
        Ok(container) => Ok(Running {
            name,
            id: arm::operation_id().replace('-', ""),
            started: cx.clock.now(),
            container: Arc::from(container),
        }),
        Err(WorkloadError::ImageNotFound(image)) => Err(StartError::Image(image)),
        Err(error) => Err(StartError::Refused(match error {
            WorkloadError::ImageNotAvailable(image) | WorkloadError::ImageNotFound(image) => {
                validate::not_emulated(&format!("the image '{image}'"))
            }
            WorkloadError::Unsupported(what) => validate::not_emulated(&what),
            WorkloadError::Environment(_) => failed(&error.to_string()),
        })),
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
