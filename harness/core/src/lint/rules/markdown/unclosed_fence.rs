//! `unclosed-fence`: see [`UnclosedFence`].

use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;

/// A fence that is never closed.
pub(super) struct UnclosedFence;

impl Rule for UnclosedFence {
    fn id(&self) -> &'static str {
        "unclosed-fence"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a fence is never closed"
    }

    fn explanation(&self) -> &'static str {
        "All that follows, up to the next fence or the end of the article, is shown as code: headings and \
         text are lost, and the fences after it are the wrong way round.\n\n\
         Instead of\n\n\
         \x20   ```azurecli\n    az login\n\n    The output is:\n\n\
         write\n\n\
         ````markdown\n```azurecli\naz login\n```\n\nThe output is:\n````"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for problem in &context.article.problems {
            let ProblemKind::UnclosedFence { swallows } = problem.kind else {
                continue;
            };
            let (severity, message) = if swallows {
                (
                    Severity::Error,
                    "this fence is not closed, and takes in what follows it",
                )
            } else {
                (Severity::Warning, "this fence is not closed")
            };
            findings
                .report(problem.span.clone(), message)
                .severity(severity)
                .help("put a line with the closing fence behind the last line of code");
        }
    }
}
