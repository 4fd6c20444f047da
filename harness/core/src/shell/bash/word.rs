//! Words: [`Parser::word`].

use super::Parser;
use super::cursor::ends_word;
use crate::shell::script::{Part, PartKind, Quoting, Word};
use std::ops::Range;

/// How long a placeholder may be.
const PLACEHOLDER: usize = 120;

/// What a parenthesis outside quotes is while a word is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parens {
    /// The end of the word.
    End,
    /// A character of it: after one that cannot be there, and in a regular expression.
    Text,
}

/// The parts of a word being read.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) parts: Vec<Part>,
}

impl Words {
    /// Adds text, to the part before if that is text quoted alike.
    pub(super) fn text(&mut self, range: Range<usize>, quoting: Quoting, text: &str) {
        if let Some(last) = self.parts.last_mut()
            && last.quoting == quoting
            && let PartKind::Text(before) = &mut last.kind
        {
            before.push_str(text);
            last.range.end = range.end;
            return;
        }
        self.part(range, quoting, PartKind::Text(text.to_owned()));
    }

    /// Adds a part.
    pub(super) fn part(&mut self, range: Range<usize>, quoting: Quoting, kind: PartKind) {
        self.parts.push(Part {
            range,
            quoting,
            kind,
        });
    }

    /// Makes the last part end at `end`.
    pub(super) fn extend_to(&mut self, end: usize) {
        if let Some(last) = self.parts.last_mut() {
            last.range.end = end;
        }
    }
}

impl Parser<'_> {
    /// Reads the word that begins here, if one does.
    pub(super) fn word(&mut self, parens: Parens) -> Option<Word> {
        let start = self.pos;
        let mut word = Words::default();
        while let Some(byte) = self.peek() {
            let at = self.pos;
            match byte {
                b'\'' => self.single(&mut word),
                b'"' => self.double(at, &mut word),
                b'$' => self.dollar(at, Quoting::None, &mut word),
                b'`' => self.backquote(at, Quoting::None, &mut word),
                b'\\' => {
                    if !self.escape(&mut word) {
                        break;
                    }
                }
                b'<' | b'>' => {
                    if !self.angle(byte, &mut word) {
                        break;
                    }
                }
                b'(' | b')' | b'|' if parens == Parens::Text => {
                    self.pos += 1;
                    word.text(at..self.pos, Quoting::None, self.slice(at, self.pos));
                }
                b'*' | b'?' => {
                    self.pos += 1;
                    word.part(
                        at..self.pos,
                        Quoting::None,
                        PartKind::Expression(Vec::new()),
                    );
                }
                b'[' | b'{' => self.glob(byte, &mut word),
                b'\r' if self.newline(at) > 0 => break,
                byte if ends_word(byte) => break,
                _ => self.plain(&mut word),
            }
        }
        (self.pos > start).then_some(Word {
            range: start..self.pos,
            parts: word.parts,
        })
    }

    /// Reads characters that mean themselves.
    fn plain(&mut self, word: &mut Words) {
        let start = self.pos;
        self.pos += 1;
        while let Some(byte) = self.peek() {
            if ends_word(byte)
                || matches!(
                    byte,
                    b'\'' | b'"' | b'$' | b'`' | b'\\' | b'*' | b'?' | b'[' | b'{' | b'\r'
                )
            {
                break;
            }
            self.pos += 1;
        }
        word.text(start..self.pos, Quoting::None, self.slice(start, self.pos));
    }

    /// Reads `\` and what it escapes; `false` if it ends the word.
    fn escape(&mut self, word: &mut Words) -> bool {
        let at = self.pos;
        if let Some(next) = self.continuation(at) {
            let joins = next - at <= 3
                && self.newline(next) == 0
                && self.byte(next).is_some_and(|b| !ends_word(b))
                && self.newline(at + 1) > 0;
            if joins {
                self.continuations.push(at..next);
                self.pos = next;
                word.text(at..next, Quoting::None, "");
            }
            return joins;
        }
        let length = self.char_len(at + 1);
        self.pos = at + 1 + length;
        if length == 0 {
            word.text(at..self.pos, Quoting::None, "\\");
        } else {
            let escaped = self.slice(at + 1, self.pos);
            word.text(at..self.pos, Quoting::Escaped, escaped);
        }
        true
    }

    /// Reads a placeholder or a process substitution; `false` if it is a redirection.
    fn angle(&mut self, byte: u8, word: &mut Words) -> bool {
        let at = self.pos;
        if byte == b'<'
            && let Some(end) = self.placeholder(at)
        {
            let name = self.slice(at + 1, end - 1).to_owned();
            word.part(at..end, Quoting::None, PartKind::Placeholder { name });
            self.pos = end;
            return true;
        }
        if self.byte(at + 1) == Some(b'(') && word.parts.is_empty() {
            self.substitution(at, at + 2, Quoting::None, word);
            return true;
        }
        false
    }

    /// The end of the placeholder `<name>` that begins at `at`.
    pub(super) fn placeholder(&self, at: usize) -> Option<usize> {
        let rest = self.slice(at, self.limit).strip_prefix('<')?;
        if !rest.starts_with(char::is_alphanumeric) {
            return None;
        }
        let mut last = '<';
        for (offset, c) in rest.char_indices() {
            match c {
                // `<in >out` redirects twice.
                '>' => {
                    let name = rest.get(..offset)?;
                    let named = name.contains(char::is_alphabetic);
                    return (last != ' ' && named).then_some(at + offset + 2);
                }
                _ if offset > PLACEHOLDER => return None,
                _ if c.is_alphanumeric() || " -_.'/:,@#()+".contains(c) => last = c,
                _ => return None,
            }
        }
        None
    }
}
