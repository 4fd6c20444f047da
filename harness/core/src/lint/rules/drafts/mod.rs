//! What a draft leaves behind.

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
