//! Finding many values in one pass over a text: [`Finder`].

use super::forms::is_line_end;
use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;

/// Finds all forms of all values.
#[derive(Debug)]
pub(super) struct Finder {
    automaton: Option<NFA>,
    /// The value that each form belongs to.
    values: Vec<usize>,
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
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    value: usize,
}

impl Finder {
    /// What finds these forms, each with the value it belongs to.
    pub(super) fn new(forms: &[(Vec<u8>, usize)]) -> Finder {
        let automaton = NFA::builder()
            .ascii_case_insensitive(true)
            .build(forms.iter().map(|(form, _)| form))
            .ok()
            .filter(|_| !forms.is_empty());
        Finder {
            automaton,
            values: forms.iter().map(|(_, value)| *value).collect(),
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
        let longest = automaton.max_pattern_len();
        for byte in chunk {
            self.held.push(*byte);
            if is_line_end(*byte) {
                continue;
            }
            let state = automaton.next_state(Anchored::No, self.state.unwrap_or(start), *byte);
            self.state = Some(state);
            self.counted.push(self.held.len() - 1);
            if automaton.is_match(state) {
                for index in 0..automaton.match_len(state) {
                    let pattern = automaton.match_pattern(state, index);
                    self.found(
                        automaton.pattern_len(pattern),
                        finder.values.get(pattern.as_usize()).copied().unwrap_or(0),
                    );
                }
            }
            if state == start {
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
