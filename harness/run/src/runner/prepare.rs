//! What an article takes for granted, made ready in the reader's shell before the first step.

use super::judge::{command_failure, not_emulated};
use super::live;
use super::step::{StepRun, lines};
use crate::environment::Environment;
use crate::session::Session;
use docproof_core::event::{StepOutcome, Timing};
use docproof_core::scenario::{Line, Preparation, Script};
use std::time::Instant;

/// Runs a preparation. It passes, is not emulated or could not run: it never fails, since nothing of
/// it is the article's.
pub(super) async fn prepare(
    session: &mut Session,
    environment: &dyn Environment,
    preparation: &Preparation,
    number: usize,
) -> StepRun {
    let started = Instant::now();
    let mark = environment.mark();
    let kept = environment
        .folder()
        .join(format!("session/kept-{number}.bash"));
    let script = script(preparation, &kept.to_string_lossy());
    let ran = live::run(environment, session, &script, preparation.timeout).await;
    let observed = environment.requests_since(mark);
    let mut run = StepRun::skipped();
    run.failure = match &ran {
        Ok(outcome) => not_emulated(&preparation.position, &script, &observed)
            .or_else(|| command_failure(&preparation.position, &script, outcome)),
        Err(error) => super::execute::no_outcome(&preparation.position, &script, error).1,
    };
    run.outcome = match &run.failure {
        None => StepOutcome::Passed,
        Some(_)
            if observed
                .iter()
                .any(|request| request.not_emulated && !request.quiet) =>
        {
            StepOutcome::NotEmulated
        }
        Some(_) => StepOutcome::CouldNotRun,
    };
    if let Some(failure) = &mut run.failure {
        failure.message = format!("the preparation failed: {}", failure.message);
        failure.help.get_or_insert_with(|| {
            "this is the scenario's `[[prepare]]`, not the article: mend it there".to_owned()
        });
    }
    run.timing = Timing {
        seconds: started.elapsed().as_secs_f64(),
        ..Timing::default()
    };
    run.requests = lines(observed);
    run
}

/// The commands in a subshell, so that what they set is gone after them, but for what is kept.
fn script(preparation: &Preparation, kept: &str) -> Script {
    let line = |text: String| Line {
        text,
        position: preparation.position.clone(),
    };
    let mut all = vec![line("(".to_owned())];
    all.extend(preparation.lines.iter().cloned());
    if preparation.keep.is_empty() {
        all.push(line(")".to_owned()));
    } else {
        all.push(line(format!(
            "declare -p {} >'{kept}'",
            preparation.keep.join(" ")
        )));
        all.push(line(format!(") && source '{kept}'")));
    }
    Script { lines: all }
}
