//! Statements: pipelines, and what branches, repeats and declares.

use super::reader::{Quote, Reader, is_blank, is_name, is_name_start};
use super::variables::name_length;
use crate::shell::script::{
    Assignment, Command, CommandKind, Part, PartKind, Place, Quoting, SyntaxProblemKind, Word,
};

impl Reader<'_> {
    /// The whole text.
    pub(super) fn script(&mut self) -> Vec<Command> {
        self.statements(None)
    }

    /// Statements up to `close`, which is left, or to the end.
    fn statements(&mut self, close: Option<u8>) -> Vec<Command> {
        let mut commands = Vec::new();
        loop {
            self.skip_lines();
            if self.at_end() {
                return commands;
            }
            let byte = self.byte(0);
            if close == Some(byte) {
                return commands;
            }
            match byte {
                b';' => self.advance(),
                b')' | b'}' if self.closes_outer() => return commands,
                b']' if self.open.brackets > 0 && close != Some(b'}') => return commands,
                b')' | b'}' => self.stray(),
                _ => {
                    let before = self.pos;
                    self.statement(&mut commands);
                    if self.pos == before {
                        self.stray();
                    }
                }
            }
        }
    }

    /// Whether a bracket further out is closed here: then the one around is never closed.
    pub(super) fn closes_outer(&self) -> bool {
        match self.byte(0) {
            b')' => self.open.parens > 0,
            b'}' => self.open.braces > 0,
            _ => false,
        }
    }

    /// What is between the bracket of `opening` bytes that stands here and `close`; nothing if
    /// brackets are nested too deep.
    pub(super) fn enclosed(&mut self, opening: usize, close: u8) -> Option<Vec<Command>> {
        if !self.enter() {
            return None;
        }
        let start = self.pos;
        let label = match (self.byte(0), close) {
            (b'$', _) => "$(",
            (b'@', _) => "@(",
            (_, b')') => "(",
            (_, b']') => "[",
            _ => "{",
        };
        self.pos += opening;
        let outer = self.open;
        match close {
            b')' => self.open.parens += 1,
            b']' => self.open.brackets += 1,
            _ => {
                self.open.braces += 1;
                self.open.brackets = 0;
            }
        }
        let commands = self.statements(Some(close));
        self.open = outer;
        self.close(start, label, close);
        self.leave();
        Some(commands)
    }

    /// Passes over `close`; tells that the bracket at `start` is unclosed if it is not there.
    pub(super) fn close(&mut self, start: usize, label: &'static str, close: u8) {
        if self.byte(0) == close && !self.at_end() {
            self.pos += 1;
        } else {
            self.problem(
                start..start + label.len(),
                SyntaxProblemKind::Unclosed(label),
            );
        }
    }

    /// The statement that begins here.
    pub(super) fn statement(&mut self, commands: &mut Vec<Command>) {
        let rest = self.rest();
        let length = name_length(rest);
        let word = rest.get(..length).unwrap_or("");
        let behind = rest
            .get(length..)
            .unwrap_or("")
            .trim_start_matches(is_blank);
        let mut ahead = behind.chars();
        let next = ahead.next().unwrap_or('\n');
        let attached = !rest
            .get(length..)
            .is_none_or(|rest| rest.starts_with(|c| is_blank(c) || "\n({;}\"'".contains(c)));
        // A word that goes on is a command such as `for-each`; followed by `=` it is a bash
        // assignment.
        if length == 0 || length > 12 || attached {
            return self.pipelines(commands);
        }
        match word.to_ascii_lowercase().as_str() {
            "if" | "elseif" | "while" | "until" | "switch" => self.conditional(length, commands),
            "for" if next == '(' => self.conditional(length, commands),
            "foreach" if next == '(' => self.foreach(length, commands),
            "else" | "do" | "catch" | "try" | "finally" | "trap" => {
                let may_not_run =
                    !word.eq_ignore_ascii_case("try") && !word.eq_ignore_ascii_case("finally");
                self.pos += length;
                // The types that `catch` names.
                self.advance_while(|c| !matches!(c, '{' | '\n' | ';' | '}' | '(' | ')'));
                self.body(commands, |place| place.conditional |= may_not_run);
            }
            "begin" | "process" | "end" | "dynamicparam" | "clean" if next == '{' => {
                self.pos += length;
                self.body(commands, |_| {});
            }
            "function" | "filter" | "workflow" => self.function(length, commands),
            "param" if next == '(' => self.parameters(length, commands),
            "class" | "enum" if next.is_alphabetic() => self.class(length),
            "return" | "throw" | "exit" | "break" | "continue" => {
                self.pos += length;
                self.skip_blank();
                if !self.at_end() && !self.ends_element() {
                    self.pipelines(commands);
                }
            }
            _ => self.pipelines(commands),
        }
    }

    /// `if (…) {…}` and what else has that form; `for` has statements between its brackets.
    fn conditional(&mut self, length: usize, commands: &mut Vec<Command>) {
        let start = self.pos;
        self.pos += length;
        self.skip_blank();
        // The options of `switch`.
        while self.byte(0) == b'-' {
            self.advance_while(|c| c == '-' || is_name(c));
            self.skip_blank();
        }
        let mut head = Vec::new();
        if self.byte(0) == b'('
            && let Some(part) = self.substitution(1, Quoting::None)
        {
            head.push(Word {
                range: part.range.clone(),
                parts: vec![part],
            });
        }
        commands.push(Command {
            kind: CommandKind::Expression,
            range: start..self.pos,
            assignments: Vec::new(),
            words: head,
            redirects: Vec::new(),
            place: self.place,
        });
        self.body(commands, |place| place.conditional = true);
        // What belongs to an `if`, so that the value of `$x = if …` ends behind it.
        self.skip_lines();
        let rest = self.rest();
        let next = rest.get(..name_length(rest)).unwrap_or("");
        if next.eq_ignore_ascii_case("else") || next.eq_ignore_ascii_case("elseif") {
            self.branch(commands);
        }
    }

    /// The statement that begins here, if brackets are not nested too deep.
    fn branch(&mut self, commands: &mut Vec<Command>) {
        if self.enter() {
            self.statement(commands);
            self.leave();
        }
    }

    fn foreach(&mut self, length: usize, commands: &mut Vec<Command>) {
        let start = self.pos;
        self.pos += length;
        self.skip_blank();
        let bracket = self.pos;
        self.pos += 1;
        let outer = self.open;
        self.open.parens += 1;
        self.skip_lines();
        let variable = self.variable(Quoting::None);
        let assignments = variable.into_iter().filter_map(declaration).collect();
        self.skip_lines();
        let rest = self.rest();
        if rest
            .get(..2)
            .is_some_and(|word| word.eq_ignore_ascii_case("in"))
        {
            self.pos += 2;
        }
        let words = self.value().into_iter().collect();
        self.skip_lines();
        self.open = outer;
        self.close(bracket, "(", b')');
        commands.push(Command {
            kind: CommandKind::For,
            range: start..self.pos,
            assignments,
            words,
            redirects: Vec::new(),
            place: self.place,
        });
        self.body(commands, |place| place.conditional = true);
    }

    fn function(&mut self, length: usize, commands: &mut Vec<Command>) {
        let start = self.pos;
        self.pos += length;
        self.advance_while(is_blank);
        let name = self
            .rest()
            .find(|c: char| c.is_whitespace() || matches!(c, '(' | '{' | ')' | '}' | ';'))
            .unwrap_or(self.rest().len());
        let part = self.text_part(name);
        let mut command = Command {
            kind: CommandKind::Function,
            range: start..self.pos,
            assignments: Vec::new(),
            words: super::expressions::whole(vec![part]).into_iter().collect(),
            redirects: Vec::new(),
            place: self.place,
        };
        self.skip_blank();
        if self.byte(0) == b'(' {
            command.assignments = self.declared();
            command.range.end = self.pos;
        }
        commands.push(command);
        self.body(commands, |place| place.in_function = true);
    }

    /// `param(…)`: variables that whoever calls sets.
    fn parameters(&mut self, length: usize, commands: &mut Vec<Command>) {
        let start = self.pos;
        self.pos += length;
        self.skip_blank();
        let assignments = self.declared();
        commands.push(Command {
            kind: CommandKind::Expression,
            range: start..self.pos,
            assignments,
            words: Vec::new(),
            redirects: Vec::new(),
            place: self.place,
        });
    }

    /// The variables between the bracket that stands here and its end, each with its default.
    fn declared(&mut self) -> Vec<Assignment> {
        let mut declared = Vec::new();
        let start = self.pos;
        self.pos += 1;
        let outer = self.open;
        self.open.parens += 1;
        loop {
            self.skip_lines();
            if self.at_end() || matches!(self.byte(0), b')' | b'}') {
                break;
            }
            let before = self.pos;
            match self.byte(0) {
                b'[' => self.skip_type(),
                b'$' => {
                    let Some(variable) = self.variable(Quoting::None) else {
                        self.advance();
                        continue;
                    };
                    self.skip_lines();
                    let value = if self.take("=") {
                        self.default_value()
                    } else {
                        None
                    };
                    declared.extend(declaration(variable).map(|declared| Assignment {
                        range: before..value.as_ref().map_or(self.pos, |value| value.range.end),
                        value,
                        ..declared
                    }));
                }
                _ => self.advance(),
            }
        }
        self.open = outer;
        self.close(start, "(", b')');
        declared
    }

    fn class(&mut self, length: usize) {
        self.pos += length;
        self.advance_while(|c| !matches!(c, '{' | '\n' | ';'));
        self.skip_lines();
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.advance();
            if depth == 0 {
                return;
            }
        }
    }

    /// The block of a statement, if one follows; its commands run where `inside` says.
    fn body(&mut self, commands: &mut Vec<Command>, inside: impl FnOnce(&mut Place)) {
        self.skip_lines();
        if self.byte(0) != b'{' {
            return;
        }
        let outer = self.place;
        inside(&mut self.place);
        match self.enclosed(1, b'}') {
            Some(inner) => commands.extend(inner),
            None => self.advance(),
        }
        self.place = outer;
    }

    /// Pipelines joined by `&&` and `||`.
    fn pipelines(&mut self, commands: &mut Vec<Command>) {
        let outer = self.place;
        let mut piped_from = false;
        loop {
            let first = commands.len();
            let before = self.pos;
            self.element(commands);
            if self.pos == before {
                break;
            }
            if let Some(command) = commands.get_mut(first) {
                command.place.piped_from = piped_from;
            }
            self.skip_blank();
            // PowerShell 7 takes a line that begins with `|` as the rest of the one before.
            if self.byte(0) == b'\n' {
                self.skip_lines();
                if !(self.at("|") || self.at("&&")) {
                    break;
                }
            }
            if self.take("&&") || self.take("||") {
                self.place.conditional = true;
                piped_from = false;
            } else if self.take("|") {
                if let Some(command) = commands.last_mut() {
                    command.place.piped_into = true;
                }
                piped_from = true;
            } else {
                if self.take("&")
                    && let Some(command) = commands.last_mut()
                {
                    command.place.background = true;
                }
                break;
            }
            self.skip_lines();
            if self.at_end() || self.ends_element() {
                break;
            }
        }
        self.place = outer;
    }

    /// One command or expression.
    fn element(&mut self, commands: &mut Vec<Command>) {
        let start = self.pos;
        let Some(c) = self.peek() else { return };
        let call = c == '&' || (c == '.' && matches!(self.byte(1), b' ' | b'\t'));
        if call {
            self.advance();
            self.skip_blank();
            if self.at_end() || self.ends_element() {
                return;
            }
            commands.push(self.command(start));
        } else if self.begins_expression(c) {
            commands.push(self.expression());
        } else {
            let command = self.command(start);
            if !command.words.is_empty() || !command.redirects.is_empty() {
                commands.push(command);
            }
        }
    }

    fn begins_expression(&self, c: char) -> bool {
        if Quote::of(c).is_some() {
            return true;
        }
        match c {
            '$' | '(' | '{' | '[' | '!' | '+' | ',' | '=' | '<' => true,
            '@' => matches!(self.byte(1), b'(' | b'{' | b'"' | b'\''),
            '-' => !self.is_parameter(),
            '0'..='9' => {
                let rest = self.rest();
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
                    .unwrap_or(rest.len());
                let number = rest.get(..end).unwrap_or("");
                let next = rest.get(end..).and_then(|rest| rest.chars().next());
                number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
                    && next.is_none_or(|c| !is_name_start(c) && !matches!(c, '\\' | '-' | ':'))
            }
            _ => false,
        }
    }
}

/// A variable that gets its value elsewhere.
fn declaration(variable: Part) -> Option<Assignment> {
    match variable.kind {
        PartKind::Variable { name, .. } => Some(Assignment {
            name,
            name_range: variable.range.clone(),
            range: variable.range,
            value: None,
            append: false,
        }),
        _ => None,
    }
}
