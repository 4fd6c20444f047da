//! `unmatched-zone-end`: see [`UnmatchedZoneEnd`].

use super::problems;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;

/// A `zone-end` without its zone.
pub(super) struct UnmatchedZoneEnd;

impl Rule for UnmatchedZoneEnd {
    fn id(&self) -> &'static str {
        "unmatched-zone-end"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "there is no zone for a `zone-end` to close"
    }

    fn explanation(&self) -> &'static str {
        "Either the zone was taken out and its end forgotten, or it was opened in another file: an include \
         cannot close a zone of the article.\n\n\
         Instead of\n\n\
         ```markdown\nText.\n\n::: zone-end\n```\n\n\
         write\n\n\
         ```markdown\n::: zone pivot=\"azure-cli\"\n\nText.\n\n::: zone-end\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for problem in problems(context, |kind| *kind == ProblemKind::UnmatchedZoneEnd) {
            findings
                .report(
                    problem.span.clone(),
                    "there is no zone for this `zone-end` to close",
                )
                .help("take it out, or open the zone above it");
        }
    }
}
