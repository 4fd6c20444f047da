//! One step: its block is filled in, run where it belongs, and judged.

use super::judge::judge;
use crate::environment::{Environment, ObservedRequest};
use crate::session::{BlockOutcome, Session, SessionError};
use docproof_core::event::{Failure, RequestLine, StepOutcome, Timing};
use docproof_core::matching::Bindings;
use docproof_core::report::mask_secrets;
use docproof_core::scenario::{Elsewhere, Line, Script, Step};
use std::time::{Duration, Instant};

/// How long a shell in a container may take to close.
const LEAVE_LIMIT: Duration = Duration::from_secs(60);

/// How a step went.
pub(super) struct StepRun {
    pub(super) outcome: StepOutcome,
    pub(super) timing: Timing,
    pub(super) filled_in: Vec<(String, String)>,
    pub(super) failure: Option<Failure>,
    pub(super) requests: Vec<RequestLine>,
}

impl StepRun {
    pub(super) fn skipped() -> Self {
        Self {
            outcome: StepOutcome::Skipped,
            timing: Timing::default(),
            filled_in: Vec::new(),
            failure: None,
            requests: Vec::new(),
        }
    }

    pub(super) fn could_not_run(failure: Option<Failure>) -> Self {
        Self {
            outcome: StepOutcome::CouldNotRun,
            failure,
            ..Self::skipped()
        }
    }
}

/// Runs the steps of one walkthrough; holds what the samples have bound so far.
pub(super) struct Steps<'a> {
    environment: &'a dyn Environment,
    bindings: Bindings,
    /// Whether what the last step did is kept, to be judged again.
    keeps_last: bool,
    last: Option<Last>,
}

/// What the last step did, and what was bound before it.
struct Last {
    script: Script,
    outcome: BlockOutcome,
    observed: Vec<ObservedRequest>,
    filled_in: Vec<(String, String)>,
    before: Bindings,
}

impl<'a> Steps<'a> {
    pub(super) fn new(environment: &'a dyn Environment, keeps_last: bool) -> Self {
        Self {
            environment,
            bindings: Bindings::default(),
            keeps_last,
            last: None,
        }
    }

    pub(super) async fn run(&mut self, session: &mut Session, step: &Step) -> StepRun {
        let started = Instant::now();
        let mark = self.environment.mark();
        let (script, filled_in) = self.fill_in(&step.script);
        let ran = execute(session, step, &script).await;
        let observed = self.environment.requests_since(mark);
        let in_shell = match &ran {
            Ok(outcome) => outcome.elapsed,
            Err(_) => started.elapsed(),
        };
        let before = self.keeps_last.then(|| self.bindings.clone());
        let (outcome, failure) = match &ran {
            Ok(outcome) => judge(step, &script, outcome, &observed, &mut self.bindings),
            Err(error) => no_outcome(step, &script, error),
        };
        let emulator_seconds = observed.iter().map(|request| request.seconds).sum();
        self.last = match (before, ran) {
            (Some(before), Ok(outcome)) => Some(Last {
                script,
                outcome,
                observed: observed.clone(),
                filled_in: filled_in.clone(),
                before,
            }),
            _ => None,
        };
        let seconds = started.elapsed();
        StepRun {
            outcome,
            timing: Timing {
                seconds: seconds.as_secs_f64(),
                emulator_seconds,
                harness_seconds: seconds.saturating_sub(in_shell).as_secs_f64(),
            },
            filled_in,
            failure,
            requests: observed
                .into_iter()
                .filter(|request| !request.quiet)
                .map(line)
                .collect(),
        }
    }

    /// Judges what the last step did by other expectations, if it passes by them: the block is not
    /// run again.
    pub(super) fn judge_again(&mut self, step: &Step) -> Option<StepRun> {
        let started = Instant::now();
        let (bindings, filled_in) = self.judge_last(step)?;
        self.bindings = bindings;
        let seconds = started.elapsed().as_secs_f64();
        Some(StepRun {
            outcome: StepOutcome::Passed,
            timing: Timing {
                seconds,
                emulator_seconds: 0.0,
                harness_seconds: seconds,
            },
            filled_in,
            failure: None,
            requests: Vec::new(),
        })
    }

    /// Whether the last step would pass by other expectations.
    pub(super) fn would_pass(&self, step: &Step) -> bool {
        self.judge_last(step).is_some()
    }

    /// What is bound and filled in, if the last step passes by these expectations.
    fn judge_last(&self, step: &Step) -> Option<(Bindings, Vec<(String, String)>)> {
        let last = self.last.as_ref()?;
        let mut bindings = last.before.clone();
        let (outcome, _) = judge(
            step,
            &last.script,
            &last.outcome,
            &last.observed,
            &mut bindings,
        );
        (outcome == StepOutcome::Passed).then(|| (bindings, last.filled_in.clone()))
    }

    /// Replaces stand-in values that an earlier sample has bound, as a reader would.
    fn fill_in(&self, script: &Script) -> (Script, Vec<(String, String)>) {
        let mut filled_in = Vec::new();
        let lines = script
            .lines
            .iter()
            .map(|line| {
                let (text, filled) = self.bindings.fill_in(&line.text);
                filled_in.extend(filled);
                Line {
                    text,
                    position: line.position.clone(),
                }
            })
            .collect();
        filled_in.sort();
        filled_in.dedup();
        (Script { lines }, filled_in)
    }
}

async fn execute(
    session: &mut Session,
    step: &Step,
    script: &Script,
) -> Result<BlockOutcome, SessionError> {
    if step.elsewhere == Elsewhere::Inside {
        return session.run_inside(script, step.timeout).await;
    }
    session.leave(LEAVE_LIMIT).await?;
    match step.elsewhere {
        Elsewhere::Opens => session.run_opening(script, step.timeout).await,
        Elsewhere::Here | Elsewhere::Inside => session.run(script, step.timeout).await,
    }
}

fn line(request: ObservedRequest) -> RequestLine {
    RequestLine {
        method: request.method,
        url: request.url,
        status: request.status,
        error: request.error,
    }
}

/// The block did not come to its end.
fn no_outcome(
    step: &Step,
    script: &Script,
    error: &SessionError,
) -> (StepOutcome, Option<Failure>) {
    let (outcome, output, help) = match error {
        SessionError::TimedOut { output, .. } => (
            StepOutcome::Failed,
            Some(output),
            "if the block needs longer, give the step a `timeout`; a command may also wait for \
             input that nobody types",
        ),
        SessionError::Ended { output, .. } => (
            StepOutcome::Failed,
            Some(output),
            "a block that ends its shell (`exit`, `exec`) ends the reader's terminal too",
        ),
        SessionError::NoInnerShell => (
            StepOutcome::CouldNotRun,
            None,
            "an earlier step must open the container's shell (`az container exec`)",
        ),
        SessionError::Environment(_) | SessionError::Channel(_) => {
            (StepOutcome::CouldNotRun, None, "run `docproof doctor`")
        }
    };
    let failure = Failure {
        position: step.position.clone(),
        message: error.to_string(),
        command: Some(script.text().trim_end().to_owned()),
        expected: None,
        actual: output
            .map(|text| mask_secrets(text.trim()))
            .filter(|text| !text.is_empty()),
        help: Some(help.to_owned()),
    };
    (outcome, Some(failure))
}
