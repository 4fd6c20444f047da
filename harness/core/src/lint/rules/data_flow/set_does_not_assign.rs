//! `set-does-not-assign`: see [`SetDoesNotAssign`].

use crate::diagnostic::{Edit, Fix, Severity};
use crate::lint::facts::variables::{EventId, EventKind, Name};
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Command, Dialect, PartKind};

/// `set NAME=value` of the command prompt, typed into bash.
pub(super) struct SetDoesNotAssign;

impl Rule for SetDoesNotAssign {
    fn id(&self) -> &'static str {
        "set-does-not-assign"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "`set` assigns no variable in bash"
    }

    fn explanation(&self) -> &'static str {
        "`set NAME=value` is how the command prompt of Windows sets a variable. In bash it replaces \
         the positional parameters and leaves `$NAME` empty. It is an error where the article reads \
         the variable as bash does, else a warning.\n\n\
         Instead of\n\n\
         ```bash\nset REGISTRY=myregistry\naz acr login --name $REGISTRY\n```\n\n\
         write\n\n\
         ```bash\nREGISTRY=myregistry\naz acr login --name $REGISTRY\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (index, block) in context.blocks.iter().enumerate() {
            let Some(script) = &block.script else {
                continue;
            };
            if script.dialect != Dialect::Bash || !block.text.contains("set ") {
                continue;
            }
            script.walk(&mut |command| {
                let Some(name) = assigned(command) else {
                    return;
                };
                let (Some(set), Some(word)) = (command.words.first(), command.words.get(1)) else {
                    return;
                };
                let read = is_read(context, index, &name);
                let range = set.range.start..word.range.start + name.len();
                let report = findings
                    .report(
                        block.span(range),
                        format!("`set` assigns nothing in bash: `${name}` stays empty"),
                    )
                    .help(format!("write `{name}=…` without `set`"));
                if read {
                    report.fix(Fix {
                        title: "take `set` away".to_owned(),
                        edits: vec![Edit {
                            span: block.span(set.range.start..word.range.start),
                            replacement: String::new(),
                        }],
                    });
                } else {
                    report.severity(Severity::Warning);
                }
            });
        }
    }
}

/// The variable that a `set NAME=value` is meant for; options and `--` are bash's own.
fn assigned(command: &Command) -> Option<String> {
    let [set, word] = command.words.as_slice() else {
        return None;
    };
    if set.literal().as_deref() != Some("set") {
        return None;
    }
    let PartKind::Text(text) = &word.parts.first()?.kind else {
        return None;
    };
    let (name, _) = text.split_once('=')?;
    let mut chars = name.chars();
    let is_name = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| name.to_owned())
}

/// Whether bash reads the variable further down.
fn is_read(context: &Context<'_>, block: usize, name: &str) -> bool {
    let variables = context.variables();
    let variable = variables.variable(&Name::new(Dialect::Bash, name));
    variable.is_some_and(|variable| {
        variable.readings.last().is_some_and(|last: &EventId| {
            last.block >= block
                && variables
                    .event(*last)
                    .is_some_and(|event| matches!(event.kind, EventKind::Read(_)))
        })
    })
}
