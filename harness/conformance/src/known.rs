//! What is known to differ ([`Known`]), and what must not be lost ([`Floors`]).

use crate::replay::{Outcome, Verdict};
use crate::report::Report;
use crate::types::TypeError;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Why one of the two files cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KnownError(String);

/// Differences with their reasons.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    #[serde(default)]
    difference: Vec<KnownDifference>,
    #[serde(default, rename = "not-emulated")]
    not_emulated: Vec<NotEmulated>,
}

/// Exchanges of one recording that differ for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDifference {
    recording: String,
    exchanges: Vec<usize>,
    /// Places, with everything below them; anywhere if none is named.
    #[serde(default)]
    at: Vec<String>,
    reason: String,
}

/// What the emulator does not have, by service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NotEmulated {
    service: String,
    /// Part of the URL, in any case; any if absent.
    #[serde(default)]
    url: String,
    reason: String,
}

impl Known {
    /// What is known of the emulator that this is built with.
    ///
    /// # Errors
    /// If the file has a mistake.
    pub fn ours() -> Result<Self, KnownError> {
        Self::parse(include_str!("../known-differences.toml"))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// If it has a mistake.
    pub fn parse(text: &str) -> Result<Self, KnownError> {
        toml::from_str(text).map_err(|error| KnownError(format!("known differences: {error}")))
    }

    /// Why an exchange does not match; none if that is not known, or it does match.
    pub fn reason(&self, outcome: &Outcome) -> Option<String> {
        match &outcome.verdict {
            Verdict::Matched | Verdict::Collapsed => None,
            Verdict::NotEmulated => self
                .not_emulated
                .iter()
                .find(|one| one.covers(outcome))
                .map(|one| one.reason.clone()),
            Verdict::Differs(differences) => {
                let mut reasons = BTreeSet::new();
                for difference in differences {
                    let known = self
                        .difference
                        .iter()
                        .find(|one| one.is_about(outcome) && one.covers(&difference.at))?;
                    reasons.insert(known.reason.as_str());
                }
                Some(reasons.into_iter().collect::<Vec<_>>().join("; "))
            }
        }
    }

    /// Entries that excuse nothing of what was replayed, as sentences. Recordings that were not
    /// replayed say nothing.
    pub fn stale(&self, outcomes: &[Outcome]) -> Vec<String> {
        let mut stale = Vec::new();
        for one in &self.difference {
            for index in &one.exchanges {
                let outcome = outcomes.iter().find(|outcome| {
                    outcome.recording == one.recording && outcome.exchange == *index
                });
                let used = match outcome.map(|outcome| &outcome.verdict) {
                    Some(Verdict::Differs(differences)) => differences
                        .iter()
                        .any(|difference| one.covers(&difference.at)),
                    Some(_) => false,
                    None => !outcomes
                        .iter()
                        .any(|outcome| outcome.recording == one.recording),
                };
                if !used {
                    stale.push(format!(
                        "{} #{index} no longer differs as known ({})",
                        one.recording, one.reason
                    ));
                }
            }
        }
        for one in &self.not_emulated {
            let asked = outcomes
                .iter()
                .any(|outcome| outcome.service == one.service);
            let missing = |outcome: &Outcome| outcome.verdict == Verdict::NotEmulated;
            if asked
                && !outcomes
                    .iter()
                    .any(|outcome| missing(outcome) && one.covers(outcome))
            {
                stale.push(format!(
                    "{} {} is emulated now ({})",
                    one.service, one.url, one.reason
                ));
            }
        }
        stale
    }
}

impl KnownDifference {
    fn is_about(&self, outcome: &Outcome) -> bool {
        self.recording == outcome.recording && self.exchanges.contains(&outcome.exchange)
    }

    fn covers(&self, place: &str) -> bool {
        self.at.is_empty()
            || self.at.iter().any(|at| {
                place
                    .strip_prefix(at.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }
}

impl NotEmulated {
    fn covers(&self, outcome: &Outcome) -> bool {
        self.service == outcome.service
            && outcome
                .url
                .to_ascii_lowercase()
                .contains(&self.url.to_ascii_lowercase())
    }
}

/// What is wrong with requests that Azure took, and why it is known to be.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Violations {
    #[serde(default)]
    violation: Vec<Violation>,
}

/// Places in requests of one type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Violation {
    /// The type of the resource, or method and path of the operation.
    of: String,
    at: Vec<String>,
    reason: String,
}

impl Violations {
    /// What is known of the recorded requests.
    ///
    /// # Errors
    /// If the file has a mistake.
    pub fn ours() -> Result<Self, KnownError> {
        toml::from_str(include_str!("../request-violations.toml"))
            .map_err(|error| KnownError(format!("request violations: {error}")))
    }

    /// Errors without a reason, and reasons without an error, as sentences.
    pub fn unexplained(&self, errors: &BTreeSet<TypeError>) -> Vec<String> {
        let covers = |one: &Violation, error: &TypeError| {
            one.of.eq_ignore_ascii_case(&error.kind) && one.at.contains(&error.at)
        };
        let unknown = errors
            .iter()
            .filter(|error| !self.violation.iter().any(|one| covers(one, error)))
            .map(|error| format!("{} {} {}", error.kind, error.at, error.what));
        let mut found: Vec<String> = unknown.collect();
        for one in &self.violation {
            for at in &one.at {
                let is = |error: &&TypeError| covers(one, error) && error.at == *at;
                if !errors.iter().any(|error| is(&error)) {
                    let reason = &one.reason;
                    found.push(format!("{} {at} is as specified now ({reason})", one.of));
                }
            }
        }
        found
    }
}

/// How many exchanges of each service matched once, and whether all others have a reason.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floors {
    /// Matched exchanges by service.
    pub matched: BTreeMap<String, usize>,
    /// Services of which every exchange that does not match has its reason.
    #[serde(default)]
    pub explained: BTreeSet<String>,
}

impl Floors {
    /// The floors that this repository keeps.
    ///
    /// # Errors
    /// If the file has a mistake.
    pub fn ours() -> Result<Self, KnownError> {
        toml::from_str(include_str!("../floors.toml"))
            .map_err(|error| KnownError(format!("floors: {error}")))
    }

    /// What fell below its floor, as sentences.
    pub fn broken(&self, report: &Report) -> Vec<String> {
        self.matched
            .iter()
            .filter_map(|(service, floor)| {
                let matched = report.service(service).map_or(0, |count| count.matched);
                (matched < *floor)
                    .then(|| format!("{service}: {matched} exchanges matched, {floor} did before"))
            })
            .collect()
    }
}
