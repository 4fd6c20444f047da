//! Gets `az` for a run, telling a person what is going on meanwhile.
#![expect(clippy::print_stderr, reason = "progress belongs on standard error")]

use crate::exit::CommandError;
use docproof_run::az::{self, Az, AzChoice, AzEnvironment, PythonSdk};

/// The `az` to run with: found, or fetched once.
pub(crate) fn provide() -> Result<Az, CommandError> {
    let environment = AzEnvironment::from_process();
    Ok(az::provide(AzChoice::Auto, &environment, &mut |said| {
        tell("az", &said)
    })?)
}

/// The packages that articles' programs import: found, or fetched once.
pub(crate) fn provide_sdk() -> Result<PythonSdk, CommandError> {
    let environment = AzEnvironment::from_process();
    Ok(az::provide_sdk(&environment, &mut |said| {
        tell("python", &said)
    })?)
}

/// What the container target waits for.
pub(crate) fn tell_docker(said: &str) {
    eprintln!("docker: {said}");
}

fn tell(what: &str, progress: &az::Progress) {
    // The installer names each of 150 packages at its end; nobody reads that.
    if !progress.to_string().starts_with(" + ") {
        eprintln!("{what}: {progress}");
    }
}
