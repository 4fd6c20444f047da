//! What a run makes, written down and synced before it is made: [`Ledger`].
//!
//! A file of JSON lines. It has no id of a subscription, tenant or person: the subscription and
//! principals are known again by their hashes. Its run holds it locked for as long as it lives, so a
//! ledger whose lock nobody holds is that of a run that was killed.

use docproof_core::naming::RunId;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A line of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub(super) enum Entry {
    /// The first line.
    Run {
        run: String,
        /// The subscription's hash.
        subscription: String,
        scenario: String,
        /// Seconds since 1970.
        begun: u64,
    },
    /// A name that the run may give to something, and to what.
    Name { kind: String, name: String },
    /// Commands that are about to run make these things.
    Before { creates: Vec<Created> },
    /// A resource group of the run is there, and tagged.
    Group { name: String },
    /// An identity of the run: its principal's hash.
    Principal { hash: String },
    /// What there is stays.
    Kept,
    /// A run that was kept goes on.
    Resumed,
}

/// Something that a command makes, as far as that is known before it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Created {
    pub(super) command: String,
    pub(super) resource: Option<String>,
    pub(super) name: Option<String>,
    pub(super) group: Option<String>,
    pub(super) region: Option<String>,
}

/// The ledger of a run that goes on.
#[derive(Debug)]
pub(super) struct Ledger {
    path: PathBuf,
    file: Mutex<Flock<File>>,
}

/// A hash that ids are known again by; short enough to read, long enough to be unlike any other.
pub(super) fn hash(id: &str) -> String {
    let digest = Sha256::digest(id.to_ascii_lowercase().as_bytes());
    digest
        .iter()
        .take(10)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Ledger {
    /// Begins a ledger in a folder.
    pub(super) fn begin(folder: &Path, run: &RunId, first: &Entry) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{run}.jsonl"));
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .open(&path)?;
        let file = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, e)| e)?;
        // The file's name is synced with its folder.
        File::open(folder)?.sync_all()?;
        let ledger = Self {
            path,
            file: Mutex::new(file),
        };
        ledger.write(first)?;
        Ok(ledger)
    }

    /// Goes on with the ledger of a run that was killed; `None` if the run is alive.
    pub(super) fn resume(path: &Path) -> io::Result<Option<(Self, Vec<Entry>)>> {
        let file = OpenOptions::new().read(true).append(true).open(path)?;
        let Ok(file) = Flock::lock(file, FlockArg::LockExclusiveNonblock) else {
            return Ok(None);
        };
        let text = fs::read_to_string(path)?;
        // A line that was cut off was not synced: what it announces was not made.
        let entries = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let entries = entries.collect();
        let ledger = Self {
            path: path.to_owned(),
            file: Mutex::new(file),
        };
        Ok(Some((ledger, entries)))
    }

    /// The ledgers in a folder.
    pub(super) fn all(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        let mut paths: Vec<PathBuf> = paths
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "jsonl")
            })
            .collect();
        paths.sort();
        paths
    }

    /// Writes a line, and returns when it is on the disk.
    pub(super) fn write(&self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_string(entry)?;
        line.push('\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes())?;
        file.sync_all()
    }

    /// Where a run that is kept has its files, beside the ledger.
    pub(super) fn kept(&self) -> PathBuf {
        self.path.with_extension("kept")
    }

    /// Everything is removed: so are the ledger, and what was kept beside it.
    pub(super) fn close(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.kept()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::remove_file(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> Entry {
        Entry::Run {
            run: "k3v9q2x7ma".into(),
            subscription: hash("S"),
            scenario: "s".into(),
            begun: 1,
        }
    }

    #[test]
    fn a_live_runs_ledger_is_nobody_elses_and_a_dead_ones_is_read_to_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunId::parse("k3v9q2x7ma").unwrap();
        let ledger = Ledger::begin(folder.path(), &run, &first()).unwrap();
        assert!(Ledger::begin(folder.path(), &run, &first()).is_err());
        let group = Entry::Group { name: "g".into() };
        ledger.write(&group).unwrap();
        let paths = Ledger::all(folder.path());
        assert_eq!(paths.len(), 1);
        assert!(Ledger::resume(&paths[0]).unwrap().is_none());
        drop(ledger);
        let mut file = OpenOptions::new().append(true).open(&paths[0]).unwrap();
        file.write_all(b"{\"entry\":\"gro").unwrap();
        let (ledger, entries) = Ledger::resume(&paths[0]).unwrap().unwrap();
        assert_eq!(entries, [first(), group]);
        ledger.close().unwrap();
        assert!(Ledger::all(folder.path()).is_empty());
    }

    #[test]
    fn a_hash_tells_nothing_and_case_does_not_count() {
        assert_eq!(hash("ABC-1"), hash("abc-1"));
        assert_ne!(hash("abc-1"), hash("abc-2"));
        assert_eq!(hash("x").len(), 20);
    }
}
