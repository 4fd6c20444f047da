//! Code as its article shows it, with what a scenario changes of it struck and inserted, and with marks:
//! [`Code`].

use super::out::{Out, escape};
use crate::event::AppliedCorrection;
use crate::scenario::Line;
use crate::source::{Position, Span};
use std::ops::Range;

/// A block's lines with what is to be shown in them.
pub(super) struct Code<'a> {
    lines: &'a [Line],
    text: String,
    changes: Vec<Change>,
}

/// Something that is shown of a stretch of the text.
struct Change {
    range: Range<usize>,
    kind: Kind,
}

enum Kind {
    /// Another text was run or expected in its place.
    Edit(String),
    /// It is marked, with this class.
    Mark(&'static str),
}

impl<'a> Code<'a> {
    pub(super) fn new(lines: &'a [Line]) -> Self {
        let lines_text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        Self {
            lines,
            text: lines_text.join("\n"),
            changes: Vec::new(),
        }
    }

    /// Whether a place is in the block.
    pub(super) fn has(&self, position: &Position) -> bool {
        let is = |line: &Line| {
            line.position.line == position.line && line.position.file == position.file
        };
        self.lines.iter().any(is)
    }

    /// Shows a correction where it was made. Whether its text is there.
    pub(super) fn edit(&mut self, correction: &AppliedCorrection) -> bool {
        let find = correction.find.replace("\r\n", "\n");
        let at = self.offset(&correction.position);
        let at = at.filter(|at| self.text.get(*at..).is_some_and(|t| t.starts_with(&find)));
        let at = at.or_else(|| {
            let first = self.text.find(&find)?;
            (self.text.rfind(&find) == Some(first)).then_some(first)
        });
        let Some(at) = at.filter(|_| !find.is_empty()) else {
            return false;
        };
        let (head, tail) = common(&find, &correction.replace);
        let old = at + head..at + find.len() - tail;
        let end = correction.replace.len() - tail;
        let new = correction.replace.get(head..end).unwrap_or_default();
        self.add(old, Kind::Edit(new.to_owned()))
    }

    /// Marks a text that begins at a place, or the rest of the line if it is not there.
    pub(super) fn mark(&mut self, position: &Position, text: &str, class: &'static str) {
        let Some(start) = self.offset(position) else {
            return;
        };
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.find('\n').unwrap_or(rest.len());
        let length = match rest.starts_with(text) && !text.is_empty() {
            true => text.len(),
            false => line,
        };
        self.add(start..start + length, Kind::Mark(class));
    }

    /// Marks a stretch of the block.
    pub(super) fn mark_span(&mut self, span: &Span, class: &'static str) {
        let end = Position {
            file: span.file.clone(),
            line: span.end_line,
            column: span.end_column,
        };
        if let Some(start) = self.offset(&span.start()) {
            let end = self.offset(&end).unwrap_or(self.text.len());
            self.add(start..end.max(start), Kind::Mark(class));
        }
    }

    /// Where a place of the article is in the text.
    fn offset(&self, position: &Position) -> Option<usize> {
        let mut start = 0;
        for line in self.lines {
            let own = &line.position;
            if own.line == position.line && own.file == position.file {
                let ahead = position.column.saturating_sub(own.column);
                let ahead = usize::try_from(ahead).ok()?;
                let mut begins = line.text.char_indices().map(|(at, _)| at);
                let at = begins.nth(ahead).unwrap_or(line.text.len());
                return Some(start + at);
            }
            start += line.text.len() + 1;
        }
        None
    }

    /// What overlaps something that is there already is left out.
    fn add(&mut self, range: Range<usize>, kind: Kind) -> bool {
        let overlaps = |other: &Change| {
            let both = other.range.start < range.end && range.start < other.range.end;
            both || (other.range.start == range.start && other.range.end == range.end)
        };
        let empty_mark = range.is_empty() && matches!(kind, Kind::Mark(_));
        if empty_mark || self.changes.iter().any(overlaps) {
            return false;
        }
        self.changes.push(Change { range, kind });
        true
    }

    /// Writes the text with everything in it.
    pub(super) fn write(mut self, class: &str, out: &mut Out) {
        self.changes.sort_by_key(|change| change.range.start);
        out.open("pre", class);
        out.raw("<code>");
        let mut at = 0;
        let piece = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        for change in &self.changes {
            out.text(piece(at..change.range.start));
            let old = piece(change.range.clone());
            match &change.kind {
                Kind::Mark(class) => out.element("mark", class, old),
                Kind::Edit(new) => {
                    if !old.is_empty() {
                        out.raw(&format!("<del>{}</del>", escape(old)));
                    }
                    if !new.is_empty() {
                        out.raw(&format!("<ins>{}</ins>", escape(new)));
                    }
                }
            }
            at = change.range.end;
        }
        out.text(piece(at..self.text.len()));
        out.raw("</code></pre>\n");
    }
}

/// How many bytes two texts have in common at their beginning and at their end, whole words only.
pub(super) fn common(a: &str, b: &str) -> (usize, usize) {
    let same = |(x, y): &(char, char)| x == y;
    let head: usize = a
        .chars()
        .zip(b.chars())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let head = boundary(a, b, head);
    let (rest_a, rest_b) = (a.get(head..).unwrap_or(""), b.get(head..).unwrap_or(""));
    let back = |text: &str| text.chars().rev().collect::<String>();
    let (rest_a, rest_b) = (back(rest_a), back(rest_b));
    let tail: usize = rest_a
        .chars()
        .zip(rest_b.chars())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    (head, boundary(&rest_a, &rest_b, tail))
}

/// The nearest end of a word at or before a byte up to which both texts are the same.
fn boundary(a: &str, b: &str, at: usize) -> usize {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let goes_on = |text: &str| is_word(text.get(at..).and_then(|rest| rest.chars().next()));
    let head = a.get(..at).unwrap_or_default();
    if !is_word(head.chars().next_back()) || !(goes_on(a) || goes_on(b)) {
        return at;
    }
    head.trim_end_matches(char::is_alphanumeric).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position {
            file: "a.md".into(),
            line,
            column,
        }
    }

    fn block() -> Vec<Line> {
        let texts = ["az a --l <x> \\", "  --null \"null\""];
        let line = |(number, text): (u32, &str)| Line {
            text: text.to_owned(),
            position: at(number, 4),
        };
        (7..).zip(texts).map(line).collect()
    }

    fn correction(line: u32, column: u32, find: &str, replace: &str) -> AppliedCorrection {
        AppliedCorrection {
            position: at(line, column),
            find: find.to_owned(),
            replace: replace.to_owned(),
            why: String::new(),
        }
    }

    #[test]
    fn a_correction_is_shown_as_an_edit_of_what_changes() {
        let lines = block();
        let mut code = Code::new(&lines);
        assert!(code.edit(&correction(7, 9, "--l <x>", "--l <y> --b")));
        assert!(code.edit(&correction(8, 13, "\"null\"", "null")));
        assert!(!code.edit(&correction(8, 1, "not there", "x")));
        code.mark(&at(8, 6), "--null", "differs");
        let mut out = Out::default();
        code.write("v", &mut out);
        assert_eq!(
            out.0,
            "<pre class=\"v\"><code>az a --l &lt;<del>x&gt;</del><ins>y&gt; --b</ins> \\\n  \
             <mark class=\"differs\">--null</mark> <del>&quot;null&quot;</del><ins>null</ins></code></pre>\n"
        );
    }

    #[test]
    fn what_two_texts_share_ends_with_a_word() {
        let shared = |a: &str, b: &str| {
            let (head, tail) = common(a, b);
            (a[..head].to_owned(), a[a.len() - tail..].to_owned())
        };
        let own = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            shared("--location x", "--location x y"),
            own("--location x", "")
        );
        assert_eq!(shared("myApp", "my-app"), own("", ""));
        assert_eq!(
            shared("\"Purgeable\"", "\"Recoverable+Purgeable\""),
            own("\"", "Purgeable\"")
        );
        assert_eq!(shared("é", "é"), own("é", ""));
    }
}
