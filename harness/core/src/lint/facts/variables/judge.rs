//! Why a variable has no value, and which one was meant: [`Judge`].

use super::likeness::{folded, likeness, words};
use super::{
    Cause, Certainty, Event, EventId, EventKind, Name, Rival, Scope, Undefined, Variables,
};
use crate::lint::Context;
use crate::markdown::Article;
use crate::shell::Dialect;
use std::collections::{HashMap, HashSet};

/// Variables that are set, and that are not, whose names are compared.
const MOST_VARIABLES: usize = 200;

/// Places that set a variable which are looked for on a reader's way.
const MOST_SETTINGS: usize = 32;

/// Finds out why readings have no value.
pub(super) struct Judge<'v, 'c, 'a> {
    variables: &'v Variables,
    context: &'c Context<'a>,
    /// By block: how many ways show it.
    shown: Vec<usize>,
    /// By option: the variables that are its value, by lower-case name, and how often.
    options: HashMap<&'v str, HashMap<String, usize>>,
    /// Names in lower case, without `_` → variables.
    alike: HashMap<String, Vec<usize>>,
    /// By variable: the one option that it is the value of wherever it is read.
    only: Vec<Option<&'v str>>,
    /// Shells that the article sets variables in.
    sets: Vec<Dialect>,
    /// Another article comes first, and may set variables.
    continues: bool,
    /// By variable: the nearest one that is set.
    near: HashMap<usize, Option<usize>>,
}

impl<'v, 'c, 'a> Judge<'v, 'c, 'a> {
    pub(super) fn new(variables: &'v Variables, context: &'c Context<'a>) -> Self {
        let mut shown = vec![0; context.blocks.len()];
        for path in &context.paths {
            for block in &path.blocks {
                if let Some(count) = shown.get_mut(*block) {
                    *count += 1;
                }
            }
        }
        let mut options: HashMap<&str, HashMap<String, usize>> = HashMap::new();
        for event in variables.blocks.iter().flat_map(|block| &block.events) {
            if let EventKind::Read(reading) = &event.kind
                && let Some(option) = &reading.option
                && is_telling(option)
            {
                let names = options.entry(option).or_default();
                *names.entry(event.name.to_lowercase()).or_default() += 1;
            }
        }
        let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, variable) in variables.all.iter().enumerate() {
            alike
                .entry(folded(&variable.name.key))
                .or_default()
                .push(index);
        }
        let only = variables.all.iter().map(|variable| {
            let mut options = variable.readings.iter().map(|id| {
                match variables.event(*id).map(|event| &event.kind) {
                    Some(EventKind::Read(reading)) => reading.option.as_deref(),
                    _ => None,
                }
            });
            let first = options.next().flatten();
            first.filter(|first| options.all(|option| option == Some(first)))
        });
        let set = variables.all.iter().filter(|v| !v.settings.is_empty());
        Self {
            variables,
            context,
            shown,
            options,
            alike,
            only: only.collect(),
            sets: set
                .map(|variable| variable.name.dialect)
                .collect::<HashSet<_>>()
                .into_iter()
                .collect(),
            continues: continues(context.article) || asks_in_vain(context.article, variables),
            near: HashMap::new(),
        }
    }

    pub(super) fn judge(
        &mut self,
        reading: EventId,
        paths: Vec<usize>,
        unknown: bool,
        outside: Option<EventId>,
    ) -> Option<Undefined> {
        let event = self.variables.event(reading)?;
        let variable = self.variables.all.get(event.variable)?;
        let done = |cause, certainty, paths| {
            Some(Undefined {
                reading,
                cause,
                certainty,
                paths,
            })
        };
        if let Some(outside) = outside {
            return done(Cause::NotInContainer(outside), Certainty::Likely, paths);
        }
        let kept = variable.settings.iter().filter(|id| {
            matches!(
                self.variables.event(**id).map(|event| &event.kind),
                Some(EventKind::Set(setting)) if setting.scope == Scope::Shell
            )
        });
        // The first ones of many: each costs a look at each way.
        let kept: Vec<EventId> = kept.copied().take(MOST_SETTINGS).collect();
        let on_same_way = |id: &&EventId| {
            let ways = paths
                .iter()
                .filter_map(|path| self.context.paths.get(*path));
            ways.into_iter()
                .any(|way| way.blocks.binary_search(&id.block).is_ok())
        };
        if !kept.is_empty() {
            if unknown {
                return None;
            }
            let everywhere = self.shown.get(reading.block) == Some(&paths.len());
            let later = kept.iter().find(on_same_way);
            return match later {
                // A step further up may be for readers who have done the later ones before.
                Some(later) => {
                    let certainty = match everywhere && later.block == reading.block {
                        true => Certainty::Certain,
                        false => Certainty::Likely,
                    };
                    done(Cause::Later(*later), certainty, paths)
                }
                None => done(Cause::OtherWay(*kept.first()?), Certainty::Likely, paths),
            };
        }
        if let Some(other) = self.in_other_shell(&variable.name) {
            if unknown {
                return None;
            }
            return done(Cause::OtherShell(other), Certainty::Certain, paths);
        }
        if let Some(passing) = variable.settings.first() {
            let known = (!unknown).then_some(Cause::NotKept(*passing))?;
            return done(known, Certainty::Likely, paths);
        }
        let rival = self.rival(event, &variable.name, reading);
        let sure = rival.as_ref().is_some_and(|(_, sure)| *sure);
        if unknown && !sure {
            return None;
        }
        let rival = rival.filter(|(_, sure)| *sure || !self.continues);
        let sets_any = self.sets.contains(&variable.name.dialect);
        let certainty = match sure || (!self.continues && (sets_any || rival.is_some())) {
            true => Certainty::Certain,
            false => Certainty::Likely,
        };
        done(
            Cause::Never(rival.map(|(rival, _)| rival)),
            certainty,
            paths,
        )
    }

    fn in_other_shell(&self, name: &Name) -> Option<EventId> {
        let others = self.alike.get(&folded(&name.key))?;
        others
            .iter()
            .filter_map(|index| self.variables.all.get(*index))
            .find(|other| {
                other.name.dialect != name.dialect
                    && other.name.key.eq_ignore_ascii_case(&name.key)
                    && !other.settings.is_empty()
            })?
            .settings
            .first()
            .copied()
    }

    /// The variable that was probably meant, and whether that is sure whatever else may set
    /// variables.
    fn rival(&mut self, event: &Event, name: &Name, reading: EventId) -> Option<(Rival, bool)> {
        let settable = |index: &&usize| {
            self.variables.all.get(**index).is_some_and(|other| {
                other.name.dialect == name.dialect
                    && other.name != *name
                    && !other.settings.is_empty()
            })
        };
        let spelled = self.alike.get(&folded(&name.key));
        if let Some(other) = spelled.and_then(|others| others.iter().find(settable)) {
            return Some((self.set_rival(*other)?, true));
        }
        if let Some(rival) = self.by_option(event, name) {
            return Some(rival);
        }
        let near = match self.near.get(&event.variable) {
            Some(near) => *near,
            // Far more than an article has: comparing each with all would take too long.
            None if self.near.len() >= MOST_VARIABLES => None,
            None => {
                let near = self.nearest(name, reading);
                self.near.insert(event.variable, near);
                near
            }
        };
        Some((self.set_rival(near?)?, false))
    }

    fn nearest(&self, name: &Name, reading: EventId) -> Option<usize> {
        let all = self.variables.all.iter().take(MOST_VARIABLES).enumerate();
        all.filter(|(_, other)| {
            other.name.dialect == name.dialect
                && other
                    .settings
                    .first()
                    .is_some_and(|setting| *setting < reading)
        })
        .filter_map(|(index, other)| Some((likeness(&name.key, &other.name.key)?, index)))
        .max_by_key(|(likeness, index)| (*likeness, std::cmp::Reverse(*index)))
        .map(|(_, index)| index)
    }

    fn set_rival(&self, index: usize) -> Option<Rival> {
        let variable = self.variables.all.get(index)?;
        let setting = variable.settings.first().copied()?;
        Some(Rival {
            name: self.variables.event(setting)?.name.clone(),
            setting: Some(setting),
            option: None,
        })
    }

    /// The variable that the same option takes everywhere else.
    fn by_option(&self, event: &Event, name: &Name) -> Option<(Rival, bool)> {
        let EventKind::Read(reading) = &event.kind else {
            return None;
        };
        let option = reading.option.as_deref()?;
        let names = self.options.get(option)?;
        let own = names.get(&event.name.to_lowercase()).copied().unwrap_or(0);
        let (other, count) = names
            .iter()
            .filter(|(other, _)| !other.eq_ignore_ascii_case(&event.name))
            .max_by_key(|(other, count)| (**count, std::cmp::Reverse(*other)))?;
        let rival = self
            .alike
            .get(&folded(other))?
            .iter()
            .filter_map(|index| self.variables.all.get(*index))
            .filter(|variable| variable.name.key.eq_ignore_ascii_case(other))
            .max_by_key(|variable| variable.name.dialect == name.dialect)?;
        let setting = rival.settings.first().copied();
        if *count <= own || (setting.is_none() && *count < 2 * own) {
            return None;
        }
        // Only ever the value of this option: it has no meaning of its own.
        let alone = self.only.get(event.variable).copied().flatten() == Some(option);
        let written = rival.settings.first().or(rival.readings.first());
        let written = &self.variables.event(*written?)?.name;
        let alike = words(&name.key)
            .iter()
            .any(|word| words(&rival.name.key).contains(word));
        Some((
            Rival {
                name: written.clone(),
                setting,
                option: Some(option.to_owned()),
            },
            alone && alike,
        ))
    }
}

/// Whether the article says that another one was followed before it.
fn continues(article: &Article) -> bool {
    article.prose.iter().any(|prose| {
        let lower = prose.text.to_lowercase();
        let says = |texts: &[&str]| texts.iter().any(|text| lower.contains(text));
        let before = says(&["previous", "preceding", "earlier", "first"])
            && says(&[" tutorial", " quickstart", " article"])
            && !says(&["this article"]);
        let linked = lower.contains("](") || lower.contains("][");
        before
            || (linked
                && says(&["haven't", "complete", "perform", "follow", "before you"])
                && says(&[
                    "steps in",
                    "steps described in",
                    "steps outlined in",
                    "instructions in",
                    "already created",
                    "already deployed",
                    "already completed",
                    "already set up",
                    "complete the tutorial",
                    "complete the quickstart",
                    "completed the",
                ]))
    })
}

/// Whether the article asks its reader to set variables and shows none set next: what it shows is
/// no block that can be read, or stands somewhere else.
fn asks_in_vain(article: &Article, variables: &Variables) -> bool {
    article.prose.iter().any(|prose| {
        let lower = prose.words.to_lowercase();
        let asks = ["set ", "define ", "export "]
            .iter()
            .any(|verb| lower.contains(verb));
        let next = variables.blocks.get(prose.blocks_before);
        asks && lower.contains("environment variables")
            && next.is_some_and(|next| {
                let sets = |event: &Event| matches!(event.kind, EventKind::Set(_));
                next.dialect.is_some() && !next.events.iter().any(sets)
            })
    })
}

/// Options that mean the same thing wherever they stand.
fn is_telling(option: &str) -> bool {
    option.starts_with("--")
        && !matches!(
            option,
            "--name" | "--query" | "--ids" | "--id" | "--scope" | "--value"
        )
}
