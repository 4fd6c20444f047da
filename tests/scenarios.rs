//! Every scenario on every target that this machine has: one trial each, named
//! `<target>::<scenario>`; and one named `<target>::<scenario>::corrections` that runs the article as
//! published and finds every correction needed, and no failure that they do not mend (on the embedded
//! target: what is needed does not depend on the target). What each asks of Azure must be what the role of a
//! nightly run allows.
//!
//! On the azure target they run where `DOCPROOF_SUBSCRIPTION` names a subscription; `DOCPROOF_LEDGER` is the
//! folder of the ledgers. With `DOCPROOF_EVENTS` each trial of that target writes its events to a file in that folder,
//! for `docproof report`.
#![expect(
    clippy::print_stderr,
    reason = "a test runner tells why it cannot start"
)]

mod common;
#[path = "common/list.rs"]
mod list;
#[path = "common/role.rs"]
mod role;

use docproof_core::event::{Event, Outcome, StepOutcome};
use docproof_core::report::{Human, Reporter};
use docproof_core::scenario::{Step, Walkthrough};
use docproof_run::environment::Target;
use docproof_run::project::Project;
use docproof_run::target::{AZURE_CLI_IMAGE, Container, Embedded, EmulatorImage};
use docproof_run::{requirements, runner};
use libtest_mimic::{Failed, Trial};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::{Arc, OnceLock};

fn main() -> ExitCode {
    let (arguments, refusal) = common::begin();
    let found = Project::find(&project_folder())
        .and_then(|project| Ok((project.ids()?, Arc::new(project))));
    let (ids, project) = match found {
        Ok(found) => found,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let target: Arc<OnceLock<Result<Embedded, String>>> = Arc::default();
    let mut trials = Vec::new();
    trials.extend(in_containers(&project, &ids));
    trials.extend(on_azure(&project, &ids));
    trials.push(Trial::test("a_role_that_is_not_enough_is_told", || {
        Ok(role::tells_what_is_missing(&project_folder())?)
    }));
    trials.push(Trial::test("list_tells_what_scenarios_come_to", || {
        Ok(list::tells_what_scenarios_come_to(&project_folder())?)
    }));
    for id in ids {
        for as_published in [false, true] {
            let what = if as_published { "::corrections" } else { "" };
            let name = format!("embedded::{id}{what}");
            let lacking = lacking(&project, &id);
            let reason = refusal.as_ref().or(lacking.as_ref());
            let (project, target, id) = (Arc::clone(&project), Arc::clone(&target), id.clone());
            trials.push(common::trial(name, reason, move || {
                on_this_machine(&project, &id, as_published, &target)
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What this machine lacks for a scenario: then it is no pass, and no failure either.
fn lacking(project: &Project, id: &str) -> Option<String> {
    let scenario = project.scenario(id).ok()?;
    let mut requires = scenario.requires.into_iter();
    let reason = requires.find_map(requirements::lacking)?;
    Some(format!("not run: {reason}"))
}

/// The trials of the container target.
fn in_containers(project: &Arc<Project>, ids: &[String]) -> Vec<Trial> {
    let refusal = no_containers();
    let target = Arc::new(Container::new(
        AZURE_CLI_IMAGE,
        EmulatorImage::find(),
        |said| eprintln!("docker: {said}"),
    ));
    let trial = |id: &String| {
        let lacking = lacking(project, id);
        let reason = refusal.as_ref().or(lacking.as_ref());
        let (project, target, id) = (Arc::clone(project), Arc::clone(&target), id.clone());
        common::trial(format!("container::{id}"), reason, move || {
            let walkthrough = project
                .walkthrough(&id)
                .map_err(|error| error.to_string())?;
            run(&walkthrough, target.as_ref(), false)
        })
    };
    ids.iter().map(trial).collect()
}

/// The trials of the azure target: the command itself, as a person runs it.
fn on_azure(project: &Project, ids: &[String]) -> Vec<Trial> {
    let subscription = std::env::var("DOCPROOF_SUBSCRIPTION").unwrap_or_default();
    let refusal = subscription.is_empty();
    let refusal = refusal.then(|| "DOCPROOF_SUBSCRIPTION names no subscription".to_owned());
    let trial = |id: &String| {
        let lacking = lacking(project, id);
        let reason = refusal.as_ref().or(lacking.as_ref());
        let (id, subscription) = (id.clone(), subscription.clone());
        common::trial(format!("azure::{id}"), reason, move || {
            let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
            // Where the tests were built elsewhere, nextest knows where the command is now.
            let program = folder("NEXTEST_BIN_EXE_docproof");
            let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_docproof").into());
            let mut command = Command::new(program);
            command.current_dir(project_folder());
            command.args(["run", "--target", "azure", "--yes"]);
            command.args(["--subscription", &subscription, &id]);
            if let Some(ledger) = folder("DOCPROOF_LEDGER") {
                std::fs::create_dir_all(&ledger)?;
                command.arg("--ledger").arg(ledger);
            }
            if let Some(events) = folder("DOCPROOF_EVENTS") {
                std::fs::create_dir_all(&events)?;
                command
                    .arg("--json")
                    .arg(events.join(format!("azure-{id}.jsonl")));
            }
            let status = command.status()?;
            match status.success() {
                true => Ok(()),
                false => Err(format!("docproof ended with {status}").into()),
            }
        })
    };
    ids.iter().map(trial).collect()
}

/// Where scenarios are: nextest starts tests there, wherever they were built.
fn project_folder() -> PathBuf {
    let now = std::env::var_os("CARGO_MANIFEST_DIR");
    now.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

/// Why containers cannot be run here. A test pulls no image of a gigabyte.
fn no_containers() -> Option<String> {
    let look = async {
        let engine = Container::probe().await;
        engine.map_err(|error| error.to_string())?;
        match Container::has(AZURE_CLI_IMAGE).await {
            true => Ok(()),
            false => Err(format!(
                "no image {AZURE_CLI_IMAGE}: pull it, or let .ci/azure-cli-image build it"
            )),
        }
    };
    let runtime = tokio::runtime::Runtime::new();
    match runtime {
        Ok(runtime) => runtime.block_on(look).err(),
        Err(error) => Some(error.to_string()),
    }
}

fn on_this_machine(
    project: &Project,
    id: &str,
    as_published: bool,
    target: &OnceLock<Result<Embedded, String>>,
) -> Result<(), Failed> {
    let walkthrough = project.walkthrough(id).map_err(|error| error.to_string())?;
    // What this machine cannot run needs no correction here.
    let runs = |step: &&Step| {
        let mut requires = step.requires.iter().copied();
        requires.find_map(requirements::lacking).is_none()
    };
    let steps = walkthrough.steps.iter().filter(runs);
    let corrections = steps.map(|step| step.corrections.len());
    if as_published && corrections.sum::<usize>() == 0 {
        // The other trial is the same run.
        return Ok(());
    }
    let target = target.get_or_init(|| {
        let target = common::preloaded()?;
        // One target for all: whichever comes first makes it, with what any of them needs.
        let all = project.ids().map_err(|error| error.to_string())?;
        let programs = |id: &String| {
            let walkthrough = project.walkthrough(id);
            walkthrough.is_ok_and(|walkthrough| walkthrough.has_programs())
        };
        match all.iter().any(programs) {
            true => Ok(target.with_sdk(common::sdk()?)),
            false => Ok(target),
        }
    });
    run(
        &walkthrough,
        target.as_ref().map_err(String::as_str)?,
        as_published,
    )
}

fn run(walkthrough: &Walkthrough, target: &dyn Target, as_published: bool) -> Result<(), Failed> {
    let mut events = Vec::new();
    let mut sink = |event| events.push(event);
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(runner::run(walkthrough, target, as_published, &mut sink));
    runtime.shutdown_background();
    let is_right = match outcome {
        Outcome::Passed => !as_published,
        Outcome::Failed => as_published && ends_well(&events),
        Outcome::NotEmulated | Outcome::CouldNotRun | Outcome::NotRun => false,
    };
    if !is_right {
        return Err(report(&events));
    }
    let missing = role::missing(&project_folder(), &events)?;
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!(".ci/nightly/azure-role.json is not enough: {missing:?}").into()),
    }
}

/// Whether a run as published came to its end and needed every correction.
fn ends_well(events: &[Event]) -> bool {
    let Some(Event::Verdict {
        steps, not_needed, ..
    }) = events.last()
    else {
        return false;
    };
    let came_through = |outcome| {
        matches!(
            outcome,
            StepOutcome::Passed | StepOutcome::Failed | StepOutcome::NotRun
        )
    };
    not_needed.is_empty() && steps.iter().all(|step| came_through(step.outcome))
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
