//! [`Engine`]: everything that one run does with Docker, on a thread of its own.
//!
//! A run may be dropped at any time (Ctrl-C); what it made with Docker must not be left. So its
//! requests are made on the engine's own thread, where nothing is cut off half-way: dropping the engine
//! lets what is being made be finished, makes nothing new, and removes everything.

use super::cleanup;
use super::error::{DockerError, Doing as _};
use crate::environment::EnvironmentError;
use bollard::Docker;
use bollard::models::{ContainerCreateBody, NetworkCreateRequest, VolumeCreateRequest};
use bollard::query_parameters::CreateContainerOptionsBuilder;
use std::collections::HashMap;
use std::future::Future;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::runtime::Handle;
use tokio::sync::{RwLock, oneshot};

/// Which run made it.
pub(super) const RUN: &str = "net.docproof.run";
/// The file that the run holds locked for as long as it lives.
pub(super) const LOCK: &str = "net.docproof.lock";
/// The machine that the file is on.
pub(super) const MACHINE: &str = "net.docproof.machine";
/// Which folder for temporary files it is in: two may have the same name.
pub(super) const PLACE: &str = "net.docproof.place";

/// One run, as what it makes is labelled with.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Its name, of which there is no other.
    pub(super) id: String,
    lock: PathBuf,
    pub(super) docker: Docker,
    /// Whether things may still be made.
    open: Arc<RwLock<bool>>,
}

/// The thread of a run.
pub(super) struct Engine {
    pub(super) run: Run,
    pub(super) handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Docker as this user's client finds it (`DOCKER_HOST`).
pub(super) fn connect() -> Result<Docker, DockerError> {
    Docker::connect_with_defaults().map_err(|error| DockerError::NoEngine(error.to_string()))
}

/// The version of an engine that answers and is fit.
pub(super) async fn version(docker: &Docker) -> Result<String, DockerError> {
    let version = docker.version().await.doing("ask for its version");
    let version = version.map_err(|error| match error {
        DockerError::Refused { reason, .. } => DockerError::NoEngine(reason),
        other => other,
    })?;
    let told = version.version.unwrap_or_default();
    if version.os.as_deref() != Some("linux") {
        return Err(DockerError::Unfit(format!(
            "{told} runs no Linux containers"
        )));
    }
    let api = version.api_version.unwrap_or_default();
    let minor = api
        .split_once('.')
        .and_then(|(_, minor)| minor.parse().ok());
    match minor {
        // 20.10
        Some(0..41) => Err(DockerError::Unfit(format!("it is version {told}"))),
        _ => Ok(told),
    }
}

/// This machine, as long as it has this name.
pub(super) fn machine() -> String {
    let name = nix::unistd::gethostname().unwrap_or_default();
    // Where there is none, the name is all that tells.
    let id = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    format!("{} {}", name.to_string_lossy(), id.trim())
        .trim_end()
        .to_owned()
}

/// What a folder is, whatever it is called: who has another one of this name (a private `/tmp`, say)
/// cannot see what is in it. `None` if there is none.
pub(super) fn identity(folder: &Path) -> Option<String> {
    let folder = std::fs::metadata(folder).ok()?;
    Some(format!("{}:{}", folder.dev(), folder.ino()))
}

/// The folder for temporary files that a run's lock is in, by [`identity`].
pub(super) fn place(lock: &Path) -> Option<String> {
    identity(lock.parent()?.parent()?)
}

impl Run {
    fn new(docker: Docker, lock: &Path) -> Self {
        let id = uuid::Uuid::new_v4().simple().to_string();
        Self {
            id: id[..12].to_owned(),
            lock: lock.to_owned(),
            docker,
            open: Arc::new(RwLock::new(true)),
        }
    }

    /// What everything that the run makes is labelled with.
    pub(super) fn labels(&self) -> HashMap<String, String> {
        let lock = self.lock.display().to_string();
        HashMap::from([
            (RUN.to_owned(), self.id.clone()),
            (LOCK.to_owned(), lock),
            (MACHINE.to_owned(), machine()),
            (PLACE.to_owned(), place(&self.lock).unwrap_or_default()),
        ])
    }

    /// Makes something, unless the run is ending; the end waits for it.
    pub(super) async fn making<T>(
        &self,
        make: impl Future<Output = Result<T, DockerError>>,
    ) -> Result<T, DockerError> {
        let open = self.open.read().await;
        if !*open {
            return Err(DockerError::Refused {
                doing: "make a container".to_owned(),
                reason: "the run is ending".to_owned(),
            });
        }
        make.await
    }

    /// Makes a container, labelled; its id.
    pub(super) async fn create(
        &self,
        name: &str,
        mut body: ContainerCreateBody,
    ) -> Result<String, DockerError> {
        body.labels = Some(self.labels());
        let name = format!("docproof-{}-{name}", self.id);
        let options = CreateContainerOptionsBuilder::new().name(&name).build();
        self.making(async {
            let made = self.docker.create_container(Some(options), body).await;
            Ok(made.doing(&format!("make the container {name}"))?.id)
        })
        .await
    }

    /// Makes a network, labelled; its id, since others may have its name.
    pub(super) async fn create_network(
        &self,
        mut request: NetworkCreateRequest,
    ) -> Result<String, DockerError> {
        let name = format!("docproof-{}", self.id);
        request.name.clone_from(&name);
        request.labels = Some(self.labels());
        let made = self.making(async {
            let made = self.docker.create_network(request).await;
            made.doing(&format!("make the network {name}"))
        });
        Ok(made.await?.id)
    }

    /// Makes a volume, labelled; its name.
    pub(super) async fn create_volume(&self, name: &str) -> Result<String, DockerError> {
        let name = format!("docproof-{}-{name}", self.id);
        let request = VolumeCreateRequest {
            name: Some(name.clone()),
            labels: Some(self.labels()),
            ..VolumeCreateRequest::default()
        };
        self.making(async {
            let made = self.docker.create_volume(request).await;
            made.doing(&format!("make the volume {name}"))
        })
        .await?;
        Ok(name)
    }

    /// Starts a container.
    pub(super) async fn start(&self, id: &str, what: &str) -> Result<(), DockerError> {
        self.making(async {
            let started = self.docker.start_container(id, None).await;
            started.doing(&format!("start {what}"))
        })
        .await
    }
}

impl Engine {
    /// Starts the thread. `lock` is a file that this process holds locked.
    pub(super) fn start(lock: &Path) -> Result<Self, EnvironmentError> {
        let cannot = |error: &dyn std::fmt::Display| {
            EnvironmentError::new(format!("no thread for Docker: {error}"))
        };
        let run = Run::new(connect()?, lock);
        let (ready, handle) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let ending = run.clone();
        let thread = std::thread::Builder::new()
            .name("docker".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                let Ok(runtime) = runtime else { return };
                let _ = ready.send(runtime.handle().clone());
                runtime.block_on(async {
                    let _ = stopped.await;
                    *ending.open.write().await = false;
                    cleanup::remove(&ending.docker, &ending.id).await;
                });
            })
            .map_err(|error| cannot(&error))?;
        let handle = handle.recv().map_err(|error| cannot(&error))?;
        Ok(Self {
            run,
            handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Does something on the engine's thread, and waits for it. Where nobody waits any more, it is
    /// done all the same.
    pub(super) async fn carry_out<T: Send + 'static>(
        &self,
        what: impl Future<Output = Result<T, DockerError>> + Send + 'static,
    ) -> Result<T, EnvironmentError> {
        let done = self.handle.spawn(what).await;
        let done =
            done.map_err(|error| EnvironmentError::new(format!("a bug in docproof: {error}")))?;
        Ok(done?)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
