//! Moving over the text: line ends, white space, continuations, comments.

use super::Parser;
use crate::shell::script::{RegionKind, SyntaxProblemKind};

/// Whether a byte ends a word outside quotes.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>'
    )
}

/// Whether a byte can begin a variable's name.
pub(super) fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether a byte can stand in a variable's name.
pub(super) fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a text is a variable's name.
pub(super) fn is_name(text: &str) -> bool {
    text.bytes().next().is_some_and(begins_name) && text.bytes().all(in_name)
}

impl<'t> Parser<'t> {
    /// The byte at `at`, if that is still to be read.
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        if at < self.limit {
            self.bytes.get(at).copied()
        } else {
            None
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.pos)
    }

    pub(super) fn starts_with(&self, token: &str) -> bool {
        self.slice(self.pos, self.limit).starts_with(token)
    }

    /// The text between two places; both stand before or behind an ASCII character.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or("")
    }

    /// The byte before `at`.
    pub(super) fn before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|i| self.bytes.get(i)).copied()
    }

    /// The length of the line end at `at`, 0 if there is none.
    pub(super) fn newline(&self, at: usize) -> usize {
        match self.byte(at) {
            Some(b'\n') => 1,
            Some(b'\r') if self.byte(at + 1) == Some(b'\n') => 2,
            _ => 0,
        }
    }

    /// The end of the line that `at` is in, before its line end.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..self.limit).unwrap_or(&[]);
        let end = rest
            .iter()
            .position(|b| *b == b'\n')
            .map_or(self.limit, |n| at + n);
        if end > at && end < self.limit && self.before(end) == Some(b'\r') {
            end - 1
        } else {
            end
        }
    }

    /// The first place from `at` on that is neither blank nor tab.
    pub(super) fn behind_blanks(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    }

    /// The end of the variable's name that begins at `at`; `at` itself if none does.
    pub(super) fn name_end(&self, at: usize) -> usize {
        if !self.byte(at).is_some_and(begins_name) {
            return at;
        }
        let mut end = at + 1;
        while self.byte(end).is_some_and(in_name) {
            end += 1;
        }
        end
    }

    /// How many bytes the character at `at` has.
    pub(super) fn char_len(&self, at: usize) -> usize {
        match self.byte(at) {
            None => 0,
            Some(byte) if byte < 0x80 => 1,
            Some(byte) if byte >= 0xf0 => 4,
            Some(byte) if byte >= 0xe0 => 3,
            Some(_) => 2,
        }
    }

    /// Where the next line begins if a continuation stands at `at`.
    pub(super) fn continuation(&self, at: usize) -> Option<usize> {
        if self.byte(at) != Some(b'\\') {
            return None;
        }
        let line_end = self.behind_blanks(at + 1);
        let newline = self.newline(line_end);
        let next = line_end + newline;
        (newline > 0 && (line_end == at + 1 || self.goes_on(next))).then_some(next)
    }

    /// Whether the line at `at` goes on with the command of the line before: it begins with an
    /// option or an operator, or is indented and no command of its own.
    fn goes_on(&self, at: usize) -> bool {
        let first = self.behind_blanks(at);
        match self.byte(first) {
            None | Some(b'\n' | b'\r' | b'#') => false,
            Some(b'-' | b'|') => true,
            Some(b'&') => self.byte(first + 1) == Some(b'&'),
            Some(_) => first > at && !self.begins_command(first),
        }
    }

    /// Where the next line begins if PowerShell's continuation stands at `at`: bash would read a
    /// substitution to the next backquote, and nobody begins one at the end of a line.
    fn foreign_continuation(&self, at: usize) -> Option<usize> {
        if self.byte(at) != Some(b'`') {
            return None;
        }
        let line_end = self.behind_blanks(at + 1);
        let newline = self.newline(line_end);
        let next = line_end + newline;
        let blank_before = matches!(self.before(at), Some(b' ' | b'\t'));
        let option = self.byte(self.behind_blanks(next)) == Some(b'-');
        (newline > 0 && blank_before && option).then_some(next)
    }

    /// Goes to the next thing on the line, over continuations, which are recorded.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            self.pos = self.behind_blanks(self.pos);
            if let Some(next) = self.continuation(self.pos) {
                self.continuations.push(self.pos..next);
                self.pos = next;
            } else if let Some(next) = self.foreign_continuation(self.pos) {
                let at = self.pos;
                self.problem(at..at + 1, SyntaxProblemKind::Unclosed("`"));
                self.continuations.push(at..next);
                self.pos = next;
            } else {
                return;
            }
        }
    }

    /// Goes over a comment, from its `#` to the end of its line.
    pub(super) fn comment(&mut self) {
        let start = self.pos;
        self.pos = self.line_end(start);
        self.region(start..self.pos, RegionKind::Comment);
    }

    /// The end of the line at `at`, the lines joined to it included, without white space at its
    /// end: where something that nobody closed is taken to end.
    pub(super) fn logical_line_end(&self, at: usize) -> usize {
        let mut end = self.line_end(at);
        while self.before(end) == Some(b'\\') && self.newline(end) > 0 && end > at {
            end = self.line_end(end + self.newline(end));
        }
        self.trim_end(at, end)
    }

    /// `end`, or the place behind the last character before it that is no blank.
    pub(super) fn trim_end(&self, start: usize, mut end: usize) -> usize {
        while end > start && matches!(self.before(end), Some(b' ' | b'\t' | b'\r')) {
            end -= 1;
        }
        end
    }
}
