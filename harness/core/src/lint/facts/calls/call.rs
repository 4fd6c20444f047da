//! One call of `az`: [`AzCall`].

use super::meant::{self, Meant};
use super::words::AzWord;
use crate::command_table::{Argument, Bound, Command, Lookup, Open, Parsed};
use crate::shell::{Place, Word};
use std::cell::OnceCell;
use std::ops::Range;

/// A call of `az`, read against the table.
#[derive(Debug, Clone)]
pub struct AzCall<'t> {
    /// The block it is in: an index into [`crate::lint::Context::blocks`].
    pub block: usize,
    /// Where its shell command stands in the block's text.
    pub range: Range<usize>,
    /// Where `az` itself stands.
    pub name: Range<usize>,
    /// Where it stands among other commands.
    pub place: Place,
    /// The words behind `az`, as the shell has them; what is inside substitutions, expressions and
    /// operators is left out.
    pub shell_words: Vec<Word>,
    /// The words behind `az`, as azure-cli gets them; indices of [`Lookup`] and [`Parsed`] are
    /// indices into this.
    pub words: Vec<AzWord>,
    /// What the words name.
    pub lookup: Lookup<'t>,
    /// The first of `words` that is an argument, not part of the command's name.
    pub rest: usize,
    /// What stands behind the command's name; nothing is bound if that is no known command.
    /// Words are counted from `rest`.
    pub parsed: Parsed<'t>,
    /// A quote or bracket in it is never closed, so that its words are not what was meant.
    pub broken: bool,
    /// What the lines behind it give: they begin with an option, so a continuation was lost.
    pub cut_off: Vec<AzWord>,
    /// Asked for by several rules, on each way through the article.
    pub(super) meant: OnceCell<Vec<(usize, Meant<'t>)>>,
}

/// A value that is given for an argument.
#[derive(Debug, Clone)]
pub struct Value<'c> {
    /// Where it stands in the block's text.
    pub range: Range<usize>,
    /// The shell's word that it is, or is a piece of: `--name=$X`.
    pub word: &'c Word,
    /// The value, if it is written out.
    pub literal: Option<&'c str>,
}

impl<'t> AzCall<'t> {
    /// The command, if it is one of the table.
    pub fn command(&self) -> Option<Command<'t>> {
        match self.lookup {
            Lookup::Command { command, .. } => Some(command),
            _ => None,
        }
    }

    /// The command's words as the table has them; what was written where that names no command.
    pub fn path(&self) -> String {
        match self.lookup {
            Lookup::Command { command, .. } => command.path(),
            _ => {
                let words = self.words.iter().map(|word| &word.given);
                let words = words.take_while(|given| !given.text.starts_with('-'));
                let words: Vec<&str> = words
                    .take_while(|given| given.open == Open::No)
                    .map(|given| given.text.as_str())
                    .collect();
                words.join(" ")
            }
        }
    }

    /// Whether it is that command.
    pub fn is(&self, path: &str) -> bool {
        self.command().is_some_and(|command| command.is(path))
    }

    /// What each word that is no option of the command was meant to be, by its index in
    /// [`AzCall::parsed`].
    pub fn meant(&self) -> &[(usize, Meant<'t>)] {
        self.meant.get_or_init(|| meant::of(self))
    }

    /// What such a word was meant to be.
    pub fn meant_by(&self, word: usize) -> Meant<'t> {
        let meant = self.meant();
        let found = meant.binary_search_by_key(&word, |(at, _)| *at).ok();
        found
            .and_then(|at| meant.get(at))
            .map_or(Meant::Nothing, |(_, meant)| *meant)
    }

    /// What is given for the argument that is written as `option`: `--name`, also where the call
    /// writes `-n`. Of an option that is given more than once azure-cli takes the last.
    pub fn given(&self, option: &str) -> Option<&Bound<'t>> {
        let argument = self.command()?.argument(option)?;
        self.bound(argument)
    }

    /// What is given for an argument.
    pub fn bound(&self, argument: Argument<'t>) -> Option<&Bound<'t>> {
        let mut bound = self.parsed.bound.iter().rev();
        bound.find(|bound| bound.argument == argument)
    }

    /// The values given for the argument that is written as `option`.
    pub fn values(&self, option: &str) -> Vec<Value<'_>> {
        self.given(option)
            .map_or_else(Vec::new, |bound| self.values_of(bound))
    }

    /// The value given for the argument that is written as `option`, if it is exactly one.
    pub fn value(&self, option: &str) -> Option<Value<'_>> {
        let mut values = self.values(option);
        let value = values.pop();
        value.filter(|_| values.is_empty())
    }

    /// The values of an argument.
    pub fn values_of(&self, bound: &Bound<'t>) -> Vec<Value<'_>> {
        let inline = bound.option.zip(bound.inline).and_then(|(at, inline)| {
            let word = self.word(at)?;
            let shell = self.shell_words.get(word.word)?;
            let text = word.given.text.get(inline..)?;
            Some(Value {
                // Option and `=` are written as they are read.
                range: (word.range.start + inline).min(word.range.end)..word.range.end,
                word: shell,
                literal: (word.given.open == Open::No).then_some(text),
            })
        });
        let values = bound.values.clone().filter_map(|at| {
            let word = self.word(at)?;
            let shell = self.shell_words.get(word.word)?;
            Some(Value {
                range: word.range.clone(),
                word: shell,
                literal: (word.given.open == Open::No).then_some(&*word.given.text),
            })
        });
        inline.into_iter().chain(values).collect()
    }

    /// A word by its index in [`AzCall::parsed`].
    pub fn word(&self, at: usize) -> Option<&AzWord> {
        self.words.get(self.rest + at)
    }

    /// Where the command's name stands, `az` included.
    pub fn title(&self) -> Range<usize> {
        let last = self.rest.checked_sub(1).and_then(|at| self.words.get(at));
        self.name.start..last.map_or(self.name.end, |word| word.range.end)
    }
}
