//! `docproof explain`: what a rule of `check` finds, why that is a defect, what to write instead.
#![expect(
    clippy::print_stdout,
    reason = "the explanation is what the command is for"
)]

use crate::check::rule;
use crate::exit::{CommandError, Exit};
use clap::Args;
use docproof_core::diagnostic::Severity;
use docproof_core::lint::registry;

#[derive(Args)]
pub(crate) struct ExplainArguments {
    /// The rule; all are listed if none is named
    rule: Option<String>,
}

pub(crate) fn run(arguments: &ExplainArguments) -> Result<Exit, CommandError> {
    match &arguments.rule {
        Some(id) => {
            let rule = rule(id)?;
            println!("{} ({})", rule.id(), word(rule.severity()));
            println!("{}\n", rule.summary());
            println!("{}", rule.explanation());
        }
        None => {
            let width = registry().map(|rule| rule.id().len()).max().unwrap_or(0);
            for rule in registry() {
                let (id, severity) = (rule.id(), word(rule.severity()));
                println!("{id:width$}  {severity:7}  {}", rule.summary());
            }
        }
    }
    Ok(Exit::Passed)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
