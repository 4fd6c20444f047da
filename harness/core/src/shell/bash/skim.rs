//! Finding the end of a construct without reading it: [`Parser::skim`].

use super::Parser;
use super::cursor::{ends_word, in_name};
use super::lines::Match;

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// `"…"`
    Double,
    /// `(…)`, with commands inside.
    Paren,
    /// `case … esac` within parentheses: its patterns close none.
    Case,
    /// A parenthesis inside `((…))`.
    Arithmetic,
    /// `${…}`
    Brace,
    /// `` `…` ``
    Backquote,
}

/// Where a construct ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skimmed {
    /// Its closing character.
    pub(super) close: usize,
    /// The first line end inside that is not inside something inside.
    pub(super) newline: Option<usize>,
}

/// A here-document whose text comes after the line.
struct Here {
    delimiter: String,
    indented: bool,
}

struct Skim<'p, 't> {
    parser: &'p Parser<'t>,
    at: usize,
    open: Vec<Context>,
    /// How many of those are [`Context::Double`].
    doubles: usize,
    here: Vec<Here>,
    /// A command's name may come next.
    command: bool,
    newline: Option<usize>,
}

impl Parser<'_> {
    /// The end of what is opened before `from`, if it comes. What is looked through is taken off
    /// the budget; when that is spent, nothing has an end.
    pub(super) fn skim(&mut self, from: usize, opened: Context) -> Option<Skimmed> {
        let mut skim = Skim {
            parser: self,
            at: from,
            open: vec![opened],
            doubles: usize::from(opened == Context::Double),
            here: Vec::new(),
            command: true,
            newline: None,
        };
        let stop = from + skim.parser.budget;
        while !skim.open.is_empty() && skim.at < stop && skim.step() {}
        let found = skim.open.is_empty().then(|| Skimmed {
            close: skim.at - 1,
            newline: skim.newline,
        });
        let seen = skim.at - from;
        self.budget = self.budget.saturating_sub(seen);
        found
    }
}

impl Skim<'_, '_> {
    /// Goes on by a token; whether there was one.
    fn step(&mut self) -> bool {
        let (Some(byte), Some(top)) = (self.parser.byte(self.at), self.open.last().copied()) else {
            return false;
        };
        if byte == b'\n' && self.open.len() == 1 && self.newline.is_none() {
            self.newline = Some(self.at);
        }
        match (byte, top) {
            (b'\\', _) => {
                self.at += 1;
                self.at += self.parser.char_len(self.at).max(1);
                self.at = self.at.min(self.parser.limit);
                self.command = false;
            }
            (b'`', Context::Backquote)
            | (b'"', Context::Double)
            | (b'}', Context::Brace)
            | (b')', Context::Paren | Context::Arithmetic) => {
                self.at += 1;
                self.open.pop();
                self.doubles -= usize::from(top == Context::Double);
                self.command = false;
            }
            (_, Context::Backquote) => self.at += 1,
            (b'`', _) => self.push(1, Context::Backquote),
            (b'"', _) => self.push(1, Context::Double),
            (b'$', _) => self.dollar(top),
            (b'\'', Context::Paren | Context::Case) => return self.single(),
            // No double quotes are open around the `${`.
            (b'\'', Context::Brace) if self.doubles == 0 => return self.single(),
            (_, Context::Double | Context::Brace) => self.at += 1,
            (b'(', Context::Arithmetic) => self.push(1, Context::Arithmetic),
            (_, Context::Arithmetic) => self.at += 1,
            (_, Context::Paren | Context::Case) => self.in_commands(byte),
        }
        true
    }

    fn push(&mut self, length: usize, context: Context) {
        self.at += length;
        self.open.push(context);
        self.doubles += usize::from(context == Context::Double);
        self.command = context == Context::Paren;
    }

    fn dollar(&mut self, top: Context) {
        let commands = matches!(top, Context::Paren | Context::Case);
        self.command = false;
        match self.parser.byte(self.at + 1) {
            Some(b'(') if self.parser.byte(self.at + 2) == Some(b'(') => {
                self.push(2, Context::Arithmetic);
            }
            Some(b'(') => self.push(2, Context::Paren),
            Some(b'{') => self.push(2, Context::Brace),
            Some(b'\'') if commands => {
                self.at += 2;
                while let Some(byte) = self.parser.byte(self.at) {
                    self.at += if byte == b'\\' { 2 } else { 1 };
                    if byte == b'\'' {
                        break;
                    }
                }
                self.at = self.at.min(self.parser.limit);
            }
            _ => self.at += 1,
        }
    }

    fn single(&mut self) -> bool {
        let from = self.at + 1;
        let inside = self
            .parser
            .bytes
            .get(from..self.parser.limit)
            .unwrap_or(&[]);
        self.command = false;
        match inside.iter().position(|b| *b == b'\'') {
            Some(length) => {
                self.at = from + length + 1;
                true
            }
            None => {
                self.at = self.parser.limit;
                false
            }
        }
    }

    /// A token where commands stand.
    fn in_commands(&mut self, byte: u8) {
        let start_of_word = self
            .parser
            .before(self.at)
            .is_none_or(|b| ends_word(b) || b == b'`');
        match byte {
            b'#' if start_of_word => self.at = self.parser.line_end(self.at),
            b'\n' => {
                self.at += 1;
                self.here_documents();
                self.command = true;
            }
            b'(' => self.push(1, Context::Paren),
            b'<' if self.parser.byte(self.at + 1) == Some(b'<') => self.here_operator(),
            b';' | b'|' | b'&' => {
                self.at += 1;
                self.command = true;
            }
            b' ' | b'\t' | b'\r' | b'{' | b'!' => self.at += 1,
            byte if start_of_word && byte.is_ascii_alphabetic() => self.keyword(),
            _ => {
                self.at += 1;
                self.command = false;
            }
        }
    }

    fn keyword(&mut self) {
        let start = self.at;
        while self.parser.byte(self.at).is_some_and(in_name) {
            self.at += 1;
        }
        let whole = self
            .parser
            .byte(self.at)
            .is_none_or(|b| ends_word(b) || b == b'\r');
        let word = if whole && self.command {
            self.parser.slice(start, self.at)
        } else {
            ""
        };
        self.command = match word {
            "case" => {
                self.open.push(Context::Case);
                false
            }
            "esac" => {
                if self.open.last() == Some(&Context::Case) {
                    self.open.pop();
                }
                false
            }
            "then" | "do" | "else" | "elif" | "if" | "while" | "until" | "time" => true,
            _ => false,
        };
    }

    fn here_operator(&mut self) {
        self.at += 2;
        match self.parser.byte(self.at) {
            Some(b'<') => {
                self.at += 1;
                return;
            }
            Some(b'-') => self.at += 1,
            _ => {}
        }
        let indented = self.parser.before(self.at) == Some(b'-');
        self.at = self.parser.behind_blanks(self.at);
        let start = self.at;
        while self
            .parser
            .byte(self.at)
            .is_some_and(|b| !ends_word(b) && b != b'\r')
        {
            self.at += 1;
        }
        let word = self.parser.slice(start, self.at);
        if !word.is_empty() {
            self.here.push(Here {
                delimiter: word.replace(['"', '\'', '\\'], ""),
                indented,
            });
        }
    }

    /// Goes over the texts of the here-documents that begin at this line.
    fn here_documents(&mut self) {
        for here in std::mem::take(&mut self.here) {
            let what = if here.indented {
                Match::BehindTabs
            } else {
                Match::Whole
            };
            let found = self.parser.delimiter_line(self.at, &here.delimiter, what);
            if let Some((_, end)) = found {
                self.at = end + self.parser.newline(end);
            }
        }
    }
}
