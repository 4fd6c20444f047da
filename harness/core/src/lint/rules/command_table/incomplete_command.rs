//! `incomplete-command`: see [`IncompleteCommand`].

use super::common;
use crate::command_table::{Lookup, Node};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// A group without a command.
pub(super) struct IncompleteCommand;

impl Rule for IncompleteCommand {
    fn id(&self) -> &'static str {
        "incomplete-command"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a group of azure-cli's commands is named, and no command of it"
    }

    fn explanation(&self) -> &'static str {
        "A group does nothing itself: `az` prints its commands and fails.\n\n\
         Instead of\n\n\
         ```azurecli\naz vm host --name my-host --resource-group my-group\n```\n\n\
         write\n\n\
         ```azurecli\naz vm host show --name my-host --resource-group my-group\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, block) in common::calls(context) {
            let Lookup::Group { group, .. } = call.lookup else {
                continue;
            };
            // `az` alone prints a welcome.
            let path = group.path();
            if path.is_empty() || !call.cut_off.is_empty() {
                continue;
            }
            let names: Vec<&str> = group.children().map(Node::name).collect();
            let names = match names.get(..8) {
                Some(first) if names.len() > 8 => format!("{}, …", first.join("`, `")),
                _ => names.join("`, `"),
            };
            let names = names.replace(", …", "`, …");
            let end = if names.ends_with('…') { "" } else { "`" };
            findings
                .report(
                    block.span(call.title()),
                    format!("`az {path}` is a group of commands, and none of them is named"),
                )
                .help(format!("add one of its commands: `{names}{end}"));
        }
    }
}
