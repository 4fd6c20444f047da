//! `az` without its start-up: one process imports azure-cli once and forks for each call.
//!
//! Almost all of a walkthrough's time is `az` starting. [`Preloaded`] starts `server.py` in the
//! Python of an [`Az`], outside of every sandbox. Each sandbox has a socket that listens on an
//! abstract address of its own network namespace; it and the sandbox's namespaces are handed to the
//! server ([`Preloaded::serve`]). The `az` on a shell's PATH is then this program under another name
//! (`client`), which passes arguments, environment, working folder, descriptors, mask and ignored
//! signals over that socket. The server forks, enters the sandbox, and runs azure-cli's own
//! `__main__`, unchanged, with the state of a fresh start.
//!
//! What cannot be made as it would be is made by the real `az`: a variable that azure-cli reads while
//! it is imported has another value, extensions are kept elsewhere, `az` is not the script that pip
//! installs, the server ended. Where a call differs all the same: its worker is in a session of its
//! own, so `/dev/tty` is opened for it, and a program that it starts has no controlling terminal.

mod client;

use super::{Az, AzError};
use crate::folder::RunFolder;
use crate::sandbox::CallPort;
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, sendmsg, socketpair,
};
use serde::Serialize;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, IoSlice, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Where the server is called, in the abstract namespace of a sandbox's network.
pub(crate) const SOCKET: &[u8] = b"docproof-az";
/// The link to the real `az`, beside the folder that is on PATH.
const PLAIN: &str = "plain-az";
/// How the script that pip installs starts azure-cli.
const PIP_SCRIPT: &str =
    "os.execl(sys.executable, sys.executable, '-m', 'azure.cli', *sys.argv[1:])";

/// A process that has imported azure-cli, and answers calls in sandboxes. It ends when this is
/// dropped, and when this process ends.
#[derive(Debug)]
pub struct Preloaded {
    control: Mutex<UnixStream>,
    server: Mutex<Child>,
    next: AtomicU64,
    folder: RunFolder,
    program: PathBuf,
}

/// A sandbox whose calls are answered; dropping it ends that.
#[derive(Debug)]
pub(crate) struct Served {
    // Not its owner: an emulator's last connection may let go of this long after the run's end.
    by: Weak<Preloaded>,
    sandbox: u64,
}

#[derive(Serialize)]
struct Settings<'a> {
    python_path: &'a Path,
    installer: &'a str,
    modules: Vec<&'a str>,
}

#[derive(Serialize)]
struct Told {
    sandbox: u64,
    open: bool,
}

impl Preloaded {
    /// Starts the server, which goes on importing while this returns. `None` if this `az` is started
    /// otherwise than by the script that pip installs: then nothing is known of how to stand in for
    /// it.
    ///
    /// # Errors
    /// [`AzError::Preload`] if the server cannot be started.
    pub fn start(az: &Az) -> Result<Option<Arc<Self>>, AzError> {
        match Self::try_start(az) {
            Ok(started) => Ok(started.map(Arc::new)),
            Err(error) => Err(AzError::Preload(error)),
        }
    }

    fn try_start(az: &Az) -> io::Result<Option<Self>> {
        let Some(python_path) = python_path(&az.program)? else {
            return Ok(None);
        };
        let folder = RunFolder::create(&std::env::temp_dir())?;
        for inside in ["bin", "home"] {
            fs::create_dir(folder.path().join(inside))?;
        }
        let program = std::env::current_exe()?;
        symlink(&program, folder.path().join("bin/az"))?;
        symlink(&az.program, folder.path().join(PLAIN))?;
        let settings = Settings {
            python_path: &python_path,
            installer: "PIP",
            modules: modules().collect(),
        };
        let settings = serde_json::to_string(&settings)?;
        let (ours, theirs) = socketpair(
            AddressFamily::Unix,
            SockType::Stream,
            None,
            SockFlag::SOCK_CLOEXEC,
        )?;
        let server = Command::new(&az.python)
            .args(["-c", include_str!("server.py"), &settings])
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", folder.path().join("home"))
            .env("PYTHONPATH", &python_path)
            .env("AZ_INSTALLER", "PIP")
            .current_dir(folder.path().join("home"))
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Some(Self {
            control: Mutex::new(ours.into()),
            server: Mutex::new(server),
            next: AtomicU64::new(0),
            folder,
            program,
        }))
    }

    /// The process id of the server.
    pub fn server(&self) -> u32 {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        server.id()
    }

    /// The folder to put first on PATH.
    pub(crate) fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// What a sandbox must show: the links, and this program.
    pub(crate) fn visible(&self) -> [PathBuf; 2] {
        [self.folder.path().to_owned(), self.program.clone()]
    }

    /// Answers the calls that are made in a sandbox. If the server is gone, the real `az` is started
    /// there, since nobody listens any more.
    pub(crate) fn serve(self: &Arc<Self>, port: &CallPort) -> Served {
        let sandbox = self.next.fetch_add(1, Ordering::Relaxed);
        let mut descriptors = vec![port.listener.as_fd()];
        descriptors.extend(port.namespaces.iter().map(|namespace| namespace.as_fd()));
        let raw: Vec<_> = descriptors.iter().map(|fd| fd.as_raw_fd()).collect();
        let _ = self.tell(
            &Told {
                sandbox,
                open: true,
            },
            &raw,
        );
        Served {
            by: Arc::downgrade(self),
            sandbox,
        }
    }

    fn tell(&self, told: &Told, descriptors: &[i32]) -> io::Result<()> {
        let body = serde_json::to_vec(told)?;
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        let rights = [ControlMessage::ScmRights(descriptors)];
        let with = if descriptors.is_empty() {
            &[]
        } else {
            &rights[..]
        };
        let first = [IoSlice::new(b"t")];
        sendmsg::<()>(
            control.as_raw_fd(),
            &first,
            with,
            MsgFlags::MSG_NOSIGNAL,
            None,
        )?;
        control.write_all(&length.to_be_bytes())?;
        control.write_all(&body)
    }
}

impl Drop for Preloaded {
    fn drop(&mut self) {
        let server = self
            .server
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        // It has no state that is worth an orderly end, and may be in the middle of an import.
        let _ = server.kill();
        let _ = server.wait();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let told = Told {
            sandbox: self.sandbox,
            open: false,
        };
        if let Some(by) = self.by.upgrade() {
            let _ = by.tell(&told, &[]);
        }
    }
}

/// What `az` puts on Python's path, if it is the script that pip installs.
fn python_path(program: &Path) -> io::Result<Option<PathBuf>> {
    let program = fs::canonicalize(program)?;
    let text = fs::read(&program)?;
    let is_pips = std::str::from_utf8(&text).is_ok_and(|text| text.contains(PIP_SCRIPT));
    Ok(program
        .parent()
        .filter(|_| is_pips)
        .map(|folder| folder.join("src")))
}

/// The modules to import, in order.
fn modules() -> impl Iterator<Item = &'static str> {
    include_str!("modules.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
}

/// Makes the call and ends, if this process was started as the `az` of a sandbox. To be called first
/// in `main`.
pub(crate) fn enter_if_client() {
    let name = std::env::args_os().next();
    let name = name.as_deref().map(Path::new).and_then(Path::file_name);
    if name == Some(OsStr::new("az")) {
        std::process::exit(client::run());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_is_not_pips_is_not_stood_in_for() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("az");
        fs::write(&program, "#!/bin/sh\nexec python3 -Im azure.cli \"$@\"\n").unwrap();
        assert_eq!(python_path(&program).unwrap(), None);
        fs::write(&program, format!("import os\n{PIP_SCRIPT}\n")).unwrap();
        let expected = fs::canonicalize(folder.path()).unwrap().join("src");
        assert_eq!(python_path(&program).unwrap(), Some(expected));
    }

    #[test]
    fn modules_are_named_once() {
        let mut seen = std::collections::BTreeSet::new();
        assert!(modules().all(|name| seen.insert(name)));
        assert!(seen.len() > 100);
    }
}
