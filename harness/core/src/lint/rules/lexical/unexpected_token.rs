//! What a shell refuses to read.

use super::code::{self, Code};
use super::syntax;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::SyntaxProblemKind;
use std::ops::Range;

/// The rule.
pub(super) struct UnexpectedToken;

impl Rule for UnexpectedToken {
    fn id(&self) -> &'static str {
        "unexpected-token"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "the shell can't read a command"
    }

    fn explanation(&self) -> &'static str {
        "A bracket that closes nothing, an operator without a command, or a here-document without \
its last line: the shell answers with a syntax error and runs nothing.

```bash
az group show --name my-group)
```

Write

```bash
az group show --name my-group
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            for problem in syntax::problems(&code) {
                let (message, help) = match &problem.kind {
                    SyntaxProblemKind::Unexpected(token) => (
                        format!("`{token}` can't stand here"),
                        "leave it out, or quote it".to_owned(),
                    ),
                    SyntaxProblemKind::UnclosedHereDocument(delimiter) => (
                        format!("the here-document's last line, `{delimiter}`, is missing"),
                        format!("end the text with a line that holds only `{delimiter}`"),
                    ),
                    _ => continue,
                };
                let last = match &problem.kind {
                    SyntaxProblemKind::UnclosedHereDocument(delimiter) => {
                        padded(&code, problem.range.end, delimiter)
                    }
                    _ => None,
                };
                let report = findings.report(code.span(problem.range.clone()), message);
                let Some((line, delimiter)) = last else {
                    report.help(help);
                    continue;
                };
                let title = "remove the white space around the last line";
                report
                    .related(
                        code.span(line.clone()),
                        format!("white space keeps `{delimiter}` from being the last line"),
                    )
                    .help(title)
                    .fix(code.fix(title, [(line, delimiter)]));
            }
        }
    }
}

/// The line behind `from` that is the delimiter but for white space around it.
fn padded<'d>(code: &Code<'_>, from: usize, delimiter: &'d str) -> Option<(Range<usize>, &'d str)> {
    let mut lines = code.lines().filter(|line| line.start > from);
    let line = lines.find(|line| line.text.trim() == delimiter)?;
    // As it should be, it stands outside of what the here-document is in.
    (line.text != delimiter).then_some((line.start..line.end(), delimiter))
}
