//! Container groups as real processes: [`ProcessWorkloads`].
//!
//! Each container is a sandbox of its own, so the emulator knows a container by the socket that
//! it asks. An image is one of a table of those whose programs this machine has, or was pulled from
//! a registry of the emulator: then its own files are what the container sees, over those of such an
//! image if it says that it was made from one, alone if not.

mod container;
mod image;
mod prepare;
mod rootfs;
mod terminal;
mod unpack;

use crate::az::Preloaded;
use container::ProcessContainer;
use docproof_emulator::Emulator;
use docproof_emulator::workload::{Container, ContainerSpec, WorkloadError, Workloads};
pub(crate) use image::stand_in;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
pub(crate) use terminal::open as open_terminal;

/// What containers find inside.
#[derive(Debug, Clone, Default)]
pub struct WorkloadEnvironment {
    /// The folder with `az`; without it, `az` is what the system's folders have.
    pub az_bin: Option<PathBuf>,
    /// Who answers calls of that `az`, for as long as a target has it; without it, `az` is started each
    /// time.
    pub preloaded: Weak<Preloaded>,
    /// The folder with a `python3` that has the packages articles' programs import.
    pub python_bin: Option<PathBuf>,
    /// Certificate bundles to add the emulator's authority to, beside the system's.
    pub ca_bundles: Vec<PathBuf>,
    /// Files and folders of this machine to hide.
    pub hidden: Vec<PathBuf>,
    /// Folders that `az` reads, shown even where a folder above is hidden (`/tmp`).
    pub visible: Vec<PathBuf>,
}

/// Runs containers as processes in sandboxes.
#[derive(Debug)]
pub struct ProcessWorkloads {
    environment: WorkloadEnvironment,
    stand_ins: StandIns,
}

/// The images that something else stood in for, each once: the image, and what it was.
#[derive(Debug, Clone, Default)]
pub struct StandIns(Arc<Mutex<Vec<(String, &'static str)>>>);

impl StandIns {
    /// All so far, in the order in which they were started.
    pub fn all(&self) -> Vec<(String, &'static str)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn add(&self, image: &str, what: &'static str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.iter().any(|(known, _)| known == image) {
            all.push((image.to_owned(), what));
        }
    }
}

impl ProcessWorkloads {
    /// Workloads that find this inside.
    pub fn new(environment: WorkloadEnvironment) -> Self {
        Self {
            environment,
            stand_ins: StandIns::default(),
        }
    }

    /// The images that something else stands in for; goes on being filled.
    pub fn stand_ins(&self) -> StandIns {
        self.stand_ins.clone()
    }
}

impl Workloads for ProcessWorkloads {
    fn start<'a>(
        &'a self,
        emulator: Emulator,
        mut spec: ContainerSpec,
    ) -> Pin<Box<dyn Future<Output = Result<Box<dyn Container>, WorkloadError>> + Send + 'a>> {
        Box::pin(async move {
            let image = match &spec.files {
                Some(files) => files.base().and_then(image::find),
                None => Some(
                    image::find(&spec.image)
                        .ok_or_else(|| WorkloadError::ImageNotAvailable(spec.image.clone()))?,
                ),
            };
            // What was pulled is there itself, but for the image below it.
            if let Some(what) = image.and_then(|image| image.stand_in) {
                self.stand_ins.add(&spec.image, what);
            }
            if image.is_some_and(|image| image.windows) {
                spec.command = image::KEPT.iter().map(|&word| word.to_owned()).collect();
            }
            if !spec.mounts.is_empty() {
                return Err(WorkloadError::Unsupported("secret volumes".to_owned()));
            }
            let environment = self.environment.clone();
            let runtime = tokio::runtime::Handle::current();
            // Making a sandbox blocks for some milliseconds.
            let started = tokio::task::spawn_blocking(move || {
                let _runtime = runtime.enter();
                ProcessContainer::start(&environment, image, &emulator, spec)
            });
            let container = started
                .await
                .map_err(|error| WorkloadError::Environment(error.to_string()))??;
            Ok(Box::new(container) as Box<dyn Container>)
        })
    }
}

/// The shell that stands in for one of Windows; or why nothing does.
pub(crate) fn windows_shell(command: &[String]) -> Result<Vec<String>, String> {
    let name = command.first().map(|name| name.to_ascii_lowercase());
    let name = name.as_deref().unwrap_or_default().trim_end_matches(".exe");
    match name {
        "cmd" | "powershell" | "pwsh" => Ok(vec!["bash".to_owned()]),
        _ => Err(format!(
            "only a shell can be opened in a Windows container here, not `{}`",
            command.join(" ")
        )),
    }
}
