//! Samples that are not JSON: messages and tables, line by line.

use super::align::{Item, align};
use super::bindings::Bindings;
use super::compare::rebound_message;
use super::mismatch::{Mismatch, MismatchKind};
use super::node::shorten;
use super::parse::elision;
use super::text::{Likeness, TextPattern};
use crate::scenario::Sample;
use crate::source::Position;

/// A sample of text.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    items: Vec<Item<Shown>>,
    start: Position,
}

#[derive(Debug, Clone)]
struct Shown {
    position: Position,
    text: TextPattern,
}

impl Lines {
    pub(super) fn new(sample: &Sample) -> Self {
        let mut items: Vec<Item<Shown>> = Vec::new();
        for line in &sample.lines {
            let text = normal(&line.text);
            if elision(&text) == Some(text.len()) && !text.is_empty() {
                if !matches!(items.last(), Some(Item::Gap)) {
                    items.push(Item::Gap);
                }
            } else if !text.is_empty() {
                let text = TextPattern::new(&text);
                items.push(Item::Shown(Shown {
                    position: line.position.clone(),
                    text,
                }));
            }
        }
        Self {
            items,
            start: sample.position.clone(),
        }
    }

    /// Compares; white space counts as one blank, empty lines as none, and the dashes under a
    /// table's heads as three: columns are as wide as the values of the run.
    pub(super) fn compare(
        &self,
        actual: &str,
        bindings: &mut Bindings,
    ) -> Result<(), Vec<Mismatch>> {
        let actual: Vec<String> = actual
            .lines()
            .map(normal)
            .filter(|line| !line.is_empty())
            .collect();
        let mut trial = bindings.clone();
        let aligned = align(
            &self.items,
            actual.len(),
            &mut trial,
            |shown, n, bindings| shown.text.matches(&actual[n], bindings, &shown.position),
        );
        match aligned {
            Ok(()) => {
                *bindings = trial;
                Ok(())
            }
            Err(run) if self.items.iter().any(|item| matches!(item, Item::Gap)) => {
                Err(vec![self.no_place(run, &actual, bindings)])
            }
            Err(_) => Err(self.line_by_line(&actual, bindings)),
        }
    }

    /// The line of a run that comes nowhere, or its first if each comes somewhere.
    fn no_place(
        &self,
        run: std::ops::Range<usize>,
        actual: &[String],
        bindings: &Bindings,
    ) -> Mismatch {
        let shown: Vec<&Shown> = self.items[run].iter().filter_map(shown).collect();
        let lost = shown.iter().find(|shown| {
            !actual.iter().any(|line| {
                shown
                    .text
                    .matches(line, &mut bindings.clone(), &shown.position)
            })
        });
        let output = shorten(&actual.join("\n"));
        match lost.or(shown.first()) {
            Some(shown) => Mismatch {
                position: shown.position.clone(),
                pointer: None,
                kind: MismatchKind::Text,
                expected: shown.text.source().to_owned(),
                actual: output,
                message: "the output has no such line in this place".to_owned(),
            },
            None => Mismatch {
                position: self.start.clone(),
                pointer: None,
                kind: MismatchKind::Text,
                expected: String::new(),
                actual: output,
                message: "the output goes on after what the article shows".to_owned(),
            },
        }
    }

    /// Differences of a sample without elisions; a line too few or too many moves the rest along.
    fn line_by_line(&self, actual: &[String], bindings: &Bindings) -> Vec<Mismatch> {
        let mut bindings = bindings.clone();
        let shown: Vec<&Shown> = self.items.iter().filter_map(shown).collect();
        let fits = |shown: &Shown, line: &str, bindings: &Bindings| {
            shown
                .text
                .matches(line, &mut bindings.clone(), &shown.position)
        };
        let (mut ours, mut theirs) = (0, 0);
        let mut mismatches = Vec::new();
        while let (Some(expected), Some(line)) = (shown.get(ours), actual.get(theirs)) {
            let likeness = expected
                .text
                .compare(line, &mut bindings, &expected.position);
            let missing = shown
                .get(ours + 1)
                .is_some_and(|next| fits(next, line, &bindings));
            let extra = actual
                .get(theirs + 1)
                .is_some_and(|next| fits(expected, next, &bindings));
            match likeness {
                Likeness::Same => {}
                Likeness::Rebound(rebound) => {
                    let bound = bindings.position(&rebound.stand_in);
                    let message = rebound_message("the line", &rebound, bound);
                    mismatches.push(expected.mismatch(MismatchKind::Binding, line, message));
                }
                Likeness::Different if missing && !extra => {
                    mismatches.push(expected.missing());
                    ours += 1;
                    continue;
                }
                Likeness::Different if extra && !missing => {
                    mismatches.push(self.extra(Some(expected), line));
                    theirs += 1;
                    continue;
                }
                Likeness::Different => {
                    let message = "the line differs from the article's".to_owned();
                    mismatches.push(expected.mismatch(MismatchKind::Text, line, message));
                }
            }
            ours += 1;
            theirs += 1;
        }
        mismatches.extend(shown[ours..].iter().map(|shown| shown.missing()));
        let last = shown.last().copied();
        mismatches.extend(actual[theirs..].iter().map(|line| self.extra(last, line)));
        mismatches
    }

    fn extra(&self, near: Option<&Shown>, line: &str) -> Mismatch {
        Mismatch {
            position: near.map_or(&self.start, |shown| &shown.position).clone(),
            pointer: None,
            kind: MismatchKind::Extra,
            expected: String::new(),
            actual: shorten(line),
            message: "the output has a line that the article does not show".to_owned(),
        }
    }
}

impl Shown {
    fn missing(&self) -> Mismatch {
        self.mismatch(MismatchKind::Missing, "", "the line is missing".to_owned())
    }

    fn mismatch(&self, kind: MismatchKind, actual: &str, message: String) -> Mismatch {
        Mismatch {
            position: self.position.clone(),
            pointer: None,
            kind,
            expected: self.text.source().to_owned(),
            actual: shorten(actual),
            message,
        }
    }
}

fn shown(item: &Item<Shown>) -> Option<&Shown> {
    match item {
        Item::Shown(shown) => Some(shown),
        Item::Gap => None,
    }
}

fn normal(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        let rule = word.len() >= 3
            && ['-', '=', '─']
                .iter()
                .any(|c| word.chars().all(|w| w == *c));
        if rule { "---" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
