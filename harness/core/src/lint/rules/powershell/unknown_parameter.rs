//! `unknown-parameter`: see [`UnknownParameter`].

use super::blocks::{self, Call, Code};
use crate::cmdlet_table::{Cmdlet, Found};
use crate::diagnostic::Severity;
use crate::lint::{BlockText, Context, Findings, Rule};
use crate::shell::{HashtableEntry, hashtable_entries};
use std::collections::HashMap;
use std::ops::Range;

/// A cmdlet with a parameter that it does not have.
pub(super) struct UnknownParameter;

impl Rule for UnknownParameter {
    fn id(&self) -> &'static str {
        "unknown-parameter"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a cmdlet is given a parameter that it does not have"
    }

    fn explanation(&self) -> &'static str {
        "PowerShell answers `A parameter cannot be found that matches parameter name` and runs \
nothing. Any beginning of a name that only one parameter has is accepted, and so are aliases, and \
what a hashtable that is splatted holds is looked at too.

```powershell
New-AzUserAssignedIdentity -ResourceGroupName my-group -Name my-id -Region eastus
```

Write

```powershell
New-AzUserAssignedIdentity -ResourceGroupName my-group -Name my-id -Location eastus
```

Where docproof knows a cmdlet only from an older help, nothing is told but a name that is nearly \
that of a parameter, and only as a warning.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let mut tables: HashMap<String, Splat<'_>> = HashMap::new();
        for code in blocks::blocks(context) {
            splats(&code, &mut tables);
            for (call, _) in code.calls() {
                if call.cmdlet.parameters.is_some() {
                    written(&code, &call, findings);
                    splatted(&code, &call, &tables, findings);
                }
            }
        }
    }
}

/// A hashtable that a variable holds.
struct Splat<'a> {
    block: &'a BlockText<'a>,
    /// Where it was set.
    at: usize,
    entries: Vec<HashtableEntry>,
}

/// Notes the hashtables that a block assigns to variables; the last one of a name is what a later
/// block splats.
fn splats<'a>(code: &Code<'a>, tables: &mut HashMap<String, Splat<'a>>) {
    for command in &code.script.commands {
        for set in &command.assignments {
            let name = set.name.to_lowercase();
            let entries = set
                .value
                .as_ref()
                .and_then(|value| hashtable_entries(code.text, value.range.clone()));
            match entries {
                Some(entries) if !set.append => {
                    let splat = Splat {
                        block: code.block,
                        at: set.range.start,
                        entries,
                    };
                    // A block that sets a name twice says nothing of which is splatted when.
                    let again = tables
                        .get(&name)
                        .is_some_and(|other| std::ptr::eq(other.block, code.block));
                    if again {
                        tables.remove(&name);
                    } else {
                        tables.insert(name, splat);
                    }
                }
                _ => {
                    tables.remove(&name);
                }
            }
        }
    }
}

fn written(code: &Code<'_>, call: &Call<'_>, findings: &mut Findings) {
    for (word, name) in call.parameters() {
        // `-vault-name` is told by the rule about options with one dash.
        let range = word.range.start..(word.range.start + 1 + name.len()).min(word.range.end);
        judge(call.cmdlet, name, code.block, range, findings);
    }
}

fn splatted(
    code: &Code<'_>,
    call: &Call<'_>,
    tables: &HashMap<String, Splat<'_>>,
    findings: &mut Findings,
) {
    for word in call.arguments {
        let Some(name) = word.source(code.text).strip_prefix('@') else {
            continue;
        };
        let Some(splat) = tables.get(&name.to_lowercase()) else {
            continue;
        };
        if std::ptr::eq(splat.block, code.block) && splat.at > call.command.range.start {
            continue;
        }
        for entry in &splat.entries {
            let range = entry.key_range.clone();
            judge(call.cmdlet, &entry.key, splat.block, range, findings);
        }
    }
}

fn judge(
    cmdlet: &Cmdlet,
    name: &str,
    block: &BlockText<'_>,
    range: Range<usize>,
    findings: &mut Findings,
) {
    match cmdlet.parameter(name) {
        Found::Parameter(_) | Found::Common => {}
        Found::Ambiguous(names) => {
            if cmdlet.current {
                let names: Vec<String> = names.iter().map(|name| format!("`-{name}`")).collect();
                findings
                    .report(
                        block.span(range),
                        format!("`-{name}` can be {}", names.join(" or ")),
                    )
                    .help("write the whole name");
            }
        }
        Found::Unknown => {
            let near = if cmdlet.current {
                cmdlet.nearest(name)
            } else {
                cmdlet.misspelt(name)
            };
            if !cmdlet.current && near.is_none() {
                return;
            }
            let report = findings.report(
                block.span(range),
                format!("`{}` has no parameter `-{name}`", cmdlet.name),
            );
            let report = match near {
                Some(near) => report.help(format!("did you mean `-{near}`?")),
                None => report.help(format!("see `Get-Help {} -Full`", cmdlet.name)),
            };
            if !cmdlet.current {
                report.severity(Severity::Warning);
            }
        }
    }
}
