//! `powershell-stray-continuation`: see [`PowershellStrayContinuation`].

use super::blocks::{self, Follows};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// A backtick on the last line of a command.
pub(super) struct PowershellStrayContinuation;

impl Rule for PowershellStrayContinuation {
    fn id(&self) -> &'static str {
        "powershell-stray-continuation"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "the last line of a PowerShell command ends with a backtick"
    }

    fn explanation(&self) -> &'static str {
        "A backtick at the end of a command's last line makes PowerShell wait for more: a reader \
who pastes the command sees `>>` and no result.

```powershell
New-AzResourceGroup `
  -Name my-group `
  -Location eastus `
```

Write

```powershell
New-AzResourceGroup `
  -Name my-group `
  -Location eastus
```

Before an empty line or a comment a backtick does no harm by chance; there this is a warning.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in blocks::blocks(context) {
            if !code.text.contains('`') {
                continue;
            }
            let lines = code.lines();
            for (index, at, end) in code.continuations() {
                let (severity, what) = match code.follows(&lines, index) {
                    Follows::More | Follows::Parameter => continue,
                    Follows::Nothing => (Severity::Error, "PowerShell waits for another line"),
                    Follows::Empty => (Severity::Warning, "an empty line follows"),
                    Follows::Comment => (Severity::Warning, "a comment follows"),
                };
                let line = code.text.get(..at).unwrap_or("");
                let before = line.trim_end_matches([' ', '\t']).len();
                findings
                    .report(
                        code.block.span(at..at + 1),
                        format!("a backtick ends the command's last line: {what}"),
                    )
                    .severity(severity)
                    .help("leave out the backtick")
                    .fix(code.fix("remove the backtick", [(before..end, "")]));
            }
        }
    }
}
