//! The reader's terminal: one [`Session`] per walkthrough, a bash that keeps its state.
//!
//! Blocks are sourced one after the other, so that variables, functions, the folder and options
//! persist. A block that opens a shell in a container runs on the session's pseudo-terminal, and
//! the blocks after it are typed there (see `inner`).

mod asked;
mod channel;
mod inner;
mod outcome;
mod shell;

pub use outcome::{BlockOutcome, CommandError, SessionError};
pub use shell::Session;
