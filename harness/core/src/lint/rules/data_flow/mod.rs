//! What a reader has set, made and captured by the time a step uses it.

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
