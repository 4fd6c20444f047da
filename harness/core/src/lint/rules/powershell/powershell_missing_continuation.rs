//! `powershell-missing-continuation`: see [`PowershellMissingContinuation`].

use super::blocks::{self, Code};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::Command;

/// A cmdlet whose later lines PowerShell takes for statements of their own.
pub(super) struct PowershellMissingContinuation;

impl Rule for PowershellMissingContinuation {
    fn id(&self) -> &'static str {
        "powershell-missing-continuation"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a line of a PowerShell command lacks its backtick, so the command ends too early"
    }

    fn explanation(&self) -> &'static str {
        "Each line of a command but the last has to end with a backtick. Where it is missing, \
PowerShell runs the command without the parameters of the lines that follow, and then fails on \
those lines.

```powershell
New-AzResourceGroup `
  -Name my-group
  -Location eastus
```

Write

```powershell
New-AzResourceGroup `
  -Name my-group `
  -Location eastus
```

An empty line or a comment between the lines of a command ends it too. A hashtable that is splatted \
needs no backticks.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in blocks::blocks(context) {
            let begins = |line: &str| line.trim_start().starts_with('-');
            if !code.text.split('\n').any(begins) {
                continue;
            }
            for list in code.lists() {
                for pair in list.windows(2) {
                    if let [before, rest] = pair
                        && code.begins_with_parameter(rest)
                    {
                        cut(&code, before, rest, findings);
                    }
                }
            }
        }
    }
}

fn cut(code: &Code<'_>, before: &Command, rest: &Command, findings: &mut Findings) {
    let end = before.range.end;
    let Some(gap) = code.text.get(end..rest.range.start) else {
        return;
    };
    let commented = (end..rest.range.start).any(|at| code.is_comment(at));
    let outside: String = gap
        .char_indices()
        .filter(|(at, _)| !code.is_comment(end + at))
        .map(|(_, c)| c)
        .collect();
    let ends = outside.matches('\n').count();
    if ends == 0 || !outside.chars().all(|c| c.is_whitespace() || c == '`') {
        return;
    }
    // The last line of the command, without its indentation.
    let line = code.text.get(..end).and_then(|text| text.rfind('\n'));
    let line = line.map_or(0, |at| at + 1).max(before.range.start);
    let indent = code
        .text
        .get(line..end)
        .map_or(0, |text| text.len() - text.trim_start().len());
    let message = if commented {
        "a comment ends the command here: its further parameters are lost"
    } else if ends > 1 {
        "an empty line ends the command here: its further parameters are lost"
    } else {
        "the command ends here: its further parameters are lost"
    };
    let mut report = findings.report(code.block.span(line + indent..end), message);
    if let Some(parameter) = rest.words.first() {
        report = report.related(
            code.block.span(parameter.range.clone()),
            "PowerShell takes this for a statement of its own",
        );
    }
    if commented {
        report.help("move the comment above the command");
    } else if gap.contains('`') {
        report.help("take out the empty line");
    } else {
        // The line end before the parameter stays, and with it the indentation of a list.
        let last = gap.rfind('\n').map_or(end, |at| end + at);
        report
            .help("end the line with a backtick")
            .fix(code.fix("continue the line", [(end..last, " `")]));
    }
}
