//! `unclosed-zone`: see [`UnclosedZone`].

use super::problems;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;

/// A zone without `zone-end`.
pub(super) struct UnclosedZone;

impl Rule for UnclosedZone {
    fn id(&self) -> &'static str {
        "unclosed-zone"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a zone is not closed, so that what follows is shown for its pivot only"
    }

    fn explanation(&self) -> &'static str {
        "All that follows, up to the end of the file, is in the zone.\n\n\
         Instead of\n\n\
         ```markdown\n::: zone pivot=\"azure-cli\"\n\nText.\n```\n\n\
         write\n\n\
         ```markdown\n::: zone pivot=\"azure-cli\"\n\nText.\n\n::: zone-end\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for problem in problems(context, |kind| *kind == ProblemKind::UnclosedZone) {
            findings
                .report(problem.span.clone(), "this zone is not closed")
                .help("put a line `::: zone-end` where it ends");
        }
    }
}
