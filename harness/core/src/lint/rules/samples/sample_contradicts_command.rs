//! `sample-contradicts-command`: see [`SampleContradictsCommand`].

use super::constant;
use crate::diagnostic::Severity;
use crate::lint::facts::resources::is_name;
use crate::lint::facts::variables::EventKind;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::Role;
use regex::Regex;
use std::collections::HashSet;
use std::sync::LazyLock;

/// A sample with a resource group that no command of the article uses.
pub(super) struct SampleContradictsCommand;

static GROUP: LazyLock<Regex> =
    LazyLock::new(|| constant(r"/resource[gG]roups/([A-Za-z0-9_.()-]+)"));

impl Rule for SampleContradictsCommand {
    fn id(&self) -> &'static str {
        "sample-contradicts-command"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a sample shows a resource group that the article does not use"
    }

    fn explanation(&self) -> &'static str {
        "A reader compares the sample with what the command printed and finds another resource \
         group. It was left from the terminal that the sample was copied from. It is reported only \
         where the names of all groups of the article are written out.\n\n\
         Instead of\n\n\
         ```azurecli\naz identity show --resource-group myResourceGroup --name app --query id\n```\n\n\
         ```output\n\"/subscriptions/<id>/resourcegroups/jane0412/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app\"\n```\n\n\
         write\n\n\
         ```output\n\"/subscriptions/<id>/resourcegroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app\"\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let samples = context
            .blocks
            .iter()
            .filter(|block| block.role == Role::Sample);
        let mut samples = samples
            .filter(|block| GROUP.is_match(&block.text))
            .peekable();
        if samples.peek().is_none() {
            return;
        }
        let Some(groups) = groups(context) else {
            return;
        };
        let Some(first) = groups.iter().next() else {
            return;
        };
        let help = match groups.len() {
            1 => format!("write `{first}`"),
            _ => "write the group of the article's commands".to_owned(),
        };
        let mentioned = mentioned(context);
        for block in samples {
            let mut told = HashSet::new();
            for found in GROUP
                .captures_iter(&block.text)
                .filter_map(|found| found.get(1))
            {
                let lower = found.as_str().to_lowercase();
                if !is_name(found.as_str())
                    || mentioned.contains(&lower)
                    || [
                        "mc_",
                        "me_",
                        "defaultresourcegroup",
                        "networkwatcher",
                        "cloud-shell",
                        "resourcegroup",
                    ]
                    .iter()
                    .any(|start| lower.starts_with(start))
                    || !told.insert(lower)
                {
                    continue;
                }
                findings
                    .report(
                        block.span(found.range()),
                        format!(
                            "no command of the article uses the resource group `{}`",
                            found.as_str()
                        ),
                    )
                    .help(help.clone());
            }
        }
    }
}

/// The names of the resource groups that the article's commands use; `None` if one is not written
/// out.
fn groups<'c>(context: &'c Context<'_>) -> Option<HashSet<&'c str>> {
    let mut groups = HashSet::new();
    let of_groups = context
        .resources()
        .blocks
        .iter()
        .flatten()
        .filter(|mention| mention.kind == "group");
    for mention in of_groups {
        match (&mention.name, &mention.variable) {
            (Some(name), _) => {
                groups.insert(name.as_str());
            }
            (None, Some(variable)) => {
                let mut of = context
                    .variables()
                    .all
                    .iter()
                    .filter(|v| v.name.key.eq_ignore_ascii_case(variable));
                let settings = &of.next()?.settings;
                if settings.is_empty() {
                    return None;
                }
                for id in settings {
                    match context.variables().event(*id).map(|event| &event.kind) {
                        Some(EventKind::Set(setting)) => {
                            groups.insert(setting.value.as_deref().filter(|name| is_name(name))?);
                        }
                        _ => return None,
                    }
                }
            }
            (None, None) => return None,
        }
    }
    Some(groups)
}

/// Every word of the article but those of its samples, in lower case.
fn mentioned(context: &Context<'_>) -> HashSet<String> {
    let blocks = context
        .blocks
        .iter()
        .filter(|block| block.role != Role::Sample);
    let prose = context
        .article
        .prose
        .iter()
        .map(|prose| prose.text.as_str());
    blocks
        .map(|block| block.text.as_str())
        .chain(prose)
        .flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || "_-.()".contains(c))))
        .map(str::to_lowercase)
        .collect()
}
