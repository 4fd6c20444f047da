//! What the article's stand-ins stand for in this run: [`Bindings`].

use crate::source::Position;
use serde::{Deserialize, Serialize};

/// Values of the stand-ins that were met so far, in the order in which they were met.
///
/// One per walkthrough: a stand-in of one sample must have the same value in every later one.
/// GUIDs are the same whatever the case of their letters; other stand-ins are not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bindings {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    stand_in: String,
    value: String,
    position: Option<Position>,
}

impl Bindings {
    /// No stand-in has a value yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a stand-in, if it has one.
    pub fn get(&self, stand_in: &str) -> Option<&str> {
        self.entry(stand_in).map(|entry| entry.value.as_str())
    }

    /// Every stand-in with its value, in the order in which they were met.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .map(|entry| (entry.stand_in.as_str(), entry.value.as_str()))
    }

    /// Gives a stand-in a value, over any it had.
    pub fn set(&mut self, stand_in: &str, value: &str) {
        self.bind(stand_in, value, None);
    }

    /// Puts the value of each bound stand-in into a later command; also tells what was replaced by
    /// what, each once.
    ///
    /// A value that a shell would not read as one plain word is left out: an answer from a server
    /// must not become part of a command's syntax.
    pub fn fill_in(&self, text: &str) -> (String, Vec<(String, String)>) {
        let mut known: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| is_plain_word(&entry.value))
            .collect();
        known.sort_by_key(|entry| std::cmp::Reverse(entry.stand_in.len()));
        let mut filled = String::with_capacity(text.len());
        let mut replaced: Vec<(String, String)> = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let before = filled.chars().next_back();
            let found = known.iter().find(|entry| {
                rest.get(..entry.stand_in.len())
                    .is_some_and(|here| same_stand_in(here, &entry.stand_in))
                    && stands_alone(&entry.stand_in, before, &rest[entry.stand_in.len()..])
            });
            if let Some(entry) = found {
                let pair = (rest[..entry.stand_in.len()].to_owned(), entry.value.clone());
                // A stand-in that already is the value needs no word in the report.
                if pair.0 != pair.1 && !replaced.contains(&pair) {
                    replaced.push(pair);
                }
                filled.push_str(&entry.value);
                rest = &rest[entry.stand_in.len()..];
            } else {
                filled.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        (filled, replaced)
    }

    /// Where a stand-in got its value.
    pub(super) fn position(&self, stand_in: &str) -> Option<&Position> {
        self.entry(stand_in)
            .and_then(|entry| entry.position.as_ref())
    }

    pub(super) fn bind(&mut self, stand_in: &str, value: &str, position: Option<&Position>) {
        let value = value.to_owned();
        let position = position.cloned();
        match self
            .entries
            .iter_mut()
            .find(|entry| same_stand_in(&entry.stand_in, stand_in))
        {
            Some(entry) => {
                entry.value = value;
                entry.position = position;
            }
            None => {
                self.entries.push(Entry {
                    stand_in: stand_in.to_owned(),
                    value,
                    position,
                });
            }
        }
    }

    fn entry(&self, stand_in: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| same_stand_in(&entry.stand_in, stand_in))
    }
}

fn same_stand_in(a: &str, b: &str) -> bool {
    a == b || (super::standin::is_guid_shaped(a) && a.eq_ignore_ascii_case(b))
}

/// A GUID inside a longer word of letters and digits is not that GUID.
fn stands_alone(stand_in: &str, before: Option<char>, after: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-');
    stand_in.starts_with('<') || !(joins(before) || joins(after.chars().next()))
}

fn is_plain_word(value: &str) -> bool {
    !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._/:@%+=,~-".contains(c))
}
