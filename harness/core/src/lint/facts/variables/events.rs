//! What happens to variables: [`Event`].

use std::ops::Range;

/// Something that happens to a shell's variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where, in the block's text.
    pub range: Range<usize>,
    /// The variable, as it is written; without a PowerShell scope. Empty if it concerns any.
    pub name: String,
    /// The variable's index in [`super::Variables::all`].
    pub variable: usize,
    /// What happens.
    pub kind: EventKind,
}

/// What happens to a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// It is set.
    Set(Setting),
    /// It is read.
    Read(Reading),
    /// A script or an evaluated text may set any.
    MaySetAny,
    /// Another shell begins, in a container, without the variables of this one.
    EntersContainer,
    /// A shell ends.
    Leaves,
}

/// How a variable is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Who can read it from then on.
    pub scope: Scope,
    /// Programs that the shell starts can read it.
    pub exported: bool,
    /// It counts or goes through a loop.
    pub loops: bool,
    /// What it is set to, where that is written out.
    pub value: Option<String>,
}

/// Who can read what was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every command that follows.
    Shell,
    /// Only the commands of the same substitution or subshell.
    Subshell,
    /// Only the one command that it stands before.
    Command,
}

/// How a variable is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// It may be unset: it has a default, or is tested.
    pub optional: bool,
    /// It is read when the function around it is called.
    pub deferred: bool,
    /// The option whose value it is, and nothing else: `--resource-group`.
    pub option: Option<String>,
    /// It is text of a here-document.
    pub in_here_document: bool,
    /// What stands behind the name, as in [`crate::shell::PartKind::Variable`].
    pub operator: Option<String>,
    /// The command that it is an argument of.
    pub command: Option<String>,
}
