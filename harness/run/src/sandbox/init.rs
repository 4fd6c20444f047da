//! Process 1 of a sandbox: builds it, gives every capability up, starts commands, buries orphans.

use super::wire::{Failure, Reply, Request, Setup, Step, TOKEN_ENDPOINTS, receive, send};
use super::{calls, mounts, network};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::prctl;
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask,
};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::setsid;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs process 1 until the caller is gone; answers its exit code.
pub(super) fn run(control: &OwnedFd, setup: &Setup) -> i32 {
    let sockets = match build(setup) {
        Ok(sockets) => sockets,
        Err(failure) => {
            let _ = send(control, &Reply::Refused(failure), &[]);
            return 1;
        }
    };
    let borrowed: Vec<_> = sockets.iter().map(AsFd::as_fd).collect();
    if send(control, &Reply::Ready, &borrowed).is_err() {
        return 1;
    }
    drop(sockets);
    i32::from(
        Init {
            control,
            running: BTreeSet::new(),
        }
        .serve()
        .is_err(),
    )
}

fn build(setup: &Setup) -> Result<Vec<OwnedFd>, Failure> {
    // If the helper is killed, this ends, too. It has one thread, so its death is the process's.
    prctl::set_pdeathsig(Signal::SIGKILL).step("ask for the helper's death signal")?;
    set_host_name(&setup.hostname).step("set the host name")?;
    if setup.as_root {
        network::allow_low_ports();
    }
    mounts::seal(setup)?;
    let tokens = TOKEN_ENDPOINTS.get(setup.tokens).copied();
    let mut sockets = network::open(tokens.unwrap_or_default(), setup.as_root)?;
    sockets.extend(calls::open()?);
    std::env::set_current_dir("/").step("enter /")?;
    give_up_privileges().step("give up privileges")?;
    Ok(sockets)
}

#[expect(
    unsafe_code,
    reason = "nix wraps it behind a feature that nothing else here needs"
)]
fn set_host_name(name: &str) -> nix::Result<()> {
    // SAFETY: pointer and length are those of one live string.
    Errno::result(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }).map(drop)
}

/// Gives up every capability, for this process and all that it starts, even as user 0.
#[expect(
    unsafe_code,
    reason = "nix wraps neither the bounding set nor capset(2)"
)]
fn give_up_privileges() -> nix::Result<()> {
    for capability in 0..64 {
        // SAFETY: takes numbers only.
        let result = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        match Errno::result(result) {
            Err(Errno::EINVAL) => break, // the kernel knows no more capabilities
            result => result?,
        };
    }
    prctl::set_no_new_privs()?;
    // `struct __user_cap_header_struct` (version 3, this process) and two empty
    // `struct __user_cap_data_struct` of linux/capability.h.
    let header: [u32; 2] = [0x2008_0522, 0];
    let none = [0_u32; 6];
    // SAFETY: both have the layout that version 3 asks for and outlive the call.
    let result = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
    Errno::result(result)?;
    // A command has the same user and could otherwise trace process 1, which holds the socket.
    prctl::set_dumpable(false)
}

struct Init<'a> {
    control: &'a OwnedFd,
    /// The commands, without the processes that they started.
    running: BTreeSet<i32>,
}

impl Init<'_> {
    fn serve(&mut self) -> io::Result<()> {
        let mut children = SigSet::empty();
        children.add(Signal::SIGCHLD);
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&children), None)?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let signals = SignalFd::with_flags(&children, flags)?;
        loop {
            let mut ready = [
                PollFd::new(self.control.as_fd(), PollFlags::POLLIN),
                PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut ready, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            let [asked, ended] = ready.map(|fd| fd.any().unwrap_or(true));
            if ended {
                while let Ok(Some(_)) = signals.read_signal() {}
                self.bury()?;
            }
            if asked {
                match receive(self.control)? {
                    Some((request, descriptors)) => self.answer(request, descriptors)?,
                    None => return Ok(()),
                }
            }
        }
    }

    /// Collects every process that has ended, those that lost their parent included.
    fn bury(&mut self) -> io::Result<()> {
        loop {
            let (pid, status) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid.as_raw(), code),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid.as_raw(), 128 + signal as i32),
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return Ok(()),
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(errno) => return Err(errno.into()),
            };
            if self.running.remove(&pid) {
                send(self.control, &Reply::Exited { pid, status }, &[])?;
            }
        }
    }

    fn answer(&mut self, request: Request, descriptors: Vec<OwnedFd>) -> io::Result<()> {
        match request {
            Request::Setup(_) => Ok(()), // sent once, and read by the helper
            Request::Spawn {
                id,
                argv,
                env,
                cwd,
                terminal,
            } => match spawn(&argv, env, &cwd, terminal, descriptors) {
                Ok(pid) => {
                    self.running.insert(pid);
                    send(self.control, &Reply::Spawned { id, pid }, &[])
                }
                Err(failure) => send(self.control, &Reply::Failed { id, failure }, &[]),
            },
            Request::Terminal { id, columns, rows } => {
                let size = Winsize {
                    ws_row: rows,
                    ws_col: columns,
                    ws_xpixel: 0,
                    ws_ypixel: 0,
                };
                match openpty(&size, None).step("open a terminal") {
                    Ok(pair) => {
                        let ends = [pair.master.as_fd(), pair.slave.as_fd()];
                        send(self.control, &Reply::Terminal { id }, &ends)
                    }
                    Err(failure) => send(self.control, &Reply::Failed { id, failure }, &[]),
                }
            }
            Request::Connect { id, port } => {
                // On loopback this is done at once, whether somebody listens or not.
                let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
                match connection.step(format!("connect to port {port}")) {
                    Ok(connection) => {
                        let reply = Reply::Connected { id };
                        send(self.control, &reply, &[connection.as_fd()])
                    }
                    Err(failure) => send(self.control, &Reply::Failed { id, failure }, &[]),
                }
            }
            Request::Signal { pid, signal } => {
                // Only commands not yet buried: their numbers cannot belong to others by now.
                if self.running.contains(&pid) {
                    kill_group(pid, signal);
                }
                Ok(())
            }
        }
    }
}

/// Starts a command as the leader of a session of its own.
fn spawn(
    argv: &[OsString],
    env: Vec<(OsString, OsString)>,
    cwd: &OsStr,
    terminal: bool,
    descriptors: Vec<OwnedFd>,
) -> Result<i32, Failure> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(Failure {
            step: "run a command without a name".into(),
            errno: libc::EINVAL,
        });
    };
    let Ok([input, output, error]) = <[OwnedFd; 3]>::try_from(descriptors) else {
        return Err(Failure {
            step: "take standard input and output".into(),
            errno: libc::EBADF,
        });
    };
    let folder = Path::new(cwd);
    if !folder.is_dir() {
        let step = format!("enter the folder {}", folder.display());
        return Err(Failure {
            step,
            errno: libc::ENOENT,
        });
    }
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(env)
        .current_dir(folder)
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(output))
        .stderr(Stdio::from(error));
    #[expect(unsafe_code, reason = "a session is made between fork and exec")]
    // SAFETY: only system calls; process 1 has one thread anyway.
    unsafe {
        command.pre_exec(move || prepare(terminal));
    }
    let child = command
        .spawn()
        .step(format!("run {}", Path::new(program).display()))?;
    Ok(child.id().cast_signed())
}

fn prepare(terminal: bool) -> io::Result<()> {
    SigSet::empty().thread_set_mask()?;
    reset_signals();
    setsid()?;
    if terminal {
        take_terminal()?;
    }
    Ok(())
}

/// Gives every signal its usual effect: what a caller ignores (`nohup` ignores SIGHUP) is ignored by
/// all that it starts, and then a terminal's end would end no command.
#[expect(unsafe_code, reason = "sigaction(2) is unsafe for its handlers")]
fn reset_signals() {
    let usual = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in Signal::iterator() {
        // SAFETY: the default is no handler of ours. SIGKILL and SIGSTOP refuse, and need nothing.
        let _ = unsafe { sigaction(signal, &usual) };
    }
}

#[expect(unsafe_code, reason = "nix does not wrap TIOCSCTTY")]
fn take_terminal() -> nix::Result<()> {
    // SAFETY: takes a number only; descriptor 0 is the command's standard input.
    Errno::result(unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) }).map(drop)
}

#[expect(
    unsafe_code,
    reason = "nix refuses the signal numbers it has no name for"
)]
fn kill_group(pid: i32, signal: i32) {
    // SAFETY: takes numbers only. A group that has just ended is no error.
    let _ = unsafe { libc::killpg(pid, signal) };
}
