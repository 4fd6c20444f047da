//! Assignments: [`Parser::assignment`].

use super::Parser;
use super::cursor::{ends_word, in_name};
use super::word::{Parens, Words};
use crate::shell::script::{Assignment, PartKind, Quoting, SyntaxProblemKind, Word};
use std::ops::Range;

/// The left side of an assignment.
struct Target {
    name: String,
    name_range: Range<usize>,
    append: bool,
    /// Where the value begins.
    value: usize,
}

impl Parser<'_> {
    /// Reads the assignment that begins here, if one does. `$NAME=value` is reported and read as
    /// `NAME=value`, and so is `my-name=value`.
    pub(super) fn assignment(&mut self) -> Option<Assignment> {
        let start = self.pos;
        let target = self.plain_target().or_else(|| self.broken_target())?;
        self.pos = target.value;
        let value = if self.peek() == Some(b'(') {
            self.array()
        } else {
            self.word(Parens::End)
        };
        let value = value.unwrap_or(Word {
            range: self.pos..self.pos,
            parts: Vec::new(),
        });
        Some(Assignment {
            name: target.name,
            name_range: target.name_range,
            range: start..self.pos,
            value: Some(value),
            append: target.append,
        })
    }

    fn plain_target(&self) -> Option<Target> {
        let start = self.pos;
        let name_end = self.name_end(start);
        if name_end == start {
            return None;
        }
        let mut at = name_end;
        if self.byte(at) == Some(b'[') {
            while self.byte(at)? != b']' {
                if ends_word(self.byte(at)?) {
                    return None;
                }
                at += 1;
            }
            at += 1;
        }
        let (append, value) = self.equals(at)?;
        Some(Target {
            name: self.slice(start, name_end).to_owned(),
            name_range: start..name_end,
            append,
            value,
        })
    }

    /// Behind the `=` or `+=` at `at`.
    fn equals(&self, at: usize) -> Option<(bool, usize)> {
        match (self.byte(at)?, self.byte(at + 1)) {
            (b'=', _) => Some((false, at + 1)),
            (b'+', Some(b'=')) => Some((true, at + 2)),
            _ => None,
        }
    }

    /// `$NAME=`, `${NAME}=`, `my-name=`, `$my-name=`: reported.
    fn broken_target(&mut self) -> Option<Target> {
        let start = self.pos;
        let dollar = self.byte(start) == Some(b'$');
        let brace = dollar && self.byte(start + 1) == Some(b'{');
        let name_start = start + usize::from(dollar) + usize::from(brace);
        if self.name_end(name_start) == name_start {
            return None;
        }
        let mut name_end = name_start;
        while self.byte(name_end).is_some_and(|b| in_name(b) || b == b'-') {
            name_end += 1;
        }
        let name = self.slice(name_start, name_end).to_owned();
        let dash = name.contains('-');
        if !dollar && !dash || brace && self.byte(name_end) != Some(b'}') {
            return None;
        }
        let end = name_end + usize::from(brace);
        let (append, value) = self.equals(end)?;
        if self.byte(value) == Some(b'=') {
            return None;
        }
        if dollar {
            let kind = SyntaxProblemKind::DollarOnAssignment(name.clone());
            self.problem(start..end, kind);
        }
        if dash {
            let kind = SyntaxProblemKind::InvalidVariableName(name.clone());
            self.problem(name_start..name_end, kind);
        }
        Some(Target {
            name,
            name_range: start..end,
            append,
            value,
        })
    }

    /// Reads `(a b)`, as one expression with the variables and substitutions inside.
    fn array(&mut self) -> Option<Word> {
        let start = self.pos;
        self.pos += 1;
        let mut parts = Vec::new();
        loop {
            self.skip_blanks();
            let newline = self.newline(self.pos);
            match self.peek() {
                None => break,
                Some(b')') => break,
                _ if newline > 0 => self.pos += newline,
                Some(b'#') => self.comment(),
                Some(_) => match self.word(Parens::End) {
                    Some(word) => parts.extend(word.parts),
                    None => break,
                },
            }
        }
        if self.peek() == Some(b')') {
            self.pos += 1;
        } else {
            self.problem(start..start + 1, SyntaxProblemKind::Unclosed("("));
        }
        parts.retain(|part| !matches!(part.kind, PartKind::Text(_)));
        let mut word = Words::default();
        word.part(start..self.pos, Quoting::None, PartKind::Expression(parts));
        Some(Word {
            range: start..self.pos,
            parts: word.parts,
        })
    }
}
