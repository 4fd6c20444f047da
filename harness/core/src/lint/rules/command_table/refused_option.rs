//! `refused-option`: see [`RefusedOption`].

use super::common;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// An option that azure-cli's parser takes, and the command refuses beside another.
pub(super) struct RefusedOption;

/// Options that a command refuses together, as its code has it.
struct Refusal {
    command: &'static str,
    /// Beside this option …
    beside: &'static str,
    /// … each of these is refused.
    refused: &'static [&'static str],
    why: &'static str,
    help: &'static str,
}

/// From `profile/custom.py` of azure-cli 2.91.0.
const REFUSALS: &[Refusal] = &[
    Refusal {
        command: "login",
        beside: "--identity",
        refused: &["--username"],
        why: "azure-cli no longer takes the identity's id there",
        help: "write `--client-id`, `--object-id` or `--resource-id`",
    },
    Refusal {
        command: "login",
        beside: "--identity",
        refused: &["--password", "--service-principal", "--tenant"],
        why: "a managed identity signs in without it",
        help: "take it away",
    },
    Refusal {
        command: "login",
        beside: "--use-device-code",
        refused: &[
            "--identity",
            "--password",
            "--service-principal",
            "--username",
        ],
        why: "a device code is for a person who signs in with a browser",
        help: "take one of the two away",
    },
];

impl Rule for RefusedOption {
    fn id(&self) -> &'static str {
        "refused-option"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "azure-cli's parser takes an option, and the command refuses it beside another"
    }

    fn explanation(&self) -> &'static str {
        "Some options exclude each other though help does not say so; the command ends with an error \
         before it does anything.\n\n\
         Instead of\n\n\
         ```azurecli\naz login --identity --username $IDENTITY_ID\n```\n\n\
         write\n\n\
         ```azurecli\naz login --identity --client-id $IDENTITY_ID\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, command, block) in common::commands(context) {
            let path = command.path();
            for refusal in REFUSALS.iter().filter(|refusal| refusal.command == path) {
                if call.given(refusal.beside).is_none() {
                    continue;
                }
                for option in refusal.refused {
                    let word = call
                        .given(option)
                        .and_then(|bound| call.word(bound.option?));
                    let Some(word) = word else {
                        continue;
                    };
                    let message = format!(
                        "`az {path}` refuses `{option}` beside `{}`: {}",
                        refusal.beside, refusal.why
                    );
                    findings
                        .report(block.span(word.range.clone()), message)
                        .help(refusal.help);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::REFUSALS;
    use crate::command_table::Table;

    /// What the parser does not take is another rule's.
    #[test]
    fn the_parser_takes_them() {
        for refusal in REFUSALS {
            let command = Table::built_in().command(refusal.command).unwrap();
            for option in refusal.refused.iter().chain([&refusal.beside]) {
                assert!(command.argument(option).is_some(), "{option}");
            }
        }
    }
}
