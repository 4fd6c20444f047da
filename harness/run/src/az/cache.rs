//! Where the pinned `az` lives: [`Slot`], its lock and the stamp that says it is complete.

use super::environment::is_executable;
use super::{Az, AzError, PINNED_VERSION, Progress};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The files of one version in the cache.
pub(super) struct Slot {
    /// The virtual environment.
    pub(super) folder: PathBuf,
    /// The file that is locked while it is made.
    pub(super) lock: PathBuf,
}

/// `complete.json`: written when all else has been verified.
#[derive(Serialize, Deserialize)]
pub(super) struct Stamp {
    /// The version of azure-cli.
    pub(super) version: String,
    /// The folder it was made in: it cannot be moved.
    pub(super) folder: PathBuf,
    /// The Python below the environment.
    pub(super) base_python: PathBuf,
    /// The `RECORD` of azure-cli-core.
    pub(super) record: PathBuf,
    /// SHA-256 over that file, in hexadecimal.
    pub(super) record_sha256: String,
    /// When it was installed, in seconds since 1970.
    pub(super) installed: u64,
    /// What it is.
    pub(super) az: Az,
}

impl Slot {
    /// The place of the pinned version in this cache.
    pub(super) fn new(cache: &Path) -> Self {
        let az = cache.join("az");
        Self {
            folder: az.join(PINNED_VERSION),
            lock: az.join(format!("{PINNED_VERSION}.lock")),
        }
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join("complete.json")
    }

    /// The `az` in it if it is complete and unchanged. A few milliseconds.
    pub(super) fn complete(&self) -> Option<Az> {
        let stamp: Stamp = read_json(&self.stamp())?;
        let holds = stamp.version == PINNED_VERSION
            && stamp.az.version == PINNED_VERSION
            && stamp.folder == self.folder
            && stamp.az.program.starts_with(&self.folder)
            && is_executable(&stamp.az.program)
            && is_executable(&stamp.az.python)
            && is_executable(&stamp.base_python)
            && stamp.az.ca_bundles.iter().all(|bundle| bundle.is_file())
            && sha256(&stamp.record).is_ok_and(|hash| hash == stamp.record_sha256);
        holds.then_some(stamp.az)
    }

    /// Says that it is complete.
    pub(super) fn seal(&self, stamp: &Stamp) -> io::Result<()> {
        write_json(&self.stamp(), stamp)
    }
}

/// Takes the lock, and says so if that means waiting. Held until dropped; and by a child that was
/// given a duplicate, until that ends.
pub(super) fn lock(
    path: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Flock<File>, AzError> {
    let failed = |source| AzError::Cache {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(failed)?;
    let mut file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => return Ok(lock),
        Err((file, Errno::EWOULDBLOCK)) => file,
        Err((_, error)) => return Err(failed(error.into())),
    };
    progress(Progress::Waiting {
        lock: path.to_owned(),
    });
    loop {
        file = match Flock::lock(file, FlockArg::LockExclusive) {
            Ok(lock) => return Ok(lock),
            Err((file, Errno::EINTR)) => file,
            Err((_, error)) => return Err(failed(error.into())),
        };
    }
}

/// The SHA-256 of a file, in hexadecimal.
pub(super) fn sha256(file: &Path) -> io::Result<String> {
    let digest = Sha256::digest(std::fs::read(file)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The value in a JSON file; none if it is absent, unreadable or something else.
pub(super) fn read_json<T: DeserializeOwned>(file: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

/// Writes a JSON file whole or not at all, its folders too.
pub(super) fn write_json<T: Serialize>(file: &Path, value: &T) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut temporary, value)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b.json");
        assert_eq!(read_json::<Vec<u32>>(&file), None);
        write_json(&file, &[1, 2]).unwrap();
        assert_eq!(read_json::<Vec<u32>>(&file), Some(vec![1, 2]));
        std::fs::write(&file, "[1,").unwrap();
        assert_eq!(read_json::<Vec<u32>>(&file), None);
    }

    #[test]
    fn a_lock_in_a_folder_that_cannot_be_made_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let result = lock(&folder.path().join("file/x.lock"), &mut |_| {});
        assert!(matches!(result, Err(AzError::Cache { .. })));
    }
}
