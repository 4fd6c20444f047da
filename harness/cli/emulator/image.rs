//! `docproof emulator image`: the emulator as a container image.
#![expect(
    clippy::print_stdout,
    reason = "the image's name is what the command is for"
)]

use crate::azure_cli::tell_docker;
use crate::exit::{CommandError, Exit};
use docproof_run::target::EmulatorImage;

/// Makes the image, and prints its name.
pub(super) fn run() -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Runtime::new()?;
    let name = runtime.block_on(EmulatorImage::find().provide(&tell_docker))?;
    println!("{name}");
    Ok(Exit::Passed)
}
