//! A program on this machine with a terminal of its own: the reader's shell on a live run.

use crate::environment::{BoxFuture, Command, EnvironmentError, Running};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use tokio::sync::watch;

/// The exit code of what was killed.
const KILLED: i32 = 137;

/// A started program.
pub(super) struct Local {
    group: Pid,
    ended: watch::Receiver<Option<i32>>,
}

/// Starts a program with exactly these variables. It leads a session of its own; when docproof ends in
/// whatever way, its terminal is hung up, and what it started ends with it.
pub(super) fn start(
    command: Command,
    variables: &[(OsString, OsString)],
) -> Result<Local, EnvironmentError> {
    let refused = |error| EnvironmentError::new(format!("the shell could not be started: {error}"));
    let mut argv = command.argv.into_iter();
    let program = argv.next().unwrap_or_default();
    let [stdin, stdout, stderr] = command.stdio;
    let mut starting = tokio::process::Command::new(program);
    starting
        .args(argv)
        .env_clear()
        .envs(variables.iter().cloned())
        .current_dir(command.folder)
        .stdin(Stdio::from(stdin))
        .stdout(Stdio::from(stdout))
        .stderr(Stdio::from(stderr));
    let terminal = command.terminal;
    #[expect(unsafe_code, reason = "a session is made between fork and exec")]
    // SAFETY: both calls are safe after a fork, and nothing is allocated.
    unsafe {
        starting.pre_exec(move || {
            nix::unistd::setsid()?;
            if terminal && libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        });
    }
    let mut child = starting.spawn().map_err(refused)?;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let (sender, ended) = watch::channel(None);
    tokio::spawn(async move {
        let status = child.wait().await;
        let code = status.map_or(KILLED, |status| {
            let killed = status.signal().map(|signal| 128 + signal);
            status.code().or(killed).unwrap_or(KILLED)
        });
        sender.send_replace(Some(code));
    });
    Ok(Local {
        group: Pid::from_raw(id.unwrap_or_default()),
        ended,
    })
}

impl Local {
    /// What ends it and everything in its process group.
    pub(super) fn killer(&self) -> impl Fn() + Send + Sync + 'static {
        let (group, ended) = (self.group, self.ended.clone());
        move || {
            // Its number may be another's once it was waited for.
            if group.as_raw() > 1 && ended.borrow().is_none() {
                let _ = killpg(group, Signal::SIGKILL);
            }
        }
    }
}

impl Running for Local {
    fn wait<'a>(&'a self) -> BoxFuture<'a, i32> {
        let mut ended = self.ended.clone();
        Box::pin(async move {
            let code = ended.wait_for(Option::is_some).await;
            code.ok().and_then(|code| *code).unwrap_or(KILLED)
        })
    }
}
