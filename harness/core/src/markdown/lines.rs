//! From a byte of a text to its line and column: [`LineIndex`].

use crate::source::Position;
use std::ops::Range;

/// Characters are counted from the last multiple of this: a line can be as long as the article.
const STRIDE: usize = 256;

/// The lines of one text. A line ends with `\n`, `\r\n` or `\r`, as in CommonMark.
#[derive(Debug)]
pub(crate) struct LineIndex<'a> {
    text: &'a str,
    /// Where each line starts, in bytes.
    starts: Vec<usize>,
    /// How many characters come before each [`STRIDE`] bytes; empty for ASCII.
    characters: Vec<usize>,
    /// Where each line comes from, if the text is not the file's own.
    origins: Vec<Origin>,
}

/// Where a line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The line of the file, from 0.
    pub(crate) line: usize,
    /// How much further right it stands than there.
    pub(crate) shift: i64,
}

impl<'a> LineIndex<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes
            .iter()
            .enumerate()
            .filter(|&(i, &b)| b == b'\n' || (b == b'\r' && bytes.get(i + 1) != Some(&b'\n')));
        let starts = std::iter::once(0).chain(ends.map(|(i, _)| i + 1)).collect();
        let mut characters = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for stride in bytes.chunks(STRIDE) {
                characters.push(count);
                count += beginnings(stride);
            }
        }
        LineIndex {
            text,
            starts,
            characters,
            origins: Vec::new(),
        }
    }

    /// The lines of a text that stand elsewhere in the file.
    pub(crate) fn with_origins(text: &'a str, origins: Vec<Origin>) -> Self {
        Self {
            origins,
            ..Self::new(text)
        }
    }

    /// Where line `line` (from 0) comes from.
    pub(crate) fn origin(&self, line: usize) -> Origin {
        let own = Origin { line, shift: 0 };
        self.origins.get(line).copied().unwrap_or(own)
    }

    /// How many lines there are; text after the last line end counts as one, even if empty.
    pub(crate) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The number, from 0, of the line that `offset` is in. A line end belongs to its line.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|&start| start <= offset)
            .saturating_sub(1)
    }

    /// Where line `line` (from 0) starts, in bytes.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// Where what line `line` (from 0) has of the file starts, in bytes: behind what it was moved in by.
    pub(crate) fn own(&self, line: usize) -> usize {
        let added = usize::try_from(self.origin(line).shift).unwrap_or(0);
        self.start(line) + added.min(self.line(line).len())
    }

    /// Where the text behind the first `lines` starts, in bytes. A byte order mark is no text.
    pub(crate) fn behind(&self, lines: usize) -> usize {
        let mark = self.text.starts_with('\u{feff}');
        match lines {
            0 if mark => '\u{feff}'.len_utf8(),
            _ => self.start(lines),
        }
    }

    /// Line `line` (from 0) without its line end.
    pub(crate) fn line(&self, line: usize) -> &'a str {
        let whole = self
            .text
            .get(self.start(line)..self.start(line + 1))
            .unwrap_or("");
        whole.trim_end_matches(['\r', '\n'])
    }

    /// The rest of the line from `offset`, without its line end.
    pub(crate) fn rest(&self, offset: usize) -> &'a str {
        let line = self.line_of(offset);
        let end = self.start(line) + self.line(line).len();
        self.text.get(offset.min(end)..end).unwrap_or("")
    }

    /// A piece of the text, as far as it is there.
    pub(crate) fn slice(&self, range: Range<usize>) -> &'a str {
        let end = range.end.min(self.text.len());
        self.text.get(range.start.min(end)..end).unwrap_or("")
    }

    /// How many characters come before `offset`.
    pub(crate) fn characters_before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        if self.characters.is_empty() {
            return offset;
        }
        // Behind the last stride there is none; its end is counted from its start.
        let stride = (offset / STRIDE).min(self.characters.len() - 1);
        let before = self.characters.get(stride).copied().unwrap_or(0);
        let rest = self.text.as_bytes().get(stride * STRIDE..offset);
        before + rest.map_or(0, beginnings)
    }

    /// The byte that character `column` (from 0) of line `line` begins at; behind the last one is a
    /// place too.
    pub(crate) fn byte_at(&self, line: usize, column: usize) -> Option<usize> {
        let start = self.start(line);
        let end = start + self.line(line).len();
        let wanted = self.characters_before(start) + column;
        let all = self.characters_before(end);
        if wanted >= all {
            return (wanted == all).then_some(end);
        }
        if self.characters.is_empty() {
            return Some(wanted);
        }
        let strides = self.characters.partition_point(|before| *before <= wanted);
        let stride = strides.checked_sub(1)?;
        let ahead = wanted - self.characters.get(stride)?;
        let bytes = self.text.as_bytes().get(stride * STRIDE..)?;
        let mut begins = bytes.iter().enumerate().filter(|(_, b)| begins(**b));
        begins.nth(ahead).map(|(at, _)| stride * STRIDE + at)
    }

    /// The place of `offset` in `file`. A byte order mark is no column.
    pub(crate) fn position(&self, file: &str, offset: usize) -> Position {
        let line = self.line_of(offset);
        let start = self.start(line);
        let offset = offset.min(start + self.line(line).len());
        let before = self.characters_before(offset) - self.characters_before(start);
        let mark = line == 0 && offset > start && self.text.starts_with('\u{feff}');
        let origin = self.origin(line);
        let column = i64::try_from(before + 1 - usize::from(mark)).unwrap_or(i64::MAX);
        Position {
            file: file.to_owned(),
            line: u32::try_from(origin.line + 1).unwrap_or(u32::MAX),
            column: u32::try_from((column - origin.shift).max(1)).unwrap_or(u32::MAX),
        }
    }
}

/// How many characters begin in some bytes of a text.
fn beginnings(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| begins(**byte)).count()
}

/// Whether a character begins with this byte.
fn begins(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn counts_characters_and_every_line_end() {
        let index = LineIndex::new("aé\r\n\rb");
        assert_eq!(index.count(), 4 - 1);
        assert_eq!(
            (index.line(0), index.line(1), index.line(2)),
            ("aé", "", "b")
        );
        let place = index.position("f", "aé".len());
        assert_eq!((place.line, place.column), (1, 3));
        assert_eq!(index.position("f", "aé\r\n\r".len()).to_string(), "f:3:1");
        assert_eq!(index.position("f", 999).to_string(), "f:3:2");
    }

    #[test]
    fn a_place_and_its_byte_are_told_from_each_other() {
        let ascii = format!("{}\r\n{}\n", "a".repeat(300), "b".repeat(700));
        let wide = ascii.replace('b', "–") + "é";
        for text in [ascii.as_str(), wide.as_str(), "", "\n", "é"] {
            let index = LineIndex::new(text);
            for line in 0..index.count() {
                let words = index.line(line);
                let begins = words.char_indices().map(|(at, _)| at);
                let mut column = 0;
                for at in begins.chain([words.len()]) {
                    assert_eq!(index.byte_at(line, column), Some(index.start(line) + at));
                    column += 1;
                }
                assert_eq!(index.byte_at(line, column), None);
            }
        }
    }
}
