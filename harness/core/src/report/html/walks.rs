//! The walkthroughs of one article: [`Walks`], with what each came to at each place.

use super::source::Source;
use crate::event::{BlockState, NoteKind, Outcome, StepKind, StepOutcome};
use crate::markdown::View;
use crate::report::collect::{Done, Run};
use crate::report::style::{count, seconds};
use crate::source::Position;
use std::collections::HashMap;

/// A line of a file.
pub(super) type Place = (String, u32);

/// A step of a walkthrough: the walkthrough's number, and the step's among what was done in it.
pub(super) type At = (usize, usize);

/// The walkthroughs of an article, in the order in which they ran.
pub(super) struct Walks<'r> {
    pub(super) runs: &'r [Run],
    /// What each shows of the article, where the article is at hand.
    views: Vec<View>,
    /// The steps at each place, in order.
    places: HashMap<Place, Vec<At>>,
    /// Steps before which there is none with a place in the article, and what was prepared.
    pub(super) before: Vec<At>,
    /// For each walkthrough, what became of the block at a place.
    states: Vec<HashMap<Place, BlockState>>,
}

impl<'r> Walks<'r> {
    pub(super) fn new(runs: &'r [Run], source: Option<&Source>) -> Self {
        let mut places: HashMap<Place, Vec<At>> = HashMap::new();
        let mut before = Vec::new();
        for (walk, run) in runs.iter().enumerate() {
            let mut last: Option<Place> = None;
            for (number, done) in run.done.iter().enumerate() {
                let own = done.step.is_some()
                    && done.kind != StepKind::Added
                    && source.is_none_or(|source| source.has(&done.position.file));
                if own {
                    let at = last_instruction(done).unwrap_or(&done.position);
                    last = Some((at.file.clone(), at.line));
                }
                match &last {
                    Some(place) if done.step.is_some() => {
                        let here = places.entry(place.clone()).or_default();
                        here.push((walk, number));
                    }
                    _ => before.push((walk, number)),
                }
            }
        }
        let views = source.map(|source| {
            let view = |run: &Run| source.article.view(&run.path.clone().unwrap_or_default());
            runs.iter().map(view).collect()
        });
        let states = runs.iter().map(|run| {
            let verdict = run.verdict.iter();
            let blocks = verdict.flat_map(|verdict| &verdict.coverage.blocks);
            let blocks = blocks.filter(|block| block.on_path);
            blocks
                .map(|block| ((block.file.clone(), block.line), block.state))
                .collect()
        });
        Self {
            runs,
            views: views.unwrap_or_default(),
            places,
            before,
            states: states.collect(),
        }
    }

    /// What a walkthrough shows.
    pub(super) fn view(&self, walk: usize) -> Option<&View> {
        self.views.get(walk)
    }

    /// Takes the steps at a place away, to show them there.
    pub(super) fn take(&mut self, file: &str, line: u32) -> Vec<At> {
        let steps = self.places.remove(&(file.to_owned(), line));
        steps.unwrap_or_default()
    }

    /// Takes what has not been shown: its place is not in the article, or no longer.
    pub(super) fn rest(&mut self) -> Vec<At> {
        let mut rest: Vec<At> = self.places.drain().flat_map(|(_, steps)| steps).collect();
        rest.sort_unstable();
        rest
    }

    pub(super) fn done(&self, (walk, number): At) -> Option<&'r Done> {
        self.runs.get(walk)?.done.get(number)
    }

    /// What became of a block that is on the walkthrough's way.
    pub(super) fn state(&self, walk: usize, file: &str, line: u32) -> Option<BlockState> {
        let states = self.states.get(walk)?;
        states.get(&(file.to_owned(), line)).copied()
    }

    /// The walkthrough that is shown first: the worst.
    pub(super) fn first(&self) -> usize {
        let worst = |(_, run): &(usize, &Run)| {
            std::cmp::Reverse(match outcome(run) {
                "failed" => 4,
                "interrupted" => 3,
                "could-not-run" | "not-emulated" => 2,
                "passed" => 1,
                _ => 0,
            })
        };
        let first = self.runs.iter().enumerate().min_by_key(worst);
        first.map_or(0, |(number, _)| number)
    }
}

/// What is done in the place of instructions stands behind the last of them.
fn last_instruction(done: &Done) -> Option<&Position> {
    let notes = done.notes.iter();
    let mut notes = notes.filter(|note| note.about == NoteKind::Instruction);
    notes.next_back()?.position.as_ref()
}

/// How a walkthrough ended, as a class.
pub(super) fn outcome(run: &Run) -> &'static str {
    match run.verdict.as_ref().map(|verdict| verdict.outcome) {
        Some(Outcome::Passed) => "passed",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::NotEmulated) => "not-emulated",
        Some(Outcome::CouldNotRun) => "could-not-run",
        Some(Outcome::NotRun) => "not-run",
        None => "interrupted",
    }
}

/// How a step ended, as a class.
pub(super) fn class(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Passed => "passed",
        StepOutcome::Failed => "failed",
        StepOutcome::NotEmulated => "not-emulated",
        StepOutcome::CouldNotRun => "could-not-run",
        StepOutcome::Skipped => "skipped",
        StepOutcome::NotRun => "not-run",
    }
}

/// The mark and the word of a class.
pub(super) fn words(class: &str) -> (&'static str, &'static str) {
    match class {
        "passed" => ("✓", "passed"),
        "failed" => ("✗", "failed"),
        "not-emulated" => ("!", "not emulated"),
        "could-not-run" => ("!", "could not run"),
        "skipped" => ("–", "skipped"),
        "not-run" => ("–", "not run"),
        _ => ("!", "interrupted"),
    }
}

/// `passed with 5 corrections, 12 of 12 steps, 28.6 s`
pub(super) fn sentence(run: &Run) -> String {
    let published = if run.as_published {
        " as published"
    } else {
        ""
    };
    let mut text = match outcome(run) {
        "not-run" => "only checked".to_owned(),
        class => words(class).1.to_owned(),
    };
    text.push_str(published);
    let verdict = run.verdict.as_ref();
    match verdict.map_or(0, |verdict| verdict.corrections) {
        0 => {}
        _ if outcome(run) == "not-run" => {}
        n if run.as_published => text.push_str(&format!(", mended by {}", count(n, "correction"))),
        n => text.push_str(&format!(" with {}", count(n, "correction"))),
    }
    let steps = run.done.iter().filter(|done| done.step.is_some());
    let passed = steps
        .filter(|done| done.outcome == StepOutcome::Passed)
        .count();
    let steps = count(run.steps, "step");
    text.push_str(&match passed == run.steps || outcome(run) == "not-run" {
        true => format!(", {steps}"),
        false => format!(", {passed} of {steps} passed"),
    });
    let verdict = verdict.filter(|_| outcome(run) != "not-run");
    if let Some(verdict) = verdict {
        text.push_str(&format!(", {}", seconds(verdict.seconds)));
    }
    text
}
