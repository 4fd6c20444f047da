//! What was probably meant: [`nearest`] for a word, [`command_like`] for a command.

use super::table::{Command, Group, Node, Table};
use std::collections::BTreeSet;

/// The candidate that `word` is most likely a slip of.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = pieces(word);
    let flat: String = wanted.concat();
    let mut best: Option<(usize, usize, &str)> = None;
    for candidate in candidates {
        let has = pieces(candidate);
        let other: String = has.concat();
        let slips = distance(&flat, &other, 1 + flat.len() / 4);
        let shared = wanted.iter().filter(|piece| has.contains(piece)).count();
        // A slip of the pen, or one's words all in the other: `--group` for `--resource-group`.
        let score = match slips {
            Some(slips) => slips,
            None if shared > 0 && (shared == wanted.len() || shared == has.len()) => {
                10 + wanted.len().max(has.len()) - shared
            }
            // One is how the other begins: `--metric-names` for `--metrics`.
            None if begins(&flat, &other) || begins(&other, &flat) => 20,
            None => continue,
        };
        let rank = (score, other.len().abs_diff(flat.len()), candidate);
        if best.is_none_or(|best| rank < best) {
            best = Some(rank);
        }
    }
    best.map(|(.., candidate)| candidate)
}

/// Whether `long` begins with `short`, or all but its last letter.
fn begins(long: &str, short: &str) -> bool {
    let most = short.get(..short.len().saturating_sub(1)).unwrap_or(short);
    most.len() >= 4 && long.starts_with(most)
}

/// The words that a name is made of, in lower case: `--drainTimeout` is `drain`, `timeout`.
fn pieces(name: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if c == '-' || c == '_' || (c.is_uppercase() && small) {
            pieces.push(String::new());
        }
        small = c.is_lowercase() || c.is_ascii_digit();
        if let Some(last) = pieces.last_mut()
            && c.is_alphanumeric()
        {
            last.extend(c.to_lowercase());
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// How many slips lead from one to the other (a letter more, less, other, or two swapped), if no
/// more than `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    // A character has one to four bytes, and most names have one for each.
    if a.is_ascii() && b.is_ascii() && a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&row, j) + usize::from(x != y))
                .min(at(&row, j + 1) + 1)
                .min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped && x != y {
                best = best.min(at(&before, j - 1) + 1);
            }
            next.push(best);
        }
        // It only grows from row to row.
        if next.iter().min().is_none_or(|least| *least > limit)
            && row.iter().min().is_none_or(|least| *least > limit)
        {
            return None;
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|slips| *slips <= limit)
}

/// The command that was probably meant by words of which `group` does not have the first in
/// `words`; `before` are the words that led to the group.
pub fn command_like<'t>(
    table: &'t Table,
    group: Group<'t>,
    before: &[String],
    words: &[String],
) -> Option<String> {
    let first = words.first()?;
    // `node pool` for `nodepool`.
    if let Some(second) = words.get(1) {
        for joined in [format!("{first}{second}"), format!("{first}-{second}")] {
            if let Some(child) = group.child(&joined) {
                return Some(follow(child, words.get(2..).unwrap_or_default()));
            }
        }
    }
    let close = group.children().filter_map(|child| {
        let limit = if first.len() < 4 {
            1
        } else {
            1 + first.len() / 5
        };
        let slips = distance(first, child.name(), limit)?;
        Some((slips, child.name(), child))
    });
    if let Some((.., child)) = close.min_by_key(|(slips, name, _)| (*slips, *name)) {
        return Some(follow(child, words.get(1..).unwrap_or_default()));
    }
    let all: Vec<&String> = before.iter().chain(words).collect();
    same_pieces(table, &all).map(Command::path)
}

/// The path of a node, and of what further words name in it.
fn follow(node: Node<'_>, words: &[String]) -> String {
    match node {
        Node::Command(command) => command.path(),
        Node::Group(group) => match words.first().and_then(|word| group.child(word)) {
            Some(child) => follow(child, words.get(1..).unwrap_or_default()),
            None => group.path(),
        },
    }
}

/// The command with the same words in another order: `acr repository show` of `acr show repository`.
pub fn reordered(table: &Table, words: &[String]) -> Option<String> {
    let words: Vec<&String> = words.iter().collect();
    same_pieces(table, &words).map(Command::path)
}

/// The command with the same pieces of words: `vm identity assign` of `vm assign-identity`.
fn same_pieces<'t>(table: &'t Table, words: &[&String]) -> Option<Command<'t>> {
    // A command's name is short, and what is long is searched for in vain.
    if words.len() > 8 {
        return None;
    }
    let wanted: BTreeSet<String> = words.iter().flat_map(|word| pieces(word)).collect();
    if wanted.len() < 2 {
        return None;
    }
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let top = words.first().map(|word| word.as_str());
    let longest = wanted.iter().max_by_key(|piece| piece.len())?;
    table
        .commands()
        // Most commands are told by this, for much less.
        .filter(|command| command.has_piece(longest))
        .filter_map(|command| {
            let path = command.path();
            let has: BTreeSet<&str> = path.split([' ', '-']).collect();
            let extra = has.difference(&wanted).count();
            let lacks = wanted.difference(&has).count();
            // The same words, or one more where the command is in the same group.
            let same = lacks == 0 && (extra == 0 || extra == 1 && path.split(' ').next() == top);
            same.then_some((extra, path.len(), command))
        })
        .min_by_key(|(extra, length, _)| (*extra, *length))
        .map(|(.., command)| command)
}
