//! `$NAME=value` in bash.

use super::code::{self, Code};
use super::syntax;
use crate::diagnostic::{Fix, Severity};
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Assignment, Dialect, SyntaxProblemKind};
use std::collections::HashMap;

/// The rule.
pub(super) struct DollarOnAssignment;

impl Rule for DollarOnAssignment {
    fn id(&self) -> &'static str {
        "dollar-on-assignment"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a variable is set with a `$` before its name"
    }

    fn explanation(&self) -> &'static str {
        "In bash `$` reads a variable. With it, the line runs a command called `=value`, and the \
variable stays unset.

```bash
$REGISTRY=my-registry
```

Write

```bash
REGISTRY=my-registry
```

PowerShell sets variables with `$`; a block in PowerShell has to be named so on its fence.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            if code.dialect() == Dialect::PowerShell {
                continue;
            }
            let mut assignments = None;
            for problem in syntax::problems(&code) {
                let SyntaxProblemKind::DollarOnAssignment(name) = &problem.kind else {
                    continue;
                };
                // The one that the problem is about begins with it.
                let assignments = assignments.get_or_insert_with(|| by_start(&code));
                let assignment = assignments.get(&problem.range.start).copied();
                let range = assignment.map_or(problem.range.clone(), |a| a.name_range.clone());
                let fix = assignment.and_then(|assignment| mend(&code, assignment));
                let report = findings
                    .report(
                        code.span(range),
                        format!("`$` before `{name}` keeps it from being set"),
                    )
                    .help(format!("write `{name}=…`, without `$` and without spaces"));
                report.fix(fix);
            }
        }
    }
}

/// The assignments of a block by where they begin.
fn by_start<'c>(code: &Code<'c>) -> HashMap<usize, &'c Assignment> {
    let mut found = HashMap::new();
    for assignment in code.commands().flat_map(|command| &command.assignments) {
        found.entry(assignment.range.start).or_insert(assignment);
    }
    found
}

/// Takes `$` and the spaces around `=` away. A command that stands where a value should, as in
/// `$ID=az account show`, needs more than that.
fn mend(code: &Code<'_>, assignment: &Assignment) -> Option<Fix> {
    let value = assignment.value.as_ref()?;
    let source = code.text.get(assignment.range.clone())?;
    let name = source.strip_prefix('$')?;
    let name = name.get(..name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?)?;
    let between = assignment.range.start + 1 + name.len()..value.range.start;
    if code.text.get(between.clone())?.trim() != "=" {
        return None;
    }
    let dollar = assignment.range.start..assignment.range.start + 1;
    code.fix("remove `$`", [(dollar, ""), (between, "=")])
}
