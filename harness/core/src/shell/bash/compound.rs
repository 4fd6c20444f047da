//! Keywords and what they open: a stack of [`Frame`]s.

use super::Parser;
use super::cursor::{ends_word, is_name};
use super::expansion::Inside;
use super::list::List;
use super::skim::Context;
use super::word::{Parens, Words};
use crate::shell::script::{Assignment, CommandKind, PartKind, Quoting, SyntaxProblemKind, Word};
use std::ops::Range;

/// Words that mean something where a command can begin.
const KEYWORDS: &[&str] = &[
    "!", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function",
    "if", "select", "then", "time", "]]", "until", "while", "{", "}",
];

/// A compound command that is open.
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    /// What opened it, and where.
    pub(super) opening: &'static str,
    pub(super) open: Range<usize>,
    /// Its first command.
    start: usize,
    /// It may itself not run.
    outer: bool,
    /// What is read now is a branch or a body.
    branch: bool,
    pub(super) in_function: bool,
    /// Where the and-or list that it is in begins.
    list_start: usize,
}

/// What is open, the innermost last.
#[derive(Default)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    /// How many of each kind, so that one that is not there need not be looked for.
    count: [usize; 5],
}

impl Frames {
    pub(super) fn last(&self) -> Option<&Frame> {
        self.frames.last()
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    fn push(&mut self, frame: Frame) {
        self.change(frame.kind, |count| count + 1);
        self.frames.push(frame);
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        self.change(frame.kind, |count| count - 1);
        Some(frame)
    }

    fn has(&self, kind: FrameKind) -> bool {
        self.count.get(kind.index()).is_some_and(|count| *count > 0)
    }

    fn change(&mut self, kind: FrameKind, change: impl Fn(usize) -> usize) {
        if let Some(count) = self.count.get_mut(kind.index()) {
            *count = change(*count);
        }
    }

    /// Makes the innermost `for` a group: `for x in a; { …; }`.
    fn loop_to_group(&mut self) {
        if let Some(mut frame) = self.pop() {
            frame.kind = FrameKind::Group;
            frame.branch = true;
            self.push(frame);
        }
    }
}

impl FrameKind {
    fn index(self) -> usize {
        match self {
            Self::If => 0,
            Self::Loop => 1,
            Self::Case { .. } => 2,
            Self::Group => 3,
            Self::Subshell => 4,
        }
    }
}

/// What a [`Frame`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// `if … fi`
    If,
    /// `for`, `select`, `while` and `until` to `done`.
    Loop,
    /// `case … esac`; a pattern comes next, or commands.
    Case { pattern: bool },
    /// `{ … }`
    Group,
    /// `( … )`
    Subshell,
}

impl Frame {
    /// Whether a command inside may not run.
    pub(super) fn conditional(&self) -> bool {
        self.outer || self.branch
    }
}

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
    fn arithmetic(&mut self) -> Option<Range<usize>> {
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

    fn open(&mut self, kind: FrameKind, opening: &'static str, open: Range<usize>) {
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

    fn close(&mut self, kind: FrameKind, keyword: &str, range: Range<usize>) {
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
    fn arithmetic(&mut self, kind: CommandKind, start: usize, range: Range<usize>) {
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

    fn for_head(&mut self, keyword: &'static str, range: Range<usize>) {
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

    fn case_head(&mut self, range: Range<usize>) {
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

    fn function_keyword(&mut self, start: usize) {
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
    fn test(&mut self, start: usize) {
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
