//! `unclosed-comment`: see [`UnclosedComment`].

use super::problems;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;

/// A comment without its end.
pub(super) struct UnclosedComment;

impl Rule for UnclosedComment {
    fn id(&self) -> &'static str {
        "unclosed-comment"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a comment is never closed"
    }

    fn explanation(&self) -> &'static str {
        "Nothing after it is shown.\n\n\
         Instead of\n\n\
         ```markdown\n<!-- Links\n[a]: b.md\n```\n\n\
         write\n\n\
         ```markdown\n<!-- Links -->\n[a]: b.md\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for problem in problems(context, |kind| *kind == ProblemKind::UnclosedComment) {
            findings
                .report(
                    problem.span.clone(),
                    "this comment is not closed, and nothing after it is shown",
                )
                .help("write `-->` where it ends");
        }
    }
}
