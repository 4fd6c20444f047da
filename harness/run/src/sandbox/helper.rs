//! The helper process: enters the namespaces, and waits for their process 1.

use super::init;
use super::wire::{Failure, Reply, Request, Setup, Step, receive, send};
use nix::fcntl::{OFlag, open};
use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::Mode;
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, dup2_stdin, fork, getegid, geteuid, setsid};
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

/// Runs the helper, whose standard input is the control socket; answers its exit code.
pub(super) fn run() -> i32 {
    close_inherited();
    let Ok(control) = take_control() else {
        return 2;
    };
    // Keys that interrupt the caller are the caller's to handle.
    let _ = setsid();
    let Ok(Some((Request::Setup(setup), _))) = receive(&control) else {
        return 2;
    };
    if let Err(failure) = enter(&setup) {
        let _ = send(&control, &Reply::Refused(failure), &[]);
        return 1;
    }
    match split() {
        Ok(ForkResult::Child) => init::run(&control, &setup),
        Ok(ForkResult::Parent { child }) => {
            drop(control);
            // Ends when process 1 has ended, and that ends when nothing is left in the namespace.
            while waitpid(child, None) == Err(nix::errno::Errno::EINTR) {}
            0
        }
        Err(errno) => {
            let failure = Failure {
                step: "start process 1".into(),
                errno: errno as i32,
            };
            let _ = send(&control, &Reply::Refused(failure), &[]);
            1
        }
    }
}

/// Closes every descriptor but the standard ones: whatever the caller forgot to close on exec would
/// be a way out for the commands.
#[expect(unsafe_code, reason = "descriptors that nothing in this process owns")]
fn close_inherited() {
    // SAFETY: the helper has just begun, so nothing in it owns a descriptor above 2.
    if unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0) } == 0 {
        return;
    }
    // Linux before 5.9.
    for fd in 3..65536 {
        // SAFETY: as above.
        let _ = unsafe { libc::close(fd) };
    }
}

/// Moves the control socket away from standard input.
fn take_control() -> io::Result<OwnedFd> {
    let control = io::stdin().as_fd().try_clone_to_owned()?;
    dup2_stdin(open("/dev/null", OFlag::O_RDONLY, Mode::empty())?)?;
    Ok(control)
}

fn enter(setup: &Setup) -> Result<(), Failure> {
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER).step("make a user namespace")?;
    let (inner_user, inner_group) = if setup.as_root {
        (0, 0)
    } else {
        (user.as_raw(), group.as_raw())
    };
    // Required before an unprivileged caller may map a group (user_namespaces(7)).
    fs::write("/proc/self/setgroups", "deny").step("map the user")?;
    fs::write("/proc/self/uid_map", format!("{inner_user} {user} 1")).step("map the user")?;
    fs::write("/proc/self/gid_map", format!("{inner_group} {group} 1")).step("map the user")?;
    for (flag, what) in [
        (CloneFlags::CLONE_NEWNS, "mount"),
        (CloneFlags::CLONE_NEWNET, "network"),
        (CloneFlags::CLONE_NEWPID, "process"),
        (CloneFlags::CLONE_NEWIPC, "IPC"),
        (CloneFlags::CLONE_NEWUTS, "host name"),
    ] {
        unshare(flag).step(format!("make a {what} namespace"))?;
    }
    Ok(())
}

#[expect(unsafe_code, reason = "only fork makes process 1 of a new namespace")]
fn split() -> nix::Result<ForkResult> {
    // SAFETY: the helper has one thread, so the child may do anything.
    unsafe { fork() }
}
