//! Commands: their names, arguments and redirections.

use super::expressions::whole;
use super::reader::{Quote, Reader, is_blank, is_dash, is_name_start};
use super::strings::unescape;
use super::variables::name_length;
use crate::shell::script::{
    Command, CommandKind, Part, PartKind, Quoting, Redirect, SyntaxProblemKind, Word,
};

impl Reader<'_> {
    /// The command whose name begins here.
    pub(super) fn command(&mut self, start: usize) -> Command {
        let mut end = self.pos.max(start);
        let mut words: Vec<Word> = Vec::new();
        let mut redirects = Vec::new();
        loop {
            self.skip_blank();
            if self.at_end() || self.ends_element() {
                break;
            }
            if self.byte(0) == b',' {
                self.advance();
                self.skip_lines();
                continue;
            }
            if let Some(redirect) = self.redirect() {
                end = redirect.range.end;
                redirects.push(redirect);
                continue;
            }
            if self.stops_parsing() {
                self.verbatim(&mut words);
                end = self.pos;
                break;
            }
            let before = self.pos;
            match self.argument().and_then(whole) {
                Some(word) => words.push(word),
                None if self.pos == before => self.stray(),
                None => {}
            }
            end = self.pos;
        }
        Command {
            kind: CommandKind::Simple,
            range: start..end,
            assignments: Vec::new(),
            words,
            redirects,
            place: self.place,
        }
    }

    fn argument(&mut self) -> Option<Vec<Part>> {
        let c = self.peek()?;
        if let Some(quote) = Quote::of(c) {
            let parts = self.string(quote, false);
            return Some(self.with_members(parts));
        }
        let part = match c {
            '(' => self.substitution(1, Quoting::None),
            '{' => return self.block(1).map(|part| vec![part]),
            '$' if self.byte(1) == b'(' => self.substitution(2, Quoting::None),
            '@' if self.byte(1) == b'(' => self.block(2),
            '@' if self.byte(1) == b'{' => self.hashtable(),
            '@' => return self.at_sign(),
            '$' => return self.variable_word(),
            _ => return self.generic(Vec::new()),
        };
        match part {
            Some(part) => Some(self.with_members(vec![part])),
            None => Some(vec![self.text_part(1)]),
        }
    }

    /// A here-string, a splatted variable, or a word that begins with `@`.
    fn at_sign(&mut self) -> Option<Vec<Part>> {
        if let Some(parts) = self.here_string() {
            return Some(parts);
        }
        let behind = self.rest().get(1..).unwrap_or("");
        let length = name_length(behind);
        let ends = behind
            .get(length..)
            .and_then(|rest| rest.chars().next())
            .is_none_or(|c| c == '\n' || ends_word(c));
        if length > 0 && ends {
            return self.variable(Quoting::None).map(|part| vec![part]);
        }
        let sign = self.text_part(1);
        self.generic(vec![sign])
    }

    /// A variable with its members, or a word that begins with a variable.
    fn variable_word(&mut self) -> Option<Vec<Part>> {
        let Some(part) = self.variable(Quoting::None) else {
            let sign = self.text_part(1);
            return self.generic(vec![sign]);
        };
        let behind = self.pos;
        let part = self.attach_members(part);
        if self.pos > behind {
            return Some(vec![part]);
        }
        self.generic(vec![part])
    }

    /// A word of any characters, variables and strings, after the parts that it begins with.
    fn generic(&mut self, mut parts: Vec<Part>) -> Option<Vec<Part>> {
        let first = self.pos;
        let mut start = self.pos;
        while let Some(c) = self.peek() {
            let quote = Quote::of(c);
            let special = quote.is_some() || matches!(c, '$' | '`' | '<');
            if !special {
                if c == '\n' || ends_word(c) || (c == ']' && self.open.brackets > 0) {
                    break;
                }
                self.advance();
                continue;
            }
            let end = self.pos;
            let more = if let Some(quote) = quote {
                self.flush(&mut parts, start, end);
                // `--name="…"` is as good as a string that stands alone.
                let joined = self
                    .text
                    .get(..end)
                    .is_some_and(|before| before.ends_with(['=', ':']));
                self.string(quote, !joined && (end > first || !parts.is_empty()))
            } else {
                match c {
                    '`' => match self.escape() {
                        Some(part) => {
                            self.flush(&mut parts, start, end);
                            vec![part]
                        }
                        None => break,
                    },
                    '<' => match self.placeholder() {
                        Some(part) => {
                            self.flush(&mut parts, start, end);
                            vec![part]
                        }
                        None => break,
                    },
                    _ => {
                        let part = if self.byte(1) == b'(' {
                            self.substitution(2, Quoting::None)
                        } else {
                            self.variable(Quoting::None)
                        };
                        match part {
                            Some(part) => {
                                self.flush(&mut parts, start, end);
                                vec![part]
                            }
                            None => {
                                self.advance();
                                continue;
                            }
                        }
                    }
                }
            };
            parts.extend(more);
            start = self.pos;
        }
        self.flush(&mut parts, start, self.pos);
        (!parts.is_empty()).then_some(parts)
    }

    fn flush(&self, parts: &mut Vec<Part>, start: usize, end: usize) {
        if start < end {
            parts.push(Part {
                range: start..end,
                quoting: Quoting::None,
                kind: PartKind::Text(self.text.get(start..end).unwrap_or("").to_owned()),
            });
        }
    }

    /// An escaped character; nothing for a continuation.
    fn escape(&mut self) -> Option<Part> {
        let start = self.pos;
        let mut behind = self.rest().chars().skip(1);
        let escaped = behind.next()?;
        if escaped == '\n' || (is_blank(escaped) && behind.find(|c| !is_blank(*c)) == Some('\n')) {
            return None;
        }
        self.pos += 1 + escaped.len_utf8();
        Some(Part {
            range: start..self.pos,
            quoting: Quoting::Escaped,
            kind: PartKind::Text(unescape(escaped).to_string()),
        })
    }

    /// `<name>`, which stands for what the reader has to put there. PowerShell has no use for `<`,
    /// so it cannot be anything else.
    pub(super) fn placeholder(&mut self) -> Option<Part> {
        let start = self.pos;
        let behind = self.rest().strip_prefix('<')?;
        let length = behind.find(['>', '<', '\n', '|', ';', '"', '\''])?;
        let name = behind.get(..length)?;
        if behind.as_bytes().get(length) != Some(&b'>')
            || !name.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))
            || name.ends_with(is_blank)
        {
            return None;
        }
        self.pos += length + 2;
        Some(Part {
            range: start..self.pos,
            quoting: Quoting::None,
            kind: PartKind::Placeholder {
                name: name.to_owned(),
            },
        })
    }

    /// The redirection that begins here, if one does.
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let start = self.pos;
        let stream = usize::from(matches!(self.byte(0), b'1'..=b'6' | b'*'));
        let operator = match (self.byte(stream), self.byte(stream + 1)) {
            (b'>', b'>') => 2,
            (b'>', b'&') if matches!(self.byte(stream + 2), b'1' | b'2') => {
                self.pos += stream + 3;
                return Some(Redirect {
                    range: start..self.pos,
                    operator: self.text.get(start..self.pos).unwrap_or("").to_owned(),
                    target: None,
                    here: None,
                });
            }
            (b'>', _) => 1,
            _ => return None,
        };
        self.pos += stream + operator;
        let mut end = self.pos;
        let operator = self.text.get(start..end).unwrap_or("").to_owned();
        self.skip_blank();
        let target = if self.at_end() || self.ends_element() || self.byte(0) == b',' {
            None
        } else {
            self.argument().and_then(whole)
        };
        match &target {
            Some(word) => end = word.range.end,
            None => self.problem(start..end, SyntaxProblemKind::Unexpected(operator.clone())),
        }
        Some(Redirect {
            range: start..end,
            operator,
            target,
            here: None,
        })
    }

    /// Whether an argument is `--%`, behind which PowerShell takes the line as it is.
    fn stops_parsing(&mut self) -> bool {
        if self.at("--%") && !self.byte(3).is_ascii_graphic() {
            self.pos += 3;
            return true;
        }
        false
    }

    fn verbatim(&mut self, words: &mut Vec<Word>) {
        loop {
            self.advance_while(is_blank);
            let Some(c) = self.peek().filter(|c| !matches!(c, '\n' | '|' | '&')) else {
                return;
            };
            let start = self.pos;
            let quoted = c == '"';
            if quoted {
                self.advance();
                self.advance_while(|c| c != '"' && c != '\n');
                self.take("\"");
            } else {
                self.advance_while(|c| !is_blank(c) && !matches!(c, '\n' | '|' | '&'));
            }
            let source = self.text.get(start..self.pos).unwrap_or("");
            let part = Part {
                range: start..self.pos,
                quoting: if quoted {
                    Quoting::Double
                } else {
                    Quoting::None
                },
                kind: PartKind::Text(source.trim_matches('"').to_owned()),
            };
            words.extend(whole(vec![part]));
        }
    }

    /// Whether what stands here ends a command or an expression.
    pub(super) fn ends_element(&self) -> bool {
        match self.byte(0) {
            b'\n' | b';' | b'|' | b'&' | b')' | b'}' => true,
            b']' => self.open.brackets > 0,
            _ => false,
        }
    }

    /// Whether a `-` here begins a parameter, as a line does that was meant to go on with the one
    /// before it, and not an operator.
    pub(super) fn is_parameter(&self) -> bool {
        let mut chars = self.rest().chars();
        if !chars.next().is_some_and(is_dash) {
            return false;
        }
        let rest = chars.as_str();
        if rest.starts_with(is_dash) {
            return true;
        }
        let name = rest.get(..name_length(rest)).unwrap_or("");
        name.starts_with(is_name_start)
            && !["not", "bnot", "join", "split", "isplit", "csplit"]
                .iter()
                .any(|operator| name.eq_ignore_ascii_case(operator))
    }
}

/// Whether a character ends a word that began without quotes.
fn ends_word(c: char) -> bool {
    is_blank(c) || matches!(c, '(' | ')' | '{' | '}' | ',' | ';' | '|' | '&' | '>')
}
