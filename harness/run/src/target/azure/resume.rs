//! A run that was kept, found again to go on with: [`Resumed`].

use super::ledger::{Entry, Ledger, hash};
use crate::environment::EnvironmentError;
use docproof_core::naming::RunId;
use docproof_core::scenario::Walkthrough;
use std::path::Path;

/// A run that goes on.
pub(super) struct Resumed {
    pub(super) run: RunId,
    pub(super) ledger: Ledger,
    pub(super) entries: Vec<Entry>,
    /// The step to begin with.
    pub(super) at: usize,
}

impl Resumed {
    /// The last run of this walkthrough in this subscription that was kept, to go on with the step of
    /// this name.
    pub(super) fn find(
        folder: &Path,
        subscription: &str,
        walkthrough: &Walkthrough,
        step: &str,
    ) -> Result<Self, EnvironmentError> {
        let steps = &walkthrough.steps;
        let Some(at) = steps.iter().position(|one| one.name == step) else {
            let names: Vec<&str> = steps.iter().map(|one| one.name.as_str()).collect();
            return Err(EnvironmentError::new(format!(
                "{} has no step \"{step}\"",
                walkthrough.id
            ))
            .with_help(format!("its steps: {}", names.join(", "))));
        };
        let here = hash(subscription);
        let mut found: Option<(u64, Self)> = None;
        for path in Ledger::all(folder) {
            let resumed = Ledger::resume(&path).map_err(|error| {
                EnvironmentError::new(format!("a ledger cannot be read: {error}"))
            })?;
            // The lock of each that is not chosen is let go again.
            let Some((ledger, entries)) = resumed else {
                continue;
            };
            let Some((run, begun)) = of(&entries, &here, &walkthrough.id) else {
                continue;
            };
            if found.as_ref().is_none_or(|(before, _)| *before <= begun) {
                let resumed = Self {
                    run,
                    ledger,
                    entries,
                    at,
                };
                found = Some((begun, resumed));
            }
        }
        found.map(|(_, resumed)| resumed).ok_or_else(|| {
            EnvironmentError::new(format!("no run of {} was kept", walkthrough.id))
                .with_help("--keep leaves one; --ledger says in which folder")
        })
    }
}

/// The run of a ledger and when it began, if it is one of this walkthrough that was kept.
fn of(entries: &[Entry], here: &str, scenario: &str) -> Option<(RunId, u64)> {
    let mut kept = entries
        .iter()
        .filter(|entry| matches!(entry, Entry::Kept | Entry::Resumed));
    if kept.next_back() != Some(&Entry::Kept) {
        return None;
    }
    entries.iter().find_map(|entry| match entry {
        Entry::Run {
            run,
            subscription,
            scenario: of,
            begun,
        } if subscription == here && of == scenario => Some((RunId::parse(run)?, *begun)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_kept_of_the_same_walkthrough_is_gone_on_with() {
        let first = Entry::Run {
            run: "k3v9q2x7ma".into(),
            subscription: hash("S"),
            scenario: "s".into(),
            begun: 7,
        };
        let kept = [first.clone(), Entry::Kept];
        let (run, begun) = of(&kept, &hash("s"), "s").unwrap();
        assert_eq!((run.as_str(), begun), ("k3v9q2x7ma", 7));
        assert!(of(&kept, &hash("other"), "s").is_none());
        assert!(of(&kept, &hash("S"), "other").is_none());
        assert!(of(std::slice::from_ref(&first), &hash("S"), "s").is_none());
        let on = [first, Entry::Kept, Entry::Resumed];
        assert!(of(&on, &hash("S"), "s").is_none());
    }
}
