//! `fence-indentation`: see [`FenceIndentation`].

use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;

/// A fence, or the code in it, that is indented so that the block is not what was meant.
pub(super) struct FenceIndentation;

impl Rule for FenceIndentation {
    fn id(&self) -> &'static str {
        "fence-indentation"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a fence or its code is indented so that the block begins or ends elsewhere"
    }

    fn explanation(&self) -> &'static str {
        "In a list, code belongs to its item as long as it stands as far right as the item's text. A line \
         further left ends the list and with it the block; a fence four or more columns further right is \
         no fence at all.\n\n\
         Instead of\n\n\
         ````markdown\n1. Sign in.\n\n    ```azurecli\naz login\n    ```\n````\n\n\
         write\n\n\
         ````markdown\n1. Sign in.\n\n    ```azurecli\n    az login\n    ```\n````"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for problem in &context.article.problems {
            let (message, help) = match problem.kind {
                ProblemKind::FenceTooDeep => (
                    "this fence is indented too far to be one",
                    "indent it as the other fence of the block",
                ),
                ProblemKind::CodeOutsideList => (
                    "the block ends here, for this line stands further left than its list",
                    "indent the code as far as its fence",
                ),
                _ => continue,
            };
            findings.report(problem.span.clone(), message).help(help);
        }
    }
}
