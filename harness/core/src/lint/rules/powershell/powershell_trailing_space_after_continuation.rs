//! `powershell-trailing-space-after-continuation`: see
//! [`PowershellTrailingSpaceAfterContinuation`].

use super::blocks::{self, Follows};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// White space behind a backtick that should continue the line.
pub(super) struct PowershellTrailingSpaceAfterContinuation;

impl Rule for PowershellTrailingSpaceAfterContinuation {
    fn id(&self) -> &'static str {
        "powershell-trailing-space-after-continuation"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "white space behind a backtick ends the command there"
    }

    fn explanation(&self) -> &'static str {
        "A backtick continues a line only as its very last character. With a space behind it, \
PowerShell takes the two for a space, runs the command without the lines that follow, and then \
fails on those lines. The space can't be seen on the page.

```powershell
New-AzResourceGroup `·
  -Name my-group `
  -Location eastus
```

where `·` stands for a space. Write

```powershell
New-AzResourceGroup `
  -Name my-group `
  -Location eastus
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in blocks::blocks(context) {
            if !code.text.contains('`') {
                continue;
            }
            let lines = code.lines();
            for (index, at, end) in code.continuations() {
                let space = at + 1..end;
                let follows = code.follows(&lines, index);
                if space.is_empty() || !matches!(follows, Follows::More | Follows::Parameter) {
                    continue;
                }
                findings
                    .report(
                        code.block.span(space.clone()),
                        "white space behind the backtick ends the command here",
                    )
                    .help("end the line with the backtick")
                    .fix(code.fix("remove the white space", [(space, "")]));
            }
        }
    }
}
