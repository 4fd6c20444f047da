//! Which step of a walkthrough is the first that is not what it was: [`Walkthrough::first_change`].
//!
//! Where something stands does not count: a line that comes in at the head of an article changes none of
//! its steps. Every field is named here, so that a new one is not forgotten.

use super::placeholder::Placeholder;
use super::spec::Preparation;
use super::walkthrough::{Answer, Expectation, Line, Proof, Sample, Step, Walkthrough};

impl Walkthrough {
    /// The index of the first step that does or expects something else than in `before`; the number of
    /// steps if all are the same. Nothing, if what holds for the whole walkthrough is not the same.
    pub fn first_change(&self, before: &Self) -> Option<usize> {
        let Self {
            id,
            title: _,
            article,
            path,
            // Only a real subscription gives them other ones.
            names: _,
            reader_roles,
            requires,
            preparations,
            stand_ins: _,
            steps,
            blocks: _,
            instructions: _,
            checked: _,
            nothing,
        } = self;
        let is_whole = *id == before.id
            && *article == before.article
            && *path == before.path
            && *reader_roles == before.reader_roles
            && *requires == before.requires
            && *nothing == before.nothing
            && all(preparations, &before.preparations, same_preparation);
        let pairs = steps.iter().zip(&before.steps);
        is_whole.then(|| pairs.take_while(|(now, then)| now.is_same(then)).count())
    }
}

impl Step {
    /// Whether it does and expects the same.
    fn is_same(&self, before: &Self) -> bool {
        let Self {
            name,
            position: _,
            kind,
            script,
            shell,
            elsewhere,
            expectations,
            // Worked into the script and the expectations.
            corrections: _,
            timeout,
            notes: _,
            placeholders,
            answers,
            requires,
            then,
            proof,
            file,
            skip,
            needs,
            draft: _,
        } = self;
        *name == before.name
            && *kind == before.kind
            && same_lines(&script.lines, &before.script.lines)
            && *shell == before.shell
            && *elsewhere == before.elsewhere
            && all(expectations, &before.expectations, same_expectation)
            && *timeout == before.timeout
            && all(placeholders, &before.placeholders, same_placeholder)
            && all(answers, &before.answers, Answer::eq)
            && *requires == before.requires
            && same_lines(then, &before.then)
            && all(proof.as_slice(), before.proof.as_slice(), same_proof)
            && *file == before.file
            && *skip == before.skip
            && *needs == before.needs
    }
}

fn all<T>(now: &[T], before: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    now.len() == before.len() && now.iter().zip(before).all(|(now, then)| same(now, then))
}

fn same_lines(now: &[Line], before: &[Line]) -> bool {
    all(now, before, |now, then| now.text == then.text)
}

fn same_preparation(now: &Preparation, before: &Preparation) -> bool {
    let Preparation {
        why: _,
        lines,
        file: _,
        keep,
        timeout,
        position: _,
    } = now;
    same_lines(lines, &before.lines) && *keep == before.keep && *timeout == before.timeout
}

fn same_placeholder(now: &Placeholder, before: &Placeholder) -> bool {
    now.text == before.text && now.value == before.value
}

fn same_proof(now: &Proof, before: &Proof) -> bool {
    same_lines(&now.script.lines, &before.script.lines)
        && all(&now.expectations, &before.expectations, same_expectation)
}

fn same_expectation(now: &Expectation, before: &Expectation) -> bool {
    use Expectation::{Error, Json, Matches, Sample as Shown, Text};
    match (now, before) {
        (Shown(now), Shown(then)) => same_sample(now, then),
        (Json { values: now, .. }, Json { values: then, .. }) => now == then,
        (Text { text: now, .. }, Text { text: then, .. }) => now == then,
        (Matches { pattern: now, .. }, Matches { pattern: then, .. })
        | (Error { pattern: now, .. }, Error { pattern: then, .. }) => {
            now.as_str() == then.as_str()
        }
        (Shown(_) | Json { .. } | Text { .. } | Matches { .. } | Error { .. }, _) => false,
    }
}

fn same_sample(now: &Sample, before: &Sample) -> bool {
    same_lines(&now.lines, &before.lines)
}
