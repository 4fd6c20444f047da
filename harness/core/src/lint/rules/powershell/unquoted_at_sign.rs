//! `unquoted-at-sign`: see [`UnquotedAtSign`].

use super::blocks;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::{PartKind, Quoting};

/// `@file` for a program, which PowerShell splats.
pub(super) struct UnquotedAtSign;

impl Rule for UnquotedAtSign {
    fn id(&self) -> &'static str {
        "unquoted-at-sign"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "PowerShell splats an unquoted `@file` instead of handing it on"
    }

    fn explanation(&self) -> &'static str {
        "`@` before a name is PowerShell's own: it splats the variable of that name. `az` never \
sees the file's name.

```powershell
az deployment group create --resource-group my-group --parameters @parameters.json
```

Write

```powershell
az deployment group create --resource-group my-group --parameters '@parameters.json'
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in blocks::blocks(context) {
            if !code.text.contains(" @") {
                continue;
            }
            for command in code.lists().into_iter().flatten() {
                let Some((name, arguments)) = command.words.split_first() else {
                    continue;
                };
                if !matches!(name.source(code.text), "az" | "curl" | "kubectl" | "gh") {
                    continue;
                }
                for word in arguments {
                    let source = word.source(code.text);
                    let Some(first) = word.parts.first() else {
                        continue;
                    };
                    // `@name` alone may well be meant; `@./file` PowerShell hands on as it is.
                    let splats = first.quoting == Quoting::None
                        && matches!(first.kind, PartKind::Text(_))
                        && source.strip_prefix('@').is_some_and(|file| {
                            file.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                                && file.contains('.')
                        });
                    if splats
                        && word
                            .parts
                            .iter()
                            .all(|part| matches!(part.kind, PartKind::Text(_)))
                    {
                        let quoted = format!("'{source}'");
                        findings
                            .report(
                                code.block.span(word.range.clone()),
                                format!("PowerShell splats `{source}` instead of handing it on"),
                            )
                            .help(format!("write `{quoted}`"))
                            .fix(code.fix("quote it", [(word.range.clone(), &quoted)]));
                    }
                }
            }
        }
    }
}
