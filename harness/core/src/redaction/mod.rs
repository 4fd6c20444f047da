//! Secrets and ids that a run has met, kept out of everything that it says: [`Tracker`].
//!
//! [`crate::report::mask_secrets`] knows what secrets look like. A tracker knows the very values: it is told
//! them where they appear ([`Tracker::track`]), finds them in answers and output
//! ([`Tracker::learn`]), and replaces them in every text ([`Tracker::redact`]) and stream
//! ([`Tracker::stream`]), however they are written there: plain, percent-encoded, in base64 at any
//! alignment, escaped as in JSON, in HTML or by a shell, in any case, broken into lines.

mod find;
mod forms;
mod kind;
mod learn;
mod stream;
mod tracker;

pub use kind::{Kind, Tracked};
pub use stream::Stream;
pub use tracker::Tracker;
