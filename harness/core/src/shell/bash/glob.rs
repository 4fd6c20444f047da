//! Globs and brace expansions, told from brackets and braces that mean themselves.

use super::Parser;
use super::cursor::ends_word;
use super::word::{Parens, Words};
use crate::shell::script::{Part, PartKind, Quoting};

impl Parser<'_> {
    /// Reads what begins with `[` or `{` in a word.
    pub(super) fn glob(&mut self, byte: u8, word: &mut Words) {
        let at = self.pos;
        let close = if byte == b'[' {
            self.bracket(at)
        } else {
            self.brace(at)
        };
        let Some(close) = close else {
            self.pos = at + 1;
            word.text(at..self.pos, Quoting::None, self.slice(at, self.pos));
            return;
        };
        let parts = self.within(at + 1..close, close + 1, Self::expanded_parts);
        word.part(at..self.pos, Quoting::None, PartKind::Expression(parts));
    }

    /// The variables, substitutions and expressions up to the limit, where word characters stand.
    fn expanded_parts(&mut self) -> Vec<Part> {
        let mut parts = Vec::new();
        while self.peek().is_some() {
            match self.word(Parens::Text) {
                Some(word) => parts.extend(word.parts),
                None => self.pos += 1,
            }
        }
        parts.retain(|part| match &part.kind {
            PartKind::Text(_) => false,
            PartKind::Expression(inside) => !inside.is_empty(),
            _ => true,
        });
        parts
    }

    /// The end of a bracket expression that is surely meant or surely taken as a pattern: `[0-9]`,
    /// `[!a]`, and JMESPath's `[?name=='x']` and `[*]`. `[name]` and `[0]` are not.
    fn bracket(&mut self, at: usize) -> Option<usize> {
        let first = self.byte(at + 1)?;
        if !matches!(first, b'?' | b'*' | b'!' | b'^') && !self.is_class(at + 1) {
            return None;
        }
        let (close, _) = self.matching(at, b'[', b']')?;
        Some(close)
    }

    /// Whether ranges of characters stand at `at`, up to `]`.
    fn is_class(&self, mut at: usize) -> bool {
        if self.byte(at) == Some(b'[') && self.byte(at + 1) == Some(b':') {
            return true;
        }
        let mut ranges = 0;
        while let (Some(low), Some(b'-'), Some(high)) =
            (self.byte(at), self.byte(at + 1), self.byte(at + 2))
        {
            let same = [low, high].iter().all(u8::is_ascii_digit)
                || [low, high].iter().all(u8::is_ascii_lowercase)
                || [low, high].iter().all(u8::is_ascii_uppercase);
            if !same {
                return false;
            }
            at += 3;
            ranges += 1;
        }
        ranges > 0 && self.byte(at) == Some(b']')
    }

    /// The end of a brace expansion: `{a,b}`, `{1..3}`. `{name}` and `{}` mean themselves.
    fn brace(&mut self, at: usize) -> Option<usize> {
        let (close, expands) = self.matching(at, b'{', b'}')?;
        expands.then_some(close)
    }

    /// The partner of the bracket at `at` within the word, and whether `,` or `..` stands between
    /// them.
    fn matching(&mut self, at: usize, open: u8, close: u8) -> Option<(usize, bool)> {
        let mut depth = 0_usize;
        let mut expands = false;
        let mut quote = None;
        let mut end = at;
        let stop = at.saturating_add(self.budget);
        let found = loop {
            let byte = match self.byte(end) {
                Some(byte) if end < stop => byte,
                _ => break None,
            };
            match (quote, byte) {
                (Some(b'\''), b'\'') | (Some(b'"'), b'"') => quote = None,
                (Some(b'"') | None, b'\\') => end += 1,
                (_, b'\n') => break None,
                (Some(_), _) => {}
                (None, b'\'' | b'"') => quote = Some(byte),
                (None, b'$') if matches!(self.byte(end + 1), Some(b'{')) => {
                    // Its braces balance.
                    end += 1;
                    depth += usize::from(open == b'{');
                }
                (None, b'$') if self.byte(end + 1) == Some(b'(') => break None,
                (None, b',') => expands |= depth == 1,
                (None, b'.') => expands |= depth == 1 && self.byte(end + 1) == Some(b'.'),
                (None, _) if byte == open => depth += 1,
                (None, _) if byte == close => {
                    depth -= 1;
                    if depth == 0 {
                        break Some((end, expands));
                    }
                }
                // JMESPath's `[?a && b]` and `[?contains(…)]` are no words of bash.
                (None, _) if ends_word(byte) => break None,
                _ => {}
            }
            end += 1;
        };
        self.budget = self.budget.saturating_sub(end - at);
        found
    }
}
