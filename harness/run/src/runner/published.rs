//! An article as it is published: every command of it that fails, not only the first.
//!
//! The walkthrough runs without corrections until a step fails. That failure is told. Then it runs
//! again from the start, in a new environment, with the corrections that may mend that step: its
//! own first, then those of the steps before it, the nearest first, then all of them together. With
//! the first that help it goes on to the next failure. So each failure that is told is of a command
//! as published, and none is only the consequence of one before it. A new environment, because a
//! block that failed half-way has left things that the same block may not meet again.
//!
//! At the end it is known which corrections were never needed: a scenario must not have them.

use super::attempt::{Attempts, CorrectionId, Ended};
use docproof_core::scenario::CorrectionTarget;
use std::collections::BTreeSet;

/// Runs the walkthrough as published, to its end or to a failure that no correction mends.
pub(super) async fn run(attempts: &mut Attempts<'_>) {
    let mut ended = attempts.attempt(0, &[]).await;
    while let Ended::FailedAt(index) = ended {
        ended = mend(attempts, index).await;
    }
    if ended == Ended::Through {
        let ids: Vec<CorrectionId> = unchosen(attempts, 0..attempts.walkthrough.steps.len())
            .into_iter()
            .chain(attempts.idle.iter().copied())
            .filter(|(step, _)| !attempts.account.was_not_run(*step))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let not_needed = attempts.corrections(&ids);
        attempts.account.not_needed(not_needed);
    }
}

/// Runs again with one set of corrections after the other, until one mends the step.
async fn mend(attempts: &mut Attempts<'_>, index: usize) -> Ended {
    for candidate in candidates(attempts, index) {
        let Some(step) = attempts.walkthrough.steps.get(index) else {
            break;
        };
        let corrections = attempts.corrections(&candidate);
        attempts.account.again(index, step, corrections);
        let ended = attempts.attempt(index, &candidate).await;
        if ended != Ended::NotMended {
            return ended;
        }
    }
    Ended::NotMended
}

/// What may mend a step, the likeliest first. Corrections of one earlier block go together: they
/// were written to go together.
fn candidates(attempts: &Attempts<'_>, index: usize) -> Vec<Vec<CorrectionId>> {
    let own = unchosen(attempts, index..index + 1);
    let mut candidates: Vec<_> = own.iter().map(|id| vec![*id]).collect();
    candidates.push(own);
    let earlier = (0..index).rev();
    candidates.extend(earlier.map(|step| unchosen(attempts, step..step + 1)));
    candidates.push(unchosen(attempts, 0..index + 1));
    let mut seen = BTreeSet::new();
    candidates.retain(|candidate| !candidate.is_empty() && seen.insert(candidate.clone()));
    candidates
}

/// The corrections of these steps' blocks that are left out.
fn unchosen(attempts: &Attempts<'_>, steps: std::ops::Range<usize>) -> Vec<CorrectionId> {
    let each = attempts.walkthrough.steps.iter().zip(&attempts.chosen);
    each.enumerate()
        .filter(|(index, _)| steps.contains(index))
        .flat_map(|(index, (step, chosen))| {
            let of_block = step.corrections_of(CorrectionTarget::Command);
            let left: Vec<usize> = of_block.difference(chosen).copied().collect();
            left.into_iter().map(move |number| (index, number))
        })
        .collect()
}
