//! How the text of a command is broken, seen without knowing the command.

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
