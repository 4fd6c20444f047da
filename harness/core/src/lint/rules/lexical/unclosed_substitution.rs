//! `$(`, `${`, a backtick or a bracket without its end.

use super::code;
use super::syntax;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::SyntaxProblemKind;

/// The rule.
pub(super) struct UnclosedSubstitution;

impl Rule for UnclosedSubstitution {
    fn id(&self) -> &'static str {
        "unclosed-substitution"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a substitution or a bracket is not closed"
    }

    fn explanation(&self) -> &'static str {
        "The shell reads on for the end of `$(` or of a bracket, and takes the commands that \
follow for a part of it.

```bash
GROUP_ID=$(az group show --name my-group --query id --output tsv
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
                let SyntaxProblemKind::Unclosed(opening) = &problem.kind else {
                    continue;
                };
                let closing = match *opening {
                    "`" => "another backtick",
                    "${" | "{" | "@{" => "`}`",
                    _ => "`)`",
                };
                let opening = if *opening == "`" {
                    "a backtick".to_owned()
                } else {
                    format!("`{opening}`")
                };
                findings
                    .report(
                        code.span(problem.range.clone()),
                        format!("{opening} is not closed"),
                    )
                    .help(format!("close it with {closing}"));
            }
        }
    }
}
