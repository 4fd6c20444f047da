//! `unclosed-tab-group`: see [`UnclosedTabGroup`].

use super::problems;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;

/// A tab group without `---`, so that what follows is in its last tab.
pub(super) struct UnclosedTabGroup;

impl Rule for UnclosedTabGroup {
    fn id(&self) -> &'static str {
        "unclosed-tab-group"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a tab group is not closed, so that what follows is in its last tab"
    }

    fn explanation(&self) -> &'static str {
        "A group of tabs goes on until a line `---`. Without it, the next group's tabs join it, and all text \
         after it is shown in the last tab only.\n\n\
         Instead of\n\n\
         ```markdown\n# [Bash](#tab/bash)\n\nText.\n\n# [PowerShell](#tab/powershell)\n\nText.\n\n## Next steps\n```\n\n\
         write\n\n\
         ```markdown\n# [Bash](#tab/bash)\n\nText.\n\n# [PowerShell](#tab/powershell)\n\nText.\n\n---\n\n## Next steps\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for problem in problems(context, |kind| *kind == ProblemKind::UnclosedTabGroup) {
            findings
                .report(
                    problem.span.clone(),
                    "this tab is the last of its group, which is not closed",
                )
                .help("put a line `---` where the tab ends");
        }
    }
}
