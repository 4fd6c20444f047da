//! One container of a group or app: [`start`].

use super::emulator::RunEmulator;
use super::engine::Run;
use super::error::DockerError;
use super::image::{Absent, Images, pull};
use super::load::{PlainLayer, load};
use super::look;
use super::network::{Beside, Network, Wanted};
use super::preload::{self, Added, Preload};
use crate::workloads::{StandIns, stand_in};
use bollard::models::{ContainerCreateBody, HostConfig};
use docproof_emulator::remote::{Answer, Question, Refusal, RemoteContainer};
use docproof_emulator::workload::{ImageConfig, TokenEndpoint};
use serde_json::json;
use std::collections::BTreeMap;

/// What every container of a run is started with.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) run: Run,
    pub(super) network: Network,
    pub(super) images: Images,
    /// Nothing if each call starts `az`.
    pub(super) preload: Option<Preload>,
    pub(super) emulator: RunEmulator,
    pub(super) stand_ins: StandIns,
}

/// A container that was started.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    pub(super) id: String,
    pub(super) beside: Beside,
    /// Whether only a shell can be opened in it, since it stands in for one of Windows.
    pub(super) windows: bool,
}

/// Which image, and what is run in it.
struct Chosen {
    image: String,
    /// Empty for the image's own.
    command: Vec<String>,
    windows: bool,
    /// Whether its `az` is what the image has it for.
    az: bool,
}

/// Starts a container that the emulator asks for. `layers` are those of an image that it sends.
pub(super) async fn start(
    place: &Place,
    wanted: &RemoteContainer,
    layers: Vec<Vec<u8>>,
) -> Result<Workload, Refusal> {
    let run = &place.run;
    let chosen = match &wanted.files {
        Some(files) => Chosen {
            image: put_together(place, &files.digest, &files.config, layers).await?,
            command: wanted.command.clone(),
            windows: false,
            az: true,
        },
        None => choose(place, wanted).await?,
    };
    let looked = look::look(run, &chosen.image).await.map_err(refused)?;
    let preload = place.preload.as_ref().filter(|_| chosen.az);
    let added = preload.and_then(|preload| preload.add(&looked));
    let name = format!("workload-{}", wanted.container);
    let is_app = wanted.tokens == TokenEndpoint::App;
    let beside = place
        .network
        .beside(
            run,
            &place.images.emulator,
            Wanted {
                name: &name,
                hostname: wanted.hostname.clone(),
                emulator: Some(place.emulator.address),
                tokens: wanted.tokens,
                ..Wanted::default()
            },
        )
        .await
        .map_err(refused)?;
    let told = Question::At {
        container: wanted.container,
        addresses: vec![beside.address.into()],
    };
    match place.emulator.link.ask(told).await {
        Ok(Answer::Done) => {}
        _ => return Err(Refusal::Environment("the emulator is gone".to_owned())),
    }
    let (entrypoint, cmd) = match chosen.command.as_slice() {
        [] => (None, None),
        words => (Some(words.to_vec()), Some(Vec::new())),
    };
    let is_added = added.is_some();
    let body = ContainerCreateBody {
        image: Some(chosen.image),
        entrypoint,
        cmd,
        env: Some(variables(added.as_ref(), &wanted.environment)),
        host_config: Some(HostConfig {
            network_mode: Some(beside.mode()),
            binds: added.map(|added| vec![added.bind]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let id = run.create(&name, body).await.map_err(refused)?;
    let files: Vec<(String, Vec<u8>)> = wanted
        .mounts
        .iter()
        .flat_map(|mount| {
            let path = mount.path.trim_end_matches('/').to_owned();
            mount
                .files
                .iter()
                .map(move |(name, content)| (format!("{path}/{name}"), content.clone()))
        })
        .collect();
    let ca_pem = &place.emulator.ca_pem;
    let trust = &looked.files.trust;
    trust
        .extend(run, &id, ca_pem, &files)
        .await
        .map_err(refused)?;
    let what = if is_app {
        "a container of an app"
    } else {
        "a container of a group"
    };
    run.start(&id, what).await.map_err(refused)?;
    if is_added {
        preload::answer(run, &id, None, Vec::new());
    }
    Ok(Workload {
        id,
        beside,
        windows: chosen.windows,
    })
}

/// The environment of a container: what its template sets wins.
fn variables(added: Option<&Added>, own: &[(String, String)]) -> Vec<String> {
    let path = added.map(|added| added.path.clone());
    let path = path.filter(|_| own.iter().all(|(name, _)| name != "PATH"));
    let own = own.iter().map(|(name, value)| format!("{name}={value}"));
    path.into_iter().chain(own).collect()
}

/// The image that a command names; what stands in for it where its registry cannot be asked.
async fn choose(place: &Place, wanted: &RemoteContainer) -> Result<Chosen, Refusal> {
    let own = Chosen {
        image: wanted.image.clone(),
        command: wanted.command.clone(),
        windows: false,
        az: true,
    };
    let known = stand_in(&wanted.image);
    let instead = |place: &Place| {
        let known = known.as_ref()?;
        if let Some(what) = known.what {
            place.stand_ins.add(&wanted.image, what);
        }
        let command = match wanted.command.as_slice() {
            words if known.windows || words.is_empty() => known.command.clone(),
            words => words.to_vec(),
        };
        Some(Chosen {
            image: place.images.azure_cli.clone(),
            command,
            windows: known.windows,
            // What stands in for another image has no calls.
            az: known.what.is_none(),
        })
    };
    if let Some(chosen) = known
        .as_ref()
        .filter(|known| known.windows)
        .and_then(|_| instead(place))
    {
        return Ok(chosen);
    }
    if place.run.docker.inspect_image(&wanted.image).await.is_ok() {
        return Ok(own);
    }
    match pull(&place.run.docker, &wanted.image).await {
        Ok(()) => Ok(own),
        Err(Absent::NotFound(_)) => Err(Refusal::ImageNotFound(wanted.image.clone())),
        Err(Absent::Unreachable(_)) => {
            instead(place).ok_or_else(|| Refusal::ImageNotAvailable(wanted.image.clone()))
        }
    }
}

/// Loads an image that a registry of the emulator has, for this run: its name.
async fn put_together(
    place: &Place,
    digest: &str,
    config: &ImageConfig,
    layers: Vec<Vec<u8>>,
) -> Result<String, Refusal> {
    let unreadable =
        |error: &dyn std::fmt::Display| Refusal::Environment(format!("the image: {error}"));
    let layers = layers
        .into_iter()
        .map(PlainLayer::new)
        .collect::<Result<Vec<_>, _>>();
    let layers = layers.map_err(|error| unreadable(&error))?;
    let told: Vec<&String> = layers.iter().map(|layer| &layer.diff_id).collect();
    if !config.diff_ids.is_empty() && told != config.diff_ids.iter().collect::<Vec<_>>() {
        return Err(unreadable(
            &"its layers are not what its configuration says",
        ));
    }
    let short: String = digest
        .rsplit(':')
        .next()
        .unwrap_or(digest)
        .chars()
        .take(16)
        .collect();
    let name = format!("docproof-{}:{short}", place.run.id);
    if place.run.docker.inspect_image(&name).await.is_ok() {
        return Ok(name);
    }
    let mut labels: BTreeMap<String, String> = config.labels.clone();
    labels.extend(place.run.labels());
    let environment: Vec<String> = config
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let config = json!({
        "Entrypoint": config.entrypoint, "Cmd": config.command, "Env": environment,
        "WorkingDir": config.working_folder, "Labels": labels,
    });
    let loading = load(&place.run.docker, &name, config, &layers);
    place.run.making(loading).await.map_err(refused)?;
    Ok(name)
}

pub(super) fn refused(error: DockerError) -> Refusal {
    Refusal::Environment(format!("{error} (help: {})", error.help()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_sets_wins() {
        let added = Added {
            path: "PATH=/opt/docproof/bin:/bin".to_owned(),
            bind: String::new(),
        };
        let set = |name: &str| vec![(name.to_owned(), "/own".to_owned())];
        assert_eq!(variables(Some(&added), &set("PATH")), ["PATH=/own"]);
        let both = ["PATH=/opt/docproof/bin:/bin", "HOME=/own"];
        assert_eq!(variables(Some(&added), &set("HOME")), both);
        assert!(variables(None, &[]).is_empty());
    }
}
