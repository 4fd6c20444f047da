//! `draft-left-over`: see [`DraftLeftOver`].

use crate::diagnostic::Severity;
use crate::lint::columns::ProseLine;
use crate::lint::{Context, Findings, Role, Rule};
use crate::markdown::{Prose, ProseKind};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A note that an author left for later.
pub(super) struct DraftLeftOver;

/// `???` with the word before it; `HOW DO WE …` in capitals; words that ask a colleague.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
          (?P<unsure> \[?[A-Za-z0-9_.'-]*\]?\?{3,} )
        | (?P<shout> \b(?:HOW|WHAT|WHERE|WHEN|WHY)\ (?:DO|DOES|SHOULD|CAN|IS|ARE)\ [A-Z][A-Z\ ]+ )
        | (?P<ask> @[A-Za-z][A-Za-z0-9-]*[,:]?\ (?i:please|pls|can\ you|could\ you)\b
                 | \b(?i:note\ to\ (?:self|author|reviewers?|editors?))\b )
        | (?P<fill> \[?\b(?i:(?:insert|add)\ (?:a\ )?(?:screenshot|screen\ shot|link|image|diagram)\ here)\b\]?
                 | \b(?i:lorem\ ipsum)\b )
        | (?P<word> [\[(<](?:TODO|TBD|FIXME|TBC)\b[^\])>]*[\])>] | \b(?:TODO|TBD|FIXME|TBC)\b )",
    )
});

impl Rule for DraftLeftOver {
    fn id(&self) -> &'static str {
        "draft-left-over"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a note of the draft is still in the article"
    }

    fn explanation(&self) -> &'static str {
        "`???`, `TODO`, `TBD` and requests to colleagues are for those who write an article. A \
         reader finds that something is missing and cannot go on.\n\n\
         Instead of\n\n\
         ```markdown\nSet the `identity`??? property. TODO: check the name.\n```\n\n\
         write what was found out:\n\n\
         ```markdown\nSet the `identity` property.\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for prose in &context.article.prose {
            let line = ProseLine::new(prose);
            for range in in_prose(prose) {
                let text = prose.words.get(range.clone()).unwrap_or("").trim();
                let message = format!("a note of the draft is left here: `{text}`");
                findings
                    .report(line.span(range), message)
                    .help("find out what was open, and write that");
            }
        }
        for block in &context.blocks {
            let sure = matches!(block.role, Role::Commands(_));
            for (range, severity) in in_code(&block.text, sure) {
                let text = block.text.get(range.clone()).unwrap_or("");
                let message = format!("a note of the draft is left here: `{text}`");
                findings
                    .report(block.span(range), message)
                    .help("find out what was open, and write that")
                    .severity(severity);
            }
        }
    }
}

/// The marks of a line; two that touch are one, and so is a heading all in capitals.
fn in_prose(prose: &Prose) -> Vec<Range<usize>> {
    let words = prose.words.as_str();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    if !words.contains("???") && !words.contains(|c: char| c.is_ascii_uppercase() || c == '@') {
        return ranges;
    }
    for found in MARKS.captures_iter(words) {
        let note = |word: regex::Match<'_>| is_note(words, word.range(), prose.kind);
        if !found.name("word").is_none_or(note) {
            continue;
        }
        let Some(range) = found.get(0).map(|found| found.range()) else {
            continue;
        };
        match ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }
    let shouted = prose.kind == ProseKind::Heading && !words.contains(|c: char| c.is_lowercase());
    if shouted && !ranges.is_empty() {
        ranges = std::iter::once(0..words.len()).collect();
    }
    for range in &mut ranges {
        let text = words.get(range.clone()).unwrap_or("");
        range.start += text.len() - text.trim_start().len();
        range.end = range.start + text.trim().len();
    }
    ranges
}

/// Whether `TODO` and its like stand there for themselves, and do not name an app of tutorials or a
/// date that is not set yet.
fn is_note(text: &str, range: Range<usize>, kind: ProseKind) -> bool {
    let word = text.get(range.clone()).unwrap_or("");
    let before = text.get(..range.start).unwrap_or("").trim_end();
    let after = text.get(range.end..).unwrap_or("");
    if word.contains("TODO") {
        let next = after
            .trim_start()
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or("");
        return before.is_empty()
            || word.starts_with(['[', '(', '<'])
            || after.starts_with([':', '('])
            || next.chars().count() > 1 && next.chars().all(|c| c.is_ascii_uppercase());
    }
    // A table may say that a date is to be determined.
    kind != ProseKind::TableRow || after.starts_with(':')
}

/// In code `???` as a word or value; in a command nothing else can be meant, but a pattern of file
/// names.
fn in_code(text: &str, commands: bool) -> Vec<(Range<usize>, Severity)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("???")) {
        let start = from + at;
        let length = text
            .get(start..)
            .unwrap_or("")
            .bytes()
            .take_while(|b| *b == b'?')
            .count();
        let end = start + length;
        from = end;
        let edge =
            |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || "\"'`,;:()[]{}<>=".contains(c));
        if edge(text.get(..start).and_then(|t| t.chars().next_back()))
            && edge(text.get(end..).and_then(|t| t.chars().next()))
        {
            let severity = if commands {
                Severity::Error
            } else {
                Severity::Warning
            };
            found.push((start..end, severity));
        }
    }
    for word in ["FIXME", "HOW DO WE "] {
        found.extend(
            text.match_indices(word)
                .map(|(at, word)| (at..at + word.trim_end().len(), Severity::Warning)),
        );
    }
    found
}

#[expect(
    clippy::expect_used,
    reason = "the expression is a constant, and the rule's fixtures use it"
)]
fn constant(expression: &str) -> Regex {
    Regex::new(expression).expect("a constant expression compiles")
}
