//! `unknown-cmdlet`: see [`UnknownCmdlet`].

use super::blocks;
use crate::cmdlet_table::CmdletTable;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::CommandKind;

/// A cmdlet whose name is nearly that of another.
pub(super) struct UnknownCmdlet;

impl Rule for UnknownCmdlet {
    fn id(&self) -> &'static str {
        "unknown-cmdlet"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a cmdlet is not known, but one with nearly that name is"
    }

    fn explanation(&self) -> &'static str {
        "Only names that differ in a letter or two from a cmdlet of a module that docproof knows \
completely are told; what belongs to other modules is not judged.

```powershell
New-AzKeyValt -Name my-vault -ResourceGroupName my-group -Location eastus
```

Write

```powershell
New-AzKeyVault -Name my-vault -ResourceGroupName my-group -Location eastus
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let table = CmdletTable::built_in();
        for code in blocks::blocks(context) {
            for command in code.lists().into_iter().flatten() {
                let Some(word) = command.words.first() else {
                    continue;
                };
                let name = word.source(code.text);
                let is_cmdlet = command.kind == CommandKind::Simple
                    && name.len() < 80
                    && name.split_once('-').is_some_and(|(_, noun)| {
                        noun.get(..2)
                            .is_some_and(|az| az.eq_ignore_ascii_case("az"))
                    });
                if !is_cmdlet || table.cmdlet(name).is_some() {
                    continue;
                }
                if let Some(meant) = table.meant(name) {
                    findings
                        .report(
                            code.block.span(word.range.clone()),
                            format!("`{name}` is no cmdlet that is known"),
                        )
                        .help(format!("did you mean `{}`?", meant.name));
                }
            }
        }
    }
}
