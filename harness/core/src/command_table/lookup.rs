//! Finds the command that words name: [`Table::look_up`].

use super::arguments::{Given, Open};
use super::table::{Command, Group, Node, Table};

/// What the words behind `az` name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'t> {
    /// A command.
    Command {
        /// The command.
        command: Command<'t>,
        /// The first word behind its name.
        rest: usize,
    },
    /// A group, and no command of it.
    Group {
        /// The group.
        group: Group<'t>,
        /// The first word behind its name.
        rest: usize,
    },
    /// Help is asked for, of a group or of `az` itself, or the version.
    Help,
    /// Something that a group does not have.
    Unknown {
        /// The group.
        group: Group<'t>,
        /// The word that it does not have.
        word: usize,
    },
    /// Only running tells.
    Open,
}

/// The options of `az` itself that take a value.
const WITH_VALUE: [&str; 3] = ["--output", "-o", "--query"];

impl Table {
    /// What the words behind `az` name. As `az` does, upper and lower case are the same in a
    /// command's words.
    pub fn look_up(&self, words: &[Given]) -> Lookup<'_> {
        let mut group = self.root();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if word.open != Open::No {
                return Lookup::Open;
            }
            let text = word.text.as_str();
            if text.starts_with('-') {
                if matches!(text, "-h" | "--help") || at == 0 && matches!(text, "--version" | "-v")
                {
                    return Lookup::Help;
                }
                // `az --debug group list` is read, `az group --debug list` is not.
                if group == self.root() {
                    at += 1 + usize::from(WITH_VALUE.contains(&text));
                    continue;
                }
                return Lookup::Group { group, rest: at };
            }
            let name = text.to_lowercase();
            if at == 0 && name == "help" {
                return Lookup::Help;
            }
            match group.child(&name) {
                Some(Node::Group(inner)) => group = inner,
                Some(Node::Command(command)) => {
                    let rest = at + 1;
                    return Lookup::Command { command, rest };
                }
                None => return Lookup::Unknown { group, word: at },
            }
            at += 1;
        }
        Lookup::Group { group, rest: at }
    }
}
