//! White space behind a continuation character.

use super::code;
use super::continuation::{Next, joints};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// The rule.
pub(super) struct TrailingSpaceAfterContinuation;

impl Rule for TrailingSpaceAfterContinuation {
    fn id(&self) -> &'static str {
        "trailing-space-after-continuation"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "white space behind a continuation ends the command there"
    }

    fn explanation(&self) -> &'static str {
        "A `\\` continues a line only as its very last character. With a space behind it, the shell \
takes `\\ ` for an argument that is one space, runs the command without the lines that follow, and \
then tries to run those lines by themselves. The space can't be seen on the page.

```bash
az group create \\·
    --name my-group \\
    --location eastus
```

where `·` stands for a space. Write

```bash
az group create \\
    --name my-group \\
    --location eastus
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            for joint in joints(&code) {
                if joint.end == joint.at + 1 || !matches!(joint.next, Next::More | Next::Cut) {
                    continue;
                }
                let space = joint.at + 1..joint.end;
                let mark = code.text.get(joint.at..joint.at + 1).unwrap_or("");
                findings
                    .report(
                        code.span(space.clone()),
                        format!("white space behind `{mark}` ends the command here"),
                    )
                    .help(format!("end the line with `{mark}`"))
                    .fix(code.fix("remove the white space", [(space, "")]));
            }
        }
    }
}
