//! The targets: where walkthroughs can run. One file each.

mod container;
mod embedded;

pub use container::{AZURE_CLI_IMAGE, Container, DockerError, EmulatorImage, Found};
pub use embedded::Embedded;
