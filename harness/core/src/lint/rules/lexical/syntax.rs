//! Problems that the shell's own reader found: [`problems`].

use super::code::Code;
use crate::shell::SyntaxProblem;

/// The problems of a block. Those in what may be the output of a command are left out: no shell
/// reads it.
pub(super) fn problems<'c>(code: &'c Code<'_>) -> impl Iterator<Item = &'c SyntaxProblem> {
    let all = code.script.problems.iter();
    all.filter(|problem| code.is_typed(problem.range.start))
}
