//! `shell-variable-in-powershell`: see [`ShellVariableInPowerShell`].

use crate::diagnostic::Severity;
use crate::lint::facts::variables::Cause;
use crate::lint::{Context, Findings, Rule};
use crate::shell::Dialect;

/// A variable that PowerShell reads and only another shell sets.
pub(super) struct ShellVariableInPowerShell;

impl Rule for ShellVariableInPowerShell {
    fn id(&self) -> &'static str {
        "shell-variable-in-powershell"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "PowerShell reads a variable that only another shell sets"
    }

    fn explanation(&self) -> &'static str {
        "A reader who chose PowerShell never typed what the bash tab says. PowerShell takes nothing \
         for a variable that is not set, and the cmdlet asks for a value or fails.\n\n\
         Instead of\n\n\
         ```powershell\nGet-AzResourceGroup -Name $RESOURCE_GROUP\n```\n\n\
         set it in the PowerShell tab as well:\n\n\
         ```powershell\n$RESOURCE_GROUP = 'myResourceGroup'\nGet-AzResourceGroup -Name $RESOURCE_GROUP\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let variables = context.variables();
        for undefined in context.undefined() {
            let Cause::OtherShell(setting) = undefined.cause else {
                continue;
            };
            let reading = undefined.reading;
            let of = variables
                .blocks
                .get(reading.block)
                .and_then(|block| block.dialect);
            let (Some(Dialect::PowerShell), Some(span), Some(name), Some(place), Some(set)) = (
                of,
                variables.span(context, reading),
                variables.written(reading),
                variables.place(context, setting, reading),
                variables.span(context, setting),
            ) else {
                continue;
            };
            findings
                .report(
                    span,
                    format!("`{name}` is not set in PowerShell, only in another shell at {place}"),
                )
                .help("set it in PowerShell before this step")
                .related(set, "set here");
        }
    }
}
