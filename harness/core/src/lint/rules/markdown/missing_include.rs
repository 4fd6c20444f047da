//! `missing-include`: see [`MissingInclude`].

use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::IncludeKind;
use std::collections::HashSet;

/// A file that an article takes text from, and that is not there.
pub(super) struct MissingInclude;

impl Rule for MissingInclude {
    fn id(&self) -> &'static str {
        "missing-include"
    }

    fn severity(&self) -> Severity {
        Severity::Note
    }

    fn summary(&self) -> &'static str {
        "a file that the article takes text from is not there"
    }

    fn explanation(&self) -> &'static str {
        "What it holds is not checked, and what it may set is not called undefined. Check the article in \
         its own repository, where the include is.\n\n\
         ```markdown\n[!INCLUDE [Prerequisites](../includes/prerequisites.md)]\n\n\
         :::code language=\"azurecli\" source=\"~/samples/create.sh\":::\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let mut told = HashSet::new();
        for missing in &context.article.missing_includes {
            if !told.insert(&missing.path) {
                continue;
            }
            let (message, help) = match missing.kind {
                IncludeKind::Markdown => (
                    format!("there is no such include: {}", missing.path),
                    "check the article together with its includes",
                ),
                IncludeKind::Code => (
                    format!("there is no such code: {}", missing.path),
                    "what stands in another repository, or under a name that is not in the file, is not checked",
                ),
            };
            findings.report(missing.span.clone(), message).help(help);
        }
    }
}
