//! The emulator's network side: names, certificates, HTTP, and the log of every request.

mod authority;
mod clients;
mod control;
mod dns;
mod log;
mod quiet;
mod serving;

pub(crate) use authority::Authority;
pub use clients::Clients;
pub use log::Exchange;
pub(crate) use log::RequestLog;
pub use serving::{Network, Serving};
pub(crate) use serving::{Who, exchange, serve};
