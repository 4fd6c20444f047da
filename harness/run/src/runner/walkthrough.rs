//! [`run`]: one walkthrough from its first step to its verdict.

use super::step::{StepRun, Steps};
use crate::environment::{Environment, EnvironmentError, Target};
use crate::session::{Session, SessionError};
use docproof_core::event::{Coverage, Event, Failure, Outcome, StepOutcome, StepSummary, Timing};
use docproof_core::scenario::{Expectation, Line, Script, Step, Walkthrough};
use std::time::{Duration, Instant};

/// How long the sign-in before the first step may take.
const SIGN_IN_LIMIT: Duration = Duration::from_secs(120);

/// Runs a walkthrough on a target, and says everything to `sink`. The last event is the verdict.
pub async fn run(
    walkthrough: &Walkthrough,
    target: &dyn Target,
    as_published: bool,
    sink: &mut (dyn FnMut(Event) + Send),
) -> Outcome {
    let started = Instant::now();
    sink(Event::Started {
        scenario: walkthrough.id.clone(),
        title: walkthrough.title.clone(),
        target: target.name().to_owned(),
        article: walkthrough.article.clone(),
        steps: walkthrough.steps.len(),
        as_published,
        reader_roles: walkthrough.reader_roles.clone(),
    });
    let mut tally = Tally::default();
    let ready = ready(walkthrough, target).await;
    let prepared = started.elapsed();
    let mut why_not = None;
    match &ready {
        Ok(ready) => {
            tally.timing.emulator_seconds += ready.sign_in_emulator_seconds;
            tally.harness_seconds += prepared.saturating_sub(ready.sign_in).as_secs_f64();
        }
        Err(error) => why_not = Some(error),
    }
    let could_not_run = why_not.map(|error| Failure {
        position: first_position(walkthrough),
        message: error.message.clone(),
        command: None,
        expected: None,
        actual: None,
        help: error.help.clone(),
    });
    match ready {
        Ok(ready) => {
            let Ready {
                environment,
                mut session,
                ..
            } = ready;
            let mut steps = Steps::new(environment.as_ref());
            for (index, step) in walkthrough.steps.iter().enumerate() {
                if tally.outcome != Outcome::Passed {
                    tally.skip(walkthrough, index, step, sink);
                    continue;
                }
                announce(walkthrough, index, step, sink);
                let run = steps.run(&mut session, step).await;
                tally.finish(walkthrough, index, step, run, sink);
            }
            let ending = Instant::now();
            drop(session);
            tokio::task::block_in_place(|| drop(environment));
            tally.harness_seconds += ending.elapsed().as_secs_f64();
        }
        Err(_) => {
            for (index, step) in walkthrough.steps.iter().enumerate() {
                if index > 0 {
                    tally.skip(walkthrough, index, step, sink);
                    continue;
                }
                announce(walkthrough, index, step, sink);
                let run = StepRun::could_not_run(could_not_run.clone());
                tally.finish(walkthrough, index, step, run, sink);
            }
            if walkthrough.steps.is_empty() {
                tally.outcome = Outcome::CouldNotRun;
            }
        }
    }
    let coverage = tally.coverage(walkthrough);
    sink(Event::Verdict {
        scenario: walkthrough.id.clone(),
        target: target.name().to_owned(),
        outcome: tally.outcome,
        corrections: tally.corrections,
        steps: tally.steps,
        timing: Timing {
            seconds: started.elapsed().as_secs_f64(),
            emulator_seconds: tally.timing.emulator_seconds,
            harness_seconds: tally.harness_seconds,
        },
        coverage,
    });
    tally.outcome
}

/// An environment with a reader signed in at its terminal.
struct Ready {
    // Dropped before the environment that it runs in.
    session: Session,
    environment: Box<dyn Environment>,
    sign_in: Duration,
    sign_in_emulator_seconds: f64,
}

async fn ready(walkthrough: &Walkthrough, target: &dyn Target) -> Result<Ready, EnvironmentError> {
    let environment = target.prepare(&walkthrough.reader_roles).await?;
    let mut session = Session::open(environment.as_ref())
        .await
        .map_err(|error| no_shell("start", &error))?;
    let mark = environment.mark();
    let mut sign_in = Duration::ZERO;
    if let Some(command) = environment.sign_in() {
        let line = Line {
            text: command.clone(),
            position: first_position(walkthrough),
        };
        let script = Script { lines: vec![line] };
        let outcome = session
            .run(&script, SIGN_IN_LIMIT)
            .await
            .map_err(|error| no_shell("sign in", &error))?;
        if outcome.status != 0 {
            let printed = docproof_core::report::mask_secrets(outcome.stderr.trim());
            let message = format!("`{command}` ended with {}: {printed}", outcome.status);
            return Err(EnvironmentError::new(message));
        }
        sign_in = outcome.elapsed;
    }
    let requests = environment.requests_since(mark);
    let sign_in_emulator_seconds = requests.iter().map(|request| request.seconds).sum();
    Ok(Ready {
        session,
        environment,
        sign_in,
        sign_in_emulator_seconds,
    })
}

fn no_shell(doing: &str, error: &SessionError) -> EnvironmentError {
    EnvironmentError::new(format!("the shell did not {doing}: {error}"))
}

fn first_position(walkthrough: &Walkthrough) -> docproof_core::source::Position {
    walkthrough.steps.first().map_or_else(
        || docproof_core::source::Position {
            file: walkthrough.article.clone(),
            line: 1,
            column: 1,
        },
        |step| step.position.clone(),
    )
}

fn announce(
    walkthrough: &Walkthrough,
    index: usize,
    step: &Step,
    sink: &mut (dyn FnMut(Event) + Send),
) {
    sink(Event::StepStarted {
        scenario: walkthrough.id.clone(),
        name: step.name.clone(),
        index,
        position: step.position.clone(),
    });
}

/// What has come together for the verdict.
struct Tally {
    outcome: Outcome,
    corrections: usize,
    steps: Vec<StepSummary>,
    timing: Timing,
    harness_seconds: f64,
    /// How many steps were not skipped.
    steps_reached: usize,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            outcome: Outcome::Passed,
            corrections: 0,
            steps: Vec::new(),
            timing: Timing::default(),
            harness_seconds: 0.0,
            steps_reached: 0,
        }
    }
}

impl Tally {
    /// How much of the article was used: of a run that stopped, only what it came to.
    fn coverage(&self, walkthrough: &Walkthrough) -> Coverage {
        let whole = walkthrough.coverage;
        let reached = self.steps_reached;
        let samples = |step: &Step| {
            let is_sample = |expected: &&Expectation| matches!(expected, Expectation::Sample(_));
            step.expectations.iter().filter(is_sample).count()
        };
        let compared = walkthrough.steps.iter().take(reached).map(samples).sum();
        let blocks = whole.run + whole.compared + whole.unused;
        Coverage {
            run: reached,
            compared,
            unused: blocks.saturating_sub(reached + compared),
        }
    }

    fn skip(
        &mut self,
        walkthrough: &Walkthrough,
        index: usize,
        step: &Step,
        sink: &mut (dyn FnMut(Event) + Send),
    ) {
        self.finish(walkthrough, index, step, StepRun::skipped(), sink);
    }

    fn finish(
        &mut self,
        walkthrough: &Walkthrough,
        index: usize,
        step: &Step,
        run: StepRun,
        sink: &mut (dyn FnMut(Event) + Send),
    ) {
        match run.outcome {
            StepOutcome::Passed | StepOutcome::Skipped => {}
            StepOutcome::Failed => self.outcome = Outcome::Failed,
            StepOutcome::NotEmulated => self.outcome = Outcome::NotEmulated,
            StepOutcome::CouldNotRun => self.outcome = Outcome::CouldNotRun,
        }
        let corrections = match run.outcome {
            StepOutcome::Skipped => Vec::new(),
            _ => step.corrections.clone(),
        };
        self.corrections += corrections.len();
        if !matches!(run.outcome, StepOutcome::Skipped | StepOutcome::CouldNotRun) {
            self.steps_reached += 1;
        }
        self.timing.emulator_seconds += run.timing.emulator_seconds;
        self.harness_seconds += run.timing.harness_seconds;
        self.steps.push(StepSummary {
            name: step.name.clone(),
            file: step.position.file.clone(),
            line: step.position.line,
            outcome: run.outcome,
            seconds: run.timing.seconds,
        });
        sink(Event::StepFinished {
            scenario: walkthrough.id.clone(),
            name: step.name.clone(),
            index,
            position: step.position.clone(),
            outcome: run.outcome,
            timing: run.timing,
            corrections,
            filled_in: run.filled_in,
            failure: run.failure,
            requests: run.requests,
        });
    }
}
