//! `invalid-variable-name`: see [`InvalidVariableName`].

use super::blocks::{self, Code};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::SyntaxProblemKind;
use std::collections::BTreeSet;
use std::ops::Range;

/// A variable whose name has a hyphen.
pub(super) struct InvalidVariableName;

impl Rule for InvalidVariableName {
    fn id(&self) -> &'static str {
        "invalid-variable-name"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a variable's name has a hyphen, which PowerShell takes for a minus"
    }

    fn explanation(&self) -> &'static str {
        "The name of a variable ends before a hyphen: `$user-id = …` is an expression that cannot \
be assigned to, and `$user-id` is the value of `$user` with `-id` behind it.

```powershell
$user-id = (Get-AzUserAssignedIdentity -ResourceGroupName my-group -Name my-id).Id
```

Write

```powershell
$userId = (Get-AzUserAssignedIdentity -ResourceGroupName my-group -Name my-id).Id
```

or put the name in braces, wherever it is used: `${user-id}`.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        // Where one block sets such a variable and a later one uses it, the later one alone looks
        // like a hyphen behind a variable.
        let mut known = BTreeSet::new();
        for code in blocks::blocks(context) {
            let mut told: Vec<Range<usize>> = Vec::new();
            let mut here = Vec::new();
            for problem in &code.script.problems {
                if let SyntaxProblemKind::InvalidVariableName(name) = &problem.kind {
                    report(&code, problem.range.clone(), name, findings);
                    told.push(problem.range.clone());
                    here.push(name.clone());
                }
            }
            // A text made to be slow has no more names than this.
            for name in known.iter().take(20) {
                uses(&code, name, &told, findings);
            }
            known.extend(here);
        }
    }
}

/// Reports the uses of a variable that an earlier block sets.
fn uses(code: &Code<'_>, name: &String, told: &[Range<usize>], findings: &mut Findings) {
    let written = format!("${name}");
    for (at, _) in code.text.match_indices(&written) {
        let range = at..at + written.len();
        let behind = code.text.get(range.end..).unwrap_or("");
        let longer = behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if !longer && !code.is_comment(at) && told.binary_search_by_key(&at, |r| r.start).is_err() {
            report(code, range, name, findings);
        }
    }
}

fn report(code: &Code<'_>, range: Range<usize>, name: &str, findings: &mut Findings) {
    let head = name.split('-').next().unwrap_or(name);
    let braced = format!("${{{name}}}");
    findings
        .report(
            code.block.span(range.clone()),
            format!("`${name}` is no variable: the name ends before the hyphen, at `${head}`"),
        )
        .help(format!(
            "call it `${}`, or write `{braced}` everywhere",
            camel(name)
        ))
        .fix(code.fix(&format!("write `{braced}`"), [(range, &braced)]));
}

/// `userId` for `user-id`.
fn camel(name: &str) -> String {
    let mut parts = name.split('-');
    let mut camel = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
