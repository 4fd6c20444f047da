//! A server for one container, started inside it: nothing of the machine's is needed there but one
//! static program.

use crate::launch::Launch;
use crate::path::plain_az;
use crate::server::{Place, server};
use crate::{AZ, BIN, SOCKET};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket,
};
use nix::unistd::mkdtemp;
use std::convert::Infallible;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

/// The argument by which the program that was installed is asked to [`answer_alone`].
pub const PREPARE: &str = "answer-az";

/// Puts this program into a folder that containers will see, with the `az` that is to be first on
/// their PATH ([`BIN`]). It is called what it is called here.
///
/// # Errors
/// It cannot be written.
pub fn install(folder: &Path) -> io::Result<()> {
    let own = std::env::current_exe()?;
    let name = own.file_name().ok_or(io::ErrorKind::NotFound)?;
    let bin = folder.join(BIN);
    fs::create_dir_all(&bin)?;
    // With its mode: who may run it here may run it there.
    fs::copy(&own, folder.join(name))?;
    symlink(Path::new("..").join(name), bin.join(AZ))
}

/// Becomes the server of the container that this process is in. Listens first, so that a call waits
/// for what is still being imported.
///
/// # Errors
/// There is no `az` on PATH that can be stood in for, or there is a server already.
pub fn answer_alone() -> io::Result<Infallible> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let program = plain_az(&path).ok_or_else(|| io::Error::other("there is no az"))?;
    let launch = Launch::of(&program, &path)?;
    let launch = launch.ok_or_else(|| io::Error::other("az is started in no way that is known"))?;
    let listener = listener()?;
    let folder = mkdtemp(&std::env::temp_dir().join("docproof-az-XXXXXX"))?;
    let error = match server(&launch, Place::Here, &folder, std::env::vars_os()) {
        Ok(mut command) => command.stdin(listener).exec(),
        Err(error) => error,
    };
    remove(folder);
    Err(error)
}

fn listener() -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC;
    let listener = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    bind(listener.as_raw_fd(), &UnixAddr::new_abstract(SOCKET)?)?;
    listen(&listener, Backlog::MAXCONN)?;
    Ok(listener)
}

/// Best effort: it is in a folder for temporary files.
fn remove(folder: PathBuf) {
    let _ = fs::remove_dir_all(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_this_program() {
        let folder = tempfile::tempdir().unwrap();
        install(folder.path()).unwrap();
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        let az = folder.path().join("bin/az");
        assert!(fs::read(&az).unwrap() == own);
        assert!(
            az.canonicalize()
                .unwrap()
                .starts_with(folder.path().canonicalize().unwrap())
        );
        // Twice is once too often: somebody else's is not written over.
        assert!(install(folder.path()).is_err());
    }
}
