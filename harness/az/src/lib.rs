//! `az` without its start-up: one process imports azure-cli once and forks for each call.
//!
//! ```text
//! a shell -> az (the program that uses this crate, under another name) -- socket --> server.py
//!                                                                         \ fork ->  attendant -> worker
//! ```
//!
//! The client ([`enter_if_called`]) passes arguments, environment, working folder, descriptors, mask
//! and ignored signals over a socket on an abstract address of its network namespace ([`SOCKET`]). The
//! server ([`server()`]) is run by the interpreter that `az` itself would have taken ([`Launch`]); its
//! fork runs azure-cli's own `__main__`, unchanged, with the state of a fresh start. It is either told
//! of sandboxes and enters them, or of sockets where it is itself, or it answers alone, in the container
//! that it is in ([`answer_alone`], for which [`install`] leaves the program).
//!
//! What cannot be made as it would be is made by the real `az`: a variable that azure-cli reads while
//! it is imported has another value, extensions are kept elsewhere, `az` is a script of a form that is
//! not known, the server ended. Where a call differs all the same: its worker is in a session of its
//! own, so `/dev/tty` is opened for it, and a program that it starts has no controlling terminal.

mod alone;
mod client;
mod launch;
mod path;
mod server;

pub use alone::{PREPARE, answer_alone, install};
pub use client::enter_if_called;
pub use launch::Launch;
pub use server::{Place, server};

/// Where the server is called, in the abstract namespace of a network.
pub const SOCKET: &[u8] = b"docproof-az";
/// The same as a file, in the folder that [`BIN`] is in: where nothing is sealed, an abstract address would be
/// everybody's. If it is there, it is taken.
pub const SOCKET_FILE: &str = "socket";
/// The link to the real `az`, beside the folder that is on PATH; where there is none, it is the next
/// one on PATH.
pub const PLAIN: &str = "plain-az";
/// The folder that is put first on PATH, in the one that this is all in.
pub const BIN: &str = "bin";
/// What the client is called, and what it stands in for.
const AZ: &str = "az";
