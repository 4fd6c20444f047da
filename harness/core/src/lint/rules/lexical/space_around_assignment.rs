//! `NAME = value` in bash.

use super::code;
use super::syntax;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Dialect, SyntaxProblemKind};

/// The rule.
pub(super) struct SpaceAroundAssignment;

impl Rule for SpaceAroundAssignment {
    fn id(&self) -> &'static str {
        "space-around-assignment"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "white space around `=` keeps a variable from being set"
    }

    fn explanation(&self) -> &'static str {
        "In bash `NAME = value` runs a command called `NAME`, and `NAME= value` runs `value` while \
`NAME` is empty. Neither sets the variable.

```bash
REGISTRY = my-registry
```

Write

```bash
REGISTRY=my-registry
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            if code.dialect() == Dialect::PowerShell {
                continue;
            }
            for problem in syntax::problems(&code) {
                let (SyntaxProblemKind::SpaceAroundAssignment(name)
                | SyntaxProblemKind::SpaceAfterEquals(name)) = &problem.kind
                else {
                    continue;
                };
                let range = problem.range.clone();
                let text = code.text.get(range.start..).unwrap_or("");
                let line = text.split('\n').next().unwrap_or("");
                // With a `$` it is told by another rule.
                if line.starts_with('$') {
                    continue;
                }
                let report = findings
                    .report(
                        code.span(range.clone()),
                        format!("white space around `=` keeps `{name}` from being set"),
                    )
                    .help(format!(
                        "write `{name}=` and the value, without a space between them"
                    ));
                // From the end of the name to the value.
                let Some(after) = line.strip_prefix(name.as_str()) else {
                    continue;
                };
                let Some(value) = after.trim_start().strip_prefix('=') else {
                    continue;
                };
                let value = value.trim_start();
                if !value.is_empty()
                    && matches!(problem.kind, SyntaxProblemKind::SpaceAroundAssignment(_))
                {
                    let between = range.start + name.len()..range.start + line.len() - value.len();
                    report.fix(code.fix("remove the white space", [(between, "=")]));
                }
            }
        }
    }
}
