//! Finding many values in one pass over a text: [`Finder`].

use super::forms::is_line_end;
use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many bytes at a form's end are looked for; the others are compared when those are found. The ends of
/// tokens differ, their beginnings do not; and an automaton of whole tokens would be large. As many at a
/// longer form's beginning say that it may be coming.
const LOOKED_FOR: usize = 48;

/// What a value can look like; each form in its own vector.
pub(super) type Forms = Arc<Vec<Vec<u8>>>;

/// Finds all forms of all values, in any case. It takes time linear in the text, and for a value longer
/// than what is looked for, which repeats itself in a text that does so too, its length for each time.
#[derive(Debug)]
pub(super) struct Finder {
    automaton: Option<NFA>,
    /// What the automaton finds, in its order.
    patterns: Vec<Pattern>,
    forms: Vec<Forms>,
    /// The length of the longest form.
    longest: usize,
}

#[derive(Debug, Clone, Copy)]
enum Pattern {
    /// The end of a form: whose it is, and which of its forms.
    End(usize, usize),
    /// The beginning of long forms, of which at most so many bytes are to come.
    Beginning(usize),
}

/// A pass over a text, byte by byte. What it has not let go of may still turn out to be a value.
#[derive(Debug)]
pub(super) struct Pass {
    state: Option<StateID>,
    /// The bytes from the first that may belong to a value on.
    held: Vec<u8>,
    /// Where in `held` each byte stands that counts: no line end.
    counted: Vec<usize>,
    /// The values in `held`, apart from each other, in order.
    spans: Vec<Span>,
    /// While this is above zero a long form that has begun may go on.
    coming: usize,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    value: usize,
}

impl Finder {
    /// What finds the forms of these values.
    pub(super) fn new(forms: Vec<Forms>) -> Finder {
        let (mut looked_for, mut patterns, mut longest) = (Vec::new(), Vec::new(), 0);
        let mut beginnings: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for (value, of_value) in forms.iter().enumerate() {
            for (at, form) in of_value.iter().enumerate() {
                longest = longest.max(form.len());
                let rest = form.len().saturating_sub(LOOKED_FOR);
                looked_for.push(form.get(rest..).unwrap_or_default().to_ascii_lowercase());
                patterns.push(Pattern::End(value, at));
                if rest > 0 {
                    let beginning = form.get(..LOOKED_FOR).unwrap_or_default();
                    let known = beginnings
                        .entry(beginning.to_ascii_lowercase())
                        .or_default();
                    *known = rest.max(*known);
                }
            }
        }
        for (beginning, rest) in beginnings {
            looked_for.push(beginning);
            patterns.push(Pattern::Beginning(rest));
        }
        let automaton = NFA::builder()
            .ascii_case_insensitive(true)
            .build(looked_for)
            .ok()
            .filter(|_| !patterns.is_empty());
        Finder {
            automaton,
            patterns,
            forms,
            longest,
        }
    }

    fn start(&self) -> Option<StateID> {
        self.automaton.as_ref()?.start_state(Anchored::No).ok()
    }

    pub(super) fn pass(&self) -> Pass {
        Pass {
            state: self.start(),
            held: Vec::new(),
            counted: Vec::new(),
            spans: Vec::new(),
            coming: 0,
        }
    }
}

impl Pass {
    /// Takes more of the text, and gives what is known to be free of values, or replaced.
    pub(super) fn push(
        &mut self,
        finder: &Finder,
        chunk: &[u8],
        masks: &[String],
        out: &mut Vec<u8>,
    ) {
        let (Some(automaton), Some(start)) = (&finder.automaton, finder.start()) else {
            out.extend_from_slice(chunk);
            return;
        };
        let longest = finder.longest;
        for byte in chunk {
            self.held.push(*byte);
            if is_line_end(*byte) {
                continue;
            }
            let state = automaton.next_state(Anchored::No, self.state.unwrap_or(start), *byte);
            self.state = Some(state);
            self.counted.push(self.held.len() - 1);
            self.coming = self.coming.saturating_sub(1);
            if automaton.is_match(state) {
                for index in 0..automaton.match_len(state) {
                    let pattern = automaton.match_pattern(state, index).as_usize();
                    match finder.patterns.get(pattern) {
                        Some(Pattern::Beginning(rest)) => self.coming = self.coming.max(*rest),
                        Some(Pattern::End(value, at)) => {
                            let form = finder.forms.get(*value).and_then(|forms| forms.get(*at));
                            if let Some(form) = form.filter(|form| self.ends_with(form)) {
                                self.found(form.len(), *value);
                            }
                        }
                        None => {}
                    }
                }
            }
            if state == start && self.coming == 0 {
                self.let_go(self.held.len(), masks, out);
            } else if self.counted.len() > longest.saturating_mul(2) {
                // No value that is still to end begins before this.
                let from = self.counted.get(self.counted.len() - longest).copied();
                let spans = self.spans.iter().rev();
                let covering = spans
                    .take_while(|span| from.is_some_and(|from| span.end > from))
                    .last();
                let from = match (from, covering) {
                    (Some(from), Some(span)) => from.min(span.start),
                    (from, _) => from.unwrap_or(0),
                };
                self.let_go(from, masks, out);
            }
        }
    }

    /// Whether what counts ends with this, in any case.
    fn ends_with(&self, form: &[u8]) -> bool {
        let Some(first) = self.counted.len().checked_sub(form.len()) else {
            return false;
        };
        let counted = self.counted.get(first..).unwrap_or_default();
        let byte = |at: &usize| self.held.get(*at).map(u8::to_ascii_lowercase);
        // From the end on, where they differ sooner.
        counted
            .iter()
            .zip(form)
            .rev()
            .all(|(at, wanted)| byte(at) == Some(wanted.to_ascii_lowercase()))
    }

    /// Gives all that is left.
    pub(super) fn finish(&mut self, masks: &[String], out: &mut Vec<u8>) {
        self.let_go(self.held.len(), masks, out);
    }

    /// A value ends here, and began so many bytes ago.
    fn found(&mut self, length: usize, value: usize) {
        let Some(first) = self.counted.len().checked_sub(length) else {
            return;
        };
        let mut span = Span {
            start: self.counted.get(first).copied().unwrap_or(0),
            end: self.held.len(),
            value,
        };
        while let Some(before) = self.spans.last().filter(|before| before.end > span.start) {
            // The first value told is a secret where one of them is.
            span.start = span.start.min(before.start);
            span.value = span.value.min(before.value);
            self.spans.pop();
        }
        self.spans.push(span);
    }

    /// Writes what stands before `end`.
    fn let_go(&mut self, end: usize, masks: &[String], out: &mut Vec<u8>) {
        if end == 0 {
            return;
        }
        let mut done = 0;
        let over = self.spans.iter().take_while(|span| span.end <= end).count();
        for span in self.spans.drain(..over) {
            out.extend_from_slice(self.held.get(done..span.start).unwrap_or_default());
            out.extend_from_slice(masks.get(span.value).map_or("***", |mask| mask).as_bytes());
            done = span.end;
        }
        out.extend_from_slice(self.held.get(done..end).unwrap_or_default());
        self.held.drain(..end);
        for span in &mut self.spans {
            span.start -= end;
            span.end -= end;
        }
        let gone = self.counted.partition_point(|at| *at < end);
        self.counted.drain(..gone);
        for at in &mut self.counted {
            *at -= end;
        }
    }
}
