//! The lines of an article that a finding is shown with: [`Excerpt`].

use super::Mask;
use super::texts::{Indexed, Text};
use crate::source::Span;
use std::ops::Range;

/// More lines than this of one place are not shown.
const MOST_LINES: usize = 8;

/// Characters of a line that are shown before and behind a place.
const AROUND: usize = 200;

/// A place, with its lines if they can be shown.
#[derive(Debug)]
pub(super) struct Excerpt {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) lines: Option<Lines>,
}

/// Lines as they can be shown, and what of them is meant.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) text: String,
    pub(super) marked: Range<usize>,
}

impl Excerpt {
    pub(super) fn of(span: &Span, texts: &Indexed<'_>, mask: &Mask) -> Self {
        let lines = texts
            .get(&span.file)
            .and_then(|text| lines(span, text, mask));
        Self {
            file: span.file.clone(),
            line: usize::try_from(span.line).unwrap_or(usize::MAX),
            column: usize::try_from(span.column).unwrap_or(usize::MAX),
            lines,
        }
    }
}

fn lines(span: &Span, text: &Text<'_>, mask: &Mask) -> Option<Lines> {
    let Range { start, end } = text.range(span)?;
    let index = &text.lines;
    let first = index.line_of(start);
    let last = index.line_of(end).min(first + MOST_LINES - 1);
    let mut shown = String::new();
    let mut marked = 0..0;
    for number in first..=last {
        let line = index.line(number);
        let begin = index.start(number);
        let inside = |at: usize| at.saturating_sub(begin).min(line.len());
        let (from, to) = (inside(start), inside(end));
        let line = Line::new(line, from..to).masked(mask);
        if number > first {
            shown.push('\n');
        } else {
            marked.start = shown.len() + line.marked.start;
        }
        marked.end = shown.len() + line.marked.end;
        shown.push_str(&line.text);
    }
    Some(Lines {
        text: shown,
        marked,
    })
}

/// One line and what of it is meant.
struct Line {
    text: String,
    marked: Range<usize>,
}

impl Line {
    /// The line, or what stands around the place if it is a very long one.
    fn new(text: &str, marked: Range<usize>) -> Self {
        let boundary = |at: usize, step: fn(usize) -> usize| {
            let mut at = at;
            while !text.is_char_boundary(at) {
                at = step(at);
            }
            at
        };
        let from = boundary(marked.start.saturating_sub(AROUND), |at| at - 1);
        let to = boundary((marked.end + AROUND).min(text.len()), |at| at + 1);
        let to = to.min(boundary(
            (marked.start + 3 * AROUND).min(text.len()),
            |at| at + 1,
        ));
        let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let from = from.max(mark.min(marked.start));
        Self {
            text: text.get(from..to).unwrap_or("").to_owned(),
            marked: marked.start - from..marked.end.min(to) - from,
        }
    }

    /// The line without secrets; the place moves with the text.
    fn masked(self, mask: &Mask) -> Self {
        let text = mask.apply(&self.text);
        if text == self.text {
            return self;
        }
        let same = |(a, b): &(char, char)| a == b;
        let both = self.text.chars().zip(text.chars());
        let head: usize = both.take_while(same).map(|(c, _)| c.len_utf8()).sum();
        let both = self.text.chars().rev().zip(text.chars().rev());
        let tail: usize = both.take_while(same).map(|(c, _)| c.len_utf8()).sum();
        let tail = tail.min(self.text.len() - head).min(text.len() - head);
        let moved = |at: usize, inside: usize| {
            if at <= head {
                at
            } else if at + tail >= self.text.len() {
                text.len() - (self.text.len() - at)
            } else {
                inside
            }
        };
        let start = moved(self.marked.start, head);
        let end = moved(self.marked.end, text.len() - tail).max(start);
        Self {
            marked: start..end,
            text,
        }
    }
}
