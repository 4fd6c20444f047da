//! The targets: where walkthroughs can run. One file each.

mod azure;
mod container;
mod embedded;

pub use azure::{Azure, AzureOptions, Left};
pub use container::{AZURE_CLI_IMAGE, Container, DockerError, EmulatorImage, Found};
pub use embedded::Embedded;
