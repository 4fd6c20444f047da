//! `az` without its start-up in containers: [`Preload`].
//!
//! One static program, the emulator's own, is everything that a container gets for it: in a volume of
//! the run, which what stands beside the reader's container fills from itself, and which containers
//! whose image has `az` see read-only. Nothing of this machine's is bound or sent. In each of them a
//! command starts one process that answers every call ([`docproof_az::answer_alone`]), with the
//! Python of the image's own `az`; it ends with the container. Where it cannot, or is gone, the `az`
//! that is first on PATH starts the image's own.

use super::engine::Run;
use super::error::DockerError;
use super::image::PROGRAM;
use super::look::Looked;
use bollard::exec::{CreateExecOptions, StartExecOptions};

/// Where containers have it.
const FOLDER: &str = "/opt/docproof";

/// What the containers of a run have for it.
#[derive(Debug, Clone)]
pub(super) struct Preload {
    volume: String,
}

/// What a container is made with that has it: another PATH, and the program.
pub(super) struct Added {
    /// A variable of its environment.
    pub(super) path: String,
    /// The binding of a volume.
    pub(super) bind: String,
}

impl Preload {
    /// Makes the volume.
    pub(super) async fn make(run: &Run) -> Result<Self, DockerError> {
        let volume = run.create_volume("az").await?;
        Ok(Self { volume })
    }

    /// How the volume is bound where it is filled, and the words that have it filled.
    pub(super) fn fill(&self) -> (String, [String; 2]) {
        let bind = format!("{}:{FOLDER}", self.volume);
        (bind, ["--az", FOLDER].map(str::to_owned))
    }

    /// What a container of an image is made with; nothing if there is no `az` in it.
    pub(super) fn add(&self, looked: &Looked) -> Option<Added> {
        looked.files.has_az.then(|| Added {
            path: format!("PATH={FOLDER}/{}:{}", docproof_az::BIN, looked.path),
            bind: format!("{}:{FOLDER}:ro", self.volume),
        })
    }
}

/// Starts the process that answers the calls of a container's user with this environment, beside
/// whatever else is being done: nobody waits for it.
pub(super) fn answer(run: &Run, container: &str, user: Option<String>, environment: Vec<String>) {
    let (docker, container) = (run.docker.clone(), container.to_owned());
    tokio::spawn(async move {
        let options = CreateExecOptions {
            cmd: Some(
                [
                    format!("{FOLDER}/{PROGRAM}"),
                    docproof_az::PREPARE.to_owned(),
                ]
                .into(),
            ),
            env: Some(environment),
            user,
            ..CreateExecOptions::default()
        };
        // A container that has ended already has no calls, and without an answer each call is made
        // by the image's own `az`.
        let Ok(exec) = docker.create_exec(&container, options).await else {
            return;
        };
        let detached = StartExecOptions {
            detach: true,
            ..StartExecOptions::default()
        };
        let _ = docker.start_exec(&exec.id, Some(detached)).await;
    });
}
