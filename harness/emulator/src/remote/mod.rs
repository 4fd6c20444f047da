//! An emulator in another process: what it and whoever drives it say to each other.
//!
//! The emulator has no way to start containers, and shall have none: it asks. On its side there is
//! [`RemoteWorkloads`]; on the other side somebody who has an engine answers ([`Link`]). One
//! connection carries messages and the bytes of terminals, logs and layers, each on a channel of its
//! own (`wire`, `link`).

mod link;
mod message;
mod wire;
mod workloads;

pub use link::{Link, LinkError};
pub use message::{Answer, Asked, Files, Hello, Layer, Question, Refusal, RemoteContainer};
pub use workloads::{RemoteWorkloads, drive};
