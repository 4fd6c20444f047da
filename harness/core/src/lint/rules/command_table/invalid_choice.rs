//! `invalid-choice`: see [`InvalidChoice`].

use super::common;
use crate::command_table::{Argument, Problem, nearest, overrides};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// A value that the option does not take.
pub(super) struct InvalidChoice;

impl Rule for InvalidChoice {
    fn id(&self) -> &'static str {
        "invalid-choice"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an option does not take this value"
    }

    fn explanation(&self) -> &'static str {
        "Some options take one of a few values, others a number, and `az` stops at anything else. \
         Upper and lower case count only where azure-cli says so.\n\n\
         Instead of\n\n\
         ```azurecli\naz group list --output tabel\n```\n\n\
         write\n\n\
         ```azurecli\naz group list --output table\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, command, block) in common::commands(context) {
            for problem in &call.parsed.problems {
                let (word, argument, value, number) = match problem {
                    Problem::InvalidChoice {
                        word,
                        argument,
                        value,
                    } => (*word, *argument, value, false),
                    Problem::InvalidNumber {
                        word,
                        argument,
                        value,
                    } => (*word, *argument, value, true),
                    _ => continue,
                };
                let Some(word) = common::word(call, word) else {
                    continue;
                };
                if is_stand_in(value) {
                    continue;
                }
                let name = argument.name();
                let span = block.span(word.range.clone());
                if number {
                    findings
                        .report(
                            span,
                            format!("`{name}` takes a number, and `{value}` is none"),
                        )
                        .help("write a number");
                    continue;
                }
                let limit = if overrides(&command.path()).is_some() {
                    1
                } else {
                    2
                };
                let meant = values(argument, value, limit);
                let report = findings.report(span, format!("`{name}` does not take `{value}`"));
                let path = command.path();
                match meant {
                    Ok(value) => report.help(format!("write `{value}`")),
                    Err(help) if overrides(&path).is_some() => {
                        let further = common::unless_extension(&path).unwrap_or_default();
                        report
                            .severity(Severity::Warning)
                            .help(format!("{help}; {further}"))
                    }
                    Err(help) => report.help(help),
                };
            }
        }
    }
}

/// The value that was meant, or what there is.
fn values<'t>(argument: Argument<'t>, value: &str, limit: usize) -> Result<&'t str, String> {
    let Some(choices) = argument.choices() else {
        return Err(String::new());
    };
    let close = nearest(value, choices.values()).filter(|close| {
        close.eq_ignore_ascii_case(value)
            || crate::command_table::distance(&close.to_lowercase(), &value.to_lowercase(), limit)
                .is_some_and(|slips| slips * 3 <= close.len())
    });
    close.ok_or_else(|| {
        let all: Vec<&str> = choices.values().collect();
        let shown = all.iter().take(10).copied();
        let more = if all.len() > 10 { ", …" } else { "" };
        format!("it takes {}{more}", common::list(shown, "or"))
    })
}

/// `YOUR_TIER`, `<tier>`, `{tier}`, `tier-name`: what a reader is to replace.
fn is_stand_in(value: &str) -> bool {
    let lower = value.to_lowercase();
    value.contains(['<', '>', '{', '}', '$', '%'])
        || lower.starts_with("your")
        || lower.starts_with("my")
        || (value.contains('_') || value.len() > 5)
            && value.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}
