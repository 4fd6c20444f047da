//! Hashtables, `@{ Name = 'x' }`; their entries are what splatting passes on.

use super::reader::{Quote, Reader, Strictness};
use super::variables::reading;
use crate::shell::script::{Part, PartKind, Quoting, Word};
use std::ops::Range;

/// An entry of a hashtable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashtableEntry {
    /// Its key, if it is written out.
    pub key: String,
    /// Where the key stands.
    pub key_range: Range<usize>,
    /// What it is set to.
    pub value: Option<Word>,
}

/// The entries of the hashtable that stands at `range` of a PowerShell text; nothing if none does.
pub fn hashtable_entries(text: &str, range: Range<usize>) -> Option<Vec<HashtableEntry>> {
    if !text.get(range.clone())?.starts_with("@{") {
        return None;
    }
    let mut reader = Reader::new(text, Strictness::default());
    reader.pos = range.start;
    reader.end = range.end;
    reader.entries = Some(Vec::new());
    reader.hashtable()?;
    // A cast or an operator behind it makes something else of it.
    (reader.pos == range.end)
        .then_some(reader.entries.take())
        .flatten()
}

impl Reader<'_> {
    /// The hashtable that begins here.
    pub(super) fn hashtable(&mut self) -> Option<Part> {
        if !self.enter() {
            return None;
        }
        let start = self.pos;
        let mut entries = self.entries.take();
        let mut nested = Vec::new();
        self.pos += 2;
        let outer = self.open;
        self.open.braces += 1;
        loop {
            self.skip_lines();
            if self.take(";") {
                continue;
            }
            if self.at_end() || self.byte(0) == b'}' || self.closes_outer() {
                break;
            }
            let before = self.pos;
            let key = self.key();
            self.skip_blank();
            let value = if self.take("=") {
                self.value()
            } else {
                // Something else than an entry; it is read for what it uses.
                let mut commands = Vec::new();
                self.statement(&mut commands);
                nested.extend(commands.into_iter().flat_map(super::variables::into_parts));
                None
            };
            if let Some(entries) = &mut entries
                && let Some(literal) = key.as_ref().and_then(Word::literal)
            {
                entries.push(HashtableEntry {
                    key: literal,
                    key_range: key.as_ref().map_or(before..before, |key| key.range.clone()),
                    value: value.clone(),
                });
            }
            for word in key.into_iter().chain(value) {
                nested.extend(word.parts.into_iter().flat_map(reading));
            }
            if self.pos == before {
                self.stray();
            }
        }
        self.open = outer;
        self.close(start, "@{", b'}');
        self.leave();
        self.entries = entries;
        Some(Part {
            range: start..self.pos,
            quoting: Quoting::None,
            kind: PartKind::Expression(nested),
        })
    }

    fn key(&mut self) -> Option<Word> {
        let c = self.peek()?;
        let parts = if let Some(quote) = Quote::of(c) {
            self.string(quote, false)
        } else {
            match c {
                '$' if self.byte(1) == b'(' => vec![self.substitution(2, Quoting::None)?],
                '$' => vec![self.variable_with_members()?],
                '(' => vec![self.substitution(1, Quoting::None)?],
                _ => {
                    let length = self
                        .rest()
                        .find(|c: char| {
                            c.is_whitespace() || matches!(c, '=' | ';' | '}' | '{' | '(' | ')')
                        })
                        .unwrap_or(self.rest().len());
                    if length == 0 {
                        return None;
                    }
                    vec![self.text_part(length)]
                }
            }
        };
        super::expressions::whole(parts)
    }
}
