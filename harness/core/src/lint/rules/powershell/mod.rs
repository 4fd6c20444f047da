//! Cmdlets and PowerShell's own grammar.

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[];
