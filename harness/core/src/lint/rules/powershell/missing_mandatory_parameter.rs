//! `missing-mandatory-parameter`: see [`MissingMandatoryParameter`].

use super::blocks::{self, Call, Code};
use crate::cmdlet_table::Found;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// A cmdlet without a parameter that every way to call it needs.
pub(super) struct MissingMandatoryParameter;

impl Rule for MissingMandatoryParameter {
    fn id(&self) -> &'static str {
        "missing-mandatory-parameter"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a cmdlet lacks a parameter that it needs"
    }

    fn explanation(&self) -> &'static str {
        "At a prompt, PowerShell asks for what is missing, and the article does not say what to \
answer; in a script the cmdlet fails.

```powershell
New-AzResourceGroup -Name my-group
```

Write

```powershell
New-AzResourceGroup -Name my-group -Location eastus
```

Only parameters that every way to call the cmdlet needs are asked for, and only where nothing is \
piped into it, splatted or given by position.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in blocks::blocks(context) {
            for (call, cut) in code.calls() {
                if !cut && !call.command.place.piped_from {
                    missing(&code, &call, findings);
                }
            }
        }
    }
}

fn missing(code: &Code<'_>, call: &Call<'_>, findings: &mut Findings) {
    let Some(parameters) = &call.cmdlet.parameters else {
        return;
    };
    // A name alone is often only talked about.
    if call.arguments.is_empty() || call.gets_more(code.text) {
        return;
    }
    let given: Vec<&str> = call
        .parameters()
        .filter_map(|(_, name)| match call.cmdlet.parameter(name) {
            Found::Parameter(parameter) => Some(parameter.name),
            _ => None,
        })
        .collect();
    let lacking: Vec<String> = parameters
        .iter()
        .filter(|parameter| parameter.mandatory && !given.contains(&parameter.name))
        .map(|parameter| format!("`-{}`", parameter.name))
        .collect();
    if let (Some(name), false) = (call.command.words.first(), lacking.is_empty()) {
        findings
            .report(
                code.block.span(name.range.clone()),
                format!("`{}` needs {}", call.cmdlet.name, lacking.join(" and ")),
            )
            .help("give it, so that PowerShell does not stop to ask for it");
    }
}
