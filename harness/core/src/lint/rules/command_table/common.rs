//! What the rules of this family share.

use crate::command_table::{Argument, Command, Deprecation, Open, Problem, Table, overrides};
pub(super) use crate::lint::facts::calls::option;
use crate::lint::facts::calls::{AzCall, AzWord};
use crate::lint::{BlockText, Context};

/// The calls of `az` whose words are what their author meant, each with its block.
pub(super) fn calls<'c, 'a>(
    context: &'c Context<'a>,
) -> impl Iterator<Item = (&'c AzCall<'a>, &'c BlockText<'a>)> {
    let calls = context.calls.iter().filter(|call| !call.broken);
    calls.filter_map(|call| Some((call, context.blocks.get(call.block)?)))
}

/// The calls of known commands that ask for no help, each with its command.
pub(super) fn commands<'c, 'a>(
    context: &'c Context<'a>,
) -> impl Iterator<Item = (&'c AzCall<'a>, Command<'a>, &'c BlockText<'a>)> {
    calls(context).filter_map(|(call, block)| {
        let command = call.command().filter(|_| !call.parsed.help)?;
        Some((call, command, block))
    })
}

/// The words as they are read: written out and well-formed, or another rule tells of them.
pub(super) fn told(word: &AzWord) -> bool {
    !word.malformed
        && !word
            .given
            .text
            .contains(['\u{a0}', '“', '”', '‘', '’', '–', '—'])
}

/// A word of [`Problem`], if rules of this family speak of it.
pub(super) fn word<'c>(call: &'c AzCall<'_>, at: usize) -> Option<&'c AzWord> {
    call.word(at).filter(|word| told(word))
}

/// The arguments that words which are no options of the command were meant to give.
pub(super) fn meant<'t>(call: &AzCall<'t>, command: Command<'t>) -> Vec<Argument<'t>> {
    let names = call.meant().iter().filter_map(|(_, meant)| meant.name());
    names.filter_map(|name| command.argument(name)).collect()
}

/// A note that an extension may know better, for commands that one takes the place of.
pub(super) fn unless_extension(path: &str) -> Option<String> {
    let extension = overrides(path)?;
    Some(format!(
        "if the extension `{extension}` has it, say in the article that it must be installed"
    ))
}

/// Names as text: `` `--a` and `--b` ``.
pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>, and: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {and} {last}", most.join(", ")),
    }
}

/// What to use instead of something deprecated.
pub(super) fn instead(of: Deprecation<'_>, table: &Table) -> Option<String> {
    let redirect = of.redirect?.trim();
    let bare = redirect.strip_prefix("az ").unwrap_or(redirect);
    let is_command = table
        .command(bare.split(" --").next().unwrap_or(bare))
        .is_some();
    Some(if is_command {
        format!("write `az {bare}`")
    } else if redirect.starts_with('-') && !redirect.contains(' ') {
        format!("write `{redirect}`")
    } else {
        format!("azure-cli says to use: {redirect}")
    })
}

/// When something deprecated goes away, as the end of a sentence.
pub(super) fn until(of: Deprecation<'_>) -> String {
    of.expiration.map_or_else(String::new, |version| {
        format!(" and goes away in {version}")
    })
}

/// Whether a word that stands where a value is expected may be an option or nothing.
pub(super) fn is_open(word: &AzWord) -> bool {
    word.given.open != Open::No
}

/// Whether the words before it, back to an option, lead to one that is unknown or malformed.
pub(super) fn belongs_to_unknown(call: &AzCall<'_>, at: usize) -> bool {
    let before = (0..at).rev().find(|before| {
        let is_option = |word: &AzWord| word.given.text.starts_with('-') || !told(word);
        call.word(*before).is_some_and(is_option)
    });
    let Some(before) = before else {
        return false;
    };
    call.word(before).is_some_and(|word| !told(word))
        || call.parsed.problems.iter().any(|problem| match problem {
            Problem::UnknownOption { word } | Problem::Ambiguous { word, .. } => *word == before,
            _ => false,
        })
}

/// How many times an article's commands are looked up among all others, which takes milliseconds.
pub(super) struct Budget(usize);

impl Budget {
    /// For one article.
    pub(super) fn new() -> Self {
        Self(50)
    }

    /// What `search` finds, as long as there is anything left.
    pub(super) fn spend<T>(&mut self, search: impl FnOnce() -> Option<T>) -> Option<T> {
        self.0 = self.0.checked_sub(1)?;
        search()
    }
}
