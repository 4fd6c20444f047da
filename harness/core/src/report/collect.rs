//! What a run has said, by walkthrough, for reports that are written at its end: [`Runs`].

use crate::event::{
    AppliedCorrection, Coverage, Event, Failure, NoteKind, Outcome, Printed, RequestLine, StandIn,
    StaticCheck, StepKind, StepNote, StepOutcome,
};
use crate::markdown::PathChoice;
use crate::source::Position;

/// The walkthroughs in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Runs(pub(super) Vec<Run>);

/// A walkthrough on a target.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) scenario: String,
    pub(super) title: String,
    pub(super) target: String,
    pub(super) article: String,
    pub(super) as_published: bool,
    /// How many steps it has.
    pub(super) steps: usize,
    pub(super) reader_roles: Vec<String>,
    pub(super) stand_ins: Vec<StandIn>,
    pub(super) path: Option<PathChoice>,
    /// What was made ready and what was done, in this order.
    pub(super) done: Vec<Done>,
    /// Nothing, if it was interrupted.
    pub(super) verdict: Option<Verdict>,
}

/// A step, or something that was made ready before the first.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) name: String,
    /// The step's number, from 0.
    pub(super) step: Option<usize>,
    pub(super) position: Position,
    pub(super) kind: StepKind,
    /// What made it ready; nothing for a step.
    pub(super) command: Option<String>,
    /// How it ended; as published, how it ended as published.
    pub(super) outcome: StepOutcome,
    pub(super) seconds: f64,
    pub(super) notes: Vec<StepNote>,
    pub(super) corrections: Vec<AppliedCorrection>,
    pub(super) failure: Option<Failure>,
    pub(super) not_run: Option<String>,
    pub(super) requests: Vec<RequestLine>,
    pub(super) filled_in: Vec<(String, String)>,
    pub(super) printed: Option<Printed>,
    /// As published: how often it was run again with corrections.
    pub(super) again: usize,
    /// As published: the corrections that mended it.
    pub(super) mended: Option<Vec<AppliedCorrection>>,
}

/// How a walkthrough ended.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) corrections: usize,
    pub(super) seconds: f64,
    pub(super) not_run: Option<String>,
    pub(super) not_needed: Vec<AppliedCorrection>,
    pub(super) coverage: Coverage,
    pub(super) checked: Option<StaticCheck>,
    pub(super) preparation_seconds: f64,
}

impl Runs {
    /// Takes the next event.
    pub(super) fn event(&mut self, event: &Event) {
        if let Event::Started {
            scenario,
            title,
            target,
            article,
            steps,
            as_published,
            reader_roles,
            stand_ins,
            path,
            ..
        } = event
        {
            self.0.push(Run {
                scenario: scenario.clone(),
                title: title.clone(),
                target: target.clone(),
                article: article.clone(),
                as_published: *as_published,
                steps: *steps,
                reader_roles: reader_roles.clone(),
                stand_ins: stand_ins.clone(),
                path: path.clone(),
                done: Vec::new(),
                verdict: None,
            });
            return;
        }
        let Some((scenario, target)) = event.run() else {
            return;
        };
        // A scenario that ended may come again: its last run is meant.
        let mut runs = self.0.iter_mut().rev();
        let run = runs.find(|run| run.scenario == scenario && run.target == target);
        if let Some(run) = run {
            run.event(event);
        }
    }
}

impl Run {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Prepared {
                why,
                command,
                position,
                outcome,
                seconds,
                failure,
                requests,
                ..
            } => self.done.push(Done {
                name: why.clone(),
                step: None,
                position: position.clone(),
                kind: StepKind::Added,
                command: Some(command.clone()),
                outcome: *outcome,
                seconds: *seconds,
                notes: Vec::new(),
                corrections: Vec::new(),
                failure: failure.clone(),
                not_run: None,
                requests: requests.clone(),
                filled_in: Vec::new(),
                printed: None,
                again: 0,
                mended: None,
            }),
            Event::StepFinished {
                name,
                index,
                position,
                kind,
                notes,
                outcome,
                timing,
                corrections,
                failure,
                not_run,
                requests,
                filled_in,
                printed,
                ..
            } => {
                // It ends a second time after corrections have mended it.
                let before = self.done.iter_mut().find(|done| done.step == Some(*index));
                if let Some(before) = before {
                    before.mended = Some(corrections.clone());
                    before.seconds += timing.seconds;
                    return;
                }
                self.done.push(Done {
                    name: name.clone(),
                    step: Some(*index),
                    position: position.clone(),
                    kind: *kind,
                    command: None,
                    outcome: *outcome,
                    seconds: timing.seconds,
                    notes: notes.clone(),
                    corrections: corrections.clone(),
                    failure: failure.clone(),
                    not_run: not_run.clone(),
                    requests: requests.clone(),
                    filled_in: filled_in.clone(),
                    printed: printed.clone(),
                    again: 0,
                    mended: None,
                });
            }
            Event::Verdict {
                outcome,
                corrections,
                timing,
                not_run,
                not_needed,
                coverage,
                checked,
                preparation_seconds,
                ..
            } => {
                self.verdict = Some(Verdict {
                    outcome: *outcome,
                    corrections: *corrections,
                    seconds: timing.seconds,
                    not_run: not_run.clone(),
                    not_needed: not_needed.clone(),
                    coverage: coverage.clone(),
                    checked: checked.clone(),
                    preparation_seconds: *preparation_seconds,
                });
            }
            Event::StepAgain { index, .. } => {
                let step = self.done.iter_mut().find(|done| done.step == Some(*index));
                if let Some(step) = step {
                    step.again += 1;
                }
            }
            Event::Started { .. }
            | Event::Preparing { .. }
            | Event::StepStarted { .. }
            | Event::Coverage { .. } => {}
        }
    }

    /// As trials of tests are called.
    pub(super) fn name(&self) -> String {
        format!("{}::{}", self.target, self.scenario)
    }

    /// What did not pass and is not just left out.
    pub(super) fn failed(&self) -> impl Iterator<Item = (&Done, &Failure)> {
        let done = self.done.iter();
        done.filter_map(|done| Some((done, done.failure.as_ref()?)))
    }

    /// What was guessed of the article, with the step that it is told with.
    pub(super) fn guesses(&self) -> impl Iterator<Item = (&Done, &StepNote)> {
        self.done.iter().flat_map(|done| {
            let notes = done.notes.iter();
            let guesses = notes.filter(|note| note.about == NoteKind::Guessed);
            guesses.map(move |note| (done, note))
        })
    }
}

/// What a failure is about, for a reader who has not seen the run: its command, what was expected,
/// what came, the requests, the help.
pub(super) fn account(failure: &Failure, requests: &[RequestLine]) -> String {
    let mut text = String::new();
    let actual = match failure.expected {
        Some(_) => "actual",
        None => "error",
    };
    let requests: Vec<String> = requests.iter().map(request).collect();
    let requests = (!requests.is_empty()).then(|| requests.join("\n"));
    for (label, value) in [
        ("command", &failure.command),
        ("expected", &failure.expected),
        (actual, &failure.actual),
        ("requests", &requests),
        ("help", &failure.help),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("{label}:\n"));
            for line in value.trim_end().lines() {
                text.push_str(&format!("  {line}\n"));
            }
        }
    }
    text
}

/// `400 BadRequest  PUT https://…`
pub(super) fn request(request: &RequestLine) -> String {
    let error = request.error.as_ref();
    let error = error.map_or_else(String::new, |error| format!(" {error}"));
    format!(
        "{}{error}  {} {}",
        request.status, request.method, request.url
    )
}

/// As the JSON report calls it.
pub(super) fn word(about: NoteKind) -> String {
    let word = serde_json::to_value(about).ok();
    let word = word.and_then(|word| word.as_str().map(str::to_owned));
    word.unwrap_or_default()
}
