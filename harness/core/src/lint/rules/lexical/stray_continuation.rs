//! A continuation character on the last line of a command.

use super::code;
use super::continuation::{Next, joints};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// The rule.
pub(super) struct StrayContinuation;

impl Rule for StrayContinuation {
    fn id(&self) -> &'static str {
        "stray-continuation"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "the last line of a command ends with a continuation"
    }

    fn explanation(&self) -> &'static str {
        "A `\\` at the end of a command's last line makes the shell wait for more: a reader who \
pastes the command sees a `>` and no result, and whatever they type next becomes part of the \
command. Where another command follows in the same block, its words become arguments of the first.

```bash
az aks get-credentials \\
    --resource-group my-group \\
    --name my-cluster \\
```

Write

```bash
az aks get-credentials \\
    --resource-group my-group \\
    --name my-cluster
```

Before an empty line or a comment a `\\` does no harm by chance; there this is a warning.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            for joint in joints(&code) {
                let mark = code.text.get(joint.at..joint.at + 1).unwrap_or("");
                let (severity, what) = match joint.next {
                    Next::More | Next::Cut => continue,
                    Next::End => (Severity::Error, "the shell waits for another line"),
                    Next::Command => (
                        Severity::Error,
                        "the next line's command becomes part of this one",
                    ),
                    Next::Empty => (Severity::Warning, "an empty line follows"),
                    Next::Comment => (Severity::Warning, "a comment follows"),
                };
                // `\ ` is an argument of its own: a space.
                let severity = if joint.end > joint.at + 1 {
                    Severity::Error
                } else {
                    severity
                };
                findings
                    .report(
                        code.span(joint.range()),
                        format!("`{mark}` at the end of the command: {what}"),
                    )
                    .severity(severity)
                    .help(format!("leave out `{mark}`"))
                    .fix(code.fix(&format!("remove `{mark}`"), [(joint.before..joint.end, "")]));
            }
        }
    }
}
