//! A text of a sample → literals and holes.

use super::hole::{Hole, MOMENT, PLACEHOLDER};
use super::standin::{self, GuidClass};
use super::text::Part;

/// Finds the holes of a text.
pub(super) fn scan(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let before = text[..at].chars().next_back();
        let (length, hole) = match hole_at(text, at, before) {
            Found::Hole(length, hole) => (length, hole),
            Found::Literal(length) => {
                literal.push_str(&text[at..at + length]);
                at += length;
                continue;
            }
            Found::Nothing => {
                literal.push(next);
                at += next.len_utf8();
                continue;
            }
        };
        if !literal.is_empty() {
            parts.push(Part::literal(std::mem::take(&mut literal)));
        }
        parts.push(Part::Hole(hole));
        at += length;
    }
    if !literal.is_empty() {
        parts.push(Part::literal(literal));
    }
    parts
}

enum Found {
    Hole(usize, Hole),
    /// So many bytes are literal, whatever they look like.
    Literal(usize),
    Nothing,
}

fn hole_at(text: &str, at: usize, before: Option<char>) -> Found {
    let rest = &text[at..];
    let word_starts = !before.is_some_and(|c| c.is_ascii_alphanumeric());
    if word_starts {
        if let Some(moment) = MOMENT.find(rest) {
            return Found::Hole(moment.len(), Hole::Moment);
        }
        if let Some(guid) = rest.get(..36).filter(|guid| standin::is_guid_shaped(guid))
            && !rest[36..].starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            return match standin::classify(guid) {
                GuidClass::StandIn => Found::Hole(36, Hole::Guid(Some(guid.to_owned()))),
                GuidClass::Mask => Found::Hole(36, Hole::Guid(None)),
                GuidClass::Real => Found::Literal(36),
            };
        }
        if let Some(length) = vault_version(text, at) {
            return Found::Hole(length, Hole::Hex(rest[..length].to_owned()));
        }
    }
    if let Some(found) = PLACEHOLDER.find(rest) {
        return placeholder(found.as_str());
    }
    if !before.is_some_and(is_token_char)
        && let Some(hole) = token(rest)
    {
        return hole;
    }
    if word_starts && let Some(length) = masked_word(rest) {
        return Found::Hole(length, Hole::Opaque(None));
    }
    if rest.starts_with("...") || rest.starts_with('…') {
        return Found::Hole(leading(rest, |c| c == '.' || c == '…'), Hole::Elided);
    }
    match leading(rest, |c| c == '*' || c == '•') {
        length if rest.chars().take(3).all(|c| c == '*' || c == '•') && length >= 3 => {
            Found::Hole(length, Hole::Opaque(None))
        }
        _ => Found::Nothing,
    }
}

fn leading(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.~+=…".contains(c)
}

fn placeholder(text: &str) -> Found {
    let name = text.trim_matches(['<', '>']).to_ascii_lowercase();
    match name.as_str() {
        // What `kubectl` and `docker` really print.
        "none" | "nil" | "unknown" | "pending" | "unset" | "invalid" => Found::Literal(text.len()),
        "guid" | "uuid" => Found::Hole(text.len(), Hole::Guid(None)),
        "date" | "time" | "timestamp" | "hidden" | "redacted" | "masked" | "omitted" | "value"
        | "string" | "token" => Found::Hole(text.len(), Hole::Placeholder(None)),
        _ => Found::Hole(text.len(), Hole::Placeholder(Some(text.to_owned()))),
    }
}

/// A bearer token, whole or with parts blotted out; or one of the made-up secrets of Microsoft's
/// contributor guide.
fn token(rest: &str) -> Option<Found> {
    let length = leading(rest, is_token_char);
    let word = &rest[..length];
    let cut = word.contains("...") || word.contains('…');
    let masked = longest_mask(word) >= 6;
    if (word.starts_with("eyJ") && (cut || length >= 20))
        || (masked && (length >= 40 || word.contains("....")))
        || (length >= 6 && word.bytes().all(|byte| byte == b'.'))
    {
        return Some(Found::Hole(length, Hole::Opaque(None)));
    }
    ["Aa1Bb~2Cc3", "A1bC2dE3f"]
        .iter()
        .any(|start| word.starts_with(start))
        .then(|| Found::Hole(length, Hole::Opaque(Some(word.to_owned()))))
}

/// A word of `x`, perhaps with some hexadecimal digits left to see.
fn masked_word(rest: &str) -> Option<usize> {
    let length = leading(rest, |c| c.is_ascii_alphanumeric());
    let word = &rest[..length];
    let run = longest_mask(word);
    let hexadecimal = word
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte.eq_ignore_ascii_case(&b'x'));
    (run >= 8 || (run >= 4 && hexadecimal)).then_some(length)
}

fn longest_mask(word: &str) -> usize {
    word.split(|c| c != 'x' && c != 'X')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

/// The version at the end of a Key Vault object's id is given out anew on every run.
fn vault_version(text: &str, at: usize) -> Option<usize> {
    let path = text[..at].strip_suffix('/')?;
    let collection = path.rsplit('/').nth(1)?;
    let digits = leading(&text[at..], |c| c.is_ascii_hexdigit());
    (digits == 32 && matches!(collection, "secrets" | "keys" | "certificates")).then_some(digits)
}
