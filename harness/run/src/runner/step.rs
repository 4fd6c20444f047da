//! One step: its block is filled in, run where it belongs, and judged.

use super::execute::no_outcome;
use super::judge::{Judged, judge, judge_telling, show};
use super::live::{self, Waits, carry_out};
use super::typed::{python_line, typed};
use crate::environment::{Environment, EnvironmentError, ObservedRequest};
use crate::kept::Progress;
use crate::session::{BlockOutcome, Session, SessionError};
use docproof_core::event::{
    Difference, Failure, NoteKind, Printed, RequestLine, StepKind, StepNote, StepOutcome, Timing,
};
use docproof_core::matching::Bindings;
use docproof_core::naming::Language;
use docproof_core::scenario::{
    Elsewhere, FilledIn, Line, Proof, Script, ShellKind, Step, WrittenFile, fill,
};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How a step went.
pub(super) struct StepRun {
    pub(super) outcome: StepOutcome,
    pub(super) timing: Timing,
    pub(super) filled_in: FilledIn,
    pub(super) notes: Vec<StepNote>,
    pub(super) failure: Option<Failure>,
    pub(super) not_run: Option<String>,
    pub(super) requests: Vec<RequestLine>,
    pub(super) printed: Option<Printed>,
}

impl StepRun {
    pub(super) fn skipped() -> Self {
        Self {
            outcome: StepOutcome::Skipped,
            timing: Timing::default(),
            filled_in: Vec::new(),
            notes: Vec::new(),
            failure: None,
            not_run: None,
            requests: Vec::new(),
            printed: None,
        }
    }

    pub(super) fn not_run(reason: String) -> Self {
        Self {
            outcome: StepOutcome::NotRun,
            not_run: Some(reason),
            ..Self::skipped()
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

/// Says once of each answer that it was not the real service's.
fn stand_ins(observed: &[ObservedRequest]) -> Vec<StepNote> {
    let mut texts: Vec<&String> = observed
        .iter()
        .filter_map(|request| request.stand_in.as_ref())
        .collect();
    texts.dedup();
    let note = |text: &String| StepNote {
        about: NoteKind::StandIn,
        text: text.clone(),
        why: None,
        position: None,
    };
    texts.into_iter().map(note).collect()
}

/// Runs the steps of one walkthrough; holds what the samples have bound so far.
pub(super) struct Steps<'a> {
    environment: &'a dyn Environment,
    bindings: Bindings,
    /// What each step printed, by name.
    printed: HashMap<String, String>,
    /// How many stand-ins were told; those of the preparation are told with the first step.
    stand_ins: usize,
    /// Whether what the last step did is kept, to be judged again.
    keeps_last: bool,
    last: Option<Last>,
}

/// What the last step did, and what was bound before it.
struct Last {
    script: Script,
    outcome: BlockOutcome,
    observed: Vec<ObservedRequest>,
    filled_in: FilledIn,
    before: Bindings,
}

impl<'a> Steps<'a> {
    pub(super) fn new(environment: &'a dyn Environment, keeps_last: bool) -> Self {
        Self {
            environment,
            bindings: Bindings::default(),
            printed: HashMap::new(),
            stand_ins: 0,
            keeps_last,
            last: None,
        }
    }

    /// What the steps so far have left.
    pub(super) fn progress(&self) -> Progress {
        Progress {
            bindings: self.bindings.clone(),
            printed: self.printed.clone(),
        }
    }

    /// Goes on from there.
    pub(super) fn resume(&mut self, progress: Progress) {
        self.bindings = progress.bindings;
        self.printed = progress.printed;
    }

    pub(super) async fn run(&mut self, session: &mut Session, step: &Step) -> StepRun {
        let started = Instant::now();
        let mark = self.environment.mark();
        let mut run = StepRun::skipped();
        let (script, filled_in) = match self.fill_in(&step.script, step) {
            Ok(filled) => filled,
            Err(message) => {
                run.outcome = StepOutcome::Failed;
                run.failure = Some(not_filled_in(step, message));
                return run;
            }
        };
        let (script, notes) = match typed(step, script) {
            Ok(typed) => typed,
            Err(reason) => return StepRun::not_run(reason),
        };
        run.notes = notes;
        let bound = self.bindings.clone();
        let mut waits = Waits::new(self.environment.live());
        let mut in_shell = Duration::ZERO;
        let mut differences = Vec::new();
        let (ran, observed) = loop {
            let began = Instant::now();
            let ran = match &step.file {
                Some(file) => self.write(file, &script).await,
                None => {
                    let notes = &mut run.notes;
                    carry_out(self.environment, session, step, &script, &mut waits, notes).await
                }
            };
            in_shell += match &ran {
                Ok(outcome) => outcome.elapsed,
                Err(_) => began.elapsed(),
            };
            let observed = self.environment.requests_since(mark);
            if let Some(error) = self.environment.failure() {
                return could_not_run(step, &error, lines(observed));
            }
            (run.outcome, run.failure) = match &ran {
                Ok(outcome) => self.judge(step, &script, outcome, &observed, &mut differences),
                Err(error) => no_outcome(&step.position, &script, error),
            };
            // What a command prints and ends well with may be Azure's "later", too.
            let refused = ran.as_ref().ok().filter(|outcome| {
                run.outcome == StepOutcome::Failed
                    && (step.elsewhere == Elsewhere::Inside || outcome.errors.is_empty())
            });
            let printed = refused.map(|outcome| format!("{}\n{}", outcome.stdout, outcome.stderr));
            let again = match printed {
                Some(printed) if waits.again(&printed, &[]).await => true,
                Some(_) if step.kind == StepKind::Added => waits.settle().await,
                _ => false,
            };
            if !again {
                break (ran, observed);
            }
            self.bindings = bound.clone();
        };
        let passed = run.outcome == StepOutcome::Passed;
        let printed = ran.as_ref().ok();
        run.printed = printed.and_then(|block| show(step, run.outcome, block, differences));
        run.notes.extend(waits.notes(passed));
        let before = self.keeps_last.then_some(bound);
        if let (ShellKind::Python, Some(failure)) = (step.shell, &mut run.failure) {
            let line = failure.actual.as_deref().and_then(python_line);
            // The first line is the one that starts python3.
            if let Some(line) = line.and_then(|line| script.lines.get(line)) {
                failure.position = line.position.clone();
            }
        }
        self.last = match (before, ran) {
            (Some(before), Ok(outcome)) => Some(Last {
                script,
                outcome,
                observed,
                filled_in: filled_in.clone(),
                before,
            }),
            _ => None,
        };
        run.filled_in = filled_in;
        if let (StepOutcome::Passed, Some(proof)) = (run.outcome, &step.proof) {
            in_shell += self.prove(session, step, proof, &mut run).await;
        }
        run.notes.extend(self.new_stand_ins());
        let observed = self.environment.requests_since(mark);
        let seconds = started.elapsed();
        run.timing = Timing {
            seconds: seconds.as_secs_f64(),
            emulator_seconds: observed.iter().map(|request| request.seconds).sum(),
            harness_seconds: seconds.saturating_sub(in_shell).as_secs_f64(),
        };
        run.notes.extend(stand_ins(&observed));
        run.requests = lines(observed);
        run
    }

    /// What the step's expectations say of what its block did.
    fn judge(
        &mut self,
        step: &Step,
        script: &Script,
        outcome: &BlockOutcome,
        observed: &[ObservedRequest],
        differences: &mut Vec<Difference>,
    ) -> (StepOutcome, Option<Failure>) {
        self.printed
            .insert(step.name.clone(), outcome.stdout.clone());
        let judged = Judged {
            position: &step.position,
            expectations: &step.expectations,
            script,
            outcome,
            requests: observed,
        };
        judge_telling(&judged, &mut self.bindings, differences)
    }

    /// Notes for the images that something else stood in for since they were last asked for.
    fn new_stand_ins(&mut self) -> Vec<StepNote> {
        let all = self.environment.stand_ins();
        let new = all.iter().skip(self.stand_ins);
        let notes = new
            .map(|(image, what)| StepNote {
                about: NoteKind::StandIn,
                text: image.clone(),
                why: Some(format!("in its place there is {what}")),
                position: None,
            })
            .collect();
        self.stand_ins = all.len();
        notes
    }

    /// Runs the command that proves that the step did its work; how long it took.
    async fn prove(
        &mut self,
        session: &mut Session,
        step: &Step,
        proof: &Proof,
        run: &mut StepRun,
    ) -> Duration {
        let mark = self.environment.mark();
        let filled = self.fill_in(&proof.script, step);
        let (script, filled_in) = match filled {
            Ok(filled) => filled,
            Err(message) => {
                run.outcome = StepOutcome::Failed;
                run.failure = Some(not_filled_in(step, message));
                return Duration::ZERO;
            }
        };
        let ran = match step.elsewhere {
            Elsewhere::Here => live::run(self.environment, session, &script, step.timeout).await,
            Elsewhere::Opens | Elsewhere::Inside => session.run_inside(&script, step.timeout).await,
        };
        let observed = self.environment.requests_since(mark);
        let first = script.lines.first().map(|line| &line.position);
        let position = first.unwrap_or(&step.position);
        let took = ran
            .as_ref()
            .map_or(Duration::ZERO, |outcome| outcome.elapsed);
        (run.outcome, run.failure) = match &ran {
            Ok(outcome) => {
                let judged = Judged {
                    position,
                    expectations: &proof.expectations,
                    script: &script,
                    outcome,
                    requests: &observed,
                };
                judge(&judged, &mut self.bindings)
            }
            Err(error) => no_outcome(position, &script, error),
        };
        run.filled_in.extend(filled_in);
        run.filled_in.sort();
        run.filled_in.dedup();
        took
    }

    /// Writes a block to a file in the folder that the reader works in.
    async fn write(
        &self,
        file: &WrittenFile,
        script: &Script,
    ) -> Result<BlockOutcome, SessionError> {
        let path = self.environment.work().join(&file.path);
        let mut content = file.content(script);
        if let Some(live) = self.environment.live() {
            content = live.rename(&content, Language::of_file(&file.path));
        }
        let files = self.environment.files();
        files.write(&path, content.as_bytes()).await?;
        Ok(BlockOutcome::default())
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
            ..StepRun::skipped()
        })
    }

    /// Whether the last step would pass by other expectations.
    pub(super) fn would_pass(&self, step: &Step) -> bool {
        self.judge_last(step).is_some()
    }

    /// What is bound and filled in, if the last step passes by these expectations.
    fn judge_last(&self, step: &Step) -> Option<(Bindings, FilledIn)> {
        let last = self.last.as_ref()?;
        let mut bindings = last.before.clone();
        let judged = Judged {
            position: &step.position,
            expectations: &step.expectations,
            script: &last.script,
            outcome: &last.outcome,
            requests: &last.observed,
        };
        let (outcome, _) = judge(&judged, &mut bindings);
        (outcome == StepOutcome::Passed).then(|| (bindings, last.filled_in.clone()))
    }

    /// Replaces placeholders, and stand-in values that an earlier sample has bound, as a reader
    /// would.
    fn fill_in(&self, script: &Script, step: &Step) -> Result<(Script, FilledIn), String> {
        let printed = |name: &str| self.printed.get(name).map(String::as_str);
        let (filled, mut filled_in) = fill(&script.lines, &step.placeholders, &printed)?;
        let lines = filled
            .into_iter()
            .map(|line| {
                let (text, filled) = self.bindings.fill_in(&line.text);
                filled_in.extend(filled);
                Line {
                    text,
                    position: line.position,
                }
            })
            .collect();
        filled_in.sort();
        filled_in.dedup();
        Ok((Script { lines }, filled_in))
    }
}

/// The environment gave out: whatever the step came to, it says nothing of the article.
fn could_not_run(step: &Step, error: &EnvironmentError, requests: Vec<RequestLine>) -> StepRun {
    StepRun {
        outcome: StepOutcome::CouldNotRun,
        failure: Some(Failure {
            position: step.position.clone(),
            message: error.message.clone(),
            command: Some(step.script.text().trim_end().to_owned()),
            expected: None,
            actual: None,
            help: error.help.clone(),
        }),
        requests,
        ..StepRun::skipped()
    }
}

/// What the article asks its reader to fill in is not there.
fn not_filled_in(step: &Step, message: String) -> Failure {
    Failure {
        position: step.position.clone(),
        message,
        command: Some(step.script.text().trim_end().to_owned()),
        expected: None,
        actual: None,
        help: Some(
            "look at what the step printed that the scenario's placeholder names".to_owned(),
        ),
    }
}

/// What a report shows of requests; what clients ask on their own account is left out.
pub(super) fn lines(requests: Vec<ObservedRequest>) -> Vec<RequestLine> {
    let shown = requests.into_iter().filter(|request| !request.quiet);
    shown
        .map(|request| RequestLine {
            method: request.method,
            url: request.url,
            status: request.status,
            error: request.error,
            answer: request.answer,
            command: request.command,
        })
        .collect()
}
