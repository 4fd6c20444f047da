//! Words, variables and redirections.

use super::Reader;
use crate::shell::script::{
    Part, PartKind, Quoting, Redirect, Region, RegionKind, SyntaxProblemKind, Word,
};
use std::ops::Range;

impl Reader<'_> {
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let start = self.pos;
        let stream = usize::from(self.byte(0).is_ascii_digit());
        let operator = match (self.byte(stream), self.byte(stream + 1)) {
            (b'>', b'>') => 2,
            (b'>', b'&') if self.byte(stream + 2).is_ascii_digit() => 3,
            (b'>', _) => 1,
            (b'<', _) if self.placeholder_length().is_none() => 1,
            _ => return None,
        };
        self.pos += stream + operator;
        let end = self.pos;
        let operator_text = self.text.get(start..end).unwrap_or("").to_owned();
        let mut target = None;
        if operator != 3 {
            self.advance_while(is_blank);
            target = self.word(is_word);
            if target.is_none() {
                self.pos = end;
                self.problem(
                    start..end,
                    SyntaxProblemKind::Unexpected(operator_text.clone()),
                );
            }
        }
        Some(Redirect {
            range: start..self.pos,
            operator: operator_text,
            target,
            here: None,
        })
    }

    /// The length of `<name>`, if that stands here.
    fn placeholder_length(&self) -> Option<usize> {
        let behind = self.rest().strip_prefix('<')?;
        let length = behind.find(['>', '<', '\n', '|', '&', '"'])?;
        let name = behind.get(..length)?;
        (behind.as_bytes().get(length) == Some(&b'>')
            && name.starts_with(char::is_alphabetic)
            && !name.ends_with(' '))
        .then_some(length + 2)
    }

    pub(super) fn word(&mut self, keep: impl Fn(char) -> bool) -> Option<Word> {
        self.parts(keep, true)
    }

    /// The value of `set`: blanks and quotes belong to it.
    pub(super) fn value(&mut self, keep: impl Fn(char) -> bool) -> Option<Word> {
        self.parts(keep, false)
    }

    fn parts(&mut self, keep: impl Fn(char) -> bool, quotes: bool) -> Option<Word> {
        let start = self.pos;
        let mut parts: Vec<Part> = Vec::new();
        let mut text = String::new();
        let mut from = self.pos;
        let mut quoted = false;
        while let Some(c) = self.peek().filter(|c| *c != '\n') {
            let quoting = if quoted {
                Quoting::Double
            } else {
                Quoting::None
            };
            if c == '"' && quotes {
                if quoted {
                    self.advance();
                    flush(&mut parts, from..self.pos, quoting, &mut text, true);
                    if let Some(region) = self.regions.last_mut() {
                        region.range.end = self.pos;
                    }
                } else {
                    flush(&mut parts, from..self.pos, quoting, &mut text, false);
                    self.regions.push(Region {
                        range: self.pos..self.pos + 1,
                        kind: RegionKind::DoubleQuoted,
                    });
                }
                quoted = !quoted;
                if quoted {
                    from = self.pos;
                    self.advance();
                } else {
                    from = self.pos;
                }
                continue;
            }
            if !quoted && !keep(c) {
                break;
            }
            let read = match c {
                '%' => self.expansion(),
                '<' if !quoted && quotes => self.placeholder_length().and_then(|length| {
                    let name = self.rest().get(1..length - 1)?.to_owned();
                    Some((length, PartKind::Placeholder { name }))
                }),
                _ => None,
            };
            if let Some((length, kind)) = read {
                let begin = self.pos;
                // The opening quote belongs to the first part behind it.
                let begin = if quoted && text.is_empty() {
                    from
                } else {
                    flush(&mut parts, from..begin, quoting, &mut text, false);
                    begin
                };
                self.pos += length;
                parts.push(Part {
                    range: begin..self.pos,
                    quoting,
                    kind,
                });
                from = self.pos;
                continue;
            }
            if c == '<' && !quoted && quotes {
                break;
            }
            if c == '^' && !quoted {
                let begin = self.pos;
                let mut behind = self.rest().chars().skip(1);
                match behind.next() {
                    Some('\n') | None => break,
                    Some('\r') if behind.next() == Some('\n') => break,
                    Some(escaped) => {
                        flush(&mut parts, from..begin, quoting, &mut text, false);
                        self.pos += 1 + escaped.len_utf8();
                        parts.push(text_part(
                            begin..self.pos,
                            Quoting::Escaped,
                            escaped.to_string(),
                        ));
                        from = self.pos;
                        continue;
                    }
                }
            }
            text.push(c);
            self.advance();
        }
        let quoting = if quoted {
            Quoting::Double
        } else {
            Quoting::None
        };
        flush(&mut parts, from..self.pos, quoting, &mut text, quoted);
        if quoted && let Some(region) = self.regions.last_mut() {
            region.range.end = self.pos;
            let opening = region.range.start;
            self.problem(
                opening..opening + 1,
                SyntaxProblemKind::UnbalancedQuote('"'),
            );
        }
        (!parts.is_empty()).then_some(Word {
            range: start..self.pos,
            parts,
        })
    }

    /// The variable that begins here: `%NAME%`, `%NAME:a=b%`, `%i`, `%1`, `%*`.
    fn expansion(&self) -> Option<(usize, PartKind)> {
        let behind = self.rest().strip_prefix('%')?;
        let variable = |name: &str, operator: &str| PartKind::Variable {
            name: name.to_owned(),
            default: false,
            operator: (!operator.is_empty()).then(|| operator.to_owned()),
            nested: Vec::new(),
        };
        let end = behind.find(|c: char| c == '%' || c == '\n' || c == '"' || is_blank(c));
        if let Some(end) = end.filter(|end| behind.as_bytes().get(*end) == Some(&b'%') && *end > 0)
        {
            let inside = behind.get(..end)?;
            let name = inside.split(':').next().unwrap_or(inside);
            if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                let operator = inside.get(name.len()..).unwrap_or("");
                return Some((end + 2, variable(name, operator)));
            }
        }
        // The variable of `for`, doubled in a batch file, and a batch file's own arguments.
        let doubled = behind.strip_prefix('%');
        let (name, length) = match doubled {
            Some(name) => (name, 2),
            None => (behind, 1),
        };
        let modifiers = name.find(|c: char| c != '~').unwrap_or(name.len());
        let c = name.get(modifiers..)?.chars().next()?;
        if c.is_ascii_alphabetic() && modifiers == 0 {
            let follows = name.get(1..).and_then(|rest| rest.chars().next());
            // `%20` and the like in an address are no variables; nor is `%word` one.
            if follows.is_some_and(|c| c.is_ascii_alphanumeric()) {
                return None;
            }
            return Some((length + 1, variable(c.encode_utf8(&mut [0; 4]), "")));
        }
        let follows = name
            .get(modifiers + 1..)
            .and_then(|rest| rest.chars().next());
        let argument =
            c == '*' || (c.is_ascii_digit() && !follows.is_some_and(|c| c.is_ascii_alphanumeric()));
        (argument && doubled.is_none())
            .then(|| (length + modifiers + 1, PartKind::Expression(Vec::new())))
    }
}

fn flush(
    parts: &mut Vec<Part>,
    range: Range<usize>,
    quoting: Quoting,
    text: &mut String,
    closing: bool,
) {
    if text.is_empty() && closing && range.len() < 2 {
        // Only the closing quote is left: it belongs to the part before it.
        if let Some(last) = parts.last_mut() {
            last.range.end = range.end;
            return;
        }
    }
    if !range.is_empty() {
        parts.push(text_part(range, quoting, std::mem::take(text)));
    }
}

pub(super) fn text_part(range: Range<usize>, quoting: Quoting, text: String) -> Part {
    Part {
        range,
        quoting,
        kind: PartKind::Text(text),
    }
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\u{b}' | '\u{c}' | '\u{a0}')
}

pub(super) fn is_word(c: char) -> bool {
    !is_blank(c) && !matches!(c, '\n' | '&' | '|' | '>' | ')')
}
