//! Where the fault lies after a failure on Azure: the same walkthrough is run on the embedded target, and
//! both are compared.
#![expect(
    clippy::print_stderr,
    reason = "what is said beside the reports belongs on standard error"
)]

use crate::azure_cli;
use crate::exit::CommandError;
use docproof_core::attribution::attribute;
use docproof_core::event::{Event, Outcome, RequestLine};
use docproof_core::scenario::Walkthrough;
use docproof_run::target::{Azure, Embedded};
use docproof_run::{runner, sandbox};

/// Tells of each walkthrough that failed on Azure where the fault lies; of all of them if `all`.
pub(crate) fn tell(
    azure: &Azure,
    walkthroughs: &[Walkthrough],
    all: bool,
) -> Result<(), CommandError> {
    let verdict = |event: &Event| match event {
        Event::Verdict { outcome, .. } => Some(*outcome),
        _ => None,
    };
    let wanted = |walkthrough: &&Walkthrough| {
        let told = azure.told(&walkthrough.id);
        match told.iter().rev().find_map(verdict) {
            Some(Outcome::Failed) => true,
            Some(Outcome::Passed) => all,
            _ => false,
        }
    };
    let wanted: Vec<&Walkthrough> = walkthroughs.iter().filter(wanted).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    if let Err(refusal) = sandbox::probe() {
        eprintln!(
            "where the fault lies is not known: this machine refuses a sealed sandbox: {refusal}"
        );
        return Ok(());
    }
    let mut target = Embedded::new(azure_cli::provide()?);
    if wanted.iter().any(|walkthrough| walkthrough.has_programs()) {
        target = target.with_sdk(azure_cli::provide_sdk()?);
    }
    let runtime = tokio::runtime::Runtime::new()?;
    for walkthrough in wanted {
        let id = &walkthrough.id;
        eprintln!("{id}: runs on the emulator, to see where the fault lies");
        let mut emulated = Vec::new();
        let mut sink = |event| emulated.push(event);
        runtime.block_on(runner::run(walkthrough, &target, false, &mut sink));
        let told = attribute(&azure.told(id), &emulated);
        eprintln!("{id}: where the fault lies: {}", told.fault.told());
        if let Some(step) = &told.step {
            eprintln!("  step      {step}");
        }
        if let Some((here, there)) = &told.differs {
            eprintln!("  Azure     {}", shown(here.as_ref()));
            eprintln!("  emulator  {}", shown(there.as_ref()));
        }
    }
    runtime.shutdown_background();
    Ok(())
}

/// A request in a line.
fn shown(request: Option<&RequestLine>) -> String {
    match request {
        None => "asked nothing more".to_owned(),
        Some(request) => {
            let error = request.error.as_deref().unwrap_or_default();
            let line = format!(
                "{} {} {} {error}",
                request.status, request.method, request.url
            );
            line.trim_end().to_owned()
        }
    }
}
