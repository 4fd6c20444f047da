//! `placeholder-not-replaced`: see [`PlaceholderNotReplaced`].

use crate::diagnostic::Severity;
use crate::lint::context::BlockText;
use crate::lint::facts::variables::{EventId, EventKind, Scope};
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Part, PartKind};
use std::collections::{HashMap, HashSet};

/// A stand-in where a variable already holds the value.
pub(super) struct PlaceholderNotReplaced;

impl Rule for PlaceholderNotReplaced {
    fn id(&self) -> &'static str {
        "placeholder-not-replaced"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a placeholder stands where a variable already holds the value"
    }

    fn explanation(&self) -> &'static str {
        "The reader set the variable in an earlier step and now has to look the value up and type \
         it in; who pastes the command gets an error. Each name is told where it stands first.\n\n\
         Instead of\n\n\
         ```azurecli\nIDENTITY_ID=$(az identity show --name app --resource-group rg --query id --output tsv)\naz containerapp create --name app --user-assigned \"<IDENTITY_ID>\"\n```\n\n\
         write\n\n\
         ```azurecli\nIDENTITY_ID=$(az identity show --name app --resource-group rg --query id --output tsv)\naz containerapp create --name app --user-assigned \"$IDENTITY_ID\"\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let holds = |block: &BlockText<'_>| block.script.is_some() && block.text.contains('<');
        if !context.blocks.iter().any(holds) {
            return;
        }
        let variables = context.variables();
        let mut told = HashSet::new();
        for path in &context.paths {
            let mut set: HashMap<String, EventId> = HashMap::new();
            for block in &path.blocks {
                let Some(text) = context.blocks.get(*block) else {
                    continue;
                };
                let Some(script) = &text.script else { continue };
                for (event, what) in variables
                    .blocks
                    .get(*block)
                    .into_iter()
                    .flat_map(|of| of.events.iter().enumerate())
                {
                    // A variable that is itself set to a stand-in is set by the reader.
                    if let EventKind::Set(setting) = &what.kind
                        && setting.scope == Scope::Shell
                    {
                        let id = EventId {
                            block: *block,
                            event,
                        };
                        set.entry(folded(&what.name)).or_insert(id);
                    }
                }
                if !holds(text) {
                    continue;
                }
                script.walk(&mut |command| {
                    for part in command.words.iter().skip(1).flat_map(|word| &word.parts) {
                        let Some(name) = placeholder(part) else {
                            continue;
                        };
                        let Some(setting) = set.get(&folded(name)) else {
                            continue;
                        };
                        let same_shell = variables.blocks.get(setting.block).map(|of| of.dialect)
                            == Some(Some(script.dialect));
                        let before = setting.block != *block
                            || variables
                                .event(*setting)
                                .is_some_and(|event| event.range.start < part.range.start);
                        if !before || !same_shell || !told.insert((folded(name), *setting)) {
                            continue;
                        }
                        let (Some(written), Some(there)) = (
                            variables.written(*setting),
                            variables.span(context, *setting),
                        ) else {
                            continue;
                        };
                        findings
                            .report(
                                text.span(part.range.clone()),
                                format!(
                                    "`{written}`, set at line {}, holds this value",
                                    there.line
                                ),
                            )
                            .help(format!("write `\"{written}\"`"))
                            .related(there, "set here");
                    }
                });
            }
        }
    }
}

/// The name between `<` and `>`, in quotes or not.
fn placeholder(part: &Part) -> Option<&str> {
    match &part.kind {
        PartKind::Placeholder { name } => Some(name),
        PartKind::Text(text) => {
            let name = text.strip_prefix('<')?.strip_suffix('>')?;
            (!name.contains(['<', '>'])).then_some(name)
        }
        _ => None,
    }
}

fn folded(name: &str) -> String {
    let name: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    name.strip_prefix("your").map(str::to_owned).unwrap_or(name)
}
