//! The azure target, against the emulator posing as Azure: `docproof` runs in a sealed network whose
//! Azure is an emulator of this process, with propagation, operations that take their time, and
//! faults.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail the test; clippy excuses only test functions themselves"
)]

#[path = "../common/mod.rs"]
mod common;
mod ends;
mod kept;
mod kills;
mod place;
mod preloaded;
mod refusals;
mod secrets;
mod signins;
mod subscription;
mod walkthroughs;

use docproof_run::project::Project;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (arguments, refusal) = common::begin();
    let project = match Project::find(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        Ok(project) => project,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let mut trials = refusals::trials(refusal.as_ref());
    trials.extend(ends::trials(refusal.as_ref()));
    trials.extend(kept::trials(refusal.as_ref()));
    trials.extend(signins::trials(refusal.as_ref()));
    trials.extend(preloaded::trials(refusal.as_ref()));
    trials.extend(secrets::trials(refusal.as_ref()));
    trials.extend(kills::trials(&project, refusal.as_ref()));
    trials.extend(walkthroughs::trials(&project, refusal.as_ref()));
    libtest_mimic::run(&common::mostly_waiting(arguments), trials).exit_code()
}
