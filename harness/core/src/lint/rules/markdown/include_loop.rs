//! `include-loop`: see [`IncludeLoop`].

use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;

/// An include that includes itself, or one of more than any article has.
pub(super) struct IncludeLoop;

impl Rule for IncludeLoop {
    fn id(&self) -> &'static str {
        "include-loop"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "an include includes itself"
    }

    fn explanation(&self) -> &'static str {
        "It cannot be read to its end, and is left out.\n\n\
         Instead of\n\n\
         ```markdown\n<!-- includes/sign-in.md -->\n[!INCLUDE [Sign in](sign-in.md)]\n```\n\n\
         take the include out of its own text."
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for problem in &context.article.problems {
            let (message, help) = match &problem.kind {
                ProblemKind::IncludeLoop(file) => (
                    format!("this include includes itself: {file}"),
                    "take one of the includes out",
                ),
                ProblemKind::TooManyIncludes(file) => (
                    format!("this include is one too many, and not read: {file}"),
                    "an article can have 1000 of them, and 32 MB in all",
                ),
                _ => continue,
            };
            findings.report(problem.span.clone(), message).help(help);
        }
    }
}
