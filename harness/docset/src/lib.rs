//! Articles on disk. [`Docset`] finds them and reads them with their includes, [`check()`] checks
//! them in parallel and tells what it found article by article, [`mend()`] applies fixes.
//!
//! What is wrong with an article, and how a finding is told, is core's; here is what needs a disk.

mod article;
mod check;
mod configuration;
mod files;
mod mend;
mod name;
mod parallel;
mod root;
mod texts;
mod write;

pub use check::{Check, Outcome, Settings, check};
pub use files::Argument;
pub use mend::{Mended, Refused, mend};
pub use texts::Docset;

/// A file or folder that cannot be used as it is: wrong usage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong and where, lower case, without a full stop.
    pub message: String,
    /// What can be done about it.
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
