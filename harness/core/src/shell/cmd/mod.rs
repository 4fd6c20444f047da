//! Reads the command prompt of Windows: [`parse`].
//!
//! It reads line by line, and expands `%NAME%` before it looks at anything else.

mod translate;
mod words;

pub use translate::to_bash;

use super::script::{
    Assignment, Command, CommandKind, Dialect, Part, PartKind, Place, Quoting, Region, RegionKind,
    Script, SyntaxProblem, SyntaxProblemKind, Word,
};
use std::ops::Range;
use words::{is_blank, is_word, text_part};

/// How deep brackets may be nested; deeper ones are read as text.
const DEPTH: usize = 24;

/// Reads a text as the command prompt does, as far as it can be understood.
pub(super) fn parse(text: &str) -> Script {
    let mut reader = Reader {
        text,
        pos: 0,
        depth: 0,
        place: Place::default(),
        regions: Vec::new(),
        continuations: Vec::new(),
        problems: Vec::new(),
    };
    let commands = reader.lines(false);
    reader
        .problems
        .sort_by_key(|problem| (problem.range.start, problem.range.end));
    Script {
        dialect: Dialect::Cmd,
        commands,
        regions: reader.regions,
        continuations: reader.continuations,
        problems: reader.problems,
    }
}

struct Reader<'t> {
    text: &'t str,
    pos: usize,
    depth: usize,
    place: Place,
    regions: Vec<Region>,
    continuations: Vec<Range<usize>>,
    problems: Vec<SyntaxProblem>,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.pos..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text
            .as_bytes()
            .get(self.pos + ahead)
            .copied()
            .unwrap_or(0)
    }

    fn advance(&mut self) {
        self.pos += self.peek().map_or(0, char::len_utf8);
    }

    fn advance_while(&mut self, keep: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep) {
            self.advance();
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.pos += token.len();
        }
        there
    }

    /// Passes over `word` in any case, if it stands here alone.
    fn take_word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let there = rest
            .get(..word.len())
            .is_some_and(|w| w.eq_ignore_ascii_case(word))
            && !rest.get(word.len()..).is_some_and(|rest| {
                rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
            });
        if there {
            self.pos += word.len();
        }
        there
    }

    fn problem(&mut self, range: Range<usize>, kind: SyntaxProblemKind) {
        self.problems.push(SyntaxProblem { range, kind });
    }

    fn comment(&mut self) {
        let start = self.pos;
        self.advance_while(|c| c != '\n');
        self.regions.push(Region {
            range: start..self.pos,
            kind: RegionKind::Comment,
        });
    }

    /// Passes over white space and joined line ends.
    fn skip_blank(&mut self) {
        loop {
            self.advance_while(is_blank);
            let start = self.pos;
            if !(self.take("^\n") || self.take("^\r\n")) {
                return;
            }
            self.continuations.push(start..self.pos);
        }
    }

    /// Commands up to the end, or to the `)` of a group.
    fn lines(&mut self, group: bool) -> Vec<Command> {
        let mut commands = Vec::new();
        loop {
            self.skip_blank();
            let Some(c) = self.peek() else {
                return commands;
            };
            match c {
                '\n' | '&' | '@' => self.advance(),
                ')' if group => return commands,
                ':' => {
                    if self.byte(1) == b':' {
                        self.comment();
                    } else {
                        // A label.
                        self.advance_while(|c| c != '\n');
                    }
                }
                '|' | ')' => {
                    let start = self.pos;
                    self.advance();
                    self.problem(
                        start..self.pos,
                        SyntaxProblemKind::Unexpected(c.to_string()),
                    );
                }
                _ => {
                    let before = self.pos;
                    self.chain(&mut commands);
                    if self.pos == before {
                        self.advance();
                    }
                }
            }
        }
    }

    /// Commands joined by `&&`, `||`, `|` and `&`.
    fn chain(&mut self, commands: &mut Vec<Command>) {
        let outer = self.place;
        let mut piped_from = false;
        loop {
            let first = commands.len();
            self.statement(commands);
            if piped_from && let Some(command) = commands.get_mut(first) {
                command.place.piped_from = true;
            }
            self.skip_blank();
            if self.take("&&") || self.take("||") {
                self.place.conditional = true;
                piped_from = false;
            } else if self.take("&") {
                self.place = outer;
                piped_from = false;
            } else if self.take("|") {
                if let Some(command) = commands.last_mut() {
                    command.place.piped_into = true;
                }
                piped_from = true;
            } else {
                break;
            }
            self.skip_blank();
        }
        self.place = outer;
    }

    fn statement(&mut self, commands: &mut Vec<Command>) {
        self.advance_while(|c| c == '@' || is_blank(c));
        let start = self.pos;
        if self.byte(0) == b'(' && self.depth < DEPTH {
            self.group(commands);
        } else if self.take_word("rem") {
            self.pos = start;
            self.comment();
        } else if self.take_word("set") {
            let command = self.set(start);
            commands.push(command);
        } else if self.take_word("if") {
            self.condition(start, commands);
        } else if self.take_word("for") {
            self.repetition(start, commands);
        } else {
            let _ = self.take_word("else") || self.take_word("do");
            self.skip_blank();
            if self.byte(0) == b'(' && self.depth < DEPTH {
                self.group(commands);
                return;
            }
            let command = self.command(self.pos);
            if !command.words.is_empty() || !command.redirects.is_empty() {
                commands.push(command);
            }
        }
    }

    fn group(&mut self, commands: &mut Vec<Command>) {
        let start = self.pos;
        self.depth += 1;
        self.pos += 1;
        commands.extend(self.lines(true));
        if !self.take(")") {
            self.problem(start..start + 1, SyntaxProblemKind::Unclosed("("));
        }
        self.depth -= 1;
    }

    fn make(&self, kind: CommandKind, range: Range<usize>) -> Command {
        Command {
            kind,
            range,
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            place: self.place,
        }
    }

    fn command(&mut self, start: usize) -> Command {
        let mut command = self.make(CommandKind::Simple, start..start);
        loop {
            self.skip_blank();
            match self.peek() {
                None | Some('\n' | '&' | '|') => break,
                Some(')') if self.depth > 0 => break,
                _ => {}
            }
            let before = self.pos;
            if let Some(redirect) = self.redirect() {
                command.redirects.push(redirect);
            } else if let Some(word) = self.word(is_word) {
                command.words.push(word);
            }
            if self.pos == before {
                let c = self.peek().map(String::from).unwrap_or_default();
                self.advance();
                self.problem(before..self.pos, SyntaxProblemKind::Unexpected(c));
            }
            command.range.end = self.pos;
        }
        command
    }

    /// `set NAME=value`, `set "NAME=value"`, `set /p NAME=prompt`, `set /a NAME=1+2`.
    fn set(&mut self, start: usize) -> Command {
        let mut command = self.make(CommandKind::Simple, start..self.pos);
        let name = self.text.get(start..self.pos).unwrap_or("").to_owned();
        command.words.push(Word {
            range: start..self.pos,
            parts: vec![text_part(start..self.pos, Quoting::None, name)],
        });
        self.skip_blank();
        let prompts = self.take_word("/p");
        let computes = !prompts && self.take_word("/a");
        self.skip_blank();
        let whole = self.pos;
        let quoted = self.take("\"");
        let name_start = self.pos;
        self.advance_while(|c| !matches!(c, '=' | '\n' | '"' | '&' | '|' | '<' | '>'));
        let name = self.text.get(name_start..self.pos).unwrap_or("");
        let name_range = name_start..name_start + name.trim_end().len();
        let shows = !self.take("=");
        if shows {
            self.pos = whole;
            let rest = self.command(whole);
            command.words.extend(rest.words);
            command.redirects = rest.redirects;
            command.range.end = rest.range.end;
            return command;
        }
        let value_start = self.pos;
        let mut value = if quoted {
            self.value(|c| c != '\n' && c != '"')
        } else {
            self.value(|c| !matches!(c, '\n' | '&' | '|'))
        };
        if quoted && !self.take("\"") {
            self.problem(whole..whole + 1, SyntaxProblemKind::UnbalancedQuote('"'));
        }
        if quoted {
            self.regions.push(Region {
                range: whole..self.pos,
                kind: RegionKind::DoubleQuoted,
            });
        }
        if prompts {
            value = None;
        } else if computes {
            value = value.map(|word| Word {
                range: word.range.clone(),
                parts: vec![Part {
                    range: word.range,
                    quoting: Quoting::None,
                    kind: PartKind::Expression(
                        word.parts
                            .into_iter()
                            .filter(|part| !matches!(part.kind, PartKind::Text(_)))
                            .collect(),
                    ),
                }],
            });
        }
        let end = self.pos.max(value_start);
        command.assignments.push(Assignment {
            name: name.trim().to_owned(),
            name_range,
            range: whole..end,
            value,
            append: false,
        });
        command.range.end = end;
        command
    }

    /// `if [not] … command`
    fn condition(&mut self, start: usize, commands: &mut Vec<Command>) {
        let mut head = self.make(CommandKind::Expression, start..self.pos);
        self.skip_blank();
        let _ = self.take_word("/i");
        self.skip_blank();
        let _ = self.take_word("not");
        self.skip_blank();
        let unary = ["exist", "errorlevel", "defined"]
            .iter()
            .any(|word| self.take_word(word));
        self.skip_blank();
        let operands = if unary { 1 } else { 2 };
        for operand in 0..operands {
            if operand == 1 {
                self.skip_blank();
                let _ = self.take("==")
                    || ["equ", "neq", "lss", "leq", "gtr", "geq"]
                        .iter()
                        .any(|word| self.take_word(word));
                self.skip_blank();
            }
            if let Some(word) = self.word(|c| is_word(c) && c != '=' && c != '(') {
                head.words.push(word);
            }
        }
        head.range.end = self.pos;
        commands.push(head);
        self.skip_blank();
        let outer = self.place;
        self.place.conditional = true;
        if self.depth < DEPTH {
            self.depth += 1;
            self.statement(commands);
            self.depth -= 1;
        }
        self.place = outer;
    }

    /// `for [/f "options"] %i in (…) do command`
    fn repetition(&mut self, start: usize, commands: &mut Vec<Command>) {
        let mut head = self.make(CommandKind::For, start..self.pos);
        self.skip_blank();
        let runs = self.take_word("/f");
        let _ = !runs && (self.take_word("/l") || self.take_word("/d") || self.take_word("/r"));
        self.skip_blank();
        if runs && self.byte(0) == b'"' {
            let _ = self.word(is_word);
            self.skip_blank();
        }
        let name_start = self.pos;
        self.advance_while(|c| c == '%');
        let letter = self.pos;
        if letter > name_start && self.peek().is_some_and(char::is_alphanumeric) {
            self.advance();
            head.assignments.push(Assignment {
                name: self.text.get(letter..self.pos).unwrap_or("").to_owned(),
                name_range: name_start..self.pos,
                range: name_start..self.pos,
                value: None,
                append: false,
            });
        }
        self.skip_blank();
        let _ = self.take_word("in");
        self.skip_blank();
        if self.take("(") {
            self.skip_blank();
            if runs && self.byte(0) == b'\'' && self.depth < DEPTH {
                head.words.extend(self.captured());
            }
            loop {
                self.skip_blank();
                if matches!(self.peek(), None | Some(')' | '\n')) {
                    break;
                }
                match self.word(|c| is_word(c) && !matches!(c, ')' | ',')) {
                    Some(word) => head.words.push(word),
                    None => self.advance(),
                }
            }
            let _ = self.take(")");
        }
        head.range.end = self.pos;
        commands.push(head);
        self.skip_blank();
        if self.take_word("do") && self.depth < DEPTH {
            self.skip_blank();
            let outer = self.place;
            self.place.conditional = true;
            self.depth += 1;
            self.statement(commands);
            self.depth -= 1;
            self.place = outer;
        }
    }

    /// The command between the single quotes of `for /f`.
    fn captured(&mut self) -> Option<Word> {
        let start = self.pos;
        let rest = self.rest().get(1..)?;
        let line = rest.find('\n').unwrap_or(rest.len());
        let length = rest.get(..line)?.rfind('\'')?;
        let inside = start + 1;
        let mut inner = Reader {
            text: self.text.get(..inside + length)?,
            pos: inside,
            depth: self.depth + 1,
            place: self.place,
            regions: Vec::new(),
            continuations: Vec::new(),
            problems: Vec::new(),
        };
        let commands = inner.lines(false);
        self.regions.append(&mut inner.regions);
        self.problems.append(&mut inner.problems);
        self.pos = inside + length + 1;
        Some(Word {
            range: start..self.pos,
            parts: vec![Part {
                range: start..self.pos,
                quoting: Quoting::None,
                kind: PartKind::Substitution {
                    commands,
                    member: None,
                },
            }],
        })
    }
}
