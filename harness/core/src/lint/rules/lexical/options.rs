//! Which options a call of `az` has: [`Options`].

use crate::command_table::{Arity, Command, Given, Lookup, Open, Table, is_option};
use crate::shell::Word;

/// The options of the command that a call names.
pub(super) struct Options<'t> {
    /// None for a command of an extension and for what is no command.
    command: Option<Command<'t>>,
}

impl<'t> Options<'t> {
    /// The options of the call with these words, `az` the first.
    pub(super) fn of(words: &[Word], table: &'t Table) -> Self {
        let names = words.iter().skip(1).map_while(Word::literal);
        let names: Vec<Given> = names
            .take_while(|name| !name.starts_with('-'))
            .map(|text| Given {
                text,
                open: Open::No,
            })
            .collect();
        let command = match table.look_up(&names) {
            Lookup::Command { command, .. } => Some(command),
            _ => None,
        };
        Self { command }
    }

    /// Whether `--name` is one of them. Of a command that isn't known, whether any command has it.
    pub(super) fn has(&self, name: &str) -> bool {
        let option = format!("--{name}");
        match self.command {
            Some(command) => command.argument(&option).is_some(),
            None => is_option(&option),
        }
    }

    /// Whether `--name` may stand without a value.
    pub(super) fn takes_nothing(&self, name: &str) -> bool {
        let option = format!("--{name}");
        let argument = self.command.and_then(|command| command.argument(&option));
        argument.is_some_and(|argument| {
            matches!(argument.arity(), Arity::Zero | Arity::Optional | Arity::Any)
        })
    }

    /// As [`Self::has`], or what only one of them begins with: `az` takes that too.
    pub(super) fn mean(&self, name: &str) -> bool {
        let option = format!("--{name}");
        let Some(command) = self.command.filter(|_| name.len() > 3) else {
            return self.has(name);
        };
        let begin = command
            .arguments()
            .filter(|argument| argument.options().any(|of| of.name.starts_with(&option)));
        self.has(name) || begin.count() == 1
    }
}
