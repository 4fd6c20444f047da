//! Every scenario on every target that this machine has: one trial each, named
//! `<target>::<scenario>`.
#![expect(
    clippy::print_stderr,
    reason = "a test runner tells why it cannot start"
)]

use docproof_core::event::{Event, Outcome};
use docproof_core::report::{Human, Reporter};
use docproof_run::az::{self, AzChoice, AzEnvironment};
use docproof_run::environment::Target;
use docproof_run::project::Project;
use docproof_run::target::Embedded;
use docproof_run::{runner, sandbox};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

fn main() -> ExitCode {
    sandbox::enter_if_helper();
    let arguments = Arguments::from_args();
    let project = match Project::find(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        Ok(project) => Arc::new(project),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let ids = match project.ids() {
        Ok(ids) => ids,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    // What a machine refuses is asked once and shown as the reason for which trials are ignored.
    let refusal = sandbox::probe().err().map(|refusal| refusal.to_string());
    let target: Arc<OnceLock<Result<Embedded, String>>> = Arc::default();
    let trials = ids
        .into_iter()
        .map(|id| {
            let name = format!("embedded::{id}");
            let (project, target) = (Arc::clone(&project), Arc::clone(&target));
            let trial = Trial::test(name, move || run(&project, &id, &target));
            match &refusal {
                Some(reason) => trial.with_kind(reason.clone()).with_ignored_flag(true),
                None => trial,
            }
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(
    project: &Project,
    id: &str,
    target: &OnceLock<Result<Embedded, String>>,
) -> Result<(), Failed> {
    let walkthrough = project
        .walkthrough(id, false)
        .map_err(|error| error.to_string())?;
    let target = target.get_or_init(|| {
        let environment = AzEnvironment::from_process();
        az::provide(AzChoice::Auto, &environment, &mut |progress| {
            eprintln!("az: {progress}")
        })
        .map(Embedded::new)
        .map_err(|error| format!("{error}\nhelp: {}", error.help()))
    });
    let target: &dyn Target = target.as_ref().map_err(String::as_str)?;
    let mut events = Vec::new();
    let mut sink = |event| events.push(event);
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(runner::run(&walkthrough, target, false, &mut sink));
    runtime.shutdown_background();
    match outcome {
        Outcome::Passed => Ok(()),
        Outcome::Failed | Outcome::NotEmulated | Outcome::CouldNotRun => Err(report(&events)),
    }
}

/// The run as `docproof run` would show it.
fn report(events: &[Event]) -> Failed {
    let mut reporter = Human::new(false, false);
    let mut text = Vec::new();
    for event in events {
        if let Err(error) = reporter.event(event, &mut text) {
            return error.into();
        }
    }
    String::from_utf8_lossy(&text).into_owned().into()
}
