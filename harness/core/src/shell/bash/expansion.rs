//! What `$` begins: variables, substitutions, arithmetic.

use super::Parser;
use super::cursor::{begins_name, in_name};
use super::skim::Context;
use super::word::Words;
use crate::shell::script::{Part, PartKind, Quoting, SyntaxProblemKind};
use std::ops::Range;

/// What is expanded where parts are collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// A here-document, or an operator within double quotes: `'` means itself.
    Text,
    /// An operator outside double quotes: nothing between `'` and `'` is expanded.
    Operator,
    /// Arithmetic: names are variables.
    Arithmetic,
}

impl Parser<'_> {
    /// Whether the `$` here begins anything.
    pub(super) fn expands(&self) -> bool {
        self.byte(self.pos + 1).is_some_and(|b| {
            in_name(b)
                || matches!(
                    b,
                    b'(' | b'{' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!'
                )
        })
    }

    /// Reads what the `$` here begins; the part begins at `from`.
    pub(super) fn dollar(&mut self, from: usize, quoting: Quoting, word: &mut Words) {
        let at = self.pos;
        match self.byte(at + 1) {
            Some(b'(') => self.parenthesis(from, quoting, word),
            Some(b'{') => self.braced(from, quoting, word),
            Some(b'\'') if quoting == Quoting::None => self.ansi(word),
            Some(b'"') if quoting == Quoting::None => {
                self.pos += 1;
                self.double(at, word);
            }
            Some(b) if begins_name(b) => {
                self.pos = self.name_end(at + 1);
                let name = self.slice(at + 1, self.pos);
                word.part(from..self.pos, quoting, variable(name));
            }
            Some(_) if self.expands() => {
                self.pos = at + 2;
                let name = self.slice(at + 1, self.pos);
                word.part(from..self.pos, quoting, variable(name));
            }
            _ => {
                self.pos = at + 1;
                word.text(from..self.pos, quoting, "$");
            }
        }
    }

    fn parenthesis(&mut self, from: usize, quoting: Quoting, word: &mut Words) {
        let at = self.pos;
        if self.byte(at + 2) == Some(b'(')
            && let Some(inner) = self.skim(at + 3, Context::Arithmetic)
            && self.byte(inner.close + 1) == Some(b')')
        {
            let parts = self.within(at + 3..inner.close, inner.close + 2, |parser| {
                parser.collect(Inside::Arithmetic)
            });
            word.part(from..self.pos, quoting, PartKind::Expression(parts));
        } else {
            self.substitution(from, at + 2, quoting, word);
        }
    }

    /// Reads `$(…)`, `<(…)` or `>(…)`, whose commands begin at `inner`.
    pub(super) fn substitution(
        &mut self,
        from: usize,
        inner: usize,
        quoting: Quoting,
        word: &mut Words,
    ) {
        let (end, after) = match self.skim(inner, Context::Paren) {
            Some(skimmed) => (skimmed.close, skimmed.close + 1),
            None => self.unclosed_parenthesis(inner),
        };
        let commands = self.within(inner..end, after, Self::list);
        let kind = PartKind::Substitution {
            commands,
            member: None,
        };
        word.part(from..after, quoting, kind);
    }

    /// Where a substitution without its `)` is taken to end. If something inside it is unclosed
    /// too, the last `)` of the line may be its own.
    fn unclosed_parenthesis(&mut self, inner: usize) -> (usize, usize) {
        let end = self.logical_line_end(inner);
        let inside = self.slice(inner, end).trim_end_matches(['"', ';']);
        let close = (inner + inside.len()).saturating_sub(1);
        if inside.ends_with(')') && !inside.contains('(') {
            return (close, close + 1);
        }
        let open = inner - 2;
        let kind = if self.byte(open) == Some(b'$') {
            "$("
        } else {
            "("
        };
        self.problem(open..inner, SyntaxProblemKind::Unclosed(kind));
        (end.max(inner), end.max(inner))
    }

    /// Reads `${…}`.
    fn braced(&mut self, from: usize, quoting: Quoting, word: &mut Words) {
        let at = self.pos;
        let start = at + 2;
        let Some(skimmed) = self
            .skim(start, Context::Brace)
            .filter(|skimmed| skimmed.newline.is_none() || self.name_end(start) > start)
        else {
            self.problem(at..start, SyntaxProblemKind::Unclosed("${"));
            self.pos = self.name_end(start);
            let kind = match self.slice(start, self.pos) {
                "" => PartKind::Text("${".to_owned()),
                name => variable(name),
            };
            word.part(from..self.pos, quoting, kind);
            return;
        };
        let close = skimmed.close;
        let prefix = match (self.byte(start), self.byte(start + 1)) {
            (Some(b'#' | b'!'), Some(next)) if in_name(next) || matches!(next, b'@' | b'*') => 1,
            _ => 0,
        };
        let name_end = self.parameter_end(start + prefix).min(close);
        let name = self.slice(start + prefix, name_end);
        if name.is_empty() {
            self.pos = close + 1;
            word.part(from..self.pos, quoting, PartKind::Expression(Vec::new()));
            return;
        }
        let behind = self.slice(name_end, close);
        let operator = format!("{}{behind}", self.slice(start, start + prefix));
        let inside = if quoting == Quoting::Double {
            Inside::Text
        } else {
            Inside::Operator
        };
        let nested = self.within(name_end..close, close + 1, |parser| parser.collect(inside));
        let kind = PartKind::Variable {
            name: name.to_owned(),
            default: gives_default(behind),
            operator: (!operator.is_empty()).then_some(operator),
            nested,
        };
        word.part(from..self.pos, quoting, kind);
    }

    /// The end of the parameter's name at `at`: a variable's, a number, or a special one.
    fn parameter_end(&self, at: usize) -> usize {
        match self.byte(at) {
            Some(b) if begins_name(b) => self.name_end(at),
            Some(b'0'..=b'9') => {
                let mut end = at;
                while self.byte(end).is_some_and(|b| b.is_ascii_digit()) {
                    end += 1;
                }
                end
            }
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => at + 1,
            _ => at,
        }
    }

    /// The variables and substitutions up to the limit.
    pub(super) fn collect(&mut self, inside: Inside) -> Vec<Part> {
        let quoting = match inside {
            Inside::Text => Quoting::Double,
            Inside::Operator | Inside::Arithmetic => Quoting::None,
        };
        let mut found = Words::default();
        while let Some(byte) = self.peek() {
            let at = self.pos;
            match byte {
                b'$' if self.expands() => self.dollar(at, quoting, &mut found),
                b'`' => self.backquote(at, quoting, &mut found),
                b'\\' => self.pos = at + 1 + self.char_len(at + 1),
                b'\'' if inside == Inside::Operator => {
                    let rest = self.slice(at + 1, self.limit);
                    self.pos = rest.find('\'').map_or(self.limit, |n| at + n + 2);
                }
                _ if inside == Inside::Arithmetic && in_name(byte) => self.operand(&mut found),
                _ => self.pos = at + 1,
            }
        }
        let mut parts = found.parts;
        parts.retain(|part| !matches!(part.kind, PartKind::Text(_)));
        parts
    }

    /// Reads a number or a name in arithmetic.
    fn operand(&mut self, found: &mut Words) {
        let start = self.pos;
        while self.peek().is_some_and(in_name) {
            self.pos += 1;
        }
        let name = self.slice(start, self.pos);
        if name.bytes().next().is_some_and(begins_name) {
            found.part(start..self.pos, Quoting::None, variable(name));
        }
    }

    /// The variables that arithmetic in `range` sets: `i=1`, `i++`, `i += 2`.
    pub(super) fn set_in_arithmetic(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut set = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let end = self.name_end(at);
            if end == at {
                // `$x=` sets nothing, and `2x` is no name.
                let skip = self
                    .byte(at)
                    .is_some_and(|b| b == b'$' || b.is_ascii_digit());
                at += 1;
                while skip && self.byte(at).is_some_and(in_name) {
                    at += 1;
                }
                continue;
            }
            let behind = self.slice(self.behind_blanks(end), range.end);
            let before = self.slice(range.start, at);
            let operator = behind.trim_start_matches(['+', '-', '*', '/', '%', '&', '|', '^']);
            if (operator.starts_with('=') && !operator.starts_with("=="))
                || behind.starts_with("++")
                || behind.starts_with("--")
                || before.ends_with("++")
                || before.ends_with("--")
            {
                set.push(at..end);
            }
            at = end;
        }
        set
    }
}

/// A variable without an operator.
fn variable(name: &str) -> PartKind {
    PartKind::Variable {
        name: name.to_owned(),
        default: false,
        operator: None,
        nested: Vec::new(),
    }
}

/// Whether what stands behind a name gives a value for the case that it is unset, or asks for that
/// case (`${x:+…}`).
fn gives_default(behind: &str) -> bool {
    let operator = match behind.strip_prefix('[') {
        Some(subscript) => subscript.split_once(']').map_or("", |(_, rest)| rest),
        None => behind,
    };
    let operator = operator.strip_prefix(':').unwrap_or(operator);
    operator.starts_with(['-', '=', '?', '+'])
}

/// The text that `$'…'` stands for.
pub(super) fn ansi_text(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let Some(escape) = chars.next() else {
            text.push('\\');
            break;
        };
        let mut number = |first: Option<char>, radix: u32, most: usize| {
            let mut digits: String = first.into_iter().collect();
            while digits.len() < most
                && let Some(digit) = chars.next_if(|c| c.is_digit(radix))
            {
                digits.push(digit);
            }
            u32::from_str_radix(&digits, radix)
                .ok()
                .and_then(char::from_u32)
        };
        let resolved = match escape {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'v' => Some('\u{b}'),
            'e' | 'E' => Some('\u{1b}'),
            '\\' | '\'' | '"' | '?' => Some(escape),
            '0'..='7' => number(Some(escape), 8, 3),
            'x' => number(None, 16, 2),
            'u' => number(None, 16, 4),
            'U' => number(None, 16, 8),
            'c' => chars
                .next()
                .and_then(|c| u8::try_from(c).ok())
                .map(|c| char::from(c & 0x1f)),
            _ => None,
        };
        match resolved {
            Some(c) => text.push(c),
            None => text.extend(['\\', escape]),
        }
    }
    text
}
