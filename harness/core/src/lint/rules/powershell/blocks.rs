//! PowerShell blocks as rules look at them: [`Code`], and the cmdlets in it: [`Call`].

use crate::cmdlet_table::{Cmdlet, CmdletTable};
use crate::diagnostic::{Edit, Fix};
use crate::lint::{BlockText, Context};
use crate::shell::{
    Command, CommandKind, Dialect, Part, PartKind, Quoting, RegionKind, Script, Word,
};
use std::cell::OnceCell;
use std::ops::Range;

/// A block of PowerShell.
pub(super) struct Code<'a> {
    pub(super) block: &'a BlockText<'a>,
    pub(super) text: &'a str,
    pub(super) script: &'a Script,
    classes: OnceCell<Vec<Class>>,
}

/// What a character is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Code,
    Quoted,
    Comment,
}

/// A cmdlet with what it is given.
pub(super) struct Call<'a> {
    pub(super) cmdlet: &'static Cmdlet,
    pub(super) command: &'a Command,
    pub(super) arguments: &'a [Word],
}

/// The blocks that hold PowerShell.
pub(super) fn blocks<'a>(context: &'a Context<'_>) -> impl Iterator<Item = Code<'a>> {
    context.blocks.iter().filter_map(|block| {
        let script = block.script.as_ref()?;
        (script.dialect == Dialect::PowerShell).then_some(Code {
            block,
            text: &block.text,
            script,
            classes: OnceCell::new(),
        })
    })
}

impl<'a> Code<'a> {
    /// Lists of commands that follow one another: those of the script, and those of each
    /// substitution.
    pub(super) fn lists(&self) -> Vec<&'a [Command]> {
        let mut lists = vec![self.script.commands.as_slice()];
        let mut next = 0;
        while let Some(list) = lists.get(next).copied() {
            next += 1;
            for command in list {
                substitutions(command, &mut lists);
            }
        }
        lists
    }

    /// The calls of cmdlets that the table knows, and whether their parameters go on in what is
    /// read as a command of its own.
    pub(super) fn calls(&self) -> Vec<(Call<'a>, bool)> {
        let mut calls = Vec::new();
        for list in self.lists() {
            for (at, command) in list.iter().enumerate() {
                let cut = list
                    .get(at + 1)
                    .is_some_and(|next| self.begins_with_parameter(next));
                let Some((name, arguments)) = command.words.split_first() else {
                    continue;
                };
                let cmdlet = name
                    .literal()
                    .and_then(|name| CmdletTable::built_in().cmdlet(&name));
                if let Some(cmdlet) = cmdlet
                    && command.kind == CommandKind::Simple
                {
                    let call = Call {
                        cmdlet,
                        command,
                        arguments,
                    };
                    calls.push((call, cut));
                }
            }
        }
        calls
    }

    /// Whether a command is only parameters, cut off from the line before it.
    pub(super) fn begins_with_parameter(&self, command: &Command) -> bool {
        command.kind == CommandKind::Simple
            && command.words.first().is_some_and(|word| {
                let name = word.source(self.text).trim_start_matches('-');
                word.source(self.text).starts_with('-')
                    && name.starts_with(|c: char| c.is_ascii_alphabetic())
            })
    }

    /// Whether the byte at `offset` is neither quoted nor in a comment.
    pub(super) fn is_code(&self, offset: usize) -> bool {
        self.class(offset) == Class::Code
    }

    pub(super) fn is_comment(&self, offset: usize) -> bool {
        self.class(offset) == Class::Comment
    }

    /// Looked up once for all: a search through the regions for every line would take a time that
    /// grows faster than the block.
    fn class(&self, offset: usize) -> Class {
        let classes = self.classes.get_or_init(|| {
            let mut classes = vec![Class::Code; self.text.len()];
            for region in &self.script.regions {
                let class = match region.kind {
                    RegionKind::Comment => Class::Comment,
                    _ => Class::Quoted,
                };
                if let Some(inside) = classes.get_mut(region.range.clone()) {
                    inside.fill(class);
                }
            }
            classes
        });
        classes.get(offset).copied().unwrap_or(Class::Code)
    }

    /// Its lines without line ends, each with where it begins.
    pub(super) fn lines(&self) -> Vec<(usize, &'a str)> {
        let mut start = 0;
        let lines = self.text.split('\n').map(|line| {
            let at = start;
            start += line.len() + 1;
            (at, line)
        });
        lines.collect()
    }

    /// The lines that end with a backtick, white space left out: where the line stands among
    /// [`Code::lines`], where the backtick stands, and where the line ends.
    pub(super) fn continuations(&self) -> Vec<(usize, usize, usize)> {
        let lines = self.lines();
        let found = lines
            .iter()
            .enumerate()
            .filter_map(|(index, (start, line))| {
                let kept = line.trim_end_matches([' ', '\t', '\r']);
                let ticks = kept.len() - kept.trim_end_matches('`').len();
                let at = (start + kept.len()).checked_sub(1)?;
                // A line that an unbalanced quote spoils is continued all the same.
                (ticks % 2 == 1 && self.is_code(at)).then_some((index, at, start + line.len()))
            });
        found.collect()
    }

    /// What comes behind the line `index`: nothing, an empty line, a comment or more.
    pub(super) fn follows(&self, lines: &[(usize, &str)], index: usize) -> Follows {
        let rest = lines.get(index + 1..).unwrap_or(&[]);
        let Some((start, next)) = rest.first() else {
            return Follows::Nothing;
        };
        let comment = |(start, line): &(usize, &str)| {
            self.is_comment(start + line.len() - line.trim_start().len())
        };
        let first = (*start, *next);
        let empty = next.trim().is_empty();
        if !empty && !comment(&first) {
            return Follows::More;
        }
        // A text made to be slow has no more of such lines than this.
        let beyond = rest
            .iter()
            .take(100)
            .find(|line| !line.1.trim().is_empty() && !comment(line));
        match beyond {
            Some((_, line)) if line.trim_start().starts_with('-') => Follows::Parameter,
            _ if !empty => Follows::Comment,
            Some(_) => Follows::Empty,
            None if rest.iter().all(|(_, line)| line.trim().is_empty()) => Follows::Nothing,
            None => Follows::Empty,
        }
    }

    /// A change of the text; each range is replaced by its text.
    pub(super) fn fix<const N: usize>(&self, title: &str, edits: [(Range<usize>, &str); N]) -> Fix {
        let edit = |(range, replacement): (Range<usize>, &str)| Edit {
            span: self.block.span(range),
            replacement: replacement.to_owned(),
        };
        Fix {
            title: title.to_owned(),
            edits: edits.into_iter().map(edit).collect(),
        }
    }
}

/// What comes behind a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows {
    Nothing,
    Empty,
    Comment,
    /// Empty lines or comments, and then a parameter.
    Parameter,
    More,
}

impl<'a> Call<'a> {
    /// The parameters as written: each word, and its name without dash and colon.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&'a Word, &'a str)> {
        self.arguments.iter().filter_map(|word| {
            let name = parameter_name(word)?;
            Some((word, name))
        })
    }

    /// Whether what it is given is not all written out: it is splatted, or positional.
    pub(super) fn gets_more(&self, text: &str) -> bool {
        let mut takes_value = false;
        for word in self.arguments {
            let source = word.source(text);
            if let Some(name) = parameter_name(word) {
                takes_value = !source.contains(':') && !self.cmdlet.is_switch(name);
                continue;
            }
            if source.starts_with('@') && !source.starts_with("@{") && !source.starts_with("@(") {
                return true;
            }
            // Values that commas join are one.
            if !takes_value && !joined(text, word) {
                return true;
            }
            takes_value = false;
        }
        false
    }
}

/// Whether a comma stands before a word.
fn joined(text: &str, word: &Word) -> bool {
    let before = text.get(..word.range.start).unwrap_or("");
    before
        .trim_end()
        .trim_end_matches('`')
        .trim_end()
        .ends_with(',')
}

/// The name of the parameter that a word is: `Name` for `-Name` and `-Name:x`.
fn parameter_name(word: &Word) -> Option<&str> {
    let Part {
        quoting: Quoting::None,
        kind: PartKind::Text(text),
        ..
    } = word.parts.first()?
    else {
        return None;
    };
    let name = text.strip_prefix(['-', '\u{2013}', '\u{2014}', '\u{2015}'])?;
    let name = name.split(':').next().unwrap_or(name);
    // `-1` is a number, and `--name` no parameter of a cmdlet.
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(name)
}

fn substitutions<'a>(command: &'a Command, lists: &mut Vec<&'a [Command]>) {
    let values = command
        .assignments
        .iter()
        .filter_map(|set| set.value.as_ref());
    let targets = command.redirects.iter().filter_map(|r| r.target.as_ref());
    for word in values.chain(&command.words).chain(targets) {
        for part in &word.parts {
            part_substitutions(part, lists);
        }
    }
}

fn part_substitutions<'a>(part: &'a Part, lists: &mut Vec<&'a [Command]>) {
    match &part.kind {
        PartKind::Substitution { commands, .. } => lists.push(commands),
        PartKind::Variable { nested, .. } | PartKind::Expression(nested) => {
            for part in nested {
                part_substitutions(part, lists);
            }
        }
        PartKind::Text(_) | PartKind::Placeholder { .. } => {}
    }
}
