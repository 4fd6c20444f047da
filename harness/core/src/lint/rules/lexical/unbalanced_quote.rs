//! A quote without its partner.

use super::code;
use super::syntax;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::SyntaxProblemKind;

/// The rule.
pub(super) struct UnbalancedQuote;

impl Rule for UnbalancedQuote {
    fn id(&self) -> &'static str {
        "unbalanced-quote"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a quote has no partner"
    }

    fn explanation(&self) -> &'static str {
        "A quote without its partner makes the shell take everything that follows for the quoted \
text: it waits for more, or the next commands become part of a value.

```bash
az account set --subscription \"my-subscription
```

Write

```bash
az account set --subscription \"my-subscription\"
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            for problem in syntax::problems(&code) {
                let SyntaxProblemKind::UnbalancedQuote(quote) = problem.kind else {
                    continue;
                };
                findings
                    .report(
                        code.span(problem.range.clone()),
                        format!("`{quote}` has no partner"),
                    )
                    .help("close the quote, or leave it out");
            }
        }
    }
}
