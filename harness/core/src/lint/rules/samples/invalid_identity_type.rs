//! `invalid-identity-type`: see [`InvalidIdentityType`].

use super::constant;
use crate::diagnostic::{Edit, Fix, Severity};
use crate::lint::{Context, Findings, Role, Rule};
use regex::Regex;
use std::sync::LazyLock;

/// An identity's `type` that Azure Resource Manager refuses.
pub(super) struct InvalidIdentityType;

static TYPE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r#"\btype["']?[ \t]*:[ \t]*["']?((?i:(?:system|user)[ -]*assigned)(?:[ \t]*,[ \t]*(?i:(?:system|user)[ -]*assigned))?)["'\r\n]"#,
    )
});

impl Rule for InvalidIdentityType {
    fn id(&self) -> &'static str {
        "invalid-identity-type"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "the type of a managed identity is not one that Azure knows"
    }

    fn explanation(&self) -> &'static str {
        "Azure Resource Manager knows `SystemAssigned`, `UserAssigned` and `SystemAssigned, \
         UserAssigned`. With white space or a dash inside a word the deployment fails. In what a \
         command prints it is a warning.\n\n\
         Instead of\n\n\
         ```json\n\"type\": \"System Assigned, UserAssigned\"\n```\n\n\
         write\n\n\
         ```json\n\"type\": \"SystemAssigned, UserAssigned\"\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for block in &context.blocks {
            if matches!(block.role, Role::Commands(_)) || !block.text.contains("identity") {
                continue;
            }
            for found in TYPE.captures_iter(&block.text) {
                let Some(value) = found.get(1) else {
                    continue;
                };
                let words: Vec<&str> = value.as_str().split(',').map(str::trim).collect();
                if !words.iter().any(|word| word.contains([' ', '-'])) {
                    continue;
                }
                let mut right: Vec<&str> = words
                    .iter()
                    .map(|word| match word.get(..1) {
                        Some("s" | "S") => "SystemAssigned",
                        _ => "UserAssigned",
                    })
                    .collect();
                right.sort_unstable();
                let right = right.join(", ");
                let span = block.span(value.range());
                let message = format!("no identity is of the type `{}`", value.as_str());
                let report = findings
                    .report(span.clone(), message)
                    .help(format!("write `{right}`"))
                    .fix(Fix {
                        title: format!("write `{right}`"),
                        edits: vec![Edit {
                            span,
                            replacement: right,
                        }],
                    });
                if matches!(block.block.language.as_str(), "output" | "console" | "text") {
                    report.severity(Severity::Warning);
                }
            }
        }
    }
}
