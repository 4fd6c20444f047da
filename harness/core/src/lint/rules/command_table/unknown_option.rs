//! `unknown-option`: see [`UnknownOption`].

use super::common;
use super::renamed;
use crate::command_table::{Problem, option_of_extension, overrides, was_option};
use crate::diagnostic::Severity;
use crate::lint::facts::calls::Meant;
use crate::lint::{Context, Findings, Rule};

/// An option that the command does not have.
pub(super) struct UnknownOption;

impl Rule for UnknownOption {
    fn id(&self) -> &'static str {
        "unknown-option"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "the command has no such option"
    }

    fn explanation(&self) -> &'static str {
        "`az` stops with `unrecognized arguments`. An abbreviation is accepted as long as it is of \
         one option only (`--tag` for `--tags`), and options of known extensions are accepted \
         where the extension takes the place of the command.\n\n\
         Instead of\n\n\
         ```azurecli\naz group create --name my-group --region eastus\n```\n\n\
         write\n\n\
         ```azurecli\naz group create --name my-group --location eastus\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, command, block) in common::commands(context) {
            let path = command.path();
            for problem in &call.parsed.problems {
                let Problem::UnknownOption { word } = problem else {
                    continue;
                };
                let (at, Some(word)) = (*word, common::word(call, *word)) else {
                    continue;
                };
                let option = common::option(&word.given);
                let meant = call.meant_by(at);
                if matches!(meant, Meant::Case(_)) || option_of_extension(&path, option).is_some() {
                    continue;
                }
                let range = word.range.start..word.range.end.min(word.range.start + option.len());
                let report = findings.report(
                    block.span(range),
                    format!("`az {path}` has no option `{option}`"),
                );
                if let Some(help) = renamed::help(&path, option) {
                    report.help(help);
                    continue;
                }
                // An earlier version had it, so that no extension is needed to explain it.
                if let Some(now) = was_option(&path, option) {
                    report.help(match now {
                        Some(now) => format!("azure-cli took it away; write `{now}`"),
                        None => "azure-cli took it away".to_owned(),
                    });
                    continue;
                }
                let overridden = overrides(&path).is_some();
                match meant {
                    Meant::Option(name) => report.help(format!("write `{name}`")),
                    Meant::Perhaps(name) if !overridden => {
                        report.help(format!("did you mean `{name}`?"))
                    }
                    _ => match common::unless_extension(&path) {
                        Some(help) => report.severity(Severity::Warning).help(help),
                        None => report.help(format!(
                            "take it away; `az {path} --help` shows what there is"
                        )),
                    },
                };
            }
        }
    }
}
