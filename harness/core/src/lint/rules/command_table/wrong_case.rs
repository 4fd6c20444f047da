//! `wrong-case`: see [`WrongCase`].

use super::common;
use crate::command_table::Problem;
use crate::diagnostic::{Edit, Fix, Severity};
use crate::lint::facts::calls::Meant;
use crate::lint::{Context, Findings, Rule};

/// An option with capital letters.
pub(super) struct WrongCase;

impl Rule for WrongCase {
    fn id(&self) -> &'static str {
        "wrong-case"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an option has capital letters where azure-cli has small ones, or the other way round"
    }

    fn explanation(&self) -> &'static str {
        "`az` takes the words of a command in any case, but options only as they are: `--Name` is \
         an `unrecognized argument`.\n\n\
         Instead of\n\n\
         ```azurecli\naz group create --Name my-group --location eastus\n```\n\n\
         write\n\n\
         ```azurecli\naz group create --name my-group --location eastus\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, command, block) in common::commands(context) {
            for problem in &call.parsed.problems {
                let Problem::UnknownOption { word } = problem else {
                    continue;
                };
                let (at, Some(word)) = (*word, common::word(call, *word)) else {
                    continue;
                };
                let option = common::option(&word.given);
                let Meant::Case(name) = call.meant_by(at) else {
                    continue;
                };
                let start = word.range.start;
                let span = block.span(start..(start + option.len()).min(word.range.end));
                let path = command.path();
                let report = findings
                    .report(
                        span.clone(),
                        format!("`az {path}` has no option `{option}`, but it has `{name}`"),
                    )
                    .help(format!("write `{name}`"));
                if block.text.get(start..start + option.len()) == Some(option) {
                    report.fix(Fix {
                        title: format!("write `{name}`"),
                        edits: vec![Edit {
                            span,
                            replacement: name.to_owned(),
                        }],
                    });
                }
            }
        }
    }
}
