//! The place in the text, and what is skipped between words: [`Reader`].

use crate::shell::script::{
    Part, PartKind, Place, Quoting, Region, RegionKind, SyntaxProblem, SyntaxProblemKind,
};
use std::collections::BTreeSet;
use std::ops::Range;

/// How deep brackets may be nested; deeper ones are read as text, so that no text can exhaust the
/// stack.
const DEPTH: usize = 24;

/// A kind of quote. PowerShell takes typographic quotes for plain ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    Single,
    Double,
}

impl Quote {
    pub(super) fn of(c: char) -> Option<Self> {
        match c {
            '\'' | '\u{2018}'..='\u{201b}' => Some(Self::Single),
            '"' | '\u{201c}'..='\u{201e}' => Some(Self::Double),
            _ => None,
        }
    }

    pub(super) fn quoting(self) -> Quoting {
        match self {
            Self::Single => Quoting::Single,
            Self::Double => Quoting::Double,
        }
    }

    pub(super) fn region(self) -> RegionKind {
        match self {
            Self::Single => RegionKind::SingleQuoted,
            Self::Double => RegionKind::DoubleQuoted,
        }
    }
}

/// Which strings have to end on the line that they begin on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Strictness {
    single: bool,
    double: bool,
}

impl Strictness {
    pub(super) fn of(self, quote: Quote) -> bool {
        match quote {
            Quote::Single => self.single,
            Quote::Double => self.double,
        }
    }

    /// Adds a kind; whether that changes anything.
    pub(super) fn add(&mut self, quote: Quote) -> bool {
        let flag = match quote {
            Quote::Single => &mut self.single,
            Quote::Double => &mut self.double,
        };
        !std::mem::replace(flag, true)
    }
}

/// The brackets that are open around the place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Open {
    pub(super) parens: usize,
    pub(super) braces: usize,
    pub(super) brackets: usize,
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) pos: usize,
    pub(super) end: usize,
    pub(super) strictness: Strictness,
    /// The kind of quote for which the text has to be read again, more strictly.
    pub(super) restart: Option<Quote>,
    pub(super) open: Open,
    /// What holds for every command here: in a branch, in a function.
    pub(super) place: Place,
    depth: usize,
    /// Names such as `user-id` that the text takes for variables.
    pub(super) invalid: BTreeSet<String>,
    /// Kinds of quote with which no here-string behind here ends.
    pub(super) endless: Strictness,
    pub(super) entries: Option<Vec<super::HashtableEntry>>,
    pub(super) regions: Vec<Region>,
    pub(super) continuations: Vec<Range<usize>>,
    pub(super) problems: Vec<SyntaxProblem>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, strictness: Strictness) -> Self {
        Self {
            text,
            pos: 0,
            end: text.len(),
            strictness,
            restart: None,
            open: Open::default(),
            place: Place::default(),
            depth: 0,
            invalid: BTreeSet::new(),
            endless: Strictness::default(),
            entries: None,
            regions: Vec::new(),
            continuations: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// What is left of the text.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.pos..self.end).unwrap_or("")
    }

    pub(super) fn peek(&self) -> Option<char> {
        let byte = *self.text.as_bytes().get(self.pos)?;
        if self.pos >= self.end {
            None
        } else if byte.is_ascii() {
            Some(char::from(byte))
        } else {
            self.rest().chars().next()
        }
    }

    /// The byte `ahead` of the place; 0 behind the end.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        let at = self.pos + ahead;
        if at < self.end {
            self.text.as_bytes().get(at).copied().unwrap_or(0)
        } else {
            0
        }
    }

    pub(super) fn at_end(&self) -> bool {
        self.pos >= self.end
    }

    pub(super) fn at(&self, token: &str) -> bool {
        self.rest().starts_with(token)
    }

    pub(super) fn advance(&mut self) {
        self.pos += self.peek().map_or(0, char::len_utf8);
    }

    /// Passes over `token` if it stands here.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let there = self.at(token);
        if there {
            self.pos += token.len();
        }
        there
    }

    pub(super) fn advance_while(&mut self, keep: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep) {
            self.advance();
        }
    }

    /// Goes to the end of the text, so that everything that reads comes to its end.
    pub(super) fn give_up(&mut self, quote: Quote) {
        self.restart.get_or_insert(quote);
        self.pos = self.end;
    }

    pub(super) fn problem(&mut self, range: Range<usize>, kind: SyntaxProblemKind) {
        self.problems.push(SyntaxProblem { range, kind });
    }

    /// Notes a region that begins here; [`Reader::close_region`] says where it ends.
    pub(super) fn open_region(&mut self, start: usize, kind: RegionKind) -> usize {
        self.regions.push(Region {
            range: start..start,
            kind,
        });
        self.regions.len() - 1
    }

    pub(super) fn close_region(&mut self, region: usize) {
        let end = self.pos;
        if let Some(region) = self.regions.get_mut(region) {
            region.range.end = end;
        }
    }

    /// Passes over white space, comments and joined line ends.
    pub(super) fn skip_blank(&mut self) {
        loop {
            match self.peek() {
                Some(c) if is_blank(c) => self.advance(),
                Some('`') => {
                    if !self.skip_continuation() {
                        return;
                    }
                }
                Some('\\') => {
                    if !self.skip_backslash() {
                        return;
                    }
                }
                Some('#') => self.line_comment(),
                Some('<') if self.byte(1) == b'#' => self.block_comment(),
                _ => return,
            }
        }
    }

    /// As [`Reader::skip_blank`], line ends too.
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.skip_blank();
            if !self.take("\n") {
                return;
            }
        }
    }

    /// Passes over `` ` `` at the end of a line. White space between the two undoes the
    /// continuation, but the next line is what the writer meant to go on with, so it is read so;
    /// it is not among [`crate::shell::Script::continuations`].
    fn skip_continuation(&mut self) -> bool {
        let start = self.pos;
        self.pos += 1;
        self.advance_while(|c| is_blank(c) && c != '\r');
        let intended = self.pos == start + 1;
        self.take("\r");
        if !self.take("\n") {
            self.pos = start;
            return false;
        }
        if intended {
            self.continuations.push(start..self.pos);
        }
        true
    }

    /// Passes over a `\` that ends a line as in bash, where an option follows on the next line.
    /// It is no continuation here, but was meant for one.
    fn skip_backslash(&mut self) -> bool {
        let mut rest = self.rest().chars().skip(1).skip_while(|c| is_blank(*c));
        if rest.next() != Some('\n') {
            return false;
        }
        if rest.find(|c| !is_blank(*c)) != Some('-') {
            return false;
        }
        self.advance_while(|c| c != '\n');
        self.advance();
        true
    }

    fn line_comment(&mut self) {
        let region = self.open_region(self.pos, RegionKind::Comment);
        self.advance_while(|c| c != '\n');
        self.close_region(region);
    }

    fn block_comment(&mut self) {
        let start = self.pos;
        let region = self.open_region(start, RegionKind::Comment);
        match self.rest().find("#>") {
            Some(length) => self.pos += length + 2,
            None => {
                self.problem(start..start + 2, SyntaxProblemKind::Unclosed("<#"));
                self.pos = self.end;
            }
        }
        self.close_region(region);
    }

    /// Whether one more level of brackets may be entered; [`Reader::leave`] leaves it.
    pub(super) fn enter(&mut self) -> bool {
        let may = self.depth < DEPTH;
        if may {
            self.depth += 1;
        }
        may
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// `length` bytes from here as unquoted text.
    pub(super) fn text_part(&mut self, length: usize) -> Part {
        let start = self.pos;
        self.pos = (start + length).min(self.end);
        while !self.text.is_char_boundary(self.pos) {
            self.pos += 1;
        }
        let text = self.text.get(start..self.pos).unwrap_or("").to_owned();
        Part {
            range: start..self.pos,
            quoting: Quoting::None,
            kind: PartKind::Text(text),
        }
    }
}

/// White space inside a line.
pub(super) fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{a0}'
    )
}

/// A hyphen or one of the dashes that PowerShell takes for one.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2013}'..='\u{2015}')
}

/// What a name can begin with.
pub(super) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// What a name can be made of.
pub(super) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
