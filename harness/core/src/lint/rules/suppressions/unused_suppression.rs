//! `unused-suppression`: see [`UnusedSuppression`].

use crate::diagnostic::Severity;
use crate::lint::suppression::Suppression;
use crate::lint::{Context, Findings, Rule};

/// A suppression that keeps nothing from being reported. What it would suppress is known only
/// after all other rules were asked: [`UnusedSuppression::tell`] is called then.
pub(crate) struct UnusedSuppression;

impl UnusedSuppression {
    /// Reports one.
    pub(crate) fn tell(suppression: &Suppression, findings: &mut Findings) {
        findings.of(&UnusedSuppression);
        findings
            .report(
                suppression.span.clone(),
                format!("`{}` has nothing to suppress here", suppression.rule),
            )
            .help("take it out, or move it right above the fence that it is about");
    }
}

impl Rule for UnusedSuppression {
    fn id(&self) -> &'static str {
        "unused-suppression"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a suppression has nothing to suppress"
    }

    fn explanation(&self) -> &'static str {
        "What was suppressed is mended, or the suppression stands where it does not hold. One \
         before the first heading and the first fence is about the whole file. Any other is about \
         what follows it, up to the end of the next fence or to the next heading.\n\n\
         Instead of\n\n\
         ```markdown\n<!-- docproof: allow leaked-id these ids are made up -->\n\n## Sign in\n\n## Show the ids\n```\n\n\
         write the comment right above the fence that it is about\n\n\
         ```markdown\n## Show the ids\n\n<!-- docproof: allow leaked-id these ids are made up -->\n```\n\n\
         An entry of `docproof.toml` that has nothing to suppress is reported by this rule as well, \
         when the whole folder that the file is about is checked."
    }

    fn check(&self, _: &Context<'_>, _: &mut Findings) {}
}
