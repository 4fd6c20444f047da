//! What a run says while it goes on: [`Event`], the only input of every reporter.

use crate::source::Position;
use serde::{Deserialize, Serialize};

/// How one step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// Every command ended with 0 and every expectation held.
    Passed,
    /// A command failed or an expectation did not hold.
    Failed,
    /// The emulator does not have what the step asked for; says nothing about the article.
    NotEmulated,
    /// The environment did not let the step run.
    CouldNotRun,
    /// Not run, because an earlier step did not pass.
    Skipped,
}

/// How a whole walkthrough ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every step passed.
    Passed,
    /// A step failed.
    Failed,
    /// A step needs what the emulator does not have.
    NotEmulated,
    /// The environment did not let it run.
    CouldNotRun,
}

/// A change to the article that a scenario makes, as shown in every report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedCorrection {
    /// Where the replaced text stands in the article.
    pub position: Position,
    /// What the article says.
    pub find: String,
    /// What was run or expected in its place.
    pub replace: String,
    /// Why the article's own text does not work.
    pub why: String,
}

/// One request that a step's commands made to the emulator, with its answer's status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// The HTTP method.
    pub method: String,
    /// Scheme, host, path and query, secrets masked.
    pub url: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error code in the answer's body, if it is an error.
    pub error: Option<String>,
}

/// Why a step did not pass: file, line, what was expected, what happened, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Where in the article.
    pub position: Position,
    /// What went wrong, in one line: lower case, without a full stop.
    pub message: String,
    /// The command as run, if one command is at fault.
    pub command: Option<String>,
    /// What the article (or the scenario) says should have come, if that is what differed.
    pub expected: Option<String>,
    /// What came: standard error of the command, or the differing output; secrets masked.
    pub actual: Option<String>,
    /// What to do next.
    pub help: Option<String>,
}

/// Seconds of a step or walkthrough, by who spent them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Wall time in seconds.
    pub seconds: f64,
    /// Seconds during which the emulator had a request in hand.
    pub emulator_seconds: f64,
    /// Seconds of the harness itself: before and after the shell ran the block.
    pub harness_seconds: f64,
}

/// What a run says, in order. The last event of a walkthrough is its [`Event::Verdict`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A walkthrough begins.
    Started {
        /// The scenario's id: its file's name without `.toml`.
        scenario: String,
        /// The scenario's title.
        title: String,
        /// The target's name.
        target: String,
        /// The article's file.
        article: String,
        /// How many steps it has.
        steps: usize,
        /// Whether the article is run as it is published, corrections coming in only where it fails.
        as_published: bool,
        /// Roles that the reader has on the subscription beside Owner.
        reader_roles: Vec<String>,
    },
    /// A step begins.
    StepStarted {
        /// The scenario's id.
        scenario: String,
        /// The target's name.
        target: String,
        /// The step's name.
        name: String,
        /// Its number, from 0.
        index: usize,
        /// Where its block stands in the article.
        position: Position,
    },
    /// A step that failed as published is run again with corrections, in a new environment, after
    /// all steps before it. If they mend it, it ends once more, and the run goes on after it.
    StepAgain {
        /// The scenario's id.
        scenario: String,
        /// The target's name.
        target: String,
        /// The step's name.
        name: String,
        /// Its number, from 0.
        index: usize,
        /// The corrections that are tried, of this step or of steps before it.
        corrections: Vec<AppliedCorrection>,
    },
    /// A step ended.
    StepFinished {
        /// The scenario's id.
        scenario: String,
        /// The target's name.
        target: String,
        /// The step's name.
        name: String,
        /// Its number, from 0.
        index: usize,
        /// Where its block stands in the article.
        position: Position,
        /// How it ended.
        outcome: StepOutcome,
        /// How long it took.
        timing: Timing,
        /// Corrections that were applied to it; after [`Event::StepAgain`], those that mended it.
        corrections: Vec<AppliedCorrection>,
        /// Stand-in values of the article that were replaced by real ones, `from` and `to`.
        filled_in: Vec<(String, String)>,
        /// Why it did not pass.
        failure: Option<Failure>,
        /// The requests its commands made.
        requests: Vec<RequestLine>,
    },
    /// A walkthrough ended.
    Verdict {
        /// The scenario's id.
        scenario: String,
        /// The target's name.
        target: String,
        /// How it ended.
        outcome: Outcome,
        /// How many corrections were applied.
        corrections: usize,
        /// Each step's name, place, outcome and time; as published, how it ended as published.
        steps: Vec<StepSummary>,
        /// How long all of it took.
        timing: Timing,
        /// Blocks of the article: run here, and in all on the chosen path.
        coverage: Coverage,
        /// What failed, in order: more than one only as published.
        failures: Vec<Failure>,
        /// Corrections without which everything passed; known only as published, at the end.
        not_needed: Vec<AppliedCorrection>,
    },
}

/// One line of the verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepSummary {
    /// The step's name.
    pub name: String,
    /// The article's file.
    pub file: String,
    /// The line of the block's first line of code.
    pub line: u32,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Wall time in seconds.
    pub seconds: f64,
}

/// How much of the article a walkthrough uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Blocks that were run.
    pub run: usize,
    /// Samples that were compared.
    pub compared: usize,
    /// Blocks on the chosen path that the scenario does not use.
    pub unused: usize,
}
