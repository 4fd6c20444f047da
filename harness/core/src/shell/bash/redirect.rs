//! Redirections: [`Parser::redirect`].

use super::Parser;
use super::word::Parens;
use crate::shell::script::{Redirect, SyntaxProblemKind};

/// Operators, the longer ones first.
const OPERATORS: &[&str] = &[
    "&>>", "<<<", "<<-", "&>", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">",
];

impl Parser<'_> {
    /// Where the operator of the redirection that begins at `at` begins, behind a file descriptor;
    /// nothing if none begins there.
    fn operator_start(&self, at: usize) -> Option<usize> {
        let mut start = at;
        if self.byte(at) == Some(b'{') {
            let end = self.name_end(at + 1);
            if end == at + 1 || self.byte(end) != Some(b'}') {
                return None;
            }
            start = end + 1;
        } else {
            while self.byte(start).is_some_and(|b| b.is_ascii_digit()) {
                start += 1;
            }
        }
        match self.byte(start)? {
            b'<' => (self.placeholder(start).is_none()
                && (start > at || self.byte(start + 1) != Some(b'(')))
            .then_some(start),
            b'>' => (start > at || self.byte(start + 1) != Some(b'(')).then_some(start),
            b'&' => (start == at && self.byte(at + 1) == Some(b'>')).then_some(start),
            _ => None,
        }
    }

    /// Reads the redirection that begins here, if one does.
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let start = self.pos;
        let at = self.operator_start(start)?;
        let rest = self.slice(at, self.limit);
        let operator = OPERATORS.iter().find(|o| rest.starts_with(**o))?;
        self.pos = at + operator.len();
        if matches!(*operator, ">&" | "<&") {
            let from = self.pos;
            while self.peek().is_some_and(|b| b.is_ascii_digit()) {
                self.pos += 1;
            }
            if self.peek() == Some(b'-') {
                self.pos += 1;
            }
            if self.pos > from {
                return Some(Redirect {
                    range: start..self.pos,
                    operator: self.slice(start, self.pos).to_owned(),
                    target: None,
                    here: None,
                });
            }
        }
        let operator = self.slice(start, self.pos).to_owned();
        let operator_end = self.pos;
        self.skip_blanks();
        let target = if self.peek() == Some(b'#') {
            None
        } else {
            self.word(Parens::End)
        };
        if target.is_none() {
            self.pos = operator_end;
            let kind = SyntaxProblemKind::Unexpected(operator.clone());
            self.problem(start..operator_end, kind);
        }
        Some(Redirect {
            range: start..self.pos,
            operator,
            target,
            here: None,
        })
    }
}
