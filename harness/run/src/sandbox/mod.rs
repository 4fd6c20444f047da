//! A sealed place for commands: user, network, mount, process, IPC and host name namespaces of
//! their own, made without root. The main type is [`Sandbox`].
//!
//! The program re-executes itself as a small helper, because namespaces are entered by a process
//! with one thread. The helper unshares, and its child, process 1 of the new process namespace,
//! builds the file system (`mounts`), the network (`network`) and the certificates (`trust`),
//! hands the listening sockets over, gives every capability up and starts what it is told to
//! (`init`). A socket belongs to the namespace it was opened in, so the caller serves a network
//! that has no way out.
//!
//! Process 1 ends when its control socket closes, however the caller ends; the kernel then kills
//! everything in the namespace and forgets its mounts. The parent-death signal would not do for
//! that: it fires when the *thread* that started the helper ends.

mod calls;
mod error;
mod helper;
mod init;
mod mounts;
mod network;
mod parent;
mod root;
mod trust;
mod wire;

pub(crate) use calls::CallPort;
pub use error::{Refusal, SandboxError, probe};
pub use parent::{Process, Sandbox};
pub(crate) use trust::{BUNDLES, FOLDERS, hashed_name};

use docproof_emulator::workload::TokenEndpoint;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::path::PathBuf;

/// The first argument that makes the program a helper.
const HELPER_ARGUMENT: &str = "__docproof-sandbox";

/// What a sandbox shows and hides.
#[derive(Debug, Clone, Default)]
pub struct SandboxConfig {
    /// Whether commands see themselves as user 0. They have no capability either way.
    pub as_root: bool,
    /// The only folder of this machine that commands can change; it must exist. Seen at the same
    /// path, wherever it is.
    pub writable: PathBuf,
    /// The certificate authority to trust, as PEM.
    pub ca_pem: String,
    /// Bundles to replace by it, beside the system's (`certifi/cacert.pem` of a Python).
    pub ca_bundles: Vec<PathBuf>,
    /// Files and folders to hide, beside `/tmp`, `/var/tmp`, `/run` and `/dev`.
    pub hidden: Vec<PathBuf>,
    /// Files and folders that stay visible, read-only, inside those that are hidden.
    pub visible: Vec<PathBuf>,
    /// The host's name; `docproof` if there is none.
    pub hostname: Option<String>,
    /// Where tokens of managed identities are found.
    pub tokens: TokenEndpoint,
    /// What commands see as `/`; the machine's own, sealed, if there is nothing else.
    pub root: Option<SandboxRoot>,
}

/// Another `/` for a sandbox, below [`SandboxConfig::writable`]. Its own files can be changed. It
/// brings its own name resolution and certificates, unless the machine's show through.
#[derive(Debug, Clone)]
pub struct SandboxRoot {
    /// The folder with its files.
    pub files: PathBuf,
    /// An empty folder to put both together in, if what these files do not have is to be the
    /// machine's.
    pub over_machine: Option<PathBuf>,
}

/// A command to start.
#[derive(Debug)]
pub struct SandboxCommand {
    /// The program, looked up on the command's own `PATH`, and its arguments.
    pub argv: Vec<OsString>,
    /// The whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// The folder it starts in.
    pub cwd: PathBuf,
    /// Standard input, output and error.
    pub stdio: [OwnedFd; 3],
    /// Whether standard input is a terminal that becomes the controlling one. The command leads a
    /// session of its own in any case.
    pub terminal: bool,
}

/// Becomes the sandbox's helper if this process was started as one, and then never returns. To be
/// called first in `main`, before any thread is started.
///
/// Likewise for the `az` of a sandbox, which is this program under another name.
pub fn enter_if_helper() {
    docproof_az::enter_if_called();
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::new(HELPER_ARGUMENT)) {
        std::process::exit(helper::run());
    }
}
