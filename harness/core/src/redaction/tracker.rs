//! The values that a run must not show: [`Tracker`].

use super::find::{Finder, Forms};
use super::forms::{LEAST, forms, is_line_end};
use super::kind::{Kind, Tracked};
use super::stream::Stream;
use crate::report::mask_secrets;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// What a run must not show, and what it shows instead.
///
/// A tracker learns as the run goes on: a text that was written before a value was told cannot be
/// taken back, so tell it a value before what the value came with is shown.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    show_ids: bool,
    /// What the article publishes.
    public: String,
    /// The values by what they are, in the order in which they were told: secrets first, so that one
    /// which overlaps an id is hidden as a secret.
    values: BTreeMap<Kind, Vec<Known>>,
    found: OnceLock<Arc<Search>>,
}

/// A value, and what it can look like.
#[derive(Debug, Clone)]
struct Known {
    value: String,
    forms: Forms,
}

/// What is looked for, and what is put in its place.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) finder: Finder,
    pub(super) masks: Vec<String>,
}

impl Tracker {
    /// A tracker that has been told nothing. With `show_ids` it leaves ids alone.
    pub fn new(show_ids: bool) -> Tracker {
        Tracker {
            show_ids,
            ..Tracker::default()
        }
    }

    /// Says that everybody may read this text: the article, the scenario. No value that stands in it
    /// is replaced.
    pub fn publish(&mut self, text: &str) {
        self.public.push_str(text);
        self.public.push('\0');
        let public = &self.public;
        for values in self.values.values_mut() {
            values.retain(|known| !public.contains(known.value.as_str()));
        }
        self.found.take();
    }

    /// Replaces this value from now on.
    pub fn track(&mut self, kind: Kind, value: &str) -> Tracked {
        let value = value.trim();
        if value.bytes().filter(|byte| !is_line_end(*byte)).count() < LEAST {
            return Tracked::TooShort;
        }
        if kind.is_id() && self.show_ids {
            return Tracked::Already;
        }
        if self.public.contains(value) {
            return Tracked::Public;
        }
        let known = self.values.values().flatten();
        if known
            .into_iter()
            .any(|known| known.value.eq_ignore_ascii_case(value))
        {
            return Tracked::Already;
        }
        let mut all: Vec<Vec<u8>> = forms(value).into_iter().collect();
        all.extend(without_hyphens(kind, value));
        self.values.entry(kind).or_default().push(Known {
            value: value.to_owned(),
            forms: Arc::new(all),
        });
        self.found.take();
        Tracked::Yes
    }

    /// How many values it replaces.
    pub fn len(&self) -> usize {
        self.values.values().map(Vec::len).sum()
    }

    /// Whether it replaces none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text without what it must not show: neither tracked values nor what looks like a secret.
    pub fn redact(&self, text: &str) -> String {
        let search = self.search();
        let mut redacted = Vec::with_capacity(text.len());
        let mut pass = search.finder.pass();
        pass.push(
            &search.finder,
            text.as_bytes(),
            &search.masks,
            &mut redacted,
        );
        pass.finish(&search.masks, &mut redacted);
        mask_secrets(&String::from_utf8_lossy(&redacted))
    }

    /// What does the same with a stream, whose values reach over the ends of its chunks. It knows
    /// what has been told so far.
    pub fn stream(&self) -> Stream {
        Stream::new(self.search())
    }

    fn search(&self) -> Arc<Search> {
        let build = || {
            let (mut masks, mut all) = (Vec::new(), Vec::new());
            for (kind, values) in &self.values {
                for (number, known) in values.iter().enumerate() {
                    all.push(Arc::clone(&known.forms));
                    masks.push(kind.mask(number + 1));
                }
            }
            Arc::new(Search {
                finder: Finder::new(all),
                masks,
            })
        };
        Arc::clone(self.found.get_or_init(build))
    }
}

/// An id as 32 digits.
fn without_hyphens(kind: Kind, value: &str) -> Option<Vec<u8>> {
    let digits: String = value.chars().filter(|c| *c != '-').collect();
    let is_id = kind.is_id() && digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then(|| digits.into_bytes())
}
