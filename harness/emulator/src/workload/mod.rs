//! What runs container groups: the [`Workloads`] trait, implemented outside of the emulator.

mod image;
mod redirect;

pub use image::{ImageConfig, ImageLayer, PulledImage};
pub use redirect::redirect;

use crate::{Emulator, WorkloadId};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// One container as ARM describes it.
#[derive(Debug, Clone)]
pub struct ContainerSpec {
    /// Which workload it is; its sockets are served with this as origin.
    pub id: WorkloadId,
    /// The container's name.
    pub name: String,
    /// The image as the command names it.
    pub image: String,
    /// The command and its arguments; empty for the image's own.
    pub command: Vec<String>,
    /// Environment variables, secure ones included.
    pub environment: Vec<(String, String)>,
    /// The host's name, if the service gives one.
    pub hostname: Option<String>,
    /// Where the container finds tokens of its identities.
    pub tokens: TokenEndpoint,
    /// The image's own files, if a registry of the emulator has it.
    pub files: Option<Arc<PulledImage>>,
    /// Folders of secrets that are mounted in it.
    pub mounts: Vec<Mount>,
}

/// A folder of small files in a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where it is.
    pub path: String,
    /// The files, by name.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Where a container finds tokens of its managed identities. Nothing listens at the other places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum TokenEndpoint {
    /// `169.254.169.254` port 80, as in a container group.
    #[default]
    Instance,
    /// `127.0.0.1` port 42356, as in a container app.
    App,
    /// `127.0.0.1` port 2377, as in a Windows container group.
    WindowsInstance,
}

/// Why a container could not be started.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// The image is not one that can be run here.
    #[error("image '{0}' cannot be run by this workload runtime")]
    ImageNotAvailable(String),
    /// Its registry says that there is no such image.
    #[error("there is no image '{0}'")]
    ImageNotFound(String),
    /// This runtime does not have something that the container needs.
    #[error("this workload runtime has no {0}")]
    Unsupported(String),
    /// The environment refused.
    #[error("container could not be started: {0}")]
    Environment(String),
}

/// Whether a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerState {
    /// It runs.
    Running,
    /// It ended.
    Terminated {
        /// Its exit code; 128 + n for signal n.
        exit_code: i32,
    },
}

/// A terminal on a command inside a container. Dropping both ends hangs it up.
pub struct Terminal {
    /// What the command prints.
    pub output: Box<dyn AsyncRead + Send + Unpin>,
    /// What is typed.
    pub input: Box<dyn AsyncWrite + Send + Unpin>,
}

/// Both directions of a connection.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection to a container.
pub type Connection = Box<dyn Duplex>;

/// Starts containers.
pub trait Workloads: Send + Sync + 'static {
    /// Starts a container, in a network of its own that `emulator` serves
    /// ([`Emulator::serve`] with [`crate::Origin::Workload`]) from before its first instruction.
    fn start<'a>(
        &'a self,
        emulator: Emulator,
        spec: ContainerSpec,
    ) -> BoxFuture<'a, Result<Box<dyn Container>, WorkloadError>>;
}

/// A started container. Dropping it kills everything in it.
pub trait Container: Send + Sync + 'static {
    /// Whether it runs.
    fn state(&self) -> ContainerState;
    /// Waits until it does not run any more. One that cannot tell is never started again.
    fn ended(&self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
    /// What its command printed so far, standard output and error together.
    fn log(&self) -> Vec<u8>;
    /// Runs a command on a pseudo-terminal inside.
    fn exec<'a>(
        &'a self,
        command: Vec<String>,
        columns: u16,
        rows: u16,
    ) -> BoxFuture<'a, Result<Terminal, WorkloadError>>;
    /// Connects to a port on which the container listens, as its ingress does.
    fn connect<'a>(&'a self, port: u16) -> BoxFuture<'a, std::io::Result<Connection>> {
        let _ = port;
        Box::pin(std::future::ready(Err(
            std::io::ErrorKind::Unsupported.into()
        )))
    }
    /// Stops it and waits until nothing of it is left.
    fn stop<'a>(&'a self) -> BoxFuture<'a, ()>;
}
