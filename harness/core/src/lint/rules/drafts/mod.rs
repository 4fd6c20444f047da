//! What a draft leaves behind.

mod draft_left_over;
mod open_question;

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &draft_left_over::DraftLeftOver,
    &open_question::OpenQuestion,
];

/// The span of some bytes of a line of prose.
fn span(prose: &crate::markdown::Prose, range: std::ops::Range<usize>) -> crate::source::Span {
    let columns =
        |text: Option<&str>| u32::try_from(text.unwrap_or("").chars().count()).unwrap_or(u32::MAX);
    let start = crate::source::Position {
        column: prose.position.column + columns(prose.text.get(..range.start)),
        ..prose.position.clone()
    };
    crate::source::Span::at(&start, columns(prose.text.get(range)))
}
