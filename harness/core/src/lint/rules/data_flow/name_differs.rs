//! `name-differs`: see [`NameDiffers`].

use super::wrong_resource_kind::taken_for;
use crate::diagnostic::Severity;
use crate::lint::facts::resources::{Act, Mention};
use crate::lint::{Context, Findings, ReaderPath, Rule};
use crate::markdown::Role;
use crate::source::Span;
use crate::suggest;
use std::collections::{HashMap, HashSet};

/// A resource that is made under one name and used under another.
pub(super) struct NameDiffers;

impl Rule for NameDiffers {
    fn id(&self) -> &'static str {
        "name-differs"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a step names a resource that another step made under another name"
    }

    fn explanation(&self) -> &'static str {
        "The step fails: what it names is not there. It is an error where the article makes exactly \
         one resource of that kind and the names differ in their marks or their end only, else a \
         warning. Names that the text \
         mentions, and everything after a template was deployed, are accepted.\n\n\
         Instead of\n\n\
         ```azurecli\naz containerapp create --name my-container-app --resource-group rg\naz containerapp show --name mycontainerapp --resource-group rg\n```\n\n\
         write\n\n\
         ```azurecli\naz containerapp create --name my-container-app --resource-group rg\naz containerapp show --name my-container-app --resource-group rg\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let elsewhere = Elsewhere::new(context);
        let mut told = HashSet::new();
        for path in &context.paths {
            check_path(context, path, &elsewhere, &mut told, findings);
        }
    }
}

/// Names that something else than a command line gives.
struct Elsewhere {
    /// Words of the text and of files that the article shows, in lower case.
    words: HashSet<String>,
    /// Names that some command makes, on any way through the article, by kind.
    made: HashSet<(String, String)>,
}

impl Elsewhere {
    fn new(context: &Context<'_>) -> Self {
        let prose = context
            .article
            .prose
            .iter()
            .map(|prose| prose.text.as_str());
        let files = context
            .blocks
            .iter()
            .filter(|block| block.role == Role::Listing);
        let texts = prose.chain(files.map(|block| block.text.as_str()));
        let words = texts
            .flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))))
            .map(|word| word.trim_matches('.').to_lowercase())
            .collect();
        let made = context.resources().blocks.iter().flatten();
        let made = made.filter(|mention| mention.act == Act::Makes);
        let made = made.filter_map(|mention| {
            Some((mention.kind.clone(), mention.name.as_ref()?.to_lowercase()))
        });
        Self {
            words,
            made: made.collect(),
        }
    }
}

/// What was made of one kind so far.
#[derive(Default)]
struct Made<'c> {
    /// Name in lower case → as it is written, and where.
    names: HashMap<String, (&'c str, usize, &'c Mention)>,
    /// Something was made whose name is not written out.
    unknown: bool,
}

fn check_path<'c>(
    context: &'c Context<'_>,
    path: &ReaderPath,
    elsewhere: &Elsewhere,
    told: &mut HashSet<(usize, usize)>,
    findings: &mut Findings,
) {
    let mut made: HashMap<&str, Made<'c>> = HashMap::new();
    let mut known: HashSet<(&str, String)> = HashSet::new();
    for block in &path.blocks {
        for mention in context.resources().blocks.get(*block).into_iter().flatten() {
            match (mention.act, &mention.name) {
                (Act::MakesAny, _) => return,
                (Act::Makes, Some(name)) => {
                    let of = made.entry(&mention.kind).or_default();
                    of.names
                        .entry(name.to_lowercase())
                        .or_insert((name, *block, mention));
                }
                (Act::Makes, None) => made.entry(&mention.kind).or_default().unknown = true,
                (Act::Needs, None) => {}
                (Act::Needs, Some(name)) => {
                    // Each name is told where it is used first.
                    if !known.insert((&mention.kind, name.to_lowercase()))
                        || told.contains(&(*block, mention.range.start))
                    {
                        continue;
                    }
                    let own = made.get(mention.kind.as_str());
                    let of = own.or_else(|| made.get(taken_for(&mention.kind)?));
                    if let Some(of) = of
                        && let Some(report) = differs(mention, name, of, elsewhere)
                    {
                        told.insert((*block, mention.range.start));
                        tell(context, *block, mention, report, findings);
                    }
                }
            }
        }
    }
}

/// The resource that was made under another name, and how sure it is that it was meant.
struct Differs<'c> {
    other: &'c str,
    block: usize,
    of: &'c Mention,
    severity: Severity,
}

fn differs<'c>(
    mention: &Mention,
    name: &str,
    made: &Made<'c>,
    elsewhere: &Elsewhere,
) -> Option<Differs<'c>> {
    let lower = name.to_lowercase();
    if made.unknown
        || made.names.is_empty()
        || made.names.len() > MOST_NAMES
        || made.names.contains_key(&lower)
        || elsewhere.words.contains(&lower)
        || (made_as_said(mention, made)
            && elsewhere
                .made
                .contains(&(mention.kind.clone(), lower.clone())))
        || made_by_azure(&lower)
    {
        return None;
    }
    let near = suggest::nearest(&lower, made.names.keys().map(String::as_str));
    let only = made.names.len() == 1;
    let key = match near {
        Some(near) => near.to_owned(),
        None if only => made.names.keys().next()?.clone(),
        None => return None,
    };
    let (other, block, of) = *made.names.get(&key)?;
    // Groups of earlier articles are used beside one's own, and a step may be for readers who have
    // something already: only a slip of the pen is certain.
    let (left, right) = (folded(&key), folded(&lower));
    let slip = left.starts_with(&right) || right.starts_with(&left);
    let severity = if only && slip && (mention.kind != "group" || left == right) {
        Severity::Error
    } else {
        Severity::Warning
    };
    if severity == Severity::Warning && near.is_none() && mention.kind == "group" {
        return None;
    }
    Some(Differs {
        other,
        block,
        of,
        severity,
    })
}

/// Far more than an article makes of one kind: comparing each with all would take too long.
const MOST_NAMES: usize = 50;

/// Whether what was made is of the kind that is named.
fn made_as_said(mention: &Mention, made: &Made<'_>) -> bool {
    made.names
        .values()
        .all(|(_, _, of)| of.kind == mention.kind)
}

fn tell(
    context: &Context<'_>,
    block: usize,
    mention: &Mention,
    differs: Differs<'_>,
    findings: &mut Findings,
) {
    let span = |block: usize, mention: &Mention| -> Option<Span> {
        Some(context.blocks.get(block)?.span(mention.range.clone()))
    };
    let (Some(here), Some(there)) = (span(block, mention), span(differs.block, differs.of)) else {
        return;
    };
    let place = if here.file == there.file {
        format!("line {}", there.line)
    } else {
        format!("line {} of {}", there.line, there.file)
    };
    let name = mention.name.as_deref().unwrap_or("");
    let message = format!(
        "nothing makes `{name}`; `{}` is made, at {place}",
        differs.other
    );
    findings
        .report(here, message)
        .help(format!("write `{}` if that is meant", differs.other))
        .severity(differs.severity)
        .related(there, "made here");
}

/// Groups that services make for themselves.
fn made_by_azure(lower: &str) -> bool {
    [
        "mc_",
        "me_",
        "ma_",
        "networkwatcher",
        "defaultresourcegroup",
        "cloud-shell-storage",
    ]
    .iter()
    .any(|start| lower.starts_with(start))
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}
