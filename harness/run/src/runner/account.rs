//! [`Account`]: says what happens, and keeps what the verdict needs.

use super::step::StepRun;
use crate::environment::EnvironmentError;
use docproof_core::event::{
    AppliedCorrection, Event, Failure, Outcome, StepOutcome, StepSummary, Timing,
};
use docproof_core::scenario::{Preparation, Requirement, Step, Walkthrough};
use docproof_core::source::Position;
use std::time::{Duration, Instant};

/// What has come together for the verdict.
pub(super) struct Account<'a> {
    walkthrough: &'a Walkthrough,
    target: &'static str,
    sink: &'a mut (dyn FnMut(Event) + Send),
    started: Instant,
    outcome: Outcome,
    corrections: usize,
    /// One for each step that was told, in order.
    steps: Vec<StepSummary>,
    failures: Vec<Failure>,
    not_needed: Vec<AppliedCorrection>,
    emulator_seconds: f64,
    harness_seconds: f64,
    /// How many preparations were told.
    prepared: usize,
    preparation_seconds: f64,
    /// What this machine lacks for the whole walkthrough.
    not_run: Option<String>,
}

impl<'a> Account<'a> {
    /// Says that the walkthrough begins.
    pub(super) fn open(
        walkthrough: &'a Walkthrough,
        target: &'static str,
        as_published: bool,
        sink: &'a mut (dyn FnMut(Event) + Send),
    ) -> Self {
        sink(Event::Started {
            scenario: walkthrough.id.clone(),
            title: walkthrough.title.clone(),
            target: target.to_owned(),
            article: walkthrough.article.clone(),
            steps: walkthrough.steps.len(),
            as_published,
            reader_roles: walkthrough.reader_roles.clone(),
            preparations: walkthrough.preparations.len(),
            stand_ins: walkthrough.stand_ins.clone(),
            requires: requires(walkthrough),
            path: Some(walkthrough.path.clone()),
        });
        Self {
            walkthrough,
            target,
            sink,
            started: Instant::now(),
            outcome: Outcome::Passed,
            corrections: 0,
            steps: Vec::new(),
            failures: Vec::new(),
            not_needed: Vec::new(),
            emulator_seconds: 0.0,
            harness_seconds: 0.0,
            prepared: 0,
            preparation_seconds: 0.0,
            not_run: None,
        }
    }

    /// Says that something is made ready, unless that was told before.
    pub(super) fn preparing(&mut self, index: usize, preparation: &Preparation) {
        if index >= self.prepared {
            (self.sink)(Event::Preparing {
                scenario: self.walkthrough.id.clone(),
                target: self.target.to_owned(),
                index,
                why: preparation.why.clone(),
            });
        }
    }

    /// Says how that ended. The walkthrough cannot go on if it failed, and its article is not to
    /// blame.
    pub(super) fn prepared(&mut self, index: usize, preparation: &Preparation, run: StepRun) {
        self.preparation_seconds += run.timing.seconds;
        if self.outcome != Outcome::Failed {
            match run.outcome {
                StepOutcome::Passed => {}
                StepOutcome::NotEmulated => self.outcome = Outcome::NotEmulated,
                _ => self.outcome = Outcome::CouldNotRun,
            }
        }
        self.failures.extend(run.failure.clone());
        if index < self.prepared && run.outcome == StepOutcome::Passed {
            return;
        }
        self.prepared = self.prepared.max(index + 1);
        let lines = preparation.lines.iter().map(|line| line.text.as_str());
        (self.sink)(Event::Prepared {
            scenario: self.walkthrough.id.clone(),
            target: self.target.to_owned(),
            index,
            why: preparation.why.clone(),
            command: lines.collect::<Vec<_>>().join("\n"),
            position: preparation.position.clone(),
            outcome: run.outcome,
            seconds: run.timing.seconds,
            failure: run.failure,
            requests: run.requests,
        });
    }

    /// Says that the machine lacks what the whole walkthrough requires.
    pub(super) fn not_run(&mut self, reason: String) {
        for (index, step) in self.walkthrough.steps.iter().enumerate() {
            let mut run = StepRun::skipped();
            run.outcome = StepOutcome::NotRun;
            self.end(index, step, run, step.corrections.clone());
        }
        self.outcome = Outcome::NotRun;
        self.not_run = Some(reason);
    }

    /// Whether a step was not run for want of what it requires.
    pub(super) fn was_not_run(&self, index: usize) -> bool {
        self.steps
            .get(index)
            .is_some_and(|step| step.outcome == StepOutcome::NotRun)
    }

    /// Says that a step begins.
    pub(super) fn begin(&mut self, index: usize, step: &Step) {
        (self.sink)(Event::StepStarted {
            scenario: self.walkthrough.id.clone(),
            target: self.target.to_owned(),
            name: step.name.clone(),
            index,
            position: step.position.clone(),
            kind: step.kind,
        });
    }

    /// Says that a step that failed is run again with corrections.
    pub(super) fn again(&mut self, index: usize, step: &Step, corrections: Vec<AppliedCorrection>) {
        (self.sink)(Event::StepAgain {
            scenario: self.walkthrough.id.clone(),
            target: self.target.to_owned(),
            name: step.name.clone(),
            index,
            corrections,
        });
    }

    /// Adds what a step took that is told no more.
    pub(super) fn spend(&mut self, run: &StepRun) {
        self.emulator_seconds += run.timing.emulator_seconds;
        self.harness_seconds += run.timing.harness_seconds;
    }

    /// Adds what was spent around the steps.
    pub(super) fn spend_around(&mut self, harness: Duration, emulator_seconds: f64) {
        self.emulator_seconds += emulator_seconds;
        self.harness_seconds += harness.as_secs_f64();
    }

    /// Says how a step ended, and with which corrections.
    pub(super) fn end(
        &mut self,
        index: usize,
        step: &Step,
        run: StepRun,
        corrections: Vec<AppliedCorrection>,
    ) {
        // As published an article has failed, whatever keeps the run from its end after that.
        if self.outcome != Outcome::Failed {
            match run.outcome {
                StepOutcome::Passed | StepOutcome::Skipped | StepOutcome::NotRun => {}
                StepOutcome::Failed => self.outcome = Outcome::Failed,
                StepOutcome::NotEmulated => self.outcome = Outcome::NotEmulated,
                StepOutcome::CouldNotRun => self.outcome = Outcome::CouldNotRun,
            }
        }
        self.failures.extend(run.failure.clone());
        self.corrections += corrections.len();
        self.spend(&run);
        match self.steps.get_mut(index) {
            // It is told again, corrected: how it ended as published stays.
            Some(told) => told.seconds += run.timing.seconds,
            None => self.steps.push(StepSummary {
                name: step.name.clone(),
                file: step.position.file.clone(),
                line: step.position.line,
                kind: step.kind,
                outcome: run.outcome,
                seconds: run.timing.seconds,
            }),
        }
        (self.sink)(Event::StepFinished {
            scenario: self.walkthrough.id.clone(),
            target: self.target.to_owned(),
            name: step.name.clone(),
            index,
            position: step.position.clone(),
            kind: step.kind,
            notes: step.notes.iter().cloned().chain(run.notes).collect(),
            outcome: run.outcome,
            timing: run.timing,
            corrections,
            filled_in: run.filled_in,
            failure: run.failure,
            not_run: run.not_run,
            requests: run.requests,
            printed: run.printed,
        });
    }

    /// Says that the environment does not let a step run.
    pub(super) fn could_not_run(&mut self, index: usize, error: &EnvironmentError) {
        let failure = Failure {
            position: self.position(),
            message: error.message.clone(),
            command: None,
            expected: None,
            actual: None,
            help: error.help.clone(),
        };
        match self.walkthrough.steps.get(index) {
            Some(step) => {
                if index >= self.steps.len() {
                    self.begin(index, step);
                }
                let run = StepRun::could_not_run(Some(failure));
                self.end(index, step, run, Vec::new());
            }
            None => {
                self.outcome = Outcome::CouldNotRun;
                self.failures.push(failure);
            }
        }
    }

    /// Says which corrections turned out not to be needed: a scenario must not have such.
    pub(super) fn not_needed(&mut self, corrections: Vec<AppliedCorrection>) {
        if !corrections.is_empty() && self.outcome == Outcome::Passed {
            self.outcome = Outcome::Failed;
        }
        self.not_needed = corrections;
    }

    /// Where the walkthrough begins in the article.
    pub(super) fn position(&self) -> Position {
        let first = self.walkthrough.steps.first();
        first.map_or_else(
            || Position {
                file: self.walkthrough.article.clone(),
                line: 1,
                column: 1,
            },
            |step| step.position.clone(),
        )
    }

    /// Says which steps were skipped, and the verdict.
    pub(super) fn close(mut self) -> Outcome {
        for (index, step) in self.walkthrough.steps.iter().enumerate() {
            if index >= self.steps.len() {
                self.end(index, step, StepRun::skipped(), Vec::new());
            }
        }
        // What nothing ran of has not passed.
        if self.outcome == Outcome::Passed && self.steps.iter().all(|step| !step.outcome.ran()) {
            self.outcome = Outcome::NotRun;
        }
        let steps = &self.steps;
        let ran = |index: usize| steps.get(index).is_some_and(|step| step.outcome.ran());
        let coverage = self.walkthrough.coverage(&ran);
        let not_run = |step: &StepSummary| step.outcome == StepOutcome::NotRun;
        let checked = self.walkthrough.checked.clone();
        let checked = checked.filter(|_| steps.iter().any(not_run));
        let seconds = self.started.elapsed().as_secs_f64() - self.preparation_seconds;
        (self.sink)(Event::Verdict {
            scenario: self.walkthrough.id.clone(),
            target: self.target.to_owned(),
            outcome: self.outcome,
            corrections: self.corrections,
            timing: Timing {
                seconds: seconds.max(0.0),
                emulator_seconds: self.emulator_seconds,
                harness_seconds: self.harness_seconds,
            },
            preparation_seconds: self.preparation_seconds,
            coverage,
            not_run: self.not_run,
            checked,
            steps: self.steps,
            failures: self.failures,
            not_needed: self.not_needed,
        });
        self.outcome
    }
}

/// What the walkthrough or one of its steps requires, by name, each once.
fn requires(walkthrough: &Walkthrough) -> Vec<String> {
    let of_steps = walkthrough.steps.iter().flat_map(|step| &step.requires);
    let all: std::collections::BTreeSet<Requirement> = walkthrough
        .requires
        .iter()
        .chain(of_steps)
        .copied()
        .collect();
    all.into_iter().map(|one| one.name().to_owned()).collect()
}
