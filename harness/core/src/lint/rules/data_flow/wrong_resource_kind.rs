//! `wrong-resource-kind`: see [`WrongResourceKind`].

use crate::diagnostic::Severity;
use crate::lint::facts::resources::Act;
use crate::lint::{Context, Findings, Rule};
use std::collections::{HashMap, HashSet};

/// A command for another kind of resource than the one that was made.
pub(super) struct WrongResourceKind;

/// Command groups that are taken for each other.
const ALIKE: &[(&str, &str, &str, &str)] = &[
    (
        "container",
        "containerapp",
        "container group",
        "container app",
    ),
    ("vm", "vmss", "virtual machine", "scale set"),
];

/// The command group that `kind` is taken for.
pub(super) fn taken_for(kind: &str) -> Option<&'static str> {
    ALIKE.iter().find_map(|(one, other, _, _)| match kind {
        _ if kind == *one => Some(*other),
        _ if kind == *other => Some(*one),
        _ => None,
    })
}

fn in_words(kind: &str) -> &'static str {
    ALIKE
        .iter()
        .find_map(|(one, other, first, second)| match kind {
            _ if kind == *one => Some(*first),
            _ if kind == *other => Some(*second),
            _ => None,
        })
        .unwrap_or("resource")
}

impl Rule for WrongResourceKind {
    fn id(&self) -> &'static str {
        "wrong-resource-kind"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a command is for another kind of resource than the one that was made"
    }

    fn explanation(&self) -> &'static str {
        "`az container` works on container groups, `az containerapp` on container apps: neither \
         finds what the other made. It is reported where the steps before make the one kind and \
         none of the other, and deploy no template.\n\n\
         Instead of\n\n\
         ```azurecli\naz containerapp create --name app --resource-group rg\naz container exec --name app --resource-group rg --exec-command sh\n```\n\n\
         write\n\n\
         ```azurecli\naz containerapp create --name app --resource-group rg\naz containerapp exec --name app --resource-group rg --command sh\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let mut told = HashSet::new();
        for path in &context.paths {
            let mut made: HashMap<&str, (usize, usize)> = HashMap::new();
            'path: for block in &path.blocks {
                for mention in context.resources().blocks.get(*block).into_iter().flatten() {
                    match mention.act {
                        Act::MakesAny => break 'path,
                        Act::Makes => {
                            let place = (*block, mention.range.start);
                            made.entry(&mention.kind).or_insert(place);
                        }
                        Act::Needs => {
                            let Some((at, start)) =
                                taken_for(&mention.kind).and_then(|other| made.get(other))
                            else {
                                continue;
                            };
                            if made.contains_key(mention.kind.as_str())
                                || !told.insert((*block, mention.command.start))
                            {
                                continue;
                            }
                            let (Some(here), Some(there)) =
                                (context.blocks.get(*block), context.blocks.get(*at))
                            else {
                                continue;
                            };
                            let other = taken_for(&mention.kind).unwrap_or_default();
                            let there = there.span(*start..*start);
                            findings
                                .report(
                                    here.span(mention.command.clone()),
                                    format!(
                                        "this is for a {}, and the steps so far made a {}, at line {}",
                                        in_words(&mention.kind),
                                        in_words(other),
                                        there.line
                                    ),
                                )
                                .help(format!("use `az {other}`"))
                                .related(there, "made here");
                        }
                    }
                }
            }
        }
    }
}
