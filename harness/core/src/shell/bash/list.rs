//! Commands and what stands between them: [`Parser::list`].

use super::frame::{Frame, FrameKind, Frames};
use super::here;
use super::{MAX_DEPTH, Parser};
use crate::shell::script::{Command, CommandKind, Place, SyntaxProblemKind};
use std::ops::Range;

/// The commands being read, and what is open around the next one.
pub(super) struct List<'p, 't> {
    pub(super) parser: &'p mut Parser<'t>,
    pub(super) commands: Vec<Command>,
    pub(super) frames: Frames,
    /// Where the list is: what all its commands have in common.
    outer: Place,
    /// Where the current and-or list begins.
    pub(super) list_start: usize,
    /// Where the last command, simple or compound, begins; nothing after a separator.
    pub(super) item: Option<usize>,
    /// `&&` or `||` came before.
    pub(super) and_or: bool,
    /// `|` came before.
    pub(super) piped: bool,
    /// A compound command has just ended: only a redirection or a separator can follow.
    pub(super) compound: bool,
    /// A function's head has been read, its body comes.
    pub(super) function: bool,
    /// An operator that wants another command.
    dangling: Option<Range<usize>>,
    /// The first command of this line.
    line_start: usize,
    /// A here-document begins at the next line.
    waits: bool,
}

impl<'t> Parser<'t> {
    /// Reads commands up to the limit.
    pub(super) fn list(&mut self) -> Vec<Command> {
        let outer = self.place;
        let mut list = List {
            parser: self,
            commands: Vec::new(),
            frames: Frames::default(),
            outer,
            list_start: 0,
            item: None,
            and_or: false,
            piped: false,
            compound: false,
            function: false,
            dangling: None,
            line_start: 0,
            waits: false,
        };
        while list.step() {}
        list.end();
        let commands = list.commands;
        self.place = outer;
        commands
    }
}

impl List<'_, '_> {
    /// Reads the next command or separator; whether there was one.
    fn step(&mut self) -> bool {
        self.parser.skip_blanks();
        let Some(byte) = self.parser.peek() else {
            return false;
        };
        let at = self.parser.pos;
        let newline = self.parser.newline(at);
        if newline > 0 {
            self.newline(newline);
            return true;
        }
        if byte == b'#' {
            self.parser.comment();
            return true;
        }
        if let Some(Frame {
            kind: FrameKind::Case { pattern: true },
            ..
        }) = self.frames.last()
        {
            self.pattern();
            return true;
        }
        match byte {
            b';' => self.semicolon(),
            b'|' => self.bar(),
            b'&' if self.parser.byte(at + 1) != Some(b'>') => self.ampersand(),
            b'(' => self.open_parenthesis(),
            b')' => self.close_parenthesis(),
            _ => self.command(),
        }
        true
    }

    /// Where a command that begins here stands.
    pub(super) fn place(&self) -> Place {
        let (conditional, in_function) = match self.frames.last() {
            Some(frame) => (frame.conditional(), frame.in_function),
            None => (self.outer.conditional, self.outer.in_function),
        };
        Place {
            conditional: conditional || self.and_or,
            in_function,
            ..Place::default()
        }
    }

    /// Adds a command that has been read.
    pub(super) fn push(&mut self, mut command: Command) {
        command.place.piped_from = std::mem::take(&mut self.piped);
        self.waits |= command.redirects.iter().any(here::waits);
        self.item = Some(self.commands.len());
        self.dangling = None;
        self.commands.push(command);
    }

    /// A command of a kind that runs nothing.
    pub(super) fn silent(&self, kind: CommandKind, range: Range<usize>) -> Command {
        Command {
            kind,
            range,
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            place: self.place(),
        }
    }

    fn command(&mut self) {
        let start = self.parser.pos;
        self.parser.place = self.place();
        if self.compound {
            if self.redirects() {
                return;
            }
            if !self.parser.at_keyword() {
                let word = self.parser.plain_word().to_owned();
                self.unexpected(start..start + word.len(), word);
            }
        }
        if self.keyword() {
            return;
        }
        self.compound = false;
        self.body_missing();
        let command = self.parser.simple();
        if self.parser.pos == start {
            // Not reached: what begins no command begins a separator. Going on is what matters.
            self.parser.pos += self.parser.char_len(start).max(1);
            return;
        }
        if command.kind == CommandKind::Function {
            self.function = true;
            self.push(command);
            self.item = None;
        } else {
            self.push(command);
        }
    }

    /// Reports a function's head that no compound command follows.
    fn body_missing(&mut self) {
        if std::mem::take(&mut self.function)
            && let Some(head) = self.commands.last()
        {
            let range = head.range.clone();
            let token = self.parser.slice(range.start, range.end).to_owned();
            self.unexpected(range, token);
        }
    }

    /// Reads redirections behind a compound command, as a command without words.
    fn redirects(&mut self) -> bool {
        let start = self.parser.pos;
        let mut redirects = Vec::new();
        let mut end = start;
        while let Some(redirect) = self.parser.redirect() {
            end = self.parser.pos;
            redirects.push(redirect);
            self.parser.skip_blanks();
        }
        if redirects.is_empty() {
            return false;
        }
        self.waits |= redirects.iter().any(here::waits);
        let mut command = self.silent(CommandKind::Expression, start..end);
        command.redirects = redirects;
        self.commands.push(command);
        true
    }

    fn newline(&mut self, length: usize) {
        self.parser.pos += length;
        if self.waits {
            self.waits = false;
            let from = self.line_start.min(self.commands.len());
            if let Some(commands) = self.commands.get_mut(from..) {
                self.parser.here_documents(commands);
            }
        }
        self.line_start = self.commands.len();
        if self.dangling.is_none() {
            self.separate();
        }
    }

    /// Ends an and-or list.
    pub(super) fn separate(&mut self) {
        self.item = None;
        self.and_or = false;
        self.compound = false;
        self.list_start = self.commands.len();
    }

    fn semicolon(&mut self) {
        let at = self.parser.pos;
        let token = [";;&", ";;", ";&", ";"]
            .into_iter()
            .find(|token| self.parser.starts_with(token))
            .unwrap_or(";");
        self.parser.pos += token.len();
        let range = at..self.parser.pos;
        if token != ";" {
            if let Some(Frame {
                kind: FrameKind::Case { pattern },
                ..
            }) = self.frames.last_mut()
            {
                *pattern = true;
            } else {
                self.unexpected(range, token.to_owned());
            }
        } else if self.item.is_none() {
            self.unexpected(range, token.to_owned());
        }
        self.dangling = None;
        self.piped = false;
        self.separate();
    }

    fn bar(&mut self) {
        let at = self.parser.pos;
        let or = self.parser.byte(at + 1) == Some(b'|');
        let length = if or || self.parser.byte(at + 1) == Some(b'&') {
            2
        } else {
            1
        };
        self.parser.pos += length;
        if !self.joins(at..at + length) {
            return;
        }
        if or {
            self.and_or = true;
        } else {
            let from = self.item.unwrap_or(self.commands.len());
            self.mark(from, |place| place.piped_into = true);
            self.piped = true;
        }
        self.item = None;
    }

    fn ampersand(&mut self) {
        let at = self.parser.pos;
        if self.parser.byte(at + 1) == Some(b'&') {
            self.parser.pos += 2;
            if self.joins(at..at + 2) {
                self.and_or = true;
                self.item = None;
            }
            return;
        }
        self.parser.pos += 1;
        if self.item.is_none() {
            self.unexpected(at..at + 1, "&".to_owned());
        }
        self.mark(self.list_start, |place| place.background = true);
        self.separate();
    }

    /// Changes where the commands from `from` on stand. Those of deeply nested groups are left
    /// alone: marking them again and again would take quadratic time.
    fn mark(&mut self, from: usize, change: impl Fn(&mut Place)) {
        if self.frames.len() <= MAX_DEPTH as usize {
            for command in self.commands.get_mut(from..).unwrap_or(&mut []) {
                change(&mut command.place);
            }
        }
    }

    /// Whether an operator between two commands has one before it.
    fn joins(&mut self, range: Range<usize>) -> bool {
        self.compound = false;
        if self.item.is_none() {
            let token = self.parser.slice(range.start, range.end).to_owned();
            self.unexpected(range, token);
            return false;
        }
        self.dangling = Some(range);
        true
    }

    pub(super) fn unexpected(&mut self, range: Range<usize>, token: String) {
        self.parser
            .problem(range, SyntaxProblemKind::Unexpected(token));
    }

    /// A compound command begins: whatever waited for a command has one.
    pub(super) fn begins(&mut self) {
        self.dangling = None;
    }

    fn end(&mut self) {
        self.body_missing();
        if self.waits {
            let from = self.line_start.min(self.commands.len());
            if let Some(commands) = self.commands.get_mut(from..) {
                self.parser.here_documents(commands);
            }
        }
        if let Some(range) = self.dangling.take() {
            let token = self.parser.slice(range.start, range.end).to_owned();
            self.unexpected(range, token);
        }
        while let Some(frame) = self.frames.pop() {
            self.parser.problem(
                frame.open.clone(),
                SyntaxProblemKind::Unclosed(frame.opening),
            );
        }
    }
}
