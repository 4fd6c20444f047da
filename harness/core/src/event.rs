//! What a run says while it goes on: [`Event`], the only input of every reporter.

pub use crate::coverage::{ArticleCoverage, BlockCoverage, BlockState, Coverage, PathCoverage};
use crate::diagnostic::Severity;
use crate::markdown::PathChoice;
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
    /// Not run, because this machine lacks what the step requires; says nothing about the article.
    NotRun,
}

impl StepOutcome {
    /// Whether the step's commands ran.
    pub fn ran(self) -> bool {
        matches!(self, Self::Passed | Self::Failed | Self::NotEmulated)
    }
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
    /// This machine lacks what it requires, so it was only checked: neither passed nor failed.
    NotRun,
}

/// What a step is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// A block of the article is run.
    #[default]
    Block,
    /// A command that the article leaves to its reader; it is the scenario's own.
    Added,
    /// A block of the article is written to a file.
    File,
    /// Instructions of the article that are done by hand; a command does the same.
    Manual,
}

/// What a report must show of a step beside its name: what in it is not the article's, and what it
/// stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepNote {
    /// What is told.
    pub about: NoteKind,
    /// The text: a command, an instruction, a file's name.
    pub text: String,
    /// The reason, if there is one to give.
    pub why: Option<String>,
    /// Where it stands, in the article or in the scenario.
    pub position: Option<Position>,
}

/// What a [`StepNote`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// Commands or lines that are the scenario's, not the article's.
    Added,
    /// A numbered instruction of the article.
    Instruction,
    /// The command that was run in place of instructions.
    DoneBy,
    /// The command that proves that they were followed.
    Proof,
    /// The file that a block was written to.
    Written,
    /// What a block of another shell was run as.
    Translated,
    /// What was typed when a command asked.
    Answered,
    /// What stands in for something that this machine does not have.
    StandIn,
    /// What was tried again after a wait, since Azure only needed time.
    Waited,
    /// What was guessed of an article that has no scenario, or when its scenario was made.
    Guessed,
}

/// An include that was missing and was written anew, so that the article can be gone through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// Its file.
    pub file: String,
    /// What it was written from.
    pub why: String,
}

/// What checking says of the blocks that were not run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticCheck {
    /// What is wrong with them as they are published.
    pub published: Vec<CheckFinding>,
    /// What is still wrong with them once the scenario's corrections are made.
    pub corrected: Vec<CheckFinding>,
}

/// A finding of `docproof check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckFinding {
    /// Where.
    pub position: Position,
    /// How much it matters.
    pub severity: Severity,
    /// The rule that found it.
    pub rule: String,
    /// What is wrong.
    pub message: String,
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// The HTTP method.
    pub method: String,
    /// Scheme, host, path and query, secrets masked.
    pub url: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error code in the answer's body, if it is an error.
    pub error: Option<String>,
    /// What the answer's body says of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The command of `az` that asked, as it names itself: `group create`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// What a step's block printed, where something was expected of it or it failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Standard output, or its beginning; secrets masked.
    pub output: String,
    /// Where it is not as expected.
    pub differences: Vec<Difference>,
}

/// One place where a step's output is not as expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Where the article or the scenario says what is expected.
    pub position: Position,
    /// Where in the output, as a JSON pointer, if the output is JSON.
    pub pointer: Option<String>,
    /// What is expected; nothing, if it should not be there.
    pub expected: String,
    /// What came; nothing, if it is missing.
    pub actual: String,
    /// In which way it differs, in one line.
    pub message: String,
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
        /// How many commands prepare what the article takes for granted.
        preparations: usize,
        /// Includes that are not the article's own.
        stand_ins: Vec<StandIn>,
        /// What a machine must have for it, by name.
        requires: Vec<String>,
        /// The tabs and the pivot that it goes through.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<PathChoice>,
    },
    /// What the article takes for granted is made ready. It comes before the first step, is told once
    /// for a walkthrough, and counts as no step.
    Preparing {
        /// The scenario's id.
        scenario: String,
        /// The target's name.
        target: String,
        /// Its number, from 0.
        index: usize,
        /// The prerequisite, in the article's words.
        why: String,
    },
    /// That is done, or could not be: then nothing is said about the article.
    Prepared {
        /// The scenario's id.
        scenario: String,
        /// The target's name.
        target: String,
        /// Its number, from 0.
        index: usize,
        /// The prerequisite, in the article's words.
        why: String,
        /// The commands, which are the scenario's own.
        command: String,
        /// Where the scenario says it.
        position: Position,
        /// How it ended: passed, not emulated or could not run.
        outcome: StepOutcome,
        /// How long it took; counted apart from the walkthrough.
        seconds: f64,
        /// Why it could not be done.
        failure: Option<Failure>,
        /// The requests its commands made.
        requests: Vec<RequestLine>,
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
        /// Where its block stands in the article; where the scenario says it, if it is in none.
        position: Position,
        /// What it is.
        kind: StepKind,
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
        /// Where its block stands in the article; where the scenario says it, if it is in none.
        position: Position,
        /// What it is.
        kind: StepKind,
        /// What else there is to show of it.
        notes: Vec<StepNote>,
        /// How it ended.
        outcome: StepOutcome,
        /// How long it took.
        timing: Timing,
        /// Corrections that were applied to it; after [`Event::StepAgain`], those that mended it.
        corrections: Vec<AppliedCorrection>,
        /// Placeholders and stand-in values of the article that were replaced by real ones, `from`
        /// and `to`.
        filled_in: Vec<(String, String)>,
        /// Why it did not pass.
        failure: Option<Failure>,
        /// What this machine lacks for it, if it was not run for that.
        not_run: Option<String>,
        /// The requests its commands made.
        requests: Vec<RequestLine>,
        /// What its block printed, where something was expected of it or it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        printed: Option<Printed>,
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
        /// How long all of it took, preparation apart.
        timing: Timing,
        /// How long the preparation took.
        preparation_seconds: f64,
        /// How much of the article was used.
        coverage: Coverage,
        /// What this machine lacks for it, if it was not run for that.
        not_run: Option<String>,
        /// What checking says of the blocks that were not run for that.
        checked: Option<StaticCheck>,
        /// What failed, in order: more than one only as published.
        failures: Vec<Failure>,
        /// Corrections without which everything passed; known only as published, at the end.
        not_needed: Vec<AppliedCorrection>,
    },
    /// All walkthroughs have ended: how much of each article they used together.
    Coverage {
        /// The articles, by file.
        articles: Vec<ArticleCoverage>,
    },
}

impl Event {
    /// The scenario and the target of the run that it is of, if it is of one.
    pub fn run(&self) -> Option<(&str, &str)> {
        match self {
            Event::Started {
                scenario, target, ..
            }
            | Event::Preparing {
                scenario, target, ..
            }
            | Event::Prepared {
                scenario, target, ..
            }
            | Event::StepStarted {
                scenario, target, ..
            }
            | Event::StepAgain {
                scenario, target, ..
            }
            | Event::StepFinished {
                scenario, target, ..
            }
            | Event::Verdict {
                scenario, target, ..
            } => Some((scenario, target)),
            Event::Coverage { .. } => None,
        }
    }
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
    /// What it is.
    pub kind: StepKind,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Wall time in seconds.
    pub seconds: f64,
}
