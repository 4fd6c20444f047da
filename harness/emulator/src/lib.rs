//! Azure on loopback: an emulator that answers as Azure does, without the cloud.
//!
//! The main type is [`Emulator`]. It knows nothing of articles; it serves sockets that somebody
//! else opened ([`Network`]), and each socket says who is at its other end ([`Origin`]).

mod clock;
mod context;
mod emulator;
mod faults;
mod http;
pub mod identity;
pub mod remote;
mod server;
mod service;
mod snapshot;
mod store;
pub mod workload;

mod arm;
mod services;

pub use clock::Clock;
pub use emulator::{Clients, Config, Emulator, Exchange, Network, Serving, StartError};
pub use faults::Faults;
pub use http::{Origin, WorkloadId};
pub use snapshot::Snapshot;
