//! Proves that the emulator answers as Azure does: recorded exchanges are sent to it again, in
//! order, and its answers are compared with the recorded ones.
//!
//! The main function is [`replay()`]: one [`Recording`] against an emulator of its own. A
//! [`Report`] counts the [`Result`](Outcome)s by service. What is known to differ, and why, is
//! [`Known`]; what was reached once must not be lost, which is [`Floors`].

mod bindings;
mod compare;
mod images;
mod known;
mod openapi;
mod prepare;
mod recording;
mod replay;
mod report;
mod service;
mod session;
mod types;
mod workloads;

pub use compare::Difference;
pub use known::{Floors, Known, KnownError, Violations};
pub use openapi::Apis;
pub use recording::{Exchange, ReadError, Recording};
pub use replay::{
    Outcome, ReplayError, Verdict, recorded_requests, recorded_types, replay, replay_typed,
};
pub use report::{Report, ServiceCount};
pub use service::service_of;
pub use types::{Checked, TypeError, Types};
pub use workloads::Still;
