//! A scenario before it is written down: [`Sketch`].

use crate::markdown::PathChoice;
use crate::source::Position;

/// What a reader of one way through an article does, and what has to be there for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Sketch {
    pub(super) title: String,
    pub(super) article: String,
    /// The file that most of its blocks stand in.
    pub(super) own_file: String,
    pub(super) path: PathChoice,
    pub(super) sections: Vec<String>,
    pub(super) without: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) requires: Vec<String>,
    /// Names of things, and what kind of thing each names.
    pub(super) names: Vec<(String, String)>,
    pub(super) placeholders: Vec<(String, Filling)>,
    pub(super) preparations: Vec<Prepared>,
    pub(super) steps: Vec<Planned>,
    pub(super) guesses: Vec<Guessed>,
}

/// What a placeholder is filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filling {
    /// This text.
    Text(String),
    /// What the step of this name printed.
    Printed(String),
}

/// Something that is made ready before the first step.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) why: String,
    pub(super) run: String,
    pub(super) keep: Vec<String>,
    /// What in the article takes it for granted.
    pub(super) place: Position,
}

/// A step.
#[derive(Debug, Clone, Default)]
pub(super) struct Planned {
    pub(super) name: String,
    /// The block's address; none for a command that is not in the article.
    pub(super) block: Option<String>,
    /// The first line of the block, for whoever reads the scenario.
    pub(super) comment: String,
    pub(super) run: Option<String>,
    pub(super) why: Option<String>,
    pub(super) inside: bool,
    pub(super) file: Option<String>,
    pub(super) requires: Vec<String>,
    pub(super) needs: Vec<String>,
    pub(super) skip: Option<String>,
    /// Commands of it ask whether they may go on.
    pub(super) asks: usize,
    /// The command is to fail with this: what the article shows is an error.
    pub(super) error: Option<String>,
    /// What the article shows after it is not compared; `why` says why.
    pub(super) sample_off: bool,
    /// Where in the article it belongs.
    pub(super) place: Option<Position>,
}

impl Planned {
    /// Whether a machine may not run it.
    pub(super) fn may_be_left(&self) -> bool {
        !self.requires.is_empty() || !self.needs.is_empty() || self.skip.is_some()
    }
}

/// A guess, with the place that it is about.
#[derive(Debug, Clone)]
pub(super) struct Guessed {
    pub(super) place: Position,
    pub(super) guess: String,
    pub(super) why: String,
}
