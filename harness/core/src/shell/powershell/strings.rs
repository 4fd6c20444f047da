//! Quoted strings and here-strings.

use super::reader::{Quote, Reader, is_blank};
use crate::shell::script::{Part, PartKind, Quoting, RegionKind, SyntaxProblemKind};

impl Reader<'_> {
    /// The string whose opening quote stands here. `mid_word` says that it begins behind other
    /// characters of its word.
    pub(super) fn string(&mut self, quote: Quote, mid_word: bool) -> Vec<Part> {
        let start = self.pos;
        let opening = self.peek().unwrap_or('"');
        let region = self.open_region(start, quote.region());
        self.advance();
        // Nobody begins a string of several lines in the middle of a word: such a quote is stray.
        let one_line = self.strictness.of(quote) || (mid_word && !self.closes_on_line(quote));
        let mut pieces = Pieces::new(start, quote.quoting());
        let inside = self.pos;
        let mut stray = false;
        let mut lines = 0_usize;
        loop {
            let Some(c) = self.peek() else {
                if one_line {
                    stray = true;
                } else {
                    self.give_up(quote);
                }
                break;
            };
            if Quote::of(c) == Some(quote) {
                self.advance();
                if self.peek().and_then(Quote::of) == Some(quote) {
                    pieces.push(c);
                    self.advance();
                    continue;
                }
                if lines > 0 && quote == Quote::Double && self.goes_on_as_text() {
                    self.give_up(quote);
                }
                break;
            }
            match c {
                '\n' if one_line => {
                    stray = true;
                    break;
                }
                '\n' => {
                    lines += 1;
                    pieces.push(c);
                    self.advance();
                }
                '`' if quote == Quote::Double => {
                    if one_line && is_continuation(self.rest()) {
                        stray = true;
                        break;
                    }
                    self.advance();
                    if let Some(escaped) = self.peek() {
                        pieces.push(unescape(escaped));
                        self.advance();
                    }
                }
                '$' if quote == Quote::Double => self.expansion(&mut pieces),
                _ => {
                    pieces.push(c);
                    self.advance();
                }
            }
        }
        if stray {
            let range = start..start + opening.len_utf8();
            self.problem(range, SyntaxProblemKind::UnbalancedQuote(opening));
            if pieces.is_blank() {
                // A closing quote too many: what follows it does not belong to the word.
                self.pos = inside;
                pieces = Pieces::new(start, quote.quoting());
            }
        }
        self.close_region(region);
        pieces.finish(self.pos)
    }

    /// Whether a line of the rest begins with the end of such a here-string. Where none does, none
    /// will do so later, so this looks through the text once.
    fn here_string_ends(&mut self, quote: Quote) -> bool {
        let ends = self.rest().split('\n').any(|line| {
            let mut line = line.chars();
            line.next().and_then(Quote::of) == Some(quote) && line.next() == Some('@')
        });
        if !ends {
            self.endless.add(quote);
        }
        ends
    }

    /// Whether the string that has just been opened ends on its line.
    fn closes_on_line(&self, quote: Quote) -> bool {
        self.rest()
            .chars()
            .take_while(|c| *c != '\n')
            .any(|c| Quote::of(c) == Some(quote))
    }

    /// Whether a string of several lines ends before a letter: then what closed it was meant to
    /// open one.
    fn goes_on_as_text(&self) -> bool {
        self.peek()
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '<' | '/' | '$'))
    }

    /// What `$` stands for inside a string.
    fn expansion(&mut self, pieces: &mut Pieces) {
        let part = if self.byte(1) == b'(' {
            self.substitution(2, Quoting::Double)
        } else {
            self.variable(Quoting::Double)
        };
        match part {
            Some(part) => pieces.add(part),
            None => {
                pieces.push('$');
                self.advance();
            }
        }
    }

    /// The here-string that begins here, if one does.
    pub(super) fn here_string(&mut self) -> Option<Vec<Part>> {
        let behind = self.rest().strip_prefix('@')?;
        let opening = behind.chars().next()?;
        let quote = Quote::of(opening)?;
        let mut line = behind.chars().skip(1).skip_while(|c| is_blank(*c));
        if line.next() != Some('\n') {
            return None;
        }
        let start = self.pos;
        let region = self.open_region(start, RegionKind::HereDocument);
        self.advance_while(|c| c != '\n');
        self.advance();
        let mut pieces = Pieces::new(start, quote.quoting());
        // Only an end at the very beginning of a line is one. Where there is none, an indented one
        // was meant to be it.
        let indented = self.endless.of(quote) || !self.here_string_ends(quote);
        let mut closed = false;
        let mut fresh = true;
        while let Some(c) = self.peek() {
            if fresh {
                let mut end = self.rest().chars();
                if end.next().and_then(Quote::of) == Some(quote) && end.next() == Some('@') {
                    self.advance();
                    self.advance();
                    pieces.drop_line_end();
                    closed = true;
                    break;
                }
            }
            fresh = c == '\n' || (fresh && indented && is_blank(c));
            if c == '$' && quote == Quote::Double {
                self.expansion(&mut pieces);
            } else {
                pieces.push(c);
                self.advance();
            }
        }
        if indented || !closed {
            let delimiter = match quote {
                Quote::Single => "'@",
                Quote::Double => "\"@",
            };
            self.problem(
                start..start + 1 + opening.len_utf8(),
                SyntaxProblemKind::UnclosedHereDocument(delimiter.to_owned()),
            );
        }
        self.close_region(region);
        Some(pieces.finish(self.pos))
    }
}

/// Whether a text begins with a continuation, white space before its line end or not.
fn is_continuation(text: &str) -> bool {
    let mut rest = text.chars().skip(1).skip_while(|c| is_blank(*c));
    matches!(rest.next(), Some('\n') | None)
}

/// What an escaped character stands for.
pub(super) fn unescape(c: char) -> char {
    match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

/// The parts of a string, without gaps.
struct Pieces {
    parts: Vec<Part>,
    start: usize,
    quoting: Quoting,
    text: String,
}

impl Pieces {
    fn new(start: usize, quoting: Quoting) -> Self {
        Self {
            parts: Vec::new(),
            start,
            quoting,
            text: String::new(),
        }
    }

    fn is_blank(&self) -> bool {
        self.parts.is_empty() && self.text.chars().all(is_blank)
    }

    /// The line end before the end of a here-string does not belong to it.
    fn drop_line_end(&mut self) {
        let line = self.text.trim_end_matches(is_blank);
        if let Some(line) = line.strip_suffix('\n') {
            let length = line.strip_suffix('\r').unwrap_or(line).len();
            self.text.truncate(length);
        }
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
    }

    fn add(&mut self, mut part: Part) {
        if self.text.is_empty() {
            // The opening quote belongs to the first part.
            part.range.start = self.start;
        } else {
            self.flush(part.range.start);
        }
        self.start = part.range.end;
        self.parts.push(part);
    }

    fn flush(&mut self, end: usize) {
        self.parts.push(Part {
            range: self.start..end,
            quoting: self.quoting,
            kind: PartKind::Text(std::mem::take(&mut self.text)),
        });
        self.start = end;
    }

    fn finish(mut self, end: usize) -> Vec<Part> {
        match self.parts.last_mut() {
            Some(last) if self.text.is_empty() => last.range.end = end,
            _ => self.flush(end),
        }
        self.parts
    }
}
