//! Text against recorded text: ids, times and generated names may be others, the rest may not.

use crate::bindings::{Bindings, ZERO};
use regex::Regex;
use std::sync::OnceLock;

/// What varies from one run to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What the recorder put in place of something.
    Scrubbed,
    Guid,
    Time,
    /// A time in seconds or ticks.
    Number,
    Digest,
    Hex,
    Address,
    /// The domain of a container apps environment.
    Domain,
    /// The generated end of the name of a revision or replica.
    Suffix,
    /// A long token without spaces.
    Opaque,
}

/// Each kind with what it looks like; the first that fits counts.
const KINDS: [(Kind, &str); 14] = [
    (
        Kind::Scrubbed,
        r"<[a-z]+>|user@example\.com|203\.0\.113\.7|\*{3,}",
    ),
    (
        Kind::Guid,
        r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    ),
    (
        Kind::Time,
        r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?",
    ),
    (
        Kind::Time,
        r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT",
    ),
    (
        Kind::Time,
        r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2} [AP]M",
    ),
    (Kind::Digest, r"[0-9a-f]{64}"),
    (Kind::Hex, r"[0-9a-fA-F]{32}"),
    (Kind::Digest, r"[A-Za-z0-9+/]{43}="),
    (
        Kind::Domain,
        r"[a-z]+-[0-9a-f]{8}\.[a-z0-9]+\.azurecontainerapps\.io",
    ),
    (Kind::Suffix, r"--[a-z0-9]{7}-[0-9a-z]{8,10}-[a-z0-9]{5}"),
    (Kind::Suffix, r"--[a-z0-9]{7}\b"),
    (Kind::Address, r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"),
    (Kind::Opaque, r"[A-Za-z0-9_\-]{40,}={0,2}"),
    (Kind::Number, r"\b(?:1[0-9]{9}|63[0-9]{16})\b"),
];

struct Patterns {
    any: Regex,
    /// Each kind at the start of a text.
    at_start: Vec<Regex>,
}

fn patterns() -> Option<&'static Patterns> {
    static PATTERNS: OnceLock<Option<Patterns>> = OnceLock::new();
    PATTERNS
        .get_or_init(|| {
            let all: Vec<String> = KINDS.iter().map(|(_, text)| format!("({text})")).collect();
            let at_start = KINDS
                .iter()
                .map(|(_, text)| Regex::new(&format!("^(?:{text})")).ok());
            Some(Patterns {
                any: Regex::new(&all.join("|")).ok()?,
                at_start: at_start.collect::<Option<_>>()?,
            })
        })
        .as_ref()
}

/// A recorded text, taken apart.
enum Part {
    Fixed(String),
    Varying(Kind, usize, String),
}

fn parts(recorded: &str, bindings: &Bindings) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut last = 0;
    let Some(patterns) = patterns() else {
        return vec![Part::Fixed(bindings.apply(recorded))];
    };
    for found in patterns.any.captures_iter(recorded) {
        let Some(whole) = found.get(0) else { continue };
        let Some(index) = (0..KINDS.len()).find(|index| found.get(index + 1).is_some()) else {
            continue;
        };
        let token = whole.as_str();
        let before = &recorded[last..whole.start()];
        let kind = KINDS[index].0;
        let subscription = token == ZERO && before.ends_with("/subscriptions/");
        if subscription || (kind != Kind::Scrubbed && bindings.get(token).is_some()) {
            continue;
        }
        parts.push(Part::Fixed(bindings.apply(before)));
        parts.push(Part::Varying(kind, index, token.to_owned()));
        last = whole.end();
    }
    parts.push(Part::Fixed(bindings.apply(&recorded[last..])));
    parts
}

/// Whether `answered` is what was recorded; what varies is bound when it is seen first.
pub(super) fn matches(recorded: &str, answered: &str, bindings: &mut Bindings) -> bool {
    if recorded == answered || bindings.apply(recorded) == answered {
        return true;
    }
    let parts = parts(recorded, bindings);
    let Some(found) = walk(&parts, answered) else {
        return false;
    };
    for (recorded, actual) in found {
        bindings.bind(&recorded, &actual);
    }
    true
}

/// The varying parts with what stands for them, or nothing if the fixed ones are not there.
fn walk(parts: &[Part], answered: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = answered;
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Fixed(text) => rest = rest.strip_prefix(text.as_str())?,
            Part::Varying(Kind::Scrubbed, ..) => {
                let next = parts[at + 1..].iter().find_map(|part| match part {
                    Part::Fixed(text) if !text.is_empty() => Some(text.as_str()),
                    _ => None,
                });
                rest = match next {
                    // Something must stand there.
                    Some(next) => {
                        let skip = rest.chars().next()?.len_utf8();
                        &rest[skip + rest.get(skip..)?.find(next)?..]
                    }
                    None => "",
                };
            }
            Part::Varying(kind, index, recorded) => {
                let length = length(*kind, *index, recorded, rest)?;
                let actual = &rest[..length];
                if !matches!(kind, Kind::Time | Kind::Number) {
                    found.push((recorded.clone(), actual.to_owned()));
                }
                rest = &rest[length..];
            }
        }
    }
    rest.is_empty().then_some(found)
}

/// How much of `rest` stands for the recorded token.
fn length(kind: Kind, index: usize, recorded: &str, rest: &str) -> Option<usize> {
    if kind == Kind::Opaque {
        let word = |c: char| c.is_ascii_alphanumeric() || "_-+=%".contains(c);
        let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
        return (length > 0).then_some(length);
    }
    let found = patterns()?.at_start.get(index)?.find(rest)?.as_str();
    (kind != Kind::Time || shape(found) == shape(recorded)).then_some(found.len())
}

/// How a time is written: Azure drops zeros at its end, so only milliseconds and finer are told
/// apart.
fn shape(time: &str) -> String {
    if time.ends_with('M') || time.ends_with("GMT") {
        // Found by their own patterns, and of one shape each.
        return time.chars().filter(char::is_ascii_punctuation).collect();
    }
    let (whole, fraction) = match time.split_once('.') {
        None => (time, ""),
        Some((whole, rest)) => {
            let digits = rest.chars().take_while(char::is_ascii_digit).count();
            (whole, if digits <= 3 { "milliseconds" } else { "ticks" })
        }
    };
    let zone = time.trim_end_matches(|c: char| !c.is_ascii_digit());
    let zone = if time.len() > 19 && time[19..].contains(['+', '-']) {
        "offset"
    } else if zone.len() < time.len() {
        "Z"
    } else {
        ""
    };
    format!("{}{fraction}{zone}", &whole[10..11])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(recorded: &str, answered: &str) -> bool {
        matches(recorded, answered, &mut Bindings::new("S"))
    }

    #[test]
    fn other_words_other_cases_and_other_times_differ() {
        assert!(!fits("Vault not found", "vault not found"));
        assert!(!fits(
            "2025-07-10T08:02:21Z",
            "2026-07-10T08:02:21.1234567Z"
        ));
        assert!(!fits("2025-07-10T08:02:21Z", "2026-07-10 08:02:21Z"));
        assert!(!fits("2025-07-10T08:02:21", "2026-07-10T08:02:21Z"));
        assert!(!fits(
            "x 38eac2d9-6dd6-4e7b-b8e8-acb85e6bbd8b",
            "x 38eac2d9"
        ));
        assert!(!fits("a <jwt> b", "a  b"));
    }

    #[test]
    fn what_varies_is_bound_and_must_stay() {
        let mut bindings = Bindings::new("S");
        let (a, b) = (
            "38eac2d9-6dd6-4e7b-b8e8-acb85e6bbd8b",
            "c8ae5cba-7e05-46af-8b5e-6440546db094",
        );
        assert!(matches(
            &format!("id={a};"),
            &format!("id={b};"),
            &mut bindings
        ));
        assert!(!matches(
            &format!("id={a};"),
            &format!("id={a};x"),
            &mut bindings
        ));
        assert!(!matches(
            a,
            "d8ae5cba-7e05-46af-8b5e-6440546db094",
            &mut bindings
        ));
        assert!(matches(a, b, &mut bindings));
    }

    #[test]
    fn times_of_one_precision_and_what_was_scrubbed_fit() {
        assert!(fits("2025-07-10T08:02:21.88Z", "2026-11-21T10:00:00.123Z"));
        assert!(fits(
            "2025-07-10T08:02:21.123456+00:00",
            "2026-11-21T10:00:00.1234567+00:00"
        ));
        assert!(fits(
            "image \"m/user@example.com:b\"",
            "image \"m/hello@sha256:b\""
        ));
        assert!(fits(
            "https://x/operationresults/<jwt>?api",
            "https://x/operationresults/abc?api"
        ));
    }
}
