//! Columns of a line that many findings can stand on: [`Columns`].

use crate::markdown::Prose;
use crate::markdown::lines::LineIndex;
use crate::source::{Position, Span};
use std::cell::OnceCell;
use std::ops::Range;

/// The columns of a text, which is a line. A line can be as long as the article: counting its
/// characters for each finding would take quadratic time.
pub(crate) struct Columns<'t> {
    text: &'t str,
    index: OnceCell<LineIndex<'t>>,
}

impl<'t> Columns<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            index: OnceCell::new(),
        }
    }

    /// How many characters come before a byte.
    pub(crate) fn before(&self, offset: usize) -> u32 {
        let index = self.index.get_or_init(|| LineIndex::new(self.text));
        u32::try_from(index.characters_before(offset)).unwrap_or(u32::MAX)
    }
}

/// A line of prose and its columns.
pub(crate) struct ProseLine<'t> {
    prose: &'t Prose,
    columns: Columns<'t>,
}

impl<'t> ProseLine<'t> {
    pub(crate) fn new(prose: &'t Prose) -> Self {
        Self {
            prose,
            columns: Columns::new(&prose.text),
        }
    }

    /// The span of some bytes of the line.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        let (start, end) = (
            self.columns.before(range.start),
            self.columns.before(range.end),
        );
        let position = Position {
            column: self.prose.position.column + start,
            ..self.prose.position.clone()
        };
        Span::at(&position, end.saturating_sub(start))
    }
}
