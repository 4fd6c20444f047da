//! The container target: the emulator, the reader's shell and what `az` starts are containers.
//!
//! Anywhere with a Docker engine, on this machine or elsewhere (`DOCKER_HOST`): everything goes through
//! its API. Nothing else is installed, neither `az` nor Python.
//! Each walkthrough has a network of its own without a way out, and an emulator of its own in it.
//!
//! ```text
//! beside + emulator      169.254.169.254, and every name leads to it
//! beside + azure-cli     the reader's shell
//! beside + image         one container of a container group or app, for each
//! ```
//!
//! What stands `beside` a container holds its network (`docproof-emulator beside`): it asks the
//! emulator for names, and has the token endpoint that Azure puts on a container's own loopback.
//! In each container with `az` one process answers the calls of it (`preload`).

mod agent;
mod cleanup;
mod drive;
mod emulator;
mod engine;
mod environment;
mod error;
mod files;
mod image;
mod load;
mod look;
mod network;
mod preload;
mod reader;
mod shell;
mod trust;
mod workload;

pub use error::DockerError;
pub use image::EmulatorImage;

use crate::environment::{BoxFuture, Environment, EnvironmentError, Target};
use crate::requirements;
use docproof_core::scenario::Requirement;
use environment::ContainerEnvironment;
use image::Images;
use tokio::sync::OnceCell;

/// The image that steps run in, if nobody says another.
pub const AZURE_CLI_IMAGE: &str = "mcr.microsoft.com/azure-cli:2.91.0";

/// The container target.
pub struct Container {
    azure_cli: String,
    emulator: EmulatorImage,
    preload: bool,
    progress: Box<dyn Fn(&str) + Send + Sync>,
    images: OnceCell<Images>,
    /// Whether what killed runs left was looked for a second time.
    swept: OnceCell<()>,
}

impl Container {
    /// The target with this image for steps, and this emulator. What takes long is told.
    pub fn new(
        azure_cli: impl Into<String>,
        emulator: EmulatorImage,
        progress: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self {
            azure_cli: azure_cli.into(),
            emulator,
            preload: true,
            progress: Box::new(progress),
            images: OnceCell::new(),
            swept: OnceCell::new(),
        }
    }

    /// The same, whose containers start `az` anew with each call if `preloaded` is not so: else one
    /// process in each answers all calls.
    #[must_use]
    pub fn with_preloaded(mut self, preloaded: bool) -> Self {
        self.preload = preloaded;
        self
    }

    /// Whether a Docker engine answers that can do what this target needs: its version.
    ///
    /// # Errors
    /// [`DockerError`], with what can be done.
    pub async fn probe() -> Result<String, DockerError> {
        let docker = engine::connect()?;
        engine::version(&docker).await
    }
}

/// What there is for this target on a machine whose Docker engine answers.
#[derive(Debug)]
pub struct Found {
    /// The engine's version.
    pub engine: String,
    /// Each image that is needed, and whether it is there.
    pub images: Vec<(String, &'static str)>,
}

impl Container {
    /// Whether an image is there.
    pub async fn has(image: &str) -> bool {
        match engine::connect() {
            Ok(docker) => docker.inspect_image(image).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Looks for what is needed, and fetches and makes nothing.
    ///
    /// # Errors
    /// [`DockerError`], with what can be done.
    pub async fn look(azure_cli: &str, emulator: &EmulatorImage) -> Result<Found, DockerError> {
        let docker = engine::connect()?;
        let engine = engine::version(&docker).await?;
        let is_there = docker.inspect_image(azure_cli).await.is_ok();
        let there = if is_there {
            "there"
        } else {
            "pulled when it is needed"
        };
        let mut images = vec![(azure_cli.to_owned(), there)];
        images.push(match emulator {
            EmulatorImage::Built(_) => (
                image::PROGRAM.to_owned(),
                "built from docproof's sources when they have changed",
            ),
            EmulatorImage::Named(name) if docker.inspect_image(name).await.is_ok() => {
                (name.clone(), "there")
            }
            EmulatorImage::Named(name) => (name.clone(), "pulled when it is needed"),
        });
        Ok(Found { engine, images })
    }
}

impl Target for Container {
    fn name(&self) -> &'static str {
        "container"
    }

    fn lacks(&self, requirement: Requirement) -> Option<String> {
        match requirement {
            Requirement::Program(name) => Some(
                requirements::lacking_sealed(requirement)
                    .unwrap_or_else(|| format!("the image that steps run in has no `{name}`")),
            ),
            Requirement::Pwsh | Requirement::AzPowershell => requirements::lacking(requirement),
        }
    }

    fn prepare<'a>(
        &'a self,
        reader_roles: &'a [String],
    ) -> BoxFuture<'a, Result<Box<dyn Environment>, EnvironmentError>> {
        Box::pin(async move {
            let images = self.images.get_or_try_init(|| {
                Images::provide(
                    &self.azure_cli,
                    &self.emulator,
                    self.preload,
                    &*self.progress,
                )
            });
            let images = images.await?;
            let environment = ContainerEnvironment::open(images, reader_roles).await?;
            // What Docker was still making when a run was killed is there by now.
            let sweep = || async {
                if let Ok(docker) = engine::connect() {
                    cleanup::sweep(&docker).await;
                }
            };
            self.swept.get_or_init(sweep).await;
            Ok(Box::new(environment) as Box<dyn Environment>)
        })
    }
}
