//! What can be wrong with a scenario: [`ScenarioError`] by itself, [`ResolveError`] on its article.

use crate::source::Position;

/// A scenario file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {message}")]
pub struct ScenarioError {
    /// Where in the scenario file.
    pub position: Position,
    /// What is wrong, in lower case without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A scenario that does not fit its article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {message}")]
pub struct ResolveError {
    /// Where in the scenario file.
    pub position: Position,
    /// The step, if one step is at fault.
    pub step: Option<String>,
    /// What does not fit, in lower case without a full stop.
    pub message: String,
    /// The place in the article that it is about, if there is one.
    pub article: Option<Position>,
    /// What to do about it.
    pub help: Option<String>,
}
