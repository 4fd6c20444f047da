//! The temporary folder of one run: [`RunFolder`], removed even after a run that was killed.
//!
//! Each folder holds a lock for as long as its run lives. Whoever makes a folder removes those
//! whose lock nobody holds any more.

use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// What the names of all such folders begin with.
const PREFIX: &str = "docproof-run-";
/// The file in a folder that its run holds locked.
const LOCK: &str = "lock";
/// A folder without a lock is dead after this.
const AGE: Duration = Duration::from_secs(3600);

/// A temporary folder. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct RunFolder {
    folder: TempDir,
    // Let go after the folder is removed.
    _lock: Flock<File>,
}

impl RunFolder {
    /// Makes a folder below `parent`, after removing those that killed runs left there.
    pub(crate) fn create(parent: &Path) -> io::Result<Self> {
        sweep(parent);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        // Locked before it has its name: a folder with a lock nobody holds is always a dead one.
        let unnamed = folder.path().join("lock-new");
        let lock = Flock::lock(File::create(&unnamed)?, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, errno)| errno)?;
        fs::rename(unnamed, folder.path().join(LOCK))?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// The file that is locked for as long as the run lives.
    pub(super) fn lock(&self) -> std::path::PathBuf {
        self.folder.path().join(LOCK)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes what killed runs left. What cannot be removed (somebody else's) stays.
fn sweep(parent: &Path) {
    let entries = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let is_dead = match File::open(entry.path().join(LOCK)) {
            Ok(file) => Flock::lock(file, FlockArg::LockExclusiveNonblock).is_ok(),
            // Being made, or made again by a process that outlived its run: `az` leaves one that sends
            // telemetry.
            Err(_) => is_old(&entry),
        };
        if is_dead {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nothing has come into a folder for longer than it takes to make one.
fn is_old(entry: &DirEntry) -> bool {
    let changed = entry.metadata().and_then(|metadata| metadata.modified());
    let age = changed.ok().and_then(|changed| changed.elapsed().ok());
    age.is_some_and(|age| age > AGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_runs_folder_is_removed_and_a_live_ones_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let alive = RunFolder::create(parent.path()).unwrap();
        let dead = parent.path().join("docproof-run-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let young = parent.path().join("docproof-run-young");
        fs::create_dir(&young).unwrap();
        let old = parent.path().join("docproof-run-old");
        fs::create_dir_all(old.join("azure")).unwrap();
        let before = std::time::SystemTime::now() - 2 * AGE;
        File::open(&old).unwrap().set_modified(before).unwrap();
        let other = RunFolder::create(parent.path()).unwrap();
        assert!(!dead.exists() && !old.exists());
        assert!(young.exists() && alive.path().exists() && other.path().exists());
        let path = alive.path().to_owned();
        drop(alive);
        assert!(!path.exists());
    }
}
