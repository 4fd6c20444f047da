//! What killed runs have left: found by their ledgers on this machine, and by the tags of resource
//! groups whose time is over.

use super::Azure;
use super::cleanup::{EXPIRY_TAG, RUN_TAG, Remains};
use super::ledger::{Entry, Ledger, hash};
use crate::environment::EnvironmentError;
use docproof_core::naming::RunId;
use std::time::{SystemTime, UNIX_EPOCH};

/// What one run has left.
pub struct Left {
    ledger: Option<Ledger>,
    remains: Remains,
    told: Vec<String>,
}

impl Left {
    /// The run's id.
    pub fn run(&self) -> &str {
        &self.remains.run
    }

    /// What is to be removed, for people; nothing if only the ledger is left.
    pub fn told(&self) -> &[String] {
        &self.told
    }
}

impl Azure {
    /// What runs have left that are not alive any more. What was kept on purpose only if `kept`.
    ///
    /// # Errors
    /// When the subscription cannot be looked at.
    pub fn left(&self, kept: bool) -> Result<Vec<Left>, EnvironmentError> {
        let cloud = &self.cloud;
        let mut all = Vec::new();
        let mut known = Vec::new();
        for path in Ledger::all(&self.options.ledger) {
            let name = path
                .file_stem()
                .map(|name| name.to_string_lossy().into_owned());
            known.extend(name);
            let resumed = Ledger::resume(&path).map_err(|error| {
                EnvironmentError::new(format!("a ledger cannot be read: {error}"))
            })?;
            let Some((ledger, entries)) = resumed else {
                continue;
            };
            let here = hash(&cloud.subscription);
            let of_this = entries.iter().any(
                |entry| matches!(entry, Entry::Run { subscription, .. } if *subscription == here),
            );
            let remains = Remains::of(&entries);
            // A ledger that was cut off in its first line announces nothing.
            if (of_this || entries.is_empty()) && (kept || !remains.kept) {
                let told = remains.look(cloud)?;
                let told = told.iter().map(|one| one.told()).collect();
                all.push(Left {
                    ledger: Some(ledger),
                    remains,
                    told,
                });
            }
        }
        all.extend(self.expired(&known)?);
        Ok(all)
    }

    /// Resource groups of runs on other machines, whose time is over.
    fn expired(&self, known: &[String]) -> Result<Vec<Left>, EnvironmentError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs());
        let path = self.cloud.below("/resourcegroups?api-version=2024-11-01");
        let mut all: Vec<Left> = Vec::new();
        for group in self.cloud.list(&path)? {
            let tag = |name: &str| group["tags"][name].as_str();
            let run = tag(RUN_TAG).and_then(RunId::parse);
            let expires = tag(EXPIRY_TAG).and_then(|time| time.parse::<u64>().ok());
            let (Some(run), Some(expires), Some(name)) = (run, expires, group["name"].as_str())
            else {
                continue;
            };
            // A tag alone is not enough: the name must have the run's id too.
            let own = name.ends_with(run.as_str()) && !known.iter().any(|one| *one == run.as_str());
            if !own || expires > now {
                continue;
            }
            let remains = Remains {
                run: run.to_string(),
                groups: [name.to_owned()].into(),
                ..Remains::default()
            };
            let told = remains.look(&self.cloud)?;
            all.push(Left {
                ledger: None,
                told: told.iter().map(|one| one.told()).collect(),
                remains,
            });
        }
        Ok(all)
    }

    /// Removes what a run has left; how many things.
    ///
    /// # Errors
    /// What could not be removed.
    pub fn sweep(&self, mut left: Left) -> Result<usize, EnvironmentError> {
        left.remains.remove(&self.cloud, left.ledger.as_ref())
    }
}
