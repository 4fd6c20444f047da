//! What the test programs with a `main` of their own share: it must notice first that the sandbox
//! re-executed the program.
#![expect(clippy::print_stderr, reason = "a test runner tells what it waits for")]

#[allow(dead_code, reason = "not every program compares")]
pub(crate) mod both_ways;
#[allow(dead_code, reason = "not every program opens targets itself")]
pub(crate) mod open;

use docproof_run::az::{self, Az, AzChoice, AzEnvironment, Preloaded};
use docproof_run::sandbox;
use docproof_run::target::Embedded;
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;

/// Begins a `main`: the arguments, and why this machine refuses sandboxes, if it does.
pub(crate) fn begin() -> (Arguments, Option<String>) {
    sandbox::enter_if_helper();
    let refusal = sandbox::probe().err().map(|refusal| refusal.to_string());
    (Arguments::from_args(), refusal)
}

/// For trials that wait more than they work: two for each core, unless a number was given.
#[allow(dead_code, reason = "most trials work")]
pub(crate) fn mostly_waiting(mut arguments: Arguments) -> Arguments {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(2 * cores);
    arguments
}

/// A trial, ignored with the reason where the machine refuses it.
pub(crate) fn trial(
    name: impl Into<String>,
    refusal: Option<&String>,
    test: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let trial = Trial::test(name, test);
    match refusal {
        Some(reason) => trial.with_kind(reason.clone()).with_ignored_flag(true),
        None => trial,
    }
}

/// A whole `main` of tests that panic when they fail.
#[allow(dead_code, reason = "one of the programs makes its trials itself")]
pub(crate) fn main(tests: &[(&'static str, fn())]) -> ExitCode {
    let (arguments, refusal) = begin();
    let trials = tests.iter().map(|(name, test)| {
        let test = *test;
        trial(*name, refusal.as_ref(), move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// The `az` that `docproof run` would take, fetched if there is none.
///
/// # Errors
/// The reason with what can be done.
#[allow(dead_code, reason = "one of the programs runs the command itself")]
pub(crate) fn az() -> Result<Az, String> {
    provide(AzChoice::Auto, &AzEnvironment::from_process())
}

/// The embedded target as `docproof run` makes it, with that `az` preloaded.
///
/// # Errors
/// The reason with what can be done.
#[allow(dead_code, reason = "one of the programs runs the command itself")]
pub(crate) fn preloaded() -> Result<Embedded, String> {
    let az = az()?;
    let preloaded = Preloaded::start(&az).map_err(|error| error.to_string())?;
    Ok(Embedded::new(az).with_preloaded(preloaded))
}

/// An `az` of this choice, with progress on standard error.
pub(crate) fn provide(choice: AzChoice, environment: &AzEnvironment) -> Result<Az, String> {
    az::provide(choice, environment, &mut |progress| {
        eprintln!("az: {progress}")
    })
    .map_err(|error| format!("{error}\nhelp: {}", error.help()))
}

/// The packages that articles' programs import, fetched if they are not there.
///
/// # Errors
/// The reason with what can be done.
#[allow(dead_code, reason = "not every program runs programs")]
pub(crate) fn sdk() -> Result<az::PythonSdk, String> {
    az::provide_sdk(&AzEnvironment::from_process(), &mut |progress| {
        eprintln!("python: {progress}")
    })
    .map_err(|error| format!("{error}\nhelp: {}", error.help()))
}
