//! `ambiguous-option`: see [`AmbiguousOption`].

use super::common;
use crate::command_table::Problem;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// An abbreviation of several options.
pub(super) struct AmbiguousOption;

impl Rule for AmbiguousOption {
    fn id(&self) -> &'static str {
        "ambiguous-option"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an option is an abbreviation of several"
    }

    fn explanation(&self) -> &'static str {
        "`az` accepts the beginning of an option as long as no other option begins so; a later \
         version may add one. Here several do, and it stops with `ambiguous option`.\n\n\
         Instead of\n\n\
         ```azurecli\naz group list --o table\n```\n\n\
         write\n\n\
         ```azurecli\naz group list --output table\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, _, block) in common::commands(context) {
            for problem in &call.parsed.problems {
                let Problem::Ambiguous { word, matches } = problem else {
                    continue;
                };
                let Some(word) = common::word(call, *word) else {
                    continue;
                };
                let option = common::option(&word.given);
                findings
                    .report(
                        block.span(word.range.clone()),
                        format!("`{option}` may mean several options"),
                    )
                    .help(format!(
                        "write {}",
                        common::list(matches.iter().copied(), "or")
                    ));
            }
        }
    }
}
