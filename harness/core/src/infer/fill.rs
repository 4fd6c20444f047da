//! Placeholders and what a reader fills in for them: [`placeholders`].

use super::call::{Seen, read};
use super::kind::{self, Kind};
use super::piece::Piece;
use super::settings::Settings;
use super::sketch::{Filling, Guessed};
use super::world::World;
use crate::markdown::Article;
use crate::preflight::Known;
use crate::source::Position;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A placeholder on a way.
#[derive(Debug, Default)]
struct Found {
    place: Option<Position>,
    /// Where it ends up: a command and its option.
    uses: Vec<(String, String)>,
    /// The variables that are set to it.
    variables: Vec<String>,
    /// The first piece that has it.
    first: usize,
}

/// What each placeholder is filled in with, and why.
pub(super) fn placeholders(
    article: &Article,
    pieces: &[Piece<'_>],
    world: &World,
    settings: &mut Settings,
    guesses: &mut Vec<Guessed>,
) -> Vec<(String, Filling)> {
    let all = find(pieces);
    let mut filled = Vec::new();
    for (text, found) in &all {
        let Some(place) = found.place.clone() else {
            continue;
        };
        let bare = text.trim_matches(['<', '>', '{', '}', '/']);
        let (filling, why) = match settings.take(text) {
            Some(value) => (Filling::Text(value), "given with --set".to_owned()),
            None => value(article, pieces, world, text, bare, found),
        };
        let shown = match &filling {
            Filling::Text(value) => format!("`{text}` is `{value}`"),
            Filling::Printed(_) => format!("`{text}` is what an earlier step prints"),
        };
        guesses.push(Guessed {
            place,
            guess: shown,
            why,
        });
        filled.push((text.clone(), filling));
    }
    filled
}

/// The text with its placeholders filled in, for looking at what its commands do.
pub(super) fn filled(text: &str, fillings: &[(String, Filling)]) -> String {
    let mut by_length: Vec<_> = fillings.iter().collect();
    by_length.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    by_length
        .iter()
        .fold(text.to_owned(), |text, (from, to)| match to {
            Filling::Text(value) => text.replace(from.as_str(), value),
            Filling::Printed(_) => text.replace(from.as_str(), "$(printed)"),
        })
}

fn find(pieces: &[Piece<'_>]) -> BTreeMap<String, Found> {
    static STANDS_IN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        // `<name>`; `/{name}` in an id; a subscription that is masked.
        Regex::new(concat!(
            r"<[A-Za-z](?:[A-Za-z0-9 _./-]*[A-Za-z0-9])?>",
            r"|/\{[A-Za-z][A-Za-z0-9_-]*\}",
            r"|\bx{8}-x{4}-x{4}-x{4}-x{10,14}\b",
        ))
        .ok()
    });
    let mut all: BTreeMap<String, Found> = BTreeMap::new();
    let Some(pattern) = STANDS_IN.as_ref() else {
        return all;
    };
    let mut known = Known::default();
    for (index, piece) in pieces.iter().enumerate() {
        if piece.dialect == Some(crate::shell::Dialect::PowerShell) {
            continue;
        }
        for hit in pattern.find_iter(&piece.text) {
            let found = all.entry(hit.as_str().to_owned()).or_default();
            if found.place.is_none() {
                found.place = Some(piece.position(hit.start()));
                found.first = index;
            }
        }
        if piece.dialect.is_none() {
            continue;
        }
        read(piece, &piece.text, &mut known, &mut |seen, _| {
            let command = match &seen {
                Seen::Az(call, command) => {
                    for (option, written) in call.written() {
                        for (text, found) in &mut all {
                            if written.contains(text.as_str()) {
                                found.uses.push((call.path.clone(), option.to_owned()));
                            }
                        }
                    }
                    command
                }
                Seen::Other(command) => command,
            };
            for assignment in &command.assignments {
                let Some(value) = &assignment.value else {
                    continue;
                };
                let written = value.source(&piece.text).trim_matches(['"', '\'']).trim();
                if let Some(found) = all.get_mut(written) {
                    found.variables.push(assignment.name.clone());
                }
            }
        });
    }
    all
}

/// The value of a placeholder, and what it was inferred from.
fn value(
    article: &Article,
    pieces: &[Piece<'_>],
    world: &World,
    text: &str,
    bare: &str,
    found: &Found,
) -> (Filling, String) {
    if let Some((value, line)) = example(article, text) {
        return (
            Filling::Text(value),
            format!("the example that line {line} gives"),
        );
    }
    let folded = |name: &str| kind::words(name).concat();
    let earlier = || pieces.iter().enumerate().take(found.first);
    // `echo $IDENTITY_ID`, which the reader copies.
    let echoed = earlier().find(|(_, piece)| {
        let line = piece.text.trim();
        let name = line.strip_prefix("echo $");
        name.is_some_and(|name| folded(name.trim_matches(['{', '}', '"'])) == folded(bare))
    });
    if let Some((_, piece)) = echoed {
        let line = piece.block.position().line;
        let why = format!("line {line} prints it for the reader to copy");
        return (Filling::Printed(piece.address.clone()), why);
    }
    if text.starts_with('x') {
        let value = world.value(Kind::Subscription, &[]);
        return (
            Filling::Text(value),
            "a subscription's id is masked here".to_owned(),
        );
    }
    let by_variable = found.variables.iter().find_map(|name| {
        let kind = kind::by_words(name)?;
        Some((kind, format!("the variable {name} holds {}", kind.a())))
    });
    let by_words = || {
        let kind = kind::by_words(bare)?;
        Some((kind, format!("its words say: {}", kind.a())))
    };
    let by_option = || {
        found.uses.iter().find_map(|(path, option)| {
            let kind = kind::by_option(path, option)?;
            Some((
                kind,
                format!("`{option}` of `az {path}` takes {}", kind.a()),
            ))
        })
    };
    let (kind, why) = by_variable.or_else(by_words).or_else(by_option).unwrap_or((
        Kind::Text,
        "nothing says what it stands for: its own words".to_owned(),
    ));
    let mut value = world.value(kind, &kind::words(bare));
    if text.starts_with("/{") {
        value.insert(0, '/');
    }
    if value.trim_matches('/').is_empty() {
        value = "docproof".to_owned();
    }
    (Filling::Text(value), why)
}

/// What the text around gives as an example: "`<name>` … (for example, `MyRule` …)".
fn example(article: &Article, text: &str) -> Option<(String, u32)> {
    article.prose.iter().find_map(|prose| {
        let (_, behind) = prose.text.split_once(text)?;
        let (_, behind) = behind.split_once("or example")?;
        let mut ticks = behind.split('`');
        let gap = ticks.next()?;
        let value = ticks.next()?;
        let near = gap.len() < 12 && !value.is_empty();
        let plain = value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        (near && plain).then(|| (value.to_owned(), prose.position.line))
    })
}
