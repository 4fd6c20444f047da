//! What a scenario file says of its steps and preparations, before it meets its article.

use super::placeholder::Placeholder;
use super::requirement::Requirement;
use super::walkthrough::{Answer, Expectation, Line, Proof};
use crate::source::Position;
use std::time::Duration;

/// A hard-coded name of the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name as the article writes it.
    pub name: String,
    /// What kind of thing it names.
    pub kind: String,
    /// Where the scenario says so.
    pub position: Position,
}

/// One step as the scenario file says it.
#[derive(Debug, Clone)]
pub struct StepSpec {
    /// What the step does; unique in the scenario.
    pub name: String,
    /// What is run or written.
    pub does: Does,
    /// Where the scenario says what.
    pub position: Position,
    /// Whether it is typed into the shell that an earlier step opened in a container.
    pub in_container: bool,
    /// What must hold beyond the article's samples.
    pub expectations: Vec<Expectation>,
    /// Whether the samples that follow the block are compared.
    pub sample: bool,
    /// How long it may take.
    pub timeout: Duration,
    /// What it changes in the article.
    pub corrections: Vec<Correction>,
    /// What the reader fills in here, and not the same everywhere.
    pub placeholders: Vec<Placeholder>,
    /// What is typed when a command asks.
    pub answers: Vec<Answer>,
    /// What a machine must have for it.
    pub requires: Vec<Requirement>,
    /// Whether the block is Python, whatever its fence says.
    pub python: bool,
    /// The scenario's lines after those of the block.
    pub then: Vec<Line>,
    /// The command that proves that the step did its work.
    pub proof: Option<Proof>,
    /// Why it is never run.
    pub skip: Option<String>,
    /// The earlier steps that it cannot do without: it is not run where one of them was not.
    pub needs: Vec<String>,
}

/// What was guessed of an article when a scenario was made from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The place in the article that it is about.
    pub position: Position,
    /// What was guessed.
    pub guess: String,
    /// From what.
    pub why: String,
}

/// What a step runs or writes.
#[derive(Debug, Clone)]
pub enum Does {
    /// A block of the article is run.
    Block {
        /// Its address: `section-slug#n`.
        address: String,
    },
    /// A block of the article is written to a file.
    File {
        /// Its address.
        address: String,
        /// The file, in the folder the reader works in.
        file: String,
        /// A file of the scenario that the block is put into, at its mark.
        into: Option<(String, Position)>,
    },
    /// A command that is not in the article.
    Own {
        /// The command.
        lines: Vec<Line>,
        /// Why it is there: what the article leaves to its reader.
        why: String,
    },
    /// Numbered instructions of the article.
    Manual {
        /// Their section's slug.
        section: String,
        /// Which of the section's numbered instructions, from 1, in order.
        numbers: Vec<usize>,
        /// The command that does the same.
        lines: Vec<Line>,
    },
}

/// A change to the article, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What is changed.
    pub target: CorrectionTarget,
    /// The article's text, which must be there exactly once.
    pub find: String,
    /// What takes its place.
    pub replace: String,
    /// Why the article's own text does not work.
    pub why: String,
    /// Where the scenario says it.
    pub position: Position,
}

/// What a correction changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionTarget {
    /// The commands of the step's block.
    Command,
    /// The samples that follow it.
    Sample,
}

/// What the article takes for granted, made ready before the first step. It is not part of the
/// article, and when it fails, nothing is said about the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preparation {
    /// The prerequisite, in the article's words.
    pub why: String,
    /// The commands. They run in a subshell of the reader's shell: what they set is gone after them.
    pub lines: Vec<Line>,
    /// The file beside the scenario that the commands are in, if several scenarios share them.
    pub file: Option<String>,
    /// The variables that stay: those that the article tells its reader to have.
    pub keep: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// Where the scenario says it.
    pub position: Position,
}
