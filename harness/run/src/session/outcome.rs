//! How a block went: [`BlockOutcome`], or [`SessionError`] when the shell itself gave out.

use crate::environment::EnvironmentError;
use std::time::Duration;

/// A command of a block that did not end with 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    /// Index of the line in the block on which the command begins.
    pub line: usize,
    /// Its exit status.
    pub status: i32,
}

/// What came of a block.
#[derive(Debug, Clone, Default)]
pub struct BlockOutcome {
    /// The status of the block's last command.
    pub status: i32,
    /// Each command that failed, in order.
    pub errors: Vec<CommandError>,
    /// What went to standard output; on a terminal, everything.
    pub stdout: String,
    /// What went to standard error.
    pub stderr: String,
    /// From handing the block to the shell until the shell said that it is through.
    pub elapsed: Duration,
}

/// Why a block has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The block did not end in time.
    #[error("the block was still running after {} s", limit.as_secs())]
    TimedOut {
        /// The step's limit.
        limit: Duration,
        /// What it had printed.
        output: String,
    },
    /// The shell ended in the middle of a block (`exit`, `exec`, a signal).
    #[error("the shell ended with status {status} in the middle of the block")]
    Ended {
        /// Its exit status.
        status: i32,
        /// What the block had printed.
        output: String,
    },
    /// A command waits for an answer that the scenario does not have.
    #[error("a command asks, and nobody answers: {question}")]
    Asked {
        /// What it asks.
        question: String,
        /// What the block had printed.
        output: String,
    },
    /// The block went through without the question that the scenario answers.
    #[error("no command asked `{prompt}`")]
    NotAsked {
        /// The question.
        prompt: String,
        /// What the block printed.
        output: String,
    },
    /// There is no shell in a container to type into.
    #[error("no shell is open in a container")]
    NoInnerShell,
    /// The machine refused.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// Reading or writing the shell's channels failed.
    #[error("the shell's channels failed: {0}")]
    Channel(#[from] std::io::Error),
}
