//! The reader's container, and what stands beside it: [`start`].

use super::emulator::RunEmulator;
use super::engine::Run;
use super::environment::Failure;
use super::error::DockerError;
use super::files::{self, Reader, ReaderFiles};
use super::image::Images;
use super::look::{Looked, look};
use super::network::{Beside, Network, Wanted};
use super::preload::{self, Preload};
use bollard::models::{ContainerCreateBody, HostConfig};
use docproof_emulator::workload::TokenEndpoint;
use std::path::Path;

/// What there is of it before there is an emulator.
pub(super) struct Prepared {
    looked: Looked,
    /// Nothing if each call starts `az`, or there is none.
    pub(super) preload: Option<Preload>,
    /// How the volume with the reader's files is bound.
    volume: String,
}

/// The container that runs.
pub(super) struct Started {
    pub(super) id: String,
    pub(super) files: ReaderFiles,
}

/// Looks at the image and makes the volumes.
pub(super) async fn prepare(run: &Run, images: &Images) -> Result<Prepared, DockerError> {
    let looked = look(run, &images.azure_cli).await?;
    let preload = match images.preload && looked.files.has_az {
        true => Some(Preload::make(run).await?),
        false => None,
    };
    let volume = run.create_volume("files").await?;
    let volume = format!("{volume}:{}", files::folder(run).display());
    Ok(Prepared {
        looked,
        preload,
        volume,
    })
}

/// Starts what stands beside the container, and then at once the container and the way to its files.
pub(super) async fn start(
    run: &Run,
    network: &Network,
    images: &Images,
    emulator: &RunEmulator,
    prepared: &Prepared,
    reader: Reader,
    failure: Failure,
) -> Result<Started, DockerError> {
    let filled = prepared.preload.as_ref().map(Preload::fill);
    let (filled, words) = filled.map_or_else(Default::default, |(volume, words)| {
        (Some(volume), Vec::from(words))
    });
    let wanted = Wanted {
        name: "reader",
        hostname: Some("docproof".to_owned()),
        emulator: Some(emulator.address),
        tokens: TokenEndpoint::Instance,
        // The reader's shell and what stands beside it see the same files at the same place.
        volumes: [prepared.volume.clone()]
            .into_iter()
            .chain(filled)
            .collect(),
        words,
    };
    let beside = network.beside(run, &images.emulator, wanted).await?;
    let files = async {
        files::make_folders(run, &beside.id, reader).await?;
        ReaderFiles::connect(run, &beside.id, reader, failure).await
    };
    let shell = shell(run, images, &beside, &emulator.ca_pem, prepared, reader);
    // Neither is cut off half-way where the other fails.
    let (files, id) = tokio::join!(files, shell);
    Ok(Started {
        id: id?,
        files: files?,
    })
}

async fn shell(
    run: &Run,
    images: &Images,
    beside: &Beside,
    ca_pem: &str,
    prepared: &Prepared,
    reader: Reader,
) -> Result<String, DockerError> {
    let preload = prepared.preload.as_ref();
    let added = preload.and_then(|preload| preload.add(&prepared.looked));
    let (path, program) = added.map(|added| (added.path, added.bind)).unzip();
    let volume = prepared.volume.clone();
    let body = ContainerCreateBody {
        image: Some(images.azure_cli.clone()),
        entrypoint: Some(vec!["sleep".to_owned(), "infinity".to_owned()]),
        cmd: Some(Vec::new()),
        user: Some(reader.user()),
        env: path.map(|path| vec![path]),
        host_config: Some(HostConfig {
            network_mode: Some(beside.mode()),
            binds: Some([volume].into_iter().chain(program).collect()),
            cap_drop: Some(vec!["ALL".to_owned()]),
            security_opt: Some(vec![
                "no-new-privileges".to_owned(),
                "label=disable".to_owned(),
            ]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let id = run.create("reader", body).await?;
    let trust = &prepared.looked.files.trust;
    trust.extend(run, &id, ca_pem, &[]).await?;
    run.start(&id, "the reader's container").await?;
    if preload.is_some() {
        let environment = variables(&files::folder(run));
        preload::answer(run, &id, Some(reader.user()), environment);
    }
    Ok(id)
}

/// What is set for the reader beside what the image sets.
pub(super) fn variables(place: &Path) -> Vec<String> {
    vec![
        format!("HOME={}", place.join("home").display()),
        "LANG=C.UTF-8".to_owned(),
        "TERM=xterm".to_owned(),
        "USER=reader".to_owned(),
    ]
}
