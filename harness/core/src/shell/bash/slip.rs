//! Assignments written as in another language: [`Parser::slips`].

use super::Parser;
use super::cursor::is_name;
use super::known;
use crate::shell::script::{Assignment, Command, PartKind, Quoting, SyntaxProblemKind, Word};

/// Programs that nobody means as a value when words follow.
const PROGRAMS: &[&str] = &["az", "azd", "curl", "docker", "helm", "kubectl"];

impl Parser<'_> {
    /// Finds what is meant as an assignment and is none, and reads it as one.
    pub(super) fn slips(&mut self, command: &mut Command) {
        self.space_around(command);
        self.space_after(command);
        self.command_as_value(command);
    }

    /// `NAME = value`, `NAME =value`, `$NAME = value`, `export NAME = value`.
    fn space_around(&mut self, command: &mut Command) {
        let declares = command
            .name()
            .is_some_and(|name| super::builtin::declares(&name));
        let at = usize::from(declares);
        if !declares && !command.assignments.is_empty() {
            return;
        }
        let (Some(left), Some(equals)) = (command.words.get(at), command.words.get(at + 1)) else {
            return;
        };
        let source = equals.source(self.text);
        let (append, length) = match source.as_bytes() {
            [b'=', b'=' | b'~', ..] => return,
            [b'=', ..] => (false, 1),
            [b'+', b'=', ..] => (true, 2),
            _ => return,
        };
        let unquoted = left.parts.iter().all(|p| p.quoting == Quoting::None);
        let dollar = left.is_unquoted_variable();
        let name = match left.variable() {
            Some(name) => Some(name.to_owned()),
            None => left.literal(),
        };
        let Some(name) =
            name.filter(|name| unquoted && is_name(name) && (dollar || !known::is_command(name)))
        else {
            return;
        };
        let name_range = left.range.clone();
        let value_start = equals.range.start + length;
        let exactly = equals.range.end == value_start;
        if dollar {
            let kind = SyntaxProblemKind::DollarOnAssignment(name.clone());
            self.problem(name_range.clone(), kind);
        }
        let kind = SyntaxProblemKind::SpaceAroundAssignment(name.clone());
        self.problem(name_range.start..value_start, kind);
        let mut rest = command.words.split_off(at + 1);
        command.words.truncate(at);
        let value = if exactly {
            rest.remove(0);
            if rest.is_empty() {
                None
            } else {
                Some(rest.remove(0))
            }
        } else {
            Some(behind(rest.remove(0), value_start, length))
        };
        command.assignments.push(Assignment {
            name,
            range: name_range.start..value.as_ref().map_or(value_start, |v| v.range.end),
            name_range,
            value,
            append,
        });
        command.words.append(&mut rest);
    }

    /// `NAME= value`, where what bash would run looks like a value.
    fn space_after(&mut self, command: &mut Command) {
        let [word] = command.words.as_slice() else {
            return;
        };
        let Some(last) = command.assignments.last_mut() else {
            return;
        };
        let empty = last.value.as_ref().is_some_and(|v| v.parts.is_empty());
        let between = self.slice(last.range.end, word.range.start);
        if !empty
            || word.range.start < last.range.end
            || between.is_empty()
            || !between.bytes().all(|b| matches!(b, b' ' | b'\t'))
            || matches!(last.name.as_str(), "IFS" | "LANG" | "LC_ALL")
            || word
                .literal()
                .is_some_and(|text| known::is_command(&text) || text.starts_with('.'))
        {
            return;
        }
        let kind = SyntaxProblemKind::SpaceAfterEquals(last.name.clone());
        let range = last.name_range.start..word.range.start;
        last.range.end = word.range.end;
        last.value = command.words.pop();
        self.problem(range, kind);
    }

    /// `NAME=az group show …`.
    fn command_as_value(&mut self, command: &mut Command) {
        let Some(last) = command.assignments.last_mut() else {
            return;
        };
        let (Some(value), Some(next)) = (&last.value, command.words.first()) else {
            return;
        };
        let [part] = value.parts.as_slice() else {
            return;
        };
        let (Quoting::None, PartKind::Text(text)) = (part.quoting, &part.kind) else {
            return;
        };
        if !PROGRAMS.contains(&text.as_str())
            || next.range.start < value.range.end
            || !next
                .literal()
                .is_some_and(|w| w.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            return;
        }
        let kind = SyntaxProblemKind::CommandAsValue(last.name.clone());
        let range = last.name_range.start..value.range.end;
        if let Some(value) = last.value.take() {
            last.range.end = value.range.start;
            command.words.insert(0, value);
        }
        self.problem(range, kind);
    }
}

/// A word without its first `length` characters, which are plain text.
fn behind(mut word: Word, start: usize, length: usize) -> Word {
    word.range.start = start;
    if let Some(part) = word.parts.first_mut()
        && let PartKind::Text(text) = &mut part.kind
    {
        text.drain(..length.min(text.len()));
        part.range.start = start;
        if part.range.is_empty() {
            word.parts.remove(0);
        }
    }
    word
}
