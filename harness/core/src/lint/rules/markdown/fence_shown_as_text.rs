//! `fence-shown-as-text`: see [`FenceShownAsText`].

use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;

/// A block that is indented so far that its fences are text.
pub(super) struct FenceShownAsText;

impl Rule for FenceShownAsText {
    fn id(&self) -> &'static str {
        "fence-shown-as-text"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a block is indented so far that its fences are shown as text"
    }

    fn explanation(&self) -> &'static str {
        "Outside of a list, four columns of white space make indented code: its reader sees the fences, \
         and no button to copy. It happens to blocks that were part of a list once, or whose list ended \
         earlier than its author thought. What is in such a block is not checked.\n\n\
         Instead of\n\n\
         ````markdown\nSign in:\n\n    ```azurecli\n    az login\n    ```\n````\n\n\
         write\n\n\
         ````markdown\nSign in:\n\n```azurecli\naz login\n```\n````"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let problems = context.article.problems.iter();
        for problem in problems.filter(|problem| problem.kind == ProblemKind::BlockTooDeep) {
            findings
                .report(
                    problem.span.clone(),
                    "this block is indented too far to be one: its reader sees the fences as text",
                )
                .help("indent it by three columns at most, or as far as the text of its list item");
        }
    }
}
