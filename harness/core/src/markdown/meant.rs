//! A text as it was meant, which is what everybody who reads one reads: [`read`], [`events`].

use super::learn::front_matter;
use super::lines::LineIndex;
use super::mend::mend;
use super::text::Problem;
use pulldown_cmark::{Event, Options, Parser};
use std::borrow::Cow;
use std::ops::Range;

/// Has a text read as it was meant: its lines, how many of them the front matter takes, and what had to be mended.
pub(crate) fn read(
    file: &str,
    text: &str,
    reader: impl FnOnce(&LineIndex<'_>, usize, Vec<Problem>),
) {
    let text = unify_line_ends(text);
    let index = LineIndex::new(&text);
    let head = front_matter((0..index.count()).map(|line| index.line(line)));
    match mend(file, &index, head) {
        None => reader(&index, head, Vec::new()),
        Some(mended) => {
            let index = LineIndex::with_origins(&mended.text, mended.origins);
            reader(&index, head, mended.problems);
        }
    }
}

/// What the parser finds behind the `head` lines of front matter, each with its place in bytes of the whole text.
pub(crate) fn events<'t>(
    index: &LineIndex<'t>,
    head: usize,
) -> impl Iterator<Item = (Event<'t>, Range<usize>)> + use<'t> {
    let base = index.behind(head);
    let body = index.slice(base..usize::MAX);
    let events = Parser::new_ext(body, Options::ENABLE_TABLES).into_offset_iter();
    events.map(move |(event, range)| (event, range.start + base..range.end + base))
}

/// The text with `\n` for each lone `\r`, which the parser does not take for a line end everywhere.
/// No byte moves.
pub(crate) fn unify_line_ends(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let lone = |(i, b): (usize, &u8)| *b == b'\r' && bytes.get(i + 1) != Some(&b'\n');
    if !bytes.iter().enumerate().any(lone) {
        return Cow::Borrowed(text);
    }
    let mut chars = text.chars().peekable();
    let mut unified = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        unified.push(if c == '\r' && chars.peek() != Some(&'\n') {
            '\n'
        } else {
            c
        });
    }
    Cow::Owned(unified)
}
