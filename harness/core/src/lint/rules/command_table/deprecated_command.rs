//! `deprecated-command`: see [`DeprecatedCommand`].

use super::common;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// A command that will go away.
pub(super) struct DeprecatedCommand;

impl Rule for DeprecatedCommand {
    fn id(&self) -> &'static str {
        "deprecated-command"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "azure-cli says that this command will go away"
    }

    fn explanation(&self) -> &'static str {
        "The command works, prints a warning, and a later version of azure-cli will not have it.\n\n\
         Instead of\n\n\
         ```azurecli\naz deployment create --location eastus --template-file main.json\n```\n\n\
         write\n\n\
         ```azurecli\naz deployment sub create --location eastus --template-file main.json\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, command, block) in common::commands(context) {
            let Some(info) = command.deprecated() else {
                continue;
            };
            let path = command.path();
            let until = common::until(info);
            let report = findings.report(
                block.span(call.title()),
                format!("`az {path}` is deprecated{until}"),
            );
            if let Some(help) = common::instead(info, context.table) {
                report.help(help);
            }
        }
    }
}
