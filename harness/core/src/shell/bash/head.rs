//! The heads of `for`, `case` and functions, and `[[ … ]]`.

use super::cursor::is_name;
use super::frame::FrameKind;
use super::list::List;
use super::word::{Parens, Words};
use crate::shell::script::{Assignment, CommandKind, Quoting, SyntaxProblemKind, Word};
use std::ops::Range;

impl List<'_, '_> {
    pub(super) fn for_head(&mut self, keyword: &'static str, range: Range<usize>) {
        self.parser.place = self.place();
        self.parser.skip_blanks();
        let outer = self.place();
        if self.parser.starts_with("((")
            && let Some(inside) = self.parser.arithmetic()
        {
            self.open(FrameKind::Loop, keyword, range.clone());
            self.arithmetic(CommandKind::For, range.start, inside);
            self.set_frame_start();
            return;
        }
        let name = self.parser.plain_word().to_owned();
        let name_range = self.parser.pos..self.parser.pos + name.len();
        if !is_name(&name) {
            // Prose, most likely: what follows is read as a command.
            self.unexpected(range, keyword.to_owned());
            return;
        }
        self.parser.pos = name_range.end;
        let mut end = name_range.end;
        self.parser.skip_blanks();
        let mut words = Vec::new();
        match self.parser.plain_word() {
            "in" => {
                self.parser.pos += 2;
                end = self.parser.pos;
                loop {
                    self.parser.skip_blanks();
                    if self.parser.peek() == Some(b'#') {
                        break;
                    }
                    let Some(word) = self.parser.word(Parens::End) else {
                        break;
                    };
                    end = word.range.end;
                    words.push(word);
                }
            }
            "" | "do" => {}
            other => {
                let at = self.parser.pos;
                let other = other.to_owned();
                self.unexpected(at..at + other.len(), other);
                return;
            }
        }
        self.open(FrameKind::Loop, keyword, range.clone());
        let mut command = self.silent(CommandKind::For, range.start..end);
        command.place = outer;
        command.words = words;
        command.assignments.push(Assignment {
            name,
            name_range: name_range.clone(),
            range: name_range,
            value: None,
            append: false,
        });
        self.push(command);
        self.set_frame_start();
    }

    /// Makes the head that has just been read part of its construct.
    fn set_frame_start(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.start = self.commands.len().saturating_sub(1);
        }
    }

    pub(super) fn case_head(&mut self, range: Range<usize>) {
        self.parser.place = self.place();
        self.parser.skip_blanks();
        let subject = self.parser.word(Parens::End);
        let end = self.parser.pos;
        self.parser.skip_blanks();
        while self.parser.newline(self.parser.pos) > 0 {
            self.parser.pos += self.parser.newline(self.parser.pos);
            self.parser.skip_blanks();
        }
        let word = self.parser.plain_word().to_owned();
        if word == "in" {
            self.parser.pos += 2;
        } else {
            self.unexpected(range.clone(), "case".to_owned());
        }
        let outer = self.place();
        if word == "in" {
            self.open(FrameKind::Case { pattern: true }, "case", range.clone());
        }
        let mut command = self.silent(CommandKind::Expression, range.start..end);
        command.place = outer;
        command.words.extend(subject);
        self.push(command);
        if word == "in" {
            self.set_frame_start();
        }
        self.item = None;
    }

    /// Reads a pattern of `case` and its `)`, or `esac`.
    pub(super) fn pattern(&mut self) {
        let at = self.parser.pos;
        if self.parser.plain_word() == "esac" {
            self.parser.pos += 4;
            self.close(FrameKind::Case { pattern: false }, "esac", at..at + 4);
            return;
        }
        if self.parser.peek() == Some(b'(') {
            self.parser.pos += 1;
        }
        loop {
            self.parser.skip_blanks();
            match self.parser.peek() {
                Some(b'|') => self.parser.pos += 1,
                Some(b')') => {
                    self.parser.pos += 1;
                    break;
                }
                Some(_) if self.parser.word(Parens::End).is_some() => {}
                _ => {
                    let here = self.parser.pos;
                    let token = self
                        .parser
                        .text
                        .get(here..here + self.parser.char_len(here))
                        .unwrap_or("")
                        .to_owned();
                    self.unexpected(at..here.max(at), token);
                    if here == at {
                        self.parser.pos += self.parser.char_len(here);
                    }
                    break;
                }
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = FrameKind::Case { pattern: false };
            frame.branch = true;
        }
        self.separate();
    }

    pub(super) fn function_keyword(&mut self, start: usize) {
        self.parser.place = self.place();
        self.parser.skip_blanks();
        let mut command = self.silent(CommandKind::Function, start..self.parser.pos);
        command.words.extend(self.parser.word(Parens::End));
        command.range.end = self.parser.pos;
        let open = self.parser.behind_blanks(self.parser.pos);
        let close = self.parser.behind_blanks(open + 1);
        if self.parser.byte(open) == Some(b'(') && self.parser.byte(close) == Some(b')') {
            self.parser.pos = close + 1;
            command.range.end = close + 1;
        }
        self.push(command);
        self.function = true;
        self.item = None;
    }

    /// Reads `[[ … ]]`, whose operators are words too.
    pub(super) fn test(&mut self, start: usize) {
        self.begins();
        self.function = false;
        self.parser.place = self.place();
        let mut command = self.silent(CommandKind::Expression, start..start + 2);
        let mut operator = None;
        let text = |range: Range<usize>, text: &str| {
            let mut word = Words::default();
            word.text(range.clone(), Quoting::None, text);
            Word {
                range,
                parts: word.parts,
            }
        };
        command.words.push(text(start..start + 2, "[["));
        let mut closed = false;
        loop {
            self.parser.skip_blanks();
            let at = self.parser.pos;
            let newline = self.parser.newline(at);
            if newline > 0 {
                if matches!(operator, Some("&&" | "||")) {
                    self.parser.pos += newline;
                    continue;
                }
                break;
            }
            operator = ["&&", "||", "(", ")", "<", ">"]
                .into_iter()
                .find(|token| self.parser.starts_with(token));
            if let Some(token) = operator
                && (token != "<" || self.parser.placeholder(at).is_none())
            {
                self.parser.pos += token.len();
                command.words.push(text(at..self.parser.pos, token));
                continue;
            }
            let regex = command
                .words
                .last()
                .is_some_and(|word| word.source(self.parser.text) == "=~");
            let parens = if regex { Parens::Text } else { Parens::End };
            let Some(word) = self.parser.word(parens) else {
                break;
            };
            closed = word.source(self.parser.text) == "]]";
            command.words.push(word);
            if closed {
                break;
            }
        }
        if !closed {
            self.parser
                .problem(start..start + 2, SyntaxProblemKind::Unclosed("[["));
        }
        command.range.end = command.words.last().map_or(start + 2, |w| w.range.end);
        self.parser.pos = self.parser.pos.max(command.range.end);
        self.push(command);
        self.compound = true;
    }
}
