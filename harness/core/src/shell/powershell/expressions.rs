//! Expressions and assignments.

use super::reader::{Quote, Reader, is_dash, is_name_start};
use super::variables::{into_parts, reading};
use crate::shell::script::{
    Assignment, Command, CommandKind, Part, PartKind, Quoting, SyntaxProblemKind, Word,
};
use std::ops::Range;

/// No type's name in brackets is longer.
const TYPE_LENGTH: usize = 120;

/// A piece of an expression.
enum Piece {
    /// A value, as parts of a word.
    Value(Vec<Part>),
    /// `[string]` before a value.
    Cast,
    /// `,`
    Comma,
    /// Any other operator.
    Operator,
}

impl Reader<'_> {
    /// The expression or assignment that begins here.
    pub(super) fn expression(&mut self) -> Command {
        self.note_invalid_name();
        let start = self.pos;
        let mut end = start;
        let mut last = start;
        let mut from = start;
        let mut pieces = Vec::new();
        let mut has_value = false;
        let mut redirects = Vec::new();
        loop {
            self.skip_blank();
            if self.at_end() || self.ends_element() {
                // An operator at a line's end goes on in the next line.
                let open = matches!(pieces.last(), Some(Piece::Operator | Piece::Comma));
                if open && self.peek() == Some('\n') {
                    self.skip_lines();
                    if !self.at_end() && !self.ends_element() {
                        continue;
                    }
                }
                break;
            }
            if let Some((append, length)) = self.assignment_operator() {
                if has_value {
                    self.pos += length;
                    return self.assignment(start, pieces, append);
                }
                self.pos += length;
                pieces.push(Piece::Operator);
                continue;
            }
            if let Some(redirect) = self.redirect() {
                last = redirect.range.end;
                redirects.push(redirect);
                continue;
            }
            let before = self.pos;
            if pieces.is_empty() {
                from = before;
            }
            let piece = self.piece();
            has_value |= matches!(piece, Piece::Value(_));
            pieces.push(piece);
            if self.pos == before {
                self.advance();
            }
            end = self.pos;
        }
        Command {
            kind: CommandKind::Expression,
            range: start..end.max(last),
            assignments: Vec::new(),
            words: word(from..end, pieces).into_iter().collect(),
            redirects,
            place: self.place,
        }
    }

    /// The default of a parameter: an expression that a comma ends.
    pub(super) fn default_value(&mut self) -> Option<Word> {
        self.skip_lines();
        let start = self.pos;
        let mut end = start;
        let mut pieces = Vec::new();
        loop {
            self.skip_blank();
            if self.at_end() || self.ends_element() || self.byte(0) == b',' {
                break;
            }
            let before = self.pos;
            pieces.push(self.piece());
            if self.pos == before {
                self.advance();
            }
            end = self.pos;
        }
        word(start..end, pieces)
    }

    /// Passes over `[type]` or an attribute.
    pub(super) fn skip_type(&mut self) {
        let _ = self.type_literal();
    }

    /// The value of an assignment or of a hashtable's key: one statement.
    pub(super) fn value(&mut self) -> Option<Word> {
        self.skip_lines();
        let start = self.pos;
        let mut commands = Vec::new();
        if !self.at_end() && !matches!(self.byte(0), b';' | b')' | b'}') && self.enter() {
            self.statement(&mut commands);
            self.leave();
        }
        let end = commands
            .last()
            .map_or(start, |last| last.range.end)
            .max(start);
        if let [command] = commands.as_slice()
            && command.kind == CommandKind::Expression
            && command.redirects.is_empty()
            && command.assignments.is_empty()
            && command.words.len() == 1
        {
            return commands.pop().and_then(|mut command| command.words.pop());
        }
        let start = commands.first().map_or(start, |first| first.range.start);
        (!commands.is_empty()).then(|| Word {
            range: start..end,
            parts: vec![Part {
                range: start..end,
                quoting: Quoting::None,
                kind: PartKind::Substitution {
                    commands,
                    member: None,
                },
            }],
        })
    }

    fn assignment(&mut self, start: usize, pieces: Vec<Piece>, append: bool) -> Command {
        let before = self.pos;
        let value = self.value();
        let end = value.as_ref().map_or(before, |value| value.range.end);
        let mut assignments = Vec::new();
        let mut words = Vec::new();
        for piece in pieces {
            let Piece::Value(parts) = piece else {
                continue;
            };
            match parts.as_slice() {
                [
                    Part {
                        range,
                        kind:
                            PartKind::Variable {
                                name,
                                operator: None,
                                ..
                            },
                        ..
                    },
                ] => assignments.push(Assignment {
                    name: name.clone(),
                    name_range: range.clone(),
                    range: start..end,
                    value: None,
                    append,
                }),
                _ => words.extend(whole(parts)),
            }
        }
        // Of several variables the first gets the value to hold; which gets what is not known.
        match assignments.first_mut() {
            Some(first) => first.value = value,
            None => words.extend(value),
        }
        Command {
            kind: if assignments.is_empty() {
                CommandKind::Expression
            } else {
                CommandKind::Simple
            },
            range: start..end,
            assignments,
            words,
            redirects: Vec::new(),
            place: self.place,
        }
    }

    /// Whether the assignment operator that stands here, if one does, appends; and its length.
    fn assignment_operator(&self) -> Option<(bool, usize)> {
        match (self.byte(0), self.byte(1), self.byte(2)) {
            (b'=', b'=', _) => None,
            (b'=', _, _) => Some((false, 1)),
            (b'+' | b'-' | b'*' | b'/' | b'%', b'=', _) => Some((true, 2)),
            (b'?', b'?', b'=') => Some((true, 3)),
            _ => None,
        }
    }

    fn piece(&mut self) -> Piece {
        let Some(c) = self.peek() else {
            return Piece::Operator;
        };
        if let Some(quote) = Quote::of(c) {
            let parts = self.string(quote, false);
            return Piece::Value(self.with_members(parts));
        }
        match c {
            ',' => {
                self.advance();
                Piece::Comma
            }
            '$' | '@' | '(' | '{' => self.bracket_or_variable(),
            '[' => self.type_literal(),
            '<' => match self.placeholder() {
                Some(part) => Piece::Value(vec![part]),
                None => {
                    self.stray();
                    Piece::Operator
                }
            },
            _ if is_dash(c) => {
                self.advance();
                self.advance_while(is_name_start);
                Piece::Operator
            }
            '+' | '*' | '/' | '%' | '!' | '.' | '=' | '?' | ':' => {
                self.advance();
                Piece::Operator
            }
            _ => self.bareword(),
        }
    }

    fn bracket_or_variable(&mut self) -> Piece {
        let parts = if self.at("$(") {
            self.substitution(2, Quoting::None).map(|part| vec![part])
        } else if self.at("(") {
            self.substitution(1, Quoting::None).map(|part| vec![part])
        } else if self.at("{") {
            self.block(1).map(|part| vec![part])
        } else if self.at("@(") {
            self.block(2).map(|part| vec![part])
        } else if self.at("@{") {
            self.hashtable().map(|part| vec![part])
        } else if self.at("@") {
            self.here_string()
                .or_else(|| self.variable(Quoting::None).map(|part| vec![part]))
        } else if let Some(part) = self.variable_with_members() {
            return Piece::Value(vec![part]);
        } else {
            None
        };
        match parts {
            Some(parts) => Piece::Value(self.with_members(parts)),
            None => {
                self.advance();
                Piece::Operator
            }
        }
    }

    /// `[type]` before a value, or `[type]::Member`.
    fn type_literal(&mut self) -> Piece {
        let start = self.pos;
        let rest = self.rest();
        // A type's name is short; looking further would take a long time for many brackets.
        let end = rest
            .char_indices()
            .take(TYPE_LENGTH)
            .find(|(_, c)| matches!(c, ']' | '\n' | '(' | '$' | '"' | '\''))
            .map(|(at, _)| at);
        match end.filter(|end| rest.as_bytes().get(*end) == Some(&b']')) {
            Some(mut end) => {
                // `[string[]]`
                while rest.as_bytes().get(end + 1) == Some(&b']') {
                    end += 1;
                }
                self.pos += end + 1;
                if !self.at("::") {
                    return Piece::Cast;
                }
                let members = self.members();
                Piece::Value(vec![Part {
                    range: start..self.pos,
                    quoting: Quoting::None,
                    kind: PartKind::Expression(members.nested),
                }])
            }
            None => match self.enclosed(1, b']') {
                // An attribute such as `[Parameter(Mandatory)]`.
                Some(_) => Piece::Cast,
                None => {
                    self.advance();
                    Piece::Operator
                }
            },
        }
    }

    fn bareword(&mut self) -> Piece {
        let start = self.pos;
        self.advance_while(|c| {
            !c.is_whitespace()
                && Quote::of(c).is_none()
                && !matches!(
                    c,
                    ';' | '|'
                        | '&'
                        | ')'
                        | '}'
                        | ']'
                        | '('
                        | '{'
                        | ','
                        | '<'
                        | '>'
                        | '$'
                        | '`'
                        | '='
                        | '['
                        | '+'
                        | '*'
                        | '/'
                        | '%'
                )
                && !is_dash(c)
        });
        if self.pos == start {
            self.advance();
            return Piece::Operator;
        }
        let length = self.pos - start;
        self.pos = start;
        Piece::Value(vec![self.text_part(length)])
    }

    /// `parts` with what stands behind them.
    pub(super) fn with_members(&mut self, mut parts: Vec<Part>) -> Vec<Part> {
        let members = self.members();
        if members.text.is_empty() {
            return parts;
        }
        if members.nested.is_empty()
            && let [part] = parts.as_mut_slice()
            && let PartKind::Substitution { member, .. } = &mut part.kind
        {
            *member = Some(members.text);
            part.range.end = self.pos;
            return parts;
        }
        let start = parts.first().map_or(self.pos, |first| first.range.start);
        let nested = parts.into_iter().flat_map(reading).chain(members.nested);
        vec![Part {
            range: start..self.pos,
            quoting: Quoting::None,
            kind: PartKind::Expression(nested.collect()),
        }]
    }

    /// `(…)` or `$(…)` with the commands inside.
    pub(super) fn substitution(&mut self, opening: usize, quoting: Quoting) -> Option<Part> {
        let start = self.pos;
        let commands = self.enclosed(opening, b')')?;
        Some(Part {
            range: start..self.pos,
            quoting,
            kind: PartKind::Substitution {
                commands,
                member: None,
            },
        })
    }

    /// `{…}` or `@(…)`: what is inside is read, its value is not what it prints.
    pub(super) fn block(&mut self, opening: usize) -> Option<Part> {
        let start = self.pos;
        let outer = self.place;
        let close = if self.at("{") { b'}' } else { b')' };
        self.place.conditional |= close == b'}';
        let commands = self.enclosed(opening, close);
        self.place = outer;
        let parts = commands?.into_iter().flat_map(into_parts).collect();
        Some(Part {
            range: start..self.pos,
            quoting: Quoting::None,
            kind: PartKind::Expression(parts),
        })
    }

    /// Passes over a character that cannot stand here.
    pub(super) fn stray(&mut self) {
        let start = self.pos;
        let c = self.peek().map(String::from).unwrap_or_default();
        self.advance();
        self.problem(start..self.pos, SyntaxProblemKind::Unexpected(c));
    }
}

/// The word that pieces make: a single value as it is, anything else as an expression.
fn word(range: Range<usize>, mut pieces: Vec<Piece>) -> Option<Word> {
    if pieces.is_empty() {
        return None;
    }
    let parts = match pieces.as_mut_slice() {
        [Piece::Value(parts)] => std::mem::take(parts),
        _ => {
            let values = pieces.into_iter().flat_map(|piece| match piece {
                Piece::Value(parts) => parts,
                Piece::Cast | Piece::Comma | Piece::Operator => Vec::new(),
            });
            vec![Part {
                range: range.clone(),
                quoting: Quoting::None,
                kind: PartKind::Expression(values.flat_map(reading).collect()),
            }]
        }
    };
    Some(Word { range, parts })
}

/// A word of parts that have no gaps between them.
pub(super) fn whole(parts: Vec<Part>) -> Option<Word> {
    let start = parts.first()?.range.start;
    let end = parts.last()?.range.end;
    Some(Word {
        range: start..end,
        parts,
    })
}
