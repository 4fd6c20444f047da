//! A scenario resolved against its article: everything the runner needs, nothing it must look up.

use super::draft::Draft;
use super::placeholder::Placeholder;
use super::requirement::Requirement;
use super::spec::Preparation;
use crate::coverage::{BlockUse, Coverage};
use crate::event::{AppliedCorrection, StandIn, StaticCheck, StepKind, StepNote};
use crate::markdown::PathChoice;
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
    /// The tabs and the pivot that it goes through.
    pub path: PathChoice,
    /// Hard-coded names of the article and what kind of thing each one names.
    pub names: Vec<(String, String)>,
    /// Roles that the reader has on the subscription beside Owner, by name. Articles leave such
    /// things to their prerequisites; a scenario says them, and every report shows them.
    pub reader_roles: Vec<String>,
    /// What a machine must have for any of it.
    pub requires: Vec<Requirement>,
    /// What is made ready before the first step.
    pub preparations: Vec<Preparation>,
    /// Includes that are not the article's own.
    pub stand_ins: Vec<StandIn>,
    /// The steps in reading order.
    pub steps: Vec<Step>,
    /// The blocks of the article, with the steps that use them.
    pub blocks: Vec<BlockUse>,
    /// The numbered instructions of the sections that the steps go through, with the step that
    /// follows each.
    pub instructions: Vec<(Position, Option<usize>)>,
    /// What checking says of the steps that require something.
    pub checked: Option<StaticCheck>,
    /// Why there is nothing in it to run, if it has no steps.
    pub nothing: Option<String>,
}

impl Walkthrough {
    /// Whether it runs programs beside shells: Python, so far.
    pub fn has_programs(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.shell == ShellKind::Python)
    }

    /// How much of the article is used where the steps ran for which `ran` says so.
    pub fn coverage(&self, ran: &dyn Fn(usize) -> bool) -> Coverage {
        let mut coverage = Coverage::of(&self.blocks, ran);
        for (position, step) in &self.instructions {
            if step.is_some_and(ran) {
                coverage.instructions += 1;
            } else {
                coverage.instructions_left.push(position.clone());
            }
        }
        coverage
    }
}

/// One step: a block of the article, and what must come of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// What the step does, in the scenario's words.
    pub name: String,
    /// Where the block's first line of code stands; or the first of the instructions, or the
    /// scenario's command.
    pub position: Position,
    /// What it is.
    pub kind: StepKind,
    /// What is run or written.
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
    /// What a report must show of it.
    pub notes: Vec<StepNote>,
    /// What the reader fills in, here and everywhere; what is said for this step comes first.
    pub placeholders: Vec<Placeholder>,
    /// What is typed when a command asks, in this order.
    pub answers: Vec<Answer>,
    /// What a machine must have for it.
    pub requires: Vec<Requirement>,
    /// The scenario's lines after those of the block.
    pub then: Vec<Line>,
    /// The command that proves that the step did its work.
    pub proof: Option<Proof>,
    /// The file that the block is written to.
    pub file: Option<WrittenFile>,
    /// Why it is never run.
    pub skip: Option<String>,
    /// The earlier steps that it cannot do without.
    pub needs: Vec<String>,
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
    /// The command prompt of Windows.
    Cmd,
    /// PowerShell.
    PowerShell,
    /// No shell: Python, handed to `python3`.
    Python,
}

/// What is typed when a command asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the command asks, as it prints it.
    pub prompt: String,
    /// What is typed.
    pub typed: String,
    /// The command may also not ask.
    pub optional: bool,
}

/// A command that proves that a step did its work; it is the scenario's.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The command.
    pub script: Script,
    /// What must come of it.
    pub expectations: Vec<Expectation>,
}

/// A file that a block is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Its path, from the folder the reader works in.
    pub path: String,
    /// What the block is put into.
    pub into: Option<Template>,
}

/// A file of the scenario with a mark where a block is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The file.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// The mark in a [`Template`].
pub const TEMPLATE_MARK: &str = "{{block}}";

impl WrittenFile {
    /// The file's content with this block. Where the mark stands alone on a line, each line of the
    /// block is indented as it is.
    pub fn content(&self, block: &Script) -> String {
        let block = block.text();
        let Some(template) = &self.into else {
            return block;
        };
        let mut content = String::new();
        for line in template.text.split_inclusive('\n') {
            let Some((before, after)) = line.split_once(TEMPLATE_MARK) else {
                content.push_str(line);
                continue;
            };
            let indent = if before.trim().is_empty() { before } else { "" };
            content.push_str(before);
            let lines = block.trim_end_matches('\n').split('\n');
            for (number, line) in lines.enumerate() {
                if number > 0 {
                    content.push('\n');
                    content.push_str(if line.trim().is_empty() { "" } else { indent });
                }
                content.push_str(line);
            }
            content.push_str(after);
        }
        content
    }
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
    /// The command fails, and what it prints matches this regular expression.
    Error {
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
