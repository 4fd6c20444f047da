//! Variables, and what stands behind a value: `.Name`, `[0]`, `::Method()`.

use super::reader::{Reader, is_name, is_name_start};
use crate::shell::script::{Command, CommandKind, Part, PartKind, Quoting, SyntaxProblemKind};

/// What stands behind a value.
#[derive(Default)]
pub(super) struct Members {
    /// As written; empty if there is nothing.
    pub(super) text: String,
    /// What it reads.
    pub(super) nested: Vec<Part>,
}

impl Reader<'_> {
    /// The variable that begins here, without what stands behind it.
    pub(super) fn variable(&mut self, quoting: Quoting) -> Option<Part> {
        let start = self.pos;
        let Some(name) = self.variable_name() else {
            return self.at("${").then(|| self.unclosed_name(quoting));
        };
        Some(Part {
            range: start..self.pos,
            quoting,
            kind: PartKind::Variable {
                name,
                default: false,
                operator: None,
                nested: Vec::new(),
            },
        })
    }

    /// `${name` without its end, as text.
    fn unclosed_name(&mut self, quoting: Quoting) -> Part {
        let start = self.pos;
        self.problem(start..start + 2, SyntaxProblemKind::Unclosed("${"));
        self.pos += 2;
        let length = name_length(self.rest());
        self.pos = start;
        Part {
            quoting,
            ..self.text_part(length + 2)
        }
    }

    fn variable_name(&mut self) -> Option<String> {
        let rest = self.rest();
        let behind = rest.strip_prefix(['$', '@'])?;
        if let Some(braced) = behind.strip_prefix('{') {
            let length = braced.find(['}', '{', '\n']).unwrap_or(braced.len());
            let name = braced.get(..length)?;
            if braced.as_bytes().get(length) != Some(&b'}') {
                return None;
            }
            self.pos += length + 3;
            return Some(name.to_owned());
        }
        let mut length = name_length(behind);
        if length == 0 {
            let special = behind
                .chars()
                .next()
                .filter(|c| matches!(c, '$' | '?' | '^'))?;
            self.pos += 2;
            return Some(special.to_string());
        }
        // `$env:PATH`, but not `$type::Member`.
        if let Some(scoped) = behind.get(length..).and_then(|rest| rest.strip_prefix(':')) {
            let scoped = name_length(scoped);
            if scoped > 0 {
                length += 1 + scoped;
            }
        }
        let longer = self.invalid_length(behind, length);
        if longer > length {
            length = longer;
            let name = behind.get(..length)?.to_owned();
            self.problem(
                self.pos..self.pos + 1 + length,
                SyntaxProblemKind::InvalidVariableName(name),
            );
        }
        self.pos += 1 + length;
        behind.get(..length).map(str::to_owned)
    }

    /// How far a name with hyphens goes that the text has assigned to before.
    fn invalid_length(&self, behind: &str, length: usize) -> usize {
        if self.invalid.is_empty() {
            return length;
        }
        let longest = hyphenated_length(behind);
        behind
            .get(..longest)
            .filter(|name| self.invalid.contains(*name))
            .map_or(length, str::len)
    }

    /// Notes the name if an assignment to a name with a hyphen stands here: `$user-id = …`.
    pub(super) fn note_invalid_name(&mut self) {
        let Some(behind) = self.rest().strip_prefix('$') else {
            return;
        };
        let length = hyphenated_length(behind);
        let Some(name) = behind.get(..length).filter(|name| name.contains('-')) else {
            return;
        };
        let value = behind
            .get(length..)
            .unwrap_or("")
            .trim_start_matches([' ', '\t']);
        if value.starts_with('=') && !value.starts_with("==") {
            self.invalid.insert(name.to_owned());
        }
    }

    /// What stands behind a value.
    pub(super) fn members(&mut self) -> Members {
        let start = self.pos;
        let mut nested = Vec::new();
        loop {
            let (separator, open) = match (self.byte(0), self.byte(1)) {
                (b'.', b'.') => break,
                (b'.', _) => (1, false),
                (b':', b':') => (2, false),
                (b'?', b'.') => (2, false),
                (b'?', b'[') => (1, true),
                (b'[', _) => (0, true),
                _ => break,
            };
            if open {
                self.pos += separator;
                if !self.bracketed(b']', &mut nested) {
                    self.pos -= separator;
                    break;
                }
                continue;
            }
            let before = self.pos;
            self.pos += separator;
            let length = name_length(self.rest());
            if length > 0 {
                self.pos += length;
            } else if self.byte(0) == b'$' {
                match self.variable(Quoting::None) {
                    Some(part) => nested.push(part),
                    None => {
                        self.pos = before;
                        break;
                    }
                }
            } else {
                self.pos = before;
                break;
            }
            if self.byte(0) == b'(' && !self.bracketed(b')', &mut nested) {
                break;
            }
        }
        Members {
            text: self.text.get(start..self.pos).unwrap_or("").to_owned(),
            nested,
        }
    }

    /// Reads what is between the bracket that begins here and `close`; `false` if the brackets
    /// are nested too deep.
    fn bracketed(&mut self, close: u8, nested: &mut Vec<Part>) -> bool {
        let Some(commands) = self.enclosed(1, close) else {
            return false;
        };
        for command in commands {
            nested.extend(into_parts(command));
        }
        true
    }

    /// The variable that begins here with what stands behind it.
    pub(super) fn variable_with_members(&mut self) -> Option<Part> {
        let part = self.variable(Quoting::None)?;
        Some(self.attach_members(part))
    }

    /// The variable with what stands behind it.
    pub(super) fn attach_members(&mut self, mut part: Part) -> Part {
        let members = self.members();
        part.range.end = self.pos;
        if let PartKind::Variable {
            operator, nested, ..
        } = &mut part.kind
            && !members.text.is_empty()
        {
            *operator = Some(members.text);
            *nested = members.nested;
        }
        part
    }
}

/// What a command reads: the parts of an expression, or the command as a substitution.
pub(super) fn into_parts(command: Command) -> Vec<Part> {
    let plain = command.kind == CommandKind::Expression
        && command.assignments.is_empty()
        && command.redirects.is_empty()
        && !command.place.piped_from
        && !command.place.piped_into;
    if plain {
        let parts = command.words.into_iter().flat_map(|word| word.parts);
        parts.flat_map(reading).collect()
    } else {
        vec![Part {
            range: command.range.clone(),
            quoting: Quoting::None,
            kind: PartKind::Substitution {
                commands: vec![command],
                member: None,
            },
        }]
    }
}

/// A part without what is only text in it.
pub(super) fn reading(part: Part) -> Vec<Part> {
    match part.kind {
        PartKind::Text(_) => Vec::new(),
        PartKind::Expression(nested) => nested,
        _ => vec![part],
    }
}

/// The length of the name that a text begins with.
pub(super) fn name_length(text: &str) -> usize {
    text.find(|c| !is_name(c)).unwrap_or(text.len())
}

/// The length of the name with hyphens that a text begins with: `user-id`, not `a-1` or `a-`.
fn hyphenated_length(text: &str) -> usize {
    let mut length = name_length(text);
    if length == 0 {
        return 0;
    }
    while let Some(rest) = text.get(length..).and_then(|rest| rest.strip_prefix('-')) {
        if !rest.starts_with(is_name_start) {
            break;
        }
        length += 1 + name_length(rest);
    }
    length
}
