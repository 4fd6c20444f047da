//! The messages between the parent and its helper, and the descriptors that travel with them.
//!
//! One datagram of a `SOCK_SEQPACKET` pair is one message. A body too long for a datagram (an
//! environment may be megabytes) travels in a memory file instead.

use docproof_emulator::workload::TokenEndpoint;
use nix::errno::Errno;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};

/// A body longer than this, in bytes, travels in a memory file. Well under the kernel's smallest
/// default socket buffer (`net.core.wmem_default`, 212992).
const INLINE: usize = 32 * 1024;
/// More descriptors than any message has: seven sockets and six namespaces at most.
const DESCRIPTORS: usize = 16;

/// Every place where tokens may be found.
pub(super) const TOKEN_ENDPOINTS: [TokenEndpoint; 3] = [
    TokenEndpoint::Instance,
    TokenEndpoint::App,
    TokenEndpoint::WindowsInstance,
];

/// What the helper needs to build the sandbox. Paths are absolute.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) as_root: bool,
    pub(super) hostname: String,
    pub(super) writable: OsString,
    pub(super) ca_pem: String,
    pub(super) ca_bundles: Vec<OsString>,
    pub(super) hidden: Vec<OsString>,
    pub(super) visible: Vec<OsString>,
    /// Where tokens are found: the place in [`TOKEN_ENDPOINTS`].
    pub(super) tokens: usize,
    pub(super) root: Option<Root>,
}

/// Another `/`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Root {
    /// The folder with its files.
    pub(super) files: OsString,
    /// An empty folder, if the machine's files are to show through.
    pub(super) over_machine: Option<OsString>,
}

/// A step that did not work, with the kernel's reason (0 if there is none).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) step: String,
    pub(super) errno: i32,
}

/// What the parent asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Build the sandbox. The first message, sent once.
    Setup(Setup),
    /// Start a command; three descriptors come along.
    Spawn {
        id: u64,
        argv: Vec<OsString>,
        env: Vec<(OsString, OsString)>,
        cwd: OsString,
        terminal: bool,
    },
    /// Open a pseudo-terminal.
    Terminal { id: u64, columns: u16, rows: u16 },
    /// Connect to a port on loopback.
    Connect { id: u64, port: u16 },
    /// Signal the process group of a command.
    Signal { pid: i32, signal: i32 },
}

/// What the helper answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// The sandbox stands; the listening sockets come along, and then the way in for calls of `az`.
    Ready,
    /// The sandbox could not be built.
    Refused(Failure),
    /// The command runs.
    Spawned { id: u64, pid: i32 },
    /// Both ends of the terminal come along, the controlling one first.
    Terminal { id: u64 },
    /// The connection comes along.
    Connected { id: u64 },
    /// Request `id` could not be done.
    Failed { id: u64, failure: Failure },
    /// A command ended; 128 + n for signal n.
    Exited { pid: i32, status: i32 },
}

/// Turns an error into a [`Failure`] of a named step.
pub(super) trait Step<T> {
    /// Names the step that failed, as a verb phrase: "mount /proc".
    fn step(self, step: impl Into<String>) -> Result<T, Failure>;
}

impl<T> Step<T> for nix::Result<T> {
    fn step(self, step: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|errno| Failure {
            step: step.into(),
            errno: errno as i32,
        })
    }
}

impl<T> Step<T> for io::Result<T> {
    fn step(self, step: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|e| Failure {
            step: step.into(),
            errno: e.raw_os_error().unwrap_or(0),
        })
    }
}

/// Sends one message with its descriptors.
pub(super) fn send<T: Serialize>(
    socket: &impl AsFd,
    message: &T,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let body = serde_json::to_vec(message).map_err(io::Error::other)?;
    if body.len() <= INLINE {
        return send_raw(socket, b'i', &body, descriptors);
    }
    let mut file = File::from(memfd_create("docproof-message", MFdFlags::MFD_CLOEXEC)?);
    file.write_all(&body)?;
    let mut all = vec![file.as_fd()];
    all.extend_from_slice(descriptors);
    send_raw(socket, b'f', &[], &all)
}

fn send_raw(
    socket: &impl AsFd,
    kind: u8,
    body: &[u8],
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let raw: Vec<_> = descriptors.iter().map(|fd| fd.as_raw_fd()).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let control = if raw.is_empty() { &[] } else { &rights[..] };
    let parts = [
        IoSlice::new(std::slice::from_ref(&kind)),
        IoSlice::new(body),
    ];
    let fd = socket.as_fd().as_raw_fd();
    loop {
        match sendmsg::<()>(fd, &parts, control, MsgFlags::MSG_NOSIGNAL, None) {
            Ok(_) => return Ok(()),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Receives one message with its descriptors (closed on exec); `None` if the other side is gone.
pub(super) fn receive<T: DeserializeOwned>(
    socket: &impl AsFd,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut buffer = vec![0_u8; INLINE + 1];
    let mut descriptors = Vec::new();
    let fd = socket.as_fd().as_raw_fd();
    let length = loop {
        let mut control = nix::cmsg_space!([std::os::fd::RawFd; DESCRIPTORS]);
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        match recvmsg::<()>(fd, &mut parts, Some(&mut control), flags) {
            Ok(message) => {
                for control in message.cmsgs()? {
                    if let ControlMessageOwned::ScmRights(raw) = control {
                        descriptors.extend(raw.into_iter().map(own));
                    }
                }
                break message.bytes;
            }
            Err(Errno::EINTR) => {}
            Err(Errno::ECONNRESET) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        }
    };
    let message = match buffer.get(..length) {
        None | Some([]) => return Ok(None),
        Some([b'f', ..]) if !descriptors.is_empty() => {
            let mut file = File::from(descriptors.remove(0));
            let mut body = Vec::new();
            file.seek(SeekFrom::Start(0))?;
            file.read_to_end(&mut body)?;
            serde_json::from_slice(&body)
        }
        Some([_, body @ ..]) => serde_json::from_slice(body),
    };
    Ok(Some((message.map_err(io::Error::other)?, descriptors)))
}

#[expect(
    unsafe_code,
    reason = "a received descriptor is a bare number until somebody owns it"
)]
fn own(raw: std::os::fd::RawFd) -> OwnedFd {
    // SAFETY: the kernel has just made this descriptor for us and nobody else knows its number.
    unsafe { OwnedFd::from_raw_fd(raw) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

    fn pair() -> (OwnedFd, OwnedFd) {
        socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )
        .unwrap()
    }

    #[test]
    fn a_closed_socket_is_the_end() {
        let (one, other) = pair();
        drop(other);
        assert!(receive::<Reply>(&one).unwrap().is_none());
    }

    #[test]
    fn a_long_message_and_its_descriptors_arrive() {
        let (one, other) = pair();
        let argv = vec![OsString::from("x".repeat(3_000_000))];
        let request = Request::Spawn {
            id: 7,
            argv,
            env: vec![],
            cwd: "/".into(),
            terminal: false,
        };
        send(&one, &request, &[one.as_fd(), other.as_fd()]).unwrap();
        let (received, descriptors) = receive::<Request>(&other).unwrap().unwrap();
        assert_eq!(descriptors.len(), 2);
        assert!(
            matches!(received, Request::Spawn { id: 7, argv, .. } if argv[0].len() == 3_000_000)
        );
    }
}
