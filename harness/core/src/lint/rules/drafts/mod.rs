//! What a draft leaves behind.

mod draft_left_over;
mod open_question;

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &draft_left_over::DraftLeftOver,
    &open_question::OpenQuestion,
];
