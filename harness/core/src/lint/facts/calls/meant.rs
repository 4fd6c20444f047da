//! What was meant where an option is none of its command's: [`Meant`].

use super::call::AzCall;
use crate::command_table::{Argument, Command, Given, Kind, Problem, distance, nearest};

/// What a word that is no option of the command was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant<'t> {
    /// This option, in another case.
    Case(&'t str),
    /// Very likely this option.
    Option(&'t str),
    /// Perhaps this option.
    Perhaps(&'t str),
    /// Nothing that is known.
    Nothing,
}

impl<'t> Meant<'t> {
    /// What `option` was meant to be.
    pub fn by(option: &str, command: Command<'t>) -> Self {
        let names = || {
            let arguments = command.arguments();
            let taken = arguments.filter(|argument| argument.kind() != Kind::Refused);
            let options = taken.flat_map(Argument::options);
            options.map(|option| option.name)
        };
        let mut same = names().filter(|name| name.eq_ignore_ascii_case(option));
        if let Some(name) = same.next()
            && same.next().is_none()
        {
            return Self::Case(name);
        }
        let Some(name) = nearest(option, names().filter(|name| name.starts_with("--"))) else {
            return Self::Nothing;
        };
        if is_slip(option, name) {
            Self::Option(name)
        } else {
            Self::Perhaps(name)
        }
    }

    /// The option.
    pub fn name(&self) -> Option<&'t str> {
        match self {
            Self::Case(name) | Self::Option(name) | Self::Perhaps(name) => Some(name),
            Self::Nothing => None,
        }
    }
}

/// Whether so little tells the two apart that one must be a slip of the other.
fn is_slip(option: &str, name: &str) -> bool {
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let (option, name) = (letters(option), letters(name));
    let limit = if name.len() < 6 { 1 } else { 2 };
    distance(&option, &name, limit).is_some()
}

/// What each word that is no option of its command was meant to be, by its index in
/// [`AzCall::parsed`], in the order of the words.
pub(super) fn of<'t>(call: &AzCall<'t>) -> Vec<(usize, Meant<'t>)> {
    let Some(command) = call.command() else {
        return Vec::new();
    };
    let unknown = call.parsed.problems.iter().filter_map(|problem| {
        let Problem::UnknownOption { word } = problem else {
            return None;
        };
        let text = option(&call.word(*word)?.given);
        Some((*word, Meant::by(text, command)))
    });
    let mut meant: Vec<_> = unknown.collect();
    meant.sort_by_key(|(word, _)| *word);
    meant
}

/// The option of a word: `--name` of `--name=value`.
pub fn option(given: &Given) -> &str {
    given.text.split('=').next().unwrap_or(&given.text)
}
