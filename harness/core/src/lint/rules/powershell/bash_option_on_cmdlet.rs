//! `bash-option-on-cmdlet`: see [`BashOptionOnCmdlet`].

use super::blocks::{self, Call, Code};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// A cmdlet that is given an option as `az` has them.
pub(super) struct BashOptionOnCmdlet;

impl Rule for BashOptionOnCmdlet {
    fn id(&self) -> &'static str {
        "bash-option-on-cmdlet"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a cmdlet is given an option with two dashes"
    }

    fn explanation(&self) -> &'static str {
        "A cmdlet's parameters have one dash. PowerShell takes `--name` for a value, finds no place \
for it and answers `A positional parameter cannot be found that accepts argument '--name'`.

```powershell
Set-AzKeyVaultSecret --vault-name my-vault --name my-secret
```

Write

```powershell
Set-AzKeyVaultSecret -VaultName my-vault -Name my-secret
```

Programs such as `az` keep their options in PowerShell too.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in blocks::blocks(context) {
            if !code.text.contains("--") {
                continue;
            }
            for (call, _) in code.calls() {
                // Others, such as `Write-Host` and `Start-Process`, take whatever they are given.
                if call.cmdlet.name.contains("-Az") {
                    options(&code, &call, findings);
                }
            }
        }
    }
}

fn options(code: &Code<'_>, call: &Call<'_>, findings: &mut Findings) {
    for word in call.arguments {
        let source = word.source(code.text);
        let Some(option) = source.strip_prefix("--") else {
            continue;
        };
        let option = option.split(['=', ':']).next().unwrap_or(option);
        let is_name = option.starts_with(|c: char| c.is_ascii_alphabetic())
            && option
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !is_name {
            continue;
        }
        let range = word.range.start..word.range.start + 2 + option.len();
        let report = findings.report(
            code.block.span(range.clone()),
            format!("`--{option}` is no parameter of a cmdlet"),
        );
        match call.cmdlet.for_option(option) {
            Some(name) if !source.contains('=') => {
                let parameter = format!("-{name}");
                report
                    .help(format!("write `{parameter}`"))
                    .fix(code.fix(&format!("write `{parameter}`"), [(range, &parameter)]));
            }
            Some(name) => {
                report.help(format!("write `-{name}` and its value behind a space"));
            }
            None => {
                report.help(match call.cmdlet.ending_in(option) {
                    Some(name) => format!("did you mean `-{name}`?"),
                    None => format!(
                        "look up the parameter of `{}`; it has one dash",
                        call.cmdlet.name
                    ),
                });
            }
        }
    }
}
