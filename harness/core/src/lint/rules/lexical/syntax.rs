//! Problems that the shell's own reader found: [`problems`].

use super::code::Code;
use crate::shell::{SyntaxProblem, SyntaxProblemKind};

/// The problems of a block. Those in what may be the output of a command are left out: no shell
/// reads it. Of `NAME = (az …)`, which is wrong in three ways, one is told.
pub(super) fn problems<'c>(code: &'c Code<'_>) -> impl Iterator<Item = &'c SyntaxProblem> {
    let all = &code.script.problems;
    let starts = |wanted: fn(&SyntaxProblemKind) -> bool| {
        let found = all.iter().filter(|problem| wanted(&problem.kind));
        let mut starts: Vec<usize> = found.map(|problem| problem.range.start).collect();
        starts.sort_unstable();
        starts
    };
    let commands = starts(|kind| matches!(kind, SyntaxProblemKind::CommandAsValue(_)));
    let slips = starts(|kind| {
        use SyntaxProblemKind::{CommandAsValue, SpaceAroundAssignment};
        matches!(kind, CommandAsValue(_) | SpaceAroundAssignment(_))
    });
    let told = all.iter().filter(move |problem| {
        let others = match problem.kind {
            SyntaxProblemKind::Unexpected(_) => &slips,
            SyntaxProblemKind::SpaceAroundAssignment(_) => &commands,
            _ => return true,
        };
        !on_line_of(code, others, problem.range.start)
    });
    told.filter(|problem| code.is_typed(problem.range.start))
}

/// Whether one of `starts` is on the line of `offset`, at it or before it.
fn on_line_of(code: &Code<'_>, starts: &[usize], offset: usize) -> bool {
    let before = starts.partition_point(|start| *start <= offset);
    let last = before.checked_sub(1).and_then(|at| starts.get(at));
    last.and_then(|start| code.text.get(*start..offset))
        .is_some_and(|between| !between.contains('\n'))
}
