//! A step before its corrections: a [`Draft`] makes the step with all of them, or with some.

use super::correction::apply;
use super::spec::CorrectionTarget;
use super::walkthrough::{
    Elsewhere, Expectation, Line, Sample, Script, ShellKind, Step, Walkthrough,
};
use crate::event::{AppliedCorrection, StepKind};
use crate::shell;
use crate::source::Position;
use std::collections::BTreeSet;
use std::ops::Range;

/// What the article says in a step's block and samples, and what the scenario changes in them.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The block, then its samples.
    pub(super) parts: Vec<(Position, Vec<Line>)>,
    /// What the scenario expects beside the samples.
    pub(super) expectations: Vec<Expectation>,
    /// Whether the block is typed into the shell of a container.
    pub(super) in_container: bool,
    /// The corrections, in the scenario's order; no two change the same text.
    pub(super) edits: Vec<Edit>,
}

/// A correction and the text that it changes.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    /// The part: 0 is the block.
    pub(super) part: usize,
    /// Bytes of the part's lines, joined with line ends.
    pub(super) range: Range<usize>,
    /// What takes their place, and why.
    pub(super) correction: AppliedCorrection,
}

impl Draft {
    /// A part with some of its corrections made, from the last to the first, so that each range
    /// still fits.
    pub(super) fn part(&self, part: usize, chosen: &BTreeSet<usize>) -> Vec<Line> {
        let lines = self.parts.get(part).map(|(_, lines)| lines.clone());
        let mut edits: Vec<&Edit> = self
            .edits
            .iter()
            .enumerate()
            .filter(|(number, edit)| edit.part == part && chosen.contains(number))
            .map(|(_, edit)| edit)
            .collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
        edits.iter().fold(lines.unwrap_or_default(), |lines, edit| {
            apply(&lines, &edit.range, &edit.correction.replace)
        })
    }
}

impl Step {
    /// The step with these of its corrections and no others. They are numbered from 0 in the
    /// scenario's order, also those that this step was made without.
    #[must_use]
    pub fn corrected_by(&self, chosen: &BTreeSet<usize>) -> Self {
        let draft = &self.draft;
        let lines = draft.part(0, chosen);
        let elsewhere = if draft.in_container {
            Elsewhere::Inside
        } else if self.shell == ShellKind::Bash
            && self.kind != StepKind::File
            && shell::opens_container_shell(lines.iter().map(|line| line.text.as_str()))
        {
            Elsewhere::Opens
        } else {
            Elsewhere::Here
        };
        let samples = draft.parts.iter().enumerate().skip(1);
        let samples = samples.map(|(part, (position, _))| {
            Expectation::Sample(Sample {
                position: position.clone(),
                lines: draft.part(part, chosen),
            })
        });
        Self {
            script: Script { lines },
            elsewhere,
            expectations: samples.chain(draft.expectations.iter().cloned()).collect(),
            corrections: chosen
                .iter()
                .filter_map(|number| self.correction(*number).cloned())
                .collect(),
            ..self.clone()
        }
    }

    /// The step with all its corrections.
    pub(super) fn corrected(&self) -> Self {
        self.corrected_by(&(0..self.draft.edits.len()).collect())
    }

    /// The numbers of the corrections that change the block, or the samples.
    pub fn corrections_of(&self, target: CorrectionTarget) -> BTreeSet<usize> {
        let of_block = target == CorrectionTarget::Command;
        let edits = self.draft.edits.iter().enumerate();
        edits
            .filter(|(_, edit)| (edit.part == 0) == of_block)
            .map(|(number, _)| number)
            .collect()
    }

    /// The correction of this number.
    pub fn correction(&self, number: usize) -> Option<&AppliedCorrection> {
        self.draft.edits.get(number).map(|edit| &edit.correction)
    }
}

impl Walkthrough {
    /// The walkthrough without any correction.
    #[must_use]
    pub fn as_published(&self) -> Self {
        let none = BTreeSet::new();
        Self {
            steps: self
                .steps
                .iter()
                .map(|step| step.corrected_by(&none))
                .collect(),
            ..self.clone()
        }
    }
}
