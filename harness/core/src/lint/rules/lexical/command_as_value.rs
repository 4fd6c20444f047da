//! `NAME=az group show …`: a command where a value should be.

use super::code;
use super::syntax;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::SyntaxProblemKind;

/// The rule.
pub(super) struct CommandAsValue;

impl Rule for CommandAsValue {
    fn id(&self) -> &'static str {
        "command-as-value"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a variable is set to a command instead of what the command prints"
    }

    fn explanation(&self) -> &'static str {
        "`NAME=az group show` doesn't keep what `az` prints: bash sets `NAME` to `az` for the time \
of a command called `group`, which doesn't exist.

```bash
GROUP_ID=az group show --name my-group --query id --output tsv
```

Write

```bash
GROUP_ID=$(az group show --name my-group --query id --output tsv)
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            for problem in syntax::problems(&code) {
                let SyntaxProblemKind::CommandAsValue(name) = &problem.kind else {
                    continue;
                };
                findings
                    .report(
                        code.span(problem.range.clone()),
                        format!("`{name}` is not set to what the command prints"),
                    )
                    .help(format!("write `{name}=$(…)` around the command"));
            }
        }
    }
}
