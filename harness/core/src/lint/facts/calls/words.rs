//! The words of a call as azure-cli gets them: [`AzWord`].
//!
//! A word that is wrong in its form (`–name`, `-name`, `$X--name`) is read as it was meant, so
//! that one slip is one finding: that of the rule for the form.

use crate::command_table::{Argument, Command, Given, Open, is_option};
use crate::shell::{Dialect, Part, PartKind, Quoting, Word};
use std::ops::Range;

/// A word of a call of `az`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzWord {
    /// What azure-cli gets, as far as that is written out.
    pub given: Given,
    /// Where it stands in the block's text.
    pub range: Range<usize>,
    /// Which of [`super::AzCall::words`] it is, or is a piece of.
    pub word: usize,
    /// It is wrong in its form, and read as it was meant.
    pub malformed: bool,
}

/// The words behind `az`.
pub(super) fn read(words: &[Word], dialect: Dialect) -> Vec<AzWord> {
    let mut read = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        split(index, word, dialect, &mut read);
    }
    read
}

/// Most words are one; `$X--name` and `--name$X` are meant to be two.
fn split(index: usize, word: &Word, dialect: Dialect, read: &mut Vec<AzWord>) {
    let at = word.parts.iter().skip(1).position(|part| {
        matches!(&part.kind, PartKind::Text(text) if part.quoting == Quoting::None
            && is_long_option(text))
    });
    if let Some(at) = at
        && let Some((before, after)) = word.parts.split_at_checked(at + 1)
        && before.iter().all(|part| !is_text(part))
    {
        read.push(piece(index, before, word, dialect, true));
        read.push(piece(index, after, word, dialect, true));
        return;
    }
    if let [first, rest @ ..] = word.parts.as_slice()
        && let Some(value) = rest.first()
        && let PartKind::Text(text) = &first.kind
        && first.quoting == Quoting::None
        && is_long_option(text)
        && !is_text(value)
    {
        read.push(piece(
            index,
            std::slice::from_ref(first),
            word,
            dialect,
            true,
        ));
        read.push(piece(index, rest, word, dialect, true));
        return;
    }
    read.push(piece(index, &word.parts, word, dialect, false));
}

fn is_text(part: &Part) -> bool {
    matches!(part.kind, PartKind::Text(_))
}

/// `--name`, of at least three letters, that some command has.
fn is_long_option(text: &str) -> bool {
    text.len() > 4 && text.starts_with("--") && is_option(text.split('=').next().unwrap_or(text))
}

fn piece(index: usize, parts: &[Part], word: &Word, dialect: Dialect, malformed: bool) -> AzWord {
    let start = parts.first().map_or(word.range.start, |p| p.range.start);
    let end = parts.last().map_or(word.range.end, |p| p.range.end);
    let mut text = String::new();
    let mut open = Open::No;
    for part in parts {
        match &part.kind {
            PartKind::Text(more) => text.push_str(more),
            _ => {
                open = Open::Rest;
                break;
            }
        }
    }
    if open == Open::No && is_stand_in(&text) {
        text.clear();
        open = Open::Rest;
    }
    if let [part] = parts
        && may_be_several(part, dialect)
    {
        open = Open::Words;
    }
    let splat = dialect == Dialect::PowerShell && text.starts_with('@');
    if splat && parts.iter().all(|part| part.quoting == Quoting::None) {
        (text, open) = (String::new(), Open::Words);
    }
    AzWord {
        given: Given { text, open },
        range: start..end,
        word: index,
        malformed,
    }
}

/// Whether a shell may make several words of a word that is this part alone, or none.
fn may_be_several(part: &Part, dialect: Dialect) -> bool {
    let unquoted = part.quoting == Quoting::None && dialect != Dialect::PowerShell;
    match &part.kind {
        PartKind::Text(text) => text == "..." || text == "…" || text == "[...]",
        PartKind::Variable { name, operator, .. } => {
            let all = operator
                .as_ref()
                .is_some_and(|operator| operator.starts_with("[@]"));
            unquoted || all || name == "@"
        }
        PartKind::Substitution { .. } => unquoted,
        PartKind::Expression(_) | PartKind::Placeholder { .. } => part.quoting == Quoting::None,
    }
}

/// `<name>`, `{name}`, `[name]` in quotes, and what has an elision in it.
fn is_stand_in(text: &str) -> bool {
    let inside = |open: char, close: char| {
        text.strip_prefix(open)
            .and_then(|text| text.strip_suffix(close))
            .is_some_and(|name| {
                let plain = |c: char| c.is_alphanumeric() || "-_ .".contains(c);
                !name.is_empty() && name.chars().all(plain)
            })
    };
    inside('<', '>') || inside('{', '}') || text.contains("...") || text.contains('…')
}

/// Reads words that are wrong in their form as they were meant, now that the command is known.
pub(super) fn mend(words: &mut Vec<AzWord>, command: Command<'_>) {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word.given.text == "--" && word.given.open == Open::No {
            // `-- name`
            let next = words.get(at + 1).filter(|next| next.given.open == Open::No);
            let joined = next.map(|next| format!("--{}", next.given.text));
            if let Some(joined) = joined.filter(|joined| means(command, joined).is_some()) {
                let end = words.remove(at + 1).range.end;
                if let Some(word) = words.get_mut(at) {
                    word.given.text = joined;
                    word.range.end = end;
                    word.malformed = true;
                }
            }
        } else if let Some(text) = mended(&word.given.text, command)
            && let Some(word) = words.get_mut(at)
        {
            word.given.text = text;
            word.malformed = true;
        }
        at += 1;
    }
}

/// What `–name`, `-name` and `---name` were meant to be.
fn mended(text: &str, command: Command<'_>) -> Option<String> {
    let first = text.chars().next()?;
    if first != '-' && !is_dash(first) {
        return None;
    }
    let name = text.trim_start_matches(|c: char| c == '-' || is_dash(c));
    let dashes = text.get(..text.len() - name.len())?;
    let name: String = name
        .chars()
        .map(|c| if is_dash(c) { '-' } else { c })
        .collect();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let long = format!("--{name}");
    if dashes.contains(is_dash) || text.contains(is_dash) && means(command, &long).is_some() {
        let short = name.chars().count() == 1;
        return Some(if short { format!("-{name}") } else { long });
    }
    match dashes.len() {
        1 if name.len() > 2 && command.argument(text).is_none() => {
            is_option(long.split('=').next().unwrap_or(&long)).then_some(long)
        }
        3.. if name.len() > 1 && name.starts_with(|c: char| c.is_ascii_lowercase()) => Some(long),
        _ => None,
    }
}

/// The argument that an option is a way of writing, or the beginning of one.
fn means<'t>(command: Command<'t>, option: &str) -> Option<Argument<'t>> {
    let name = option.split('=').next().unwrap_or(option);
    command.argument(name).or_else(|| {
        let mut found = command
            .arguments()
            .filter(|argument| argument.options().any(|of| of.name.starts_with(name)));
        let first = found.next()?;
        (name.len() > 5 && found.next().is_none()).then_some(first)
    })
}

/// Dashes of all kinds but the hyphen.
pub(super) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
    )
}
