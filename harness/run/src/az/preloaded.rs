//! `az` without its start-up: one process imports azure-cli once and forks for each call.
//!
//! Almost all of a walkthrough's time is `az` starting. [`Preloaded`] starts the server of
//! [`docproof_az`] in the Python of an [`Az`], outside of every sandbox. Each sandbox has a socket that
//! listens on an abstract address of its own network namespace; it and the sandbox's namespaces are
//! handed to the server ([`Preloaded::serve`]). The `az` on a shell's PATH is then this program under
//! another name.

use super::{Az, AzError};
use crate::folder::RunFolder;
use crate::sandbox::CallPort;
use docproof_az::{BIN, Launch, PLAIN, Place, SOCKET_FILE};
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, sendmsg, socketpair,
};
use serde::Serialize;
use std::ffi::OsString;
use std::fs;
use std::io::{self, IoSlice, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The search path of the server, which starts the system's programs alone.
const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

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
        let environment = [("PATH", SYSTEM_PATH), ("LANG", "C.UTF-8")];
        let environment = environment.map(|(name, value)| (name.into(), value.into()));
        let started = Self::try_start(az, environment.into());
        started.map_err(AzError::Preload)
    }

    /// The same for calls that are made where this process is, with this environment: whatever differs
    /// from it and is read while azure-cli is imported has the call made by the real `az`.
    ///
    /// # Errors
    /// [`AzError::Preload`] if the server cannot be started.
    pub(crate) fn start_here(
        az: &Az,
        environment: Vec<(OsString, OsString)>,
    ) -> Result<Option<(Arc<Self>, Served)>, AzError> {
        let started = || {
            let Some(started) = Self::try_start(az, environment)? else {
                return Ok(None);
            };
            // In a folder of its user's alone.
            let listener = UnixListener::bind(started.folder.path().join(SOCKET_FILE))?;
            let served = started.answer(&[listener.as_fd()]);
            Ok(Some((started, served)))
        };
        started().map_err(AzError::Preload)
    }

    fn try_start(az: &Az, environment: Vec<(OsString, OsString)>) -> io::Result<Option<Arc<Self>>> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let launch = Launch::of(&az.program, &path)?;
        let Some(launch) = launch.and_then(|launch| launch.of_pip_by(&az.python)) else {
            return Ok(None);
        };
        let folder = RunFolder::create(&std::env::temp_dir())?;
        let bin = folder.path().join(BIN);
        fs::create_dir(&bin)?;
        let program = std::env::current_exe()?;
        symlink(&program, bin.join("az"))?;
        symlink(&az.program, folder.path().join(PLAIN))?;
        let (ours, theirs) = socketpair(
            AddressFamily::Unix,
            SockType::Stream,
            None,
            SockFlag::SOCK_CLOEXEC,
        )?;
        let server = docproof_az::server(&launch, Place::Sandboxes, folder.path(), environment)?
            .stdin(Stdio::from(theirs))
            .spawn()?;
        Ok(Some(Arc::new(Self {
            control: Mutex::new(ours.into()),
            server: Mutex::new(server),
            next: AtomicU64::new(0),
            folder,
            program,
        })))
    }

    /// The process id of the server.
    pub fn server(&self) -> u32 {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        server.id()
    }

    /// The folder to put first on PATH.
    pub(crate) fn bin(&self) -> PathBuf {
        self.folder.path().join(BIN)
    }

    /// What a sandbox must show: the links, and this program.
    pub(crate) fn visible(&self) -> [PathBuf; 2] {
        [self.folder.path().to_owned(), self.program.clone()]
    }

    /// Answers the calls that are made in a sandbox. If the server is gone, the real `az` is started
    /// there, since nobody listens any more.
    pub(crate) fn serve(self: &Arc<Self>, port: &CallPort) -> Served {
        let mut descriptors = vec![port.listener.as_fd()];
        descriptors.extend(port.namespaces.iter().map(|namespace| namespace.as_fd()));
        self.answer(&descriptors)
    }

    /// Answers the calls that come to the first descriptor, in the namespaces that the others are.
    fn answer(self: &Arc<Self>, descriptors: &[BorrowedFd<'_>]) -> Served {
        let sandbox = self.next.fetch_add(1, Ordering::Relaxed);
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
