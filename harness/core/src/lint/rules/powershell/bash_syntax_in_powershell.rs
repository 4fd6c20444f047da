//! `bash-syntax-in-powershell`: see [`BashSyntaxInPowershell`].

use super::blocks::{self, Code};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Command, CommandKind, Word};
use std::collections::BTreeSet;

/// What bash reads and PowerShell does not.
pub(super) struct BashSyntaxInPowershell;

impl Rule for BashSyntaxInPowershell {
    fn id(&self) -> &'static str {
        "bash-syntax-in-powershell"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a PowerShell block holds what only bash understands"
    }

    fn explanation(&self) -> &'static str {
        "PowerShell takes `NAME=value` and `NAME = value` for a command called `NAME`, knows no \
`export`, and does not continue a line that ends with `\\`.

```powershell
LOCATION=\"eastus\"
export GROUP=my-group
az group create \\
    --name my-group
```

Write

```powershell
$LOCATION=\"eastus\"
$env:GROUP=\"my-group\"
az group create `
    --name my-group
```

Where a block shows something else than commands, such as a file of settings, name its fence \
accordingly.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let used = used_names(context);
        for code in blocks::blocks(context) {
            for list in code.lists() {
                for command in list {
                    assignment(&code, command, &used, findings);
                }
            }
            backslashes(&code, findings);
        }
    }
}

/// The variables that the article's PowerShell reads, in lower case.
fn used_names(context: &Context<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for code in blocks::blocks(context) {
        for (_, behind) in code.text.split('$').skip(1).map(|rest| ((), rest)) {
            let name: String = behind
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if !name.is_empty() {
                names.insert(name.to_lowercase());
            }
        }
    }
    names
}

fn assignment(
    code: &Code<'_>,
    command: &Command,
    used: &BTreeSet<String>,
    findings: &mut Findings,
) {
    let Some(first) = command.words.first() else {
        return;
    };
    if command.kind != CommandKind::Simple || command.place.piped_from {
        return;
    }
    let source = first.source(code.text);
    let second = command.words.get(1);
    if source == "export" {
        exported(code, first, second, findings);
        return;
    }
    let (name, spaced) = match source.split_once('=') {
        Some((name, _)) => (name, false),
        None => (source, true),
    };
    if spaced && second.is_none_or(|word| word.source(code.text) != "=") || !is_name(name) {
        return;
    }
    // Nothing says that settings or a command's output are not what the block shows.
    let severity = if used.contains(&name.to_lowercase()) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let at = first.range.start;
    let value = first
        .parts
        .get(1)
        .map_or("", |part| code.text.get(part.range.clone()).unwrap_or(""));
    let certain = spaced || value.starts_with(['"', '\'', '$']);
    let report = findings
        .report(
            code.block.span(at..at + name.len()),
            format!("`{name}` is no variable here: PowerShell takes it for a command"),
        )
        .severity(severity);
    if certain {
        report
            .help(format!("write `${name}`"))
            .fix(code.fix(&format!("write `${name}`"), [(at..at, "$")]));
    } else {
        report.help(format!("write `${name}=` and the value in quotes"));
    }
}

fn exported(code: &Code<'_>, export: &Word, operand: Option<&Word>, findings: &mut Findings) {
    let Some(operand) = operand else { return };
    let name = operand.source(code.text).split('=').next().unwrap_or("");
    if is_name(name) {
        findings
            .report(
                code.block.span(export.range.clone()),
                "PowerShell has no `export`",
            )
            .help(format!("write `$env:{name} = …` with the value in quotes"));
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Reports each line that ends with a `\` of its own and is followed by an option or belongs to
/// `az`.
fn backslashes(code: &Code<'_>, findings: &mut Findings) {
    if !code.text.contains('\\') {
        return;
    }
    for pair in code.lines().windows(2) {
        let [(start, line), (_, next)] = pair else {
            continue;
        };
        let kept = line.trim_end();
        let Some(before) = kept.strip_suffix('\\') else {
            continue;
        };
        let at = start + before.len();
        let meant = before.ends_with([' ', '\t'])
            && !before.trim().is_empty()
            && (next.trim_start().starts_with('-') || before.trim_start().starts_with("az "));
        if meant && code.is_code(at) {
            findings
                .report(
                    code.block.span(at..at + 1),
                    "`\\` continues no line in PowerShell",
                )
                .help("end the line with a backtick")
                .fix(code.fix("write a backtick", [(at..start + line.len(), "`")]));
        }
    }
}
