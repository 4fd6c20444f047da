//! Keywords, and what they open and close.

use super::Parser;
use super::cursor::ends_word;
use super::expansion::Inside;
use super::frame::{Frame, FrameKind};
use super::list::List;
use super::skim::Context;
use super::word::Words;
use crate::shell::script::{Assignment, CommandKind, PartKind, Quoting, SyntaxProblemKind, Word};
use std::ops::Range;

/// Words that mean something where a command can begin.
const KEYWORDS: &[&str] = &[
    "!", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function",
    "if", "select", "then", "time", "]]", "until", "while", "{", "}",
];

impl<'t> Parser<'t> {
    /// The text from here to the next character that ends a word.
    pub(super) fn plain_word(&self) -> &'t str {
        let mut end = self.pos;
        while !self.ends_plain_word(end) {
            end += 1;
        }
        self.slice(self.pos, end)
    }

    fn ends_plain_word(&self, at: usize) -> bool {
        match self.byte(at) {
            None => true,
            Some(b'\r') => self.newline(at) > 0,
            Some(b'\\') => self.newline(at + 1) > 0,
            Some(byte) => ends_word(byte),
        }
    }

    fn keyword(&self) -> Option<&'static str> {
        // No keyword is longer than `function`.
        let end = (self.pos..self.pos + 9).find(|at| self.ends_plain_word(*at))?;
        let word = self.slice(self.pos, end);
        KEYWORDS.iter().find(|keyword| **keyword == word).copied()
    }

    /// Whether a keyword stands here.
    pub(super) fn at_keyword(&self) -> bool {
        self.keyword().is_some()
    }

    /// The whole of `((…))` that begins here.
    pub(super) fn arithmetic(&mut self) -> Option<Range<usize>> {
        let start = self.pos;
        let inner = self.skim(start + 2, Context::Arithmetic)?;
        (self.byte(inner.close + 1) == Some(b')')).then_some(start + 2..inner.close)
    }
}

impl List<'_, '_> {
    /// Reads the keyword here, if there is one.
    pub(super) fn keyword(&mut self) -> bool {
        let Some(keyword) = self.parser.keyword() else {
            return false;
        };
        let at = self.parser.pos;
        let range = at..at + keyword.len();
        self.parser.pos = range.end;
        match keyword {
            "!" | "time" | "coproc" => {
                self.compound = false;
                // Alone, each of them is a command.
                self.item = Some(self.commands.len());
                self.begins();
            }
            "]]" => self.unexpected(range, keyword.to_owned()),
            "[[" => self.test(at),
            "if" => self.open(FrameKind::If, keyword, range),
            "while" | "until" => self.open(FrameKind::Loop, keyword, range),
            "{" => self.group(range),
            "for" | "select" => self.for_head(keyword, range),
            "case" => self.case_head(range),
            "function" => self.function_keyword(at),
            "then" | "elif" | "else" => self.branch(FrameKind::If, keyword, range),
            "do" => self.branch(FrameKind::Loop, keyword, range),
            "fi" => self.close(FrameKind::If, keyword, range),
            "done" => self.close(FrameKind::Loop, keyword, range),
            "}" => self.close(FrameKind::Group, keyword, range),
            _ => self.close(FrameKind::Case { pattern: false }, keyword, range),
        }
        true
    }

    pub(super) fn open(&mut self, kind: FrameKind, opening: &'static str, open: Range<usize>) {
        self.begins();
        let place = self.place();
        let function = std::mem::take(&mut self.function);
        self.frames.push(Frame {
            kind,
            opening,
            open,
            start: self.commands.len(),
            outer: place.conditional,
            branch: false,
            in_function: place.in_function || function,
            list_start: self.list_start,
        });
        self.separate();
    }

    fn group(&mut self, range: Range<usize>) {
        let body = matches!(self.frames.last(), Some(frame) if frame.kind == FrameKind::Loop
            && !frame.branch && matches!(frame.opening, "for" | "select"));
        if body {
            self.frames.loop_to_group();
            self.separate();
        } else {
            self.open(FrameKind::Group, "{", range);
        }
    }

    /// `then`, `else`, `do`: a branch begins, but for what comes after `elif`, which is one too.
    fn branch(&mut self, kind: FrameKind, keyword: &str, range: Range<usize>) {
        if self.find(kind, keyword, range)
            && let Some(frame) = self.frames.last_mut()
        {
            frame.branch = true;
        }
        self.separate();
    }

    pub(super) fn close(&mut self, kind: FrameKind, keyword: &str, range: Range<usize>) {
        if !self.find(kind, keyword, range) {
            self.separate();
            return;
        }
        if let Some(frame) = self.frames.pop() {
            self.separate();
            self.item = Some(frame.start);
            self.list_start = frame.list_start;
            self.and_or = frame.outer;
            self.compound = true;
        }
    }

    /// Makes the innermost construct of a kind the innermost of all. What is left open inside it
    /// is reported, or the keyword, if there is no such construct.
    fn find(&mut self, kind: FrameKind, keyword: &str, range: Range<usize>) -> bool {
        if !self.frames.has(kind) {
            self.unexpected(range, keyword.to_owned());
            return false;
        }
        while let Some(frame) = self
            .frames
            .last()
            .filter(|frame| frame.kind.index() != kind.index())
        {
            let (open, opening) = (frame.open.clone(), frame.opening);
            self.parser
                .problem(open, SyntaxProblemKind::Unclosed(opening));
            self.frames.pop();
        }
        true
    }

    pub(super) fn open_parenthesis(&mut self) {
        let at = self.parser.pos;
        self.parser.place = self.place();
        if self.parser.byte(at + 1) == Some(b'(')
            && let Some(range) = self.parser.arithmetic()
        {
            self.begins();
            self.function = false;
            self.arithmetic(CommandKind::Expression, at, range);
            self.compound = true;
            return;
        }
        self.parser.pos += 1;
        if self.item.is_some() {
            self.unexpected(at..at + 1, "(".to_owned());
        }
        self.open(FrameKind::Subshell, "(", at..at + 1);
    }

    pub(super) fn close_parenthesis(&mut self) {
        let at = self.parser.pos;
        self.parser.pos += 1;
        self.close(FrameKind::Subshell, ")", at..at + 1);
    }

    /// Adds `((…))` whose inside is `range`.
    pub(super) fn arithmetic(&mut self, kind: CommandKind, start: usize, range: Range<usize>) {
        let set = self.parser.set_in_arithmetic(range.clone());
        let open = range.start - 2;
        let after = range.end + 2;
        let parts = self
            .parser
            .within(range, after, |parser| parser.collect(Inside::Arithmetic));
        let mut word = Words::default();
        word.part(open..after, Quoting::None, PartKind::Expression(parts));
        let mut command = self.silent(kind, start..after);
        command.words.push(Word {
            range: open..after,
            parts: word.parts,
        });
        for name in set {
            command.assignments.push(Assignment {
                name: self.parser.slice(name.start, name.end).to_owned(),
                name_range: name.clone(),
                range: name,
                value: None,
                append: false,
            });
        }
        self.push(command);
    }
}
