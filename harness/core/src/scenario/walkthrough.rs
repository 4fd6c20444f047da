//! A scenario resolved against its article: everything the runner needs, nothing it must look up.

use super::draft::Draft;
use crate::event::{AppliedCorrection, Coverage};
use crate::source::Position;
use std::time::Duration;

/// One way through an article, ready to run.
#[derive(Debug, Clone)]
pub struct Walkthrough {
    /// The scenario's id: its file's name without `.toml`.
    pub id: String,
    /// The scenario's title.
    pub title: String,
    /// The article's file, relative to the folder docproof was started in.
    pub article: String,
    /// Hard-coded names of the article and what kind of thing each one names.
    pub names: Vec<(String, String)>,
    /// Roles that the reader has on the subscription beside Owner, by name. Articles leave such
    /// things to their prerequisites; a scenario says them, and every report shows them.
    pub reader_roles: Vec<String>,
    /// The steps in reading order.
    pub steps: Vec<Step>,
    /// How much of the article this walkthrough uses.
    pub coverage: Coverage,
}

/// One step: a block of the article, and what must come of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// What the step does, in the scenario's words.
    pub name: String,
    /// Where the block's first line of code stands.
    pub position: Position,
    /// What is run.
    pub script: Script,
    /// The shell that the block is written for.
    pub shell: ShellKind,
    /// Where the block is typed.
    pub elsewhere: Elsewhere,
    /// What must hold after it ran.
    pub expectations: Vec<Expectation>,
    /// Corrections already worked into `script` and `expectations`.
    pub corrections: Vec<AppliedCorrection>,
    /// How long it may take.
    pub timeout: Duration,
    /// What the corrections were worked into.
    pub(super) draft: Draft,
}

/// The text of a block, each line with its place in the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The lines as they are run.
    pub lines: Vec<Line>,
}

/// One line of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The text without its line end.
    pub text: String,
    /// Where it begins in the article.
    pub position: Position,
}

impl Script {
    /// The whole text, a line end after each line.
    pub fn text(&self) -> String {
        self.lines
            .iter()
            .flat_map(|line| [line.text.as_str(), "\n"])
            .collect()
    }
}

/// Languages in which a block can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellKind {
    /// `bash`, also for `azurecli` and `console` fences.
    Bash,
}

/// Which shell a block is typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// The reader's own terminal.
    Here,
    /// The reader's own terminal; the block's last command opens a shell inside a container
    /// (`az container exec`), and stays open for the steps marked [`Elsewhere::Inside`].
    Opens,
    /// The shell inside the container that an earlier step opened. It is left before the next step
    /// that is not marked so.
    Inside,
}

/// What must hold after a step.
#[derive(Debug, Clone)]
pub enum Expectation {
    /// The output the article shows.
    Sample(Sample),
    /// Standard output is JSON that has these values at these JSON pointers.
    Json {
        /// Where the scenario asks for it.
        position: Position,
        /// Pointer and value.
        values: Vec<(String, serde_json::Value)>,
    },
    /// Standard output, trimmed, is this text.
    Text {
        /// Where the scenario asks for it.
        position: Position,
        /// The text.
        text: String,
    },
    /// Standard output matches this regular expression.
    Matches {
        /// Where the scenario asks for it.
        position: Position,
        /// The expression.
        pattern: regex::Regex,
    },
}

/// Output that the article shows after a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Where the sample's first line stands.
    pub position: Position,
    /// The sample's lines, corrections worked in.
    pub lines: Vec<Line>,
}
