//! Reads bash by hand: [`parse`].
//!
//! The text is read once from left to right. [`list`] reads commands and the keywords between
//! them, [`simple`] a command, [`word`] a word, [`expansion`] what `$` begins. A construct that
//! has an end further on (`"…"`, `$(…)`, `${…}`) is first looked through by [`skim`], which finds
//! that end without reading it; reading inside is then limited to it. So a missing quote or
//! parenthesis spoils one line, not the rest: [`quote`] decides where a text that nobody closed
//! ends.
//!
//! Compound commands need no recursion: [`list`] keeps a stack of what is open. Only substitutions
//! recurse, to [`MAX_DEPTH`]; what is deeper is passed over.

mod assignment;
mod builtin;
mod compound;
mod cursor;
mod expansion;
mod frame;
mod glob;
mod head;
mod here;
mod known;
mod lines;
mod list;
mod quote;
mod redirect;
mod simple;
mod skim;
mod slip;
mod word;

use super::script::{Dialect, Place, Region, RegionKind, Script, SyntaxProblem, SyntaxProblemKind};
use lines::Lines;
use std::ops::Range;

/// How deep substitutions, operators and expressions are read.
const MAX_DEPTH: u32 = 48;

/// Reads `text` as bash. Never fails; takes time linear in the length of `text`.
pub(super) fn parse(text: &str) -> Script {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        pos: 0,
        limit: text.len(),
        depth: 0,
        budget: (1 << 16) + 4 * text.len(),
        place: Place::default(),
        lines: Lines::default(),
        regions: Vec::new(),
        continuations: Vec::new(),
        problems: Vec::new(),
    };
    let commands = parser.list();
    let Parser {
        mut regions,
        mut continuations,
        mut problems,
        ..
    } = parser;
    // Here-documents and substitutions are read out of order.
    regions.sort_by_key(|r| (r.range.start, usize::MAX - r.range.end));
    continuations.sort_by_key(|r| r.start);
    continuations.dedup();
    problems.sort_by_key(|p| (p.range.start, p.range.end));
    problems.dedup();
    Script {
        dialect: Dialect::Bash,
        commands,
        regions,
        continuations,
        problems,
    }
}

/// Where reading stands.
struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    /// Nothing from here on is read: the end of the text or of the construct being read.
    limit: usize,
    depth: u32,
    /// How many more bytes may be looked through in advance. Looking far ahead again and again for
    /// an end that never comes would take quadratic time.
    budget: usize,
    /// What the commands being read share: only `conditional` and `in_function` are used.
    place: Place,
    /// For the ends of here-documents, filled when the first one comes.
    lines: Lines<'t>,
    regions: Vec<Region>,
    continuations: Vec<Range<usize>>,
    problems: Vec<SyntaxProblem>,
}

impl Parser<'_> {
    fn problem(&mut self, range: Range<usize>, kind: SyntaxProblemKind) {
        self.problems.push(SyntaxProblem { range, kind });
    }

    fn region(&mut self, range: Range<usize>, kind: RegionKind) {
        self.regions.push(Region { range, kind });
    }

    /// Runs `read` on `range` alone and goes on behind `after`. What is nested too deeply is not
    /// read.
    fn within<T: Default>(
        &mut self,
        range: Range<usize>,
        after: usize,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let limit = std::mem::replace(&mut self.limit, range.end);
        self.pos = range.start;
        self.depth += 1;
        let result = if self.depth <= MAX_DEPTH {
            read(self)
        } else {
            T::default()
        };
        self.depth -= 1;
        self.limit = limit;
        self.pos = after;
        result
    }
}
