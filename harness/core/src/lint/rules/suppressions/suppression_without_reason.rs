//! `suppression-without-reason`: see [`SuppressionWithoutReason`].

use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// A suppression that does not say why.
pub(super) struct SuppressionWithoutReason;

impl Rule for SuppressionWithoutReason {
    fn id(&self) -> &'static str {
        "suppression-without-reason"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a suppression gives no reason, so nothing is suppressed"
    }

    fn explanation(&self) -> &'static str {
        "Whoever reads the article next has to know why something that looks wrong is right here. \
         Without a reason a suppression is not in force.\n\n\
         Instead of\n\n\
         ```markdown\n<!-- docproof: allow leaked-id -->\n```\n\n\
         write\n\n\
         ```markdown\n<!-- docproof: allow leaked-id this tenant is Microsoft's public sample -->\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let mut told = None;
        for suppression in &context.suppressions.found {
            if suppression.reason.is_empty() && told != Some(&suppression.span) {
                told = Some(&suppression.span);
                findings
                    .report(
                        suppression.span.clone(),
                        "this suppression gives no reason, so nothing is suppressed",
                    )
                    .help(format!(
                        "write `<!-- docproof: allow {} WHY -->`",
                        suppression.rule
                    ));
            }
        }
    }
}
