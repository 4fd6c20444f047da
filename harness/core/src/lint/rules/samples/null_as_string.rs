//! `null-as-string`: see [`NullAsString`].

use super::constant;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Role, Rule};
use regex::Regex;
use std::sync::LazyLock;

/// A sample that shows the text `"null"` where the service answers `null`.
pub(super) struct NullAsString;

static MEMBER: LazyLock<Regex> = LazyLock::new(|| {
    constant(r#""([A-Za-z_][A-Za-z0-9_.-]*)"[ \t]*:[ \t]*("(?:null|Null|NULL)")"#)
});

/// Members whose value can really be that text: JSON schemas and policy conditions.
const MEANT: &[&str] = &[
    "type",
    "equals",
    "notEquals",
    "const",
    "default",
    "format",
    "nullValue",
    "value",
];

impl Rule for NullAsString {
    fn id(&self) -> &'static str {
        "null-as-string"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a sample shows the text `\"null\"` for a value that is absent"
    }

    fn explanation(&self) -> &'static str {
        "Azure answers `null` for a value that is not there. A reader who sees the text `\"null\"` \
         looks for it, and a script that compares with it goes wrong.\n\n\
         Instead of\n\n\
         ```json\n\"principalId\": \"null\"\n```\n\n\
         write\n\n\
         ```json\n\"principalId\": null\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for block in &context.blocks {
            if matches!(block.role, Role::Commands(_)) {
                continue;
            }
            for found in MEMBER.captures_iter(&block.text) {
                let (Some(name), Some(value)) = (found.get(1), found.get(2)) else {
                    continue;
                };
                if MEANT.contains(&name.as_str()) {
                    continue;
                }
                let message = format!("`{}` is shown as a text, not as absent", name.as_str());
                findings
                    .report(block.span(value.range()), message)
                    .help("write `null` without quotes");
            }
        }
    }
}
