//! `<name>` where a shell reads a redirection.

use super::code;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Part, PartKind};

/// The rule.
pub(super) struct PlaceholderRedirect;

impl Rule for PlaceholderRedirect {
    fn id(&self) -> &'static str {
        "placeholder-redirect"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a `<placeholder>` outside quotes is a redirection to the shell"
    }

    fn explanation(&self) -> &'static str {
        "A reader who overlooks the placeholder gets `No such file or directory` in bash, or an \
error about a reserved operator in PowerShell, and neither tells what to do. In quotes the value \
reaches the command, which then names the option that is wrong.

```bash
az group create --name <my-group>
```

Write

```bash
az group create --name \"<my-group>\"
```

or set a variable once and use it in every command.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            for command in code.commands() {
                let values = command.assignments.iter().filter_map(|a| a.value.as_ref());
                let parts = command
                    .words
                    .iter()
                    .chain(values)
                    .flat_map(|word| &word.parts);
                for part in parts {
                    if let Part {
                        range,
                        kind: PartKind::Placeholder { name },
                        ..
                    } = part
                    {
                        findings
                            .report(
                                code.span(range.clone()),
                                format!("`<{name}>` outside quotes is a redirection to the shell"),
                            )
                            .help(format!("quote it: `\"<{name}>\"`"));
                    }
                }
            }
        }
    }
}
