//! What is wrong with the Markdown itself, so that a reader sees another article than its author meant.

mod closing_fence_on_command_line;
mod fence_indentation;
mod fence_shown_as_text;
mod include_loop;
mod missing_include;
mod unclosed_comment;
mod unclosed_fence;
mod unclosed_tab_group;
mod unclosed_zone;
mod unmatched_zone_end;

use crate::lint::{Context, Rule};
use crate::markdown::{Problem, ProblemKind};

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &closing_fence_on_command_line::ClosingFenceOnCommandLine,
    &fence_indentation::FenceIndentation,
    &fence_shown_as_text::FenceShownAsText,
    &include_loop::IncludeLoop,
    &missing_include::MissingInclude,
    &unclosed_comment::UnclosedComment,
    &unclosed_fence::UnclosedFence,
    &unclosed_tab_group::UnclosedTabGroup,
    &unclosed_zone::UnclosedZone,
    &unmatched_zone_end::UnmatchedZoneEnd,
];

/// The article's problems of one kind.
fn problems<'a>(
    context: &'a Context<'_>,
    is: impl Fn(&ProblemKind) -> bool + 'a,
) -> impl Iterator<Item = &'a Problem> {
    let problems = context.article.problems.iter();
    problems.filter(move |problem| is(&problem.kind))
}
