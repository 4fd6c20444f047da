//! Quoted texts, and where one ends that nobody closed.
//!
//! Bash reads a quoted text over line ends until the next quote, so one missing quote turns every
//! later text inside out. A text that does span lines - a JSON body, a long `--query` - must stay
//! whole, though. [`Parser::closing`] weighs what a text over several lines would swallow.

use super::Parser;
use super::skim::Context;
use super::word::Words;
use crate::shell::script::{PartKind, Quoting, RegionKind, SyntaxProblemKind};

/// How much must speak against a quoted text over several lines for it to be cut.
const CUT: i32 = 2;

/// Where a quoted text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    /// At this quote.
    At(usize),
    /// Nowhere; it is taken to end here.
    Never(usize),
}

impl Parser<'_> {
    /// Reads `'…'`.
    pub(super) fn single(&mut self, word: &mut Words) {
        let open = self.pos;
        let (end, after) = self.quoted(open, open, b'\'', RegionKind::SingleQuoted);
        let text = self.slice(open + 1, end).replace("\r\n", "\n");
        word.text(open..after, Quoting::Single, &text);
        self.pos = after;
    }

    /// Reads `$'…'`.
    pub(super) fn ansi(&mut self, word: &mut Words) {
        let open = self.pos;
        let (end, after) = self.quoted(open, open + 1, b'\'', RegionKind::SingleQuoted);
        let text = super::expansion::ansi_text(self.slice(open + 2, end));
        word.text(open..after, Quoting::AnsiC, &text);
        self.pos = after;
    }

    /// Reads `"…"`, or `$"…"` from its `$` at `start`.
    pub(super) fn double(&mut self, start: usize, word: &mut Words) {
        let open = self.pos;
        let (end, after) = self.quoted(start, open, b'"', RegionKind::DoubleQuoted);
        let limit = std::mem::replace(&mut self.limit, end);
        self.pos = open + 1;
        let mut from = start;
        let mut plain = open + 1;
        while let Some(byte) = self.peek() {
            let special = match byte {
                b'\\' | b'`' => true,
                b'$' => self.expands(),
                b'\r' => self.newline(self.pos) > 0,
                _ => false,
            };
            if !special {
                self.pos += 1;
                continue;
            }
            if plain < self.pos {
                word.text(from..self.pos, Quoting::Double, self.slice(plain, self.pos));
                from = self.pos;
            }
            match byte {
                b'\\' => self.escape_in_double(from, word),
                b'\r' => {
                    self.pos += 1;
                    word.text(from..self.pos, Quoting::Double, "");
                }
                b'`' => self.backquote(from, Quoting::Double, word),
                _ => self.dollar(from, Quoting::Double, word),
            }
            from = self.pos;
            plain = self.pos;
        }
        self.limit = limit;
        if plain < end || from == start {
            word.text(from..after, Quoting::Double, self.slice(plain, end));
        } else {
            word.extend_to(after);
        }
        self.pos = after;
    }

    fn escape_in_double(&mut self, from: usize, word: &mut Words) {
        let at = self.pos;
        let newline = self.newline(at + 1);
        if newline > 0 {
            self.pos = at + 1 + newline;
            self.continuations.push(at..self.pos);
            word.text(from..self.pos, Quoting::Double, "");
        } else if let Some(escaped @ (b'$' | b'`' | b'"' | b'\\')) = self.byte(at + 1) {
            self.pos = at + 2;
            let text = char::from(escaped).to_string();
            word.text(from..self.pos, Quoting::Double, &text);
        } else {
            self.pos = at + 1;
            word.text(from..self.pos, Quoting::Double, "\\");
        }
    }

    /// The end of the text behind the quote at `open` and of its closing quote; reports the quote
    /// if it is never closed.
    fn quoted(&mut self, start: usize, open: usize, quote: u8, kind: RegionKind) -> (usize, usize) {
        let (end, after) = match self.closing(start, open, quote) {
            Closing::At(end) => (end, end + 1),
            Closing::Never(end) => {
                let kind = SyntaxProblemKind::UnbalancedQuote(char::from(quote));
                self.problem(open..open + 1, kind);
                (end, end)
            }
        };
        self.region(start..after, kind);
        (end, after)
    }

    /// Where the text behind the quote at `open` ends.
    fn closing(&mut self, start: usize, open: usize, quote: u8) -> Closing {
        let found = if quote == b'"' {
            // Most are closed on their line with nothing special inside.
            let rest = self.bytes.get(open + 1..self.limit).unwrap_or(&[]);
            match rest
                .iter()
                .position(|b| matches!(b, b'"' | b'\\' | b'$' | b'`' | b'\n'))
            {
                Some(n) if rest.get(n) == Some(&b'"') => return Closing::At(open + 1 + n),
                _ => {}
            }
            match self.skim(open + 1, Context::Double) {
                Some(skimmed) if skimmed.newline.is_none() => return Closing::At(skimmed.close),
                Some(skimmed) => Some(skimmed.close),
                None => self.same_line(open),
            }
        } else {
            self.next_single(open, start < open)
        };
        match found {
            Some(end) if !self.slice(open, end).contains('\n') => Closing::At(end),
            Some(end) if self.against(open, end, quote) < CUT => Closing::At(end),
            _ => Closing::Never(self.cut(open)),
        }
    }

    /// The next `"` on the line, whatever else is open.
    fn same_line(&self, open: usize) -> Option<usize> {
        let mut at = open + 1;
        loop {
            match self.byte(at)? {
                b'"' => return Some(at),
                b'\n' => return None,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    }

    fn next_single(&self, open: usize, escapes: bool) -> Option<usize> {
        let mut at = open + 1;
        // Only where there is none is anything read twice, and then there are no more to come.
        loop {
            match self.byte(at)? {
                b'\'' => return Some(at),
                b'\\' if escapes => at += 2,
                _ => at += 1,
            }
        }
    }

    /// Where a text that nobody closed is taken to end: with the object that it begins, or with its
    /// line, but for a continuation.
    fn cut(&mut self, open: usize) -> usize {
        let line_end = self.line_end(open);
        if let Some(end) = self.object_end(open, line_end) {
            return end;
        }
        let end = self.trim_end(open + 1, line_end);
        if self.before(end) == Some(b'\\') && end > open + 1 && line_end < self.limit {
            self.trim_end(open + 1, end - 1)
        } else {
            end
        }
    }

    /// The end of the JSON that begins with the line's last character, if no command stands in it.
    fn object_end(&mut self, open: usize, line_end: usize) -> Option<usize> {
        let last = self.trim_end(open + 1, line_end);
        if !matches!(self.before(last), Some(b'{' | b'[')) {
            return None;
        }
        let mut depth = 0_usize;
        let mut at = open + 1;
        let stop = open.saturating_add(self.budget);
        let end = loop {
            match self.byte(at).filter(|_| at < stop) {
                None => break None,
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') if depth <= 1 => break Some(at + 1),
                Some(b'}' | b']') => depth -= 1,
                Some(_) => {}
            }
            at += 1;
        };
        self.budget = self.budget.saturating_sub(at - open);
        end.filter(|end| *end > line_end && !self.swallows(line_end, *end))
    }

    /// How much speaks against the text from `open` to `end`, which are on different lines.
    fn against(&mut self, open: usize, end: usize, quote: u8) -> i32 {
        if self.budget < 2 * (end - open) {
            return 0;
        }
        self.budget -= 2 * (end - open);
        let first_line_end = self.line_end(open);
        let second_line = first_line_end + self.newline(first_line_end);
        let last_line_end = self.line_end(end);
        let mut score = 0;
        if self.swallows(second_line, end) {
            score += 2;
        }
        // A quote behind a word and before white space looks like an end ...
        let behind_word = self
            .before(open)
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b']' | b'}' | b'/' | b'_'));
        if behind_word && self.behind_blanks(open + 1) >= first_line_end {
            score += 3;
        }
        // ... and the other way round.
        let before = self.before(end);
        let opens = matches!(before, Some(b' ' | b'\t' | b'=' | b'('));
        match self.byte(end + 1) {
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b')' | b';' | b'|' | b'&' | b'>') => {
                score -= 2;
            }
            Some(b'$' | b'"' | b'\'' | b'\\' | b',') => {}
            Some(_) if opens => score += 2,
            Some(_) => {}
        }
        let whole = self.open_at_end(end + 1, last_line_end);
        let cut = self.open_at_end(second_line, last_line_end);
        match (whole, cut) {
            (true, false) => score += 1,
            (false, true) => score -= 1,
            _ => {}
        }
        // `'"'"'` and the like: the quote is itself quoted.
        if quote == b'\'' && before == Some(b'"') && self.byte(end + 1) == Some(b'"') {
            score -= 2;
        }
        score
    }

    /// Whether a line that begins between `start` and `end` looks like a command or an option.
    fn swallows(&self, start: usize, end: usize) -> bool {
        let mut line = start;
        while line < end {
            let first = self.behind_blanks(line);
            if first < end && (self.begins_command(first) || self.begins_option(first)) {
                return true;
            }
            let line_end = self.line_end(line);
            line = line_end + self.newline(line_end).max(1);
        }
        false
    }

    /// Whether a quoted text is open at `end` if none is at `start`.
    fn open_at_end(&self, start: usize, end: usize) -> bool {
        let mut open = None;
        let mut at = start;
        while at < end {
            let Some(byte) = self.byte(at) else { break };
            match (open, byte) {
                (None | Some(b'"'), b'\\') => at += 1,
                (None, b'#') if matches!(self.before(at), Some(b' ' | b'\t' | b'\n')) => break,
                (None, b'"' | b'\'') => open = Some(byte),
                (Some(quote), _) if quote == byte => open = None,
                _ => {}
            }
            at += 1;
        }
        open.is_some()
    }

    /// Reads `` `…` ``; the part begins at `from`.
    pub(super) fn backquote(&mut self, from: usize, quoting: Quoting, word: &mut Words) {
        let open = self.pos;
        let close = self
            .skim(open + 1, Context::Backquote)
            .filter(|skimmed| {
                skimmed
                    .newline
                    .is_none_or(|newline| !self.swallows(newline + 1, skimmed.close))
            })
            .map(|skimmed| skimmed.close);
        let Some(close) = close else {
            self.problem(open..open + 1, SyntaxProblemKind::Unclosed("`"));
            self.pos = open + 1;
            word.text(from..self.pos, quoting, "`");
            return;
        };
        let commands = self.within(open + 1..close, close + 1, Self::list);
        let kind = PartKind::Substitution {
            commands,
            member: None,
        };
        word.part(from..close + 1, quoting, kind);
    }
}
