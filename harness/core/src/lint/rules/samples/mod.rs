//! What the article says that a command prints.

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
