//! Which variables are read before anything sets them: [`find`].

use super::judge::Judge;
use super::{Event, EventId, EventKind, Scope, Variables, declared};
use crate::lint::{Context, ReaderPath};
use crate::markdown::Article;
use std::collections::BTreeMap;

/// A variable that is read on some way through the article before anything sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undefined {
    /// Where it is read.
    pub reading: EventId,
    /// Why it has no value there.
    pub cause: Cause,
    /// How sure that is.
    pub certainty: Certainty,
    /// The ways on which that happens: indices into [`Context::paths`].
    pub paths: Vec<usize>,
}

/// Why a variable has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It is set only later on the same way.
    Later(EventId),
    /// It is set only on other ways.
    OtherWay(EventId),
    /// It is set only in another shell's language.
    OtherShell(EventId),
    /// It is set only inside a substitution, a pipeline or for one command.
    NotKept(EventId),
    /// It is set in the shell that a container's shell was opened from.
    NotInContainer(EventId),
    /// Nothing sets it; perhaps another one was meant.
    Never(Option<Rival>),
}

/// A variable that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    /// Its name, as it is written.
    pub name: String,
    /// Where it is set.
    pub setting: Option<EventId>,
    /// The option that takes it in other places.
    pub option: Option<String>,
}

/// How sure it is that a variable has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Something that the article does not show may set it.
    Likely,
    /// A reader who does what the article says has no value there.
    Certain,
}

/// Everything that has no value where it is read, in the order of the blocks.
pub(super) fn find(variables: &Variables, context: &Context<'_>) -> Vec<Undefined> {
    let asked = declared::find(context);
    let asked: Vec<bool> = variables
        .all
        .iter()
        .map(|variable| asked.contains(&variable.name.key.to_lowercase()))
        .collect();
    let mut found: BTreeMap<EventId, (Vec<usize>, bool, Option<EventId>)> = BTreeMap::new();
    for (index, path) in context.paths.iter().enumerate() {
        for missing in Walk::new(variables, context, &asked).along(path) {
            let entry = found
                .entry(missing.reading)
                .or_insert_with(|| (Vec::new(), false, missing.outside));
            entry.0.push(index);
            entry.1 |= missing.unknown;
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    let mut judge = Judge::new(variables, context);
    found
        .into_iter()
        .filter_map(|(reading, (paths, unknown, outside))| {
            judge.judge(reading, paths, unknown, outside)
        })
        .collect()
}

/// A reading without a value.
struct Missing {
    reading: EventId,
    /// Something before it may have set any variable.
    unknown: bool,
    /// Where it was set, in the shell that the container's was opened from.
    outside: Option<EventId>,
}

/// One way through the article, as a shell sees it.
struct Walk<'v, 'c, 'a> {
    variables: &'v Variables,
    context: &'c Context<'a>,
    /// By variable: the text asks the reader to set it.
    asked: &'v [bool],
    /// By variable: where it was set.
    set: Vec<Option<EventId>>,
    /// By variable: the block in which it was set for a while.
    passing: Vec<Option<usize>>,
    unknown: bool,
    /// The section in which a container's shell was opened.
    container: Option<&'c str>,
    /// How many such shells were opened so far.
    containers: usize,
    /// By variable: the last of them that it was set in.
    set_inside: Vec<usize>,
}

impl<'v, 'c, 'a> Walk<'v, 'c, 'a> {
    fn new(variables: &'v Variables, context: &'c Context<'a>, asked: &'v [bool]) -> Self {
        let count = variables.all.len();
        Self {
            variables,
            context,
            asked,
            set: vec![None; count],
            passing: vec![None; count],
            unknown: context.fragment,
            container: None,
            containers: 0,
            set_inside: vec![0; count],
        }
    }

    fn along(mut self, path: &ReaderPath) -> Vec<Missing> {
        let mut missing = Vec::new();
        let mut deferred = Vec::new();
        let lacking = lacks_definitions(self.context.article, path);
        for (id, event) in self.variables.along(path) {
            self.unknown |= lacking.is_some_and(|before| before <= id.block);
            self.stays_in_container(id);
            match &event.kind {
                EventKind::Set(setting) => self.sets(id, event, setting.scope),
                EventKind::MaySetAny => self.unknown = true,
                EventKind::EntersContainer => {
                    let block = self.context.blocks.get(id.block);
                    self.container = block.map(|block| block.block.section_slug.as_str());
                    self.containers += 1;
                }
                EventKind::Leaves => self.container = None,
                EventKind::Read(reading) if reading.optional => {
                    // Who asks whether it is set expects it from elsewhere.
                    self.sets(id, event, Scope::Shell);
                }
                EventKind::Read(_) if self.is_known(event) => {}
                EventKind::Read(reading) if reading.deferred => deferred.push((id, event)),
                EventKind::Read(_) => missing.extend(self.reads(id, event)),
            }
        }
        for (id, event) in deferred {
            missing.extend(self.reads(id, event));
        }
        missing
    }

    /// The steps of the next section are for the reader's own shell again.
    fn stays_in_container(&mut self, id: EventId) {
        let here = self.context.blocks.get(id.block);
        let here = here.map(|block| block.block.section_slug.as_str());
        if self.container.is_some() && self.container != here {
            self.container = None;
        }
    }

    fn is_known(&self, event: &Event) -> bool {
        let variable = self.variables.all.get(event.variable);
        let asked = self.asked.get(event.variable).copied().unwrap_or(false);
        asked || variable.is_none_or(|variable| variable.known)
    }

    fn sets(&mut self, id: EventId, event: &Event, scope: Scope) {
        let at = event.variable;
        match scope {
            Scope::Shell if self.container.is_some() => {
                if let Some(inside) = self.set_inside.get_mut(at) {
                    *inside = self.containers;
                }
            }
            Scope::Shell => {
                if let Some(set) = self.set.get_mut(at) {
                    set.get_or_insert(id);
                }
            }
            Scope::Subshell | Scope::Command => {
                if let Some(passing) = self.passing.get_mut(at) {
                    *passing = Some(id.block);
                }
            }
        }
    }

    fn reads(&self, id: EventId, event: &Event) -> Option<Missing> {
        let at = event.variable;
        let set = self.set.get(at).copied().flatten();
        let passing = self.passing.get(at).copied().flatten() == Some(id.block);
        let inside = self.set_inside.get(at).copied().unwrap_or(0);
        let inside = inside > 0 && inside == self.containers;
        let value = match self.container {
            // An image has variables of its own.
            Some(_) => inside || set.is_none(),
            None => set.is_some() || inside,
        };
        (!value && !passing).then_some(Missing {
            reading: id,
            unknown: self.unknown,
            outside: set,
        })
    }
}

/// The block before which an include is missing that may have set variables. What only notes
/// something, or tells what one needs, does not.
fn lacks_definitions(article: &Article, path: &ReaderPath) -> Option<usize> {
    let missing = article.missing_includes.iter().filter(|include| {
        let name = include.path.rsplit('/').next().unwrap_or(&include.path);
        let lower = name.to_ascii_lowercase();
        let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
        let shell = ["sh", "bash", "azcli", "ps1", "md"]
            .iter()
            .any(|end| lower.ends_with(end));
        shell && path.view.sees(&include.visibility) && !words.any(|word| NOTING.contains(&word))
    });
    missing.map(|include| include.blocks_before).min()
}

/// Words in the names of includes that hold no steps.
const NOTING: &[&str] = &[
    "alert",
    "banner",
    "callout",
    "caution",
    "cleanup",
    "delete",
    "disclaimer",
    "note",
    "notice",
    "prepare",
    "prerequisite",
    "prerequisites",
    "retirement",
    "tip",
    "trial",
    "try",
    "updated",
    "warning",
];
