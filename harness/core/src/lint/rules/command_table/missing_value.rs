//! `missing-value`: see [`MissingValue`].

use super::common;
use crate::command_table::{Arity, Problem};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// An option without the value that it needs.
pub(super) struct MissingValue;

impl Rule for MissingValue {
    fn id(&self) -> &'static str {
        "missing-value"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an option is given without its value"
    }

    fn explanation(&self) -> &'static str {
        "`az` stops with `expected one argument` or `expected at least one argument`. A value that \
         begins with `-` must be joined to its option: `--name=-x`.\n\n\
         Instead of\n\n\
         ```azurecli\naz group create --name --location eastus\n```\n\n\
         write\n\n\
         ```azurecli\naz group create --name my-group --location eastus\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, _, block) in common::commands(context) {
            for problem in &call.parsed.problems {
                let Problem::MissingValue { word, argument } = problem else {
                    continue;
                };
                let next = call.word(word + 1);
                // The value may be in a word that is read as something else.
                if next.is_some_and(|next| !common::told(next) || common::is_open(next)) {
                    continue;
                }
                if next.is_none() && !call.cut_off.is_empty() {
                    continue;
                }
                let Some(word) = common::word(call, *word) else {
                    continue;
                };
                let option = common::option(&word.given);
                let wanted = match argument.arity() {
                    Arity::Exactly(count) if count > 1 => format!("{count} values"),
                    Arity::Some => "at least one value".to_owned(),
                    _ => "a value".to_owned(),
                };
                findings
                    .report(
                        block.span(word.range.clone()),
                        format!("`{option}` needs {wanted}"),
                    )
                    .help(format!(
                        "write it behind `{option}`, or take the option away"
                    ));
            }
        }
    }
}
