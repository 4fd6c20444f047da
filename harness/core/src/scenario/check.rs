//! What checking says of the steps that a machine may not be able to run: [`static_check`].

use super::walkthrough::Step;
use crate::event::{CheckFinding, StaticCheck};
use crate::lint;
use crate::markdown::{Article, Block};
use std::collections::BTreeSet;

/// Checks the blocks of these steps, as they are published and as the scenario corrects them.
pub(super) fn static_check(article: &Article, steps: &[&Step]) -> StaticCheck {
    let parts = || steps.iter().flat_map(|step| step.draft.parts.iter());
    let ours = |block: &Block| {
        parts().any(|(position, _)| position == block.position() && !block.lines.is_empty())
    };
    let places: Vec<(String, u32, u32)> = article
        .blocks
        .iter()
        .filter(|block| ours(block))
        .map(|block| {
            let at = block.position();
            (at.file.clone(), at.line, block.last_line())
        })
        .collect();
    let mut corrected = article.clone();
    for block in &mut corrected.blocks {
        for step in steps {
            let all: BTreeSet<usize> = (0..step.draft.edits.len()).collect();
            let part = step
                .draft
                .parts
                .iter()
                .position(|(position, _)| position == block.position());
            if let Some(part) = part.filter(|_| !block.lines.is_empty()) {
                block.lines = step.draft.part(part, &all);
            }
        }
    }
    let findings = |article: &Article| {
        let found = lint::check(article).into_iter();
        let found = found.filter(|finding| {
            let span = &finding.span;
            places.iter().any(|(file, first, last)| {
                span.file == *file && (*first..=*last).contains(&span.line)
            })
        });
        found
            .map(|finding| CheckFinding {
                position: finding.span.start(),
                severity: finding.severity,
                rule: finding.rule.to_owned(),
                message: finding.message,
            })
            .collect()
    };
    StaticCheck {
        published: findings(article),
        corrected: findings(&corrected),
    }
}
