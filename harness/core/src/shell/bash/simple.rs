//! A command with its assignments, words and redirections: [`Parser::simple`].

use super::Parser;
use super::builtin;
use super::word::Parens;
use crate::shell::script::{Assignment, Command, CommandKind, SyntaxProblemKind, Word};

impl Parser<'_> {
    /// Reads the command that begins here. A function's head comes back as such, the place behind
    /// its `()`.
    pub(super) fn simple(&mut self) -> Command {
        let start = self.pos;
        let mut end = start;
        let mut stray = 0_usize;
        let mut declares = false;
        let mut command = Command {
            kind: CommandKind::Simple,
            range: start..start,
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            place: self.place,
        };
        loop {
            self.skip_blanks();
            let Some(byte) = self.peek() else { break };
            match byte {
                b'\n' | b';' | b'|' => break,
                b'\r' if self.newline(self.pos) > 0 => break,
                b'#' => {
                    self.comment();
                    break;
                }
                b'(' if self.function_head(&mut command) => {
                    end = self.pos;
                    break;
                }
                b'(' => {
                    stray += 1;
                    self.stray_parenthesis(&mut command);
                }
                b')' if stray > 0 => {
                    stray -= 1;
                    self.pos += 1;
                }
                b')' => break,
                _ => {
                    if let Some(redirect) = self.redirect() {
                        command.redirects.push(redirect);
                    } else if byte == b'&' {
                        break;
                    } else if let Some(assignment) = self.leading(&command, declares) {
                        command.assignments.push(assignment);
                    } else if let Some(word) = self.word(Parens::End) {
                        if command.words.is_empty() {
                            declares = builtin::declares(word.source(self.text));
                        }
                        command.words.push(word);
                    } else {
                        break;
                    }
                }
            }
            end = self.pos;
        }
        command.range = start..end;
        if command.kind == CommandKind::Simple {
            self.slips(&mut command);
            builtin::finish(&mut command);
        }
        command
    }

    /// Reads an assignment where one can be: before the name, and behind `export` and the like.
    fn leading(&mut self, command: &Command, declares: bool) -> Option<Assignment> {
        if command.words.is_empty() || declares {
            self.assignment()
        } else {
            None
        }
    }

    /// Reads `()` behind the only word.
    fn function_head(&mut self, command: &mut Command) -> bool {
        let close = self.behind_blanks(self.pos + 1);
        let named = command.words.len() == 1
            && command.assignments.is_empty()
            && command.redirects.is_empty()
            && command.name().is_some();
        if !named || self.byte(close) != Some(b')') {
            return false;
        }
        self.pos = close + 1;
        command.kind = CommandKind::Function;
        true
    }

    /// Reads a `(` that cannot be here, and what is glued to it, as text.
    fn stray_parenthesis(&mut self, command: &mut Command) {
        let at = self.pos;
        self.problem(at..at + 1, SyntaxProblemKind::Unexpected("(".to_owned()));
        let glued = command.words.last_mut().filter(|word| word.range.end == at);
        let Some(before) = glued else {
            self.pos += 1;
            return;
        };
        let mut before = std::mem::replace(
            before,
            Word {
                range: at..at,
                parts: Vec::new(),
            },
        );
        if let Some(word) = self.word(Parens::Text) {
            before.range.end = word.range.end;
            before.parts.extend(word.parts);
        }
        if let Some(last) = command.words.last_mut() {
            *last = before;
        }
    }
}
