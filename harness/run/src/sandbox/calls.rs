//! The way in for calls of `az`: a socket that listens in the sandbox, and its namespaces.

use super::wire::{Failure, Step};
use docproof_az::SOCKET;
use nix::fcntl::{OFlag, open as open_file};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket,
};
use nix::sys::stat::Mode;
use std::os::fd::{AsRawFd as _, OwnedFd};

/// In the order in which somebody else enters them: the user's gives the right to enter the others.
const NAMESPACES: [&str; 6] = ["user", "ipc", "uts", "net", "pid", "mnt"];

/// Who answers the calls of `az` in a sandbox needs this.
#[derive(Debug)]
pub(crate) struct CallPort {
    /// Listens on an abstract address of the sandbox's network namespace.
    pub(crate) listener: OwnedFd,
    /// The namespaces, the user's first, then those of IPC, host name, network, processes, mounts.
    pub(crate) namespaces: Vec<OwnedFd>,
}

/// How many descriptors [`open`] gives.
pub(super) const COUNT: usize = 1 + NAMESPACES.len();

/// Opens them, in process 1 of the sandbox, before it gives up the right to look at itself.
pub(super) fn open() -> Result<Vec<OwnedFd>, Failure> {
    let step = "listen for calls of az";
    let flags = SockFlag::SOCK_CLOEXEC;
    let listener = socket(AddressFamily::Unix, SockType::Stream, flags, None).step(step)?;
    let address = UnixAddr::new_abstract(SOCKET).step(step)?;
    bind(listener.as_raw_fd(), &address).step(step)?;
    listen(&listener, Backlog::MAXCONN).step(step)?;
    let mut all = vec![listener];
    for name in NAMESPACES {
        let path = format!("/proc/self/ns/{name}");
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        all.push(open_file(path.as_str(), flags, Mode::empty()).step(format!("open {path}"))?);
    }
    Ok(all)
}

/// What came along, back in its shape.
pub(super) fn port(mut descriptors: Vec<OwnedFd>) -> Option<CallPort> {
    if descriptors.len() != COUNT {
        return None;
    }
    let namespaces = descriptors.split_off(1);
    let listener = descriptors.pop()?;
    Some(CallPort {
        listener,
        namespaces,
    })
}
