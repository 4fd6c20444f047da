//! `deprecated-option`: see [`DeprecatedOption`].

use super::common;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// An option that will go away.
pub(super) struct DeprecatedOption;

impl Rule for DeprecatedOption {
    fn id(&self) -> &'static str {
        "deprecated-option"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "azure-cli says that this option will go away"
    }

    fn explanation(&self) -> &'static str {
        "The option works, prints a warning, and a later version of azure-cli will not have it, or \
         will have it under another name.\n\n\
         Instead of\n\n\
         ```azurecli\naz acr scope-map update --name my-map --registry my-registry --add hello content/read\n```\n\n\
         write\n\n\
         ```azurecli\naz acr scope-map update --name my-map --registry my-registry --add-repository hello content/read\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, command, block) in common::commands(context) {
            for bound in &call.parsed.bound {
                let Some(word) = bound.option.and_then(|at| call.word(at)) else {
                    continue;
                };
                let mut options = bound.argument.options();
                let of_option = options.find(|option| option.name == bound.name);
                let of_option = of_option.and_then(|option| option.deprecated);
                let Some(info) = of_option.or(bound.argument.deprecated()) else {
                    continue;
                };
                let end = word.range.start + bound.name.len();
                let report = findings.report(
                    block.span(word.range.start..end.min(word.range.end)),
                    format!(
                        "`{}` of `az {}` is deprecated{}",
                        bound.name,
                        command.path(),
                        common::until(info)
                    ),
                );
                match common::instead(info, context.table) {
                    Some(help) => report.help(help),
                    None => report.help("take it away"),
                };
            }
        }
    }
}
