//! A scenario that people have worked on, brought up to what its article says now: [`update`].
//!
//! Files are taken apart into the parts that begin with a table's head, comments before it included.
//! What is there of a step stays as it is, word for word; steps for new blocks come in where they are
//! read, those whose block is gone go. What was prepared stays; what is needed now is added.

mod part;

use crate::markdown::Article;
use part::{Part, parts};
use std::collections::{BTreeMap, HashSet};

/// What came of bringing a scenario up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The new text.
    pub text: String,
    /// What changed, each in a few words.
    pub changes: Vec<String>,
}

/// Whether two steps are about the same block.
type Rule<'r> = &'r dyn Fn(&Part, &Part) -> bool;

/// Brings `old`, a scenario file, up to `new`, what would be made of the article today.
pub fn update(old: &str, new: &str, article: &Article) -> Updated {
    let (old, new) = (parts(old), parts(new));
    let mut changes = Vec::new();
    let of = |parts: &[Part], head: &str| -> Vec<Part> {
        let parts = parts.iter();
        parts.filter(|part| part.head == head).cloned().collect()
    };
    let mut out: Vec<Part> = Vec::new();
    // What comes first, and the tables, in the old file's order; keys that are new are added.
    let single = |part: &&Part| !part.head.starts_with("[[");
    for part in old.iter().filter(single) {
        let mut part = part.clone();
        if let Some(theirs) = new.iter().find(|one| one.head == part.head) {
            merge(&mut part, theirs, article, &mut changes);
        }
        out.push(part);
    }
    for part in new.iter().filter(single) {
        if !out.iter().any(|one| one.head == part.head) {
            changes.push(format!("added {}", part.head));
            out.push(part.clone());
        }
    }
    out.extend(of(&new, "[[guess]]"));
    let mut preparations = of(&old, "[[prepare]]");
    for part in of(&new, "[[prepare]]") {
        let run = |part: &Part| {
            part.text
                .split_once("run")
                .map(|(_, run)| run.trim().to_owned())
        };
        if !preparations.iter().any(|one| run(one) == run(&part)) {
            let why = part.key("why").map(|(why, _)| why).unwrap_or_default();
            changes.push(format!("added a preparation: {why}"));
            preparations.push(part);
        }
    }
    out.extend(preparations);
    out.extend(steps(
        &of(&old, "[[step]]"),
        &of(&new, "[[step]]"),
        &mut changes,
    ));
    let mut text = String::new();
    for part in out {
        if !text.is_empty() && !text.ends_with("\n\n") {
            text.push('\n');
        }
        text.push_str(part.text.trim_end());
        text.push('\n');
    }
    Updated { text, changes }
}

/// The steps of both.
fn steps(old: &[Part], new: &[Part], changes: &mut Vec<String>) -> Vec<Part> {
    let section = |address: &str| address.split('#').next().unwrap_or_default().to_owned();
    let mut kept: Vec<Option<&Part>> = old.iter().map(Some).collect();
    // For each new step the old one that is about the same block: the same first line in the same
    // section, else the same place.
    let mut found: Vec<Option<usize>> = vec![None; new.len()];
    let by_comment = |one: &Part, other: &Part| {
        let (Some((a, Some(first))), Some((b, Some(second)))) =
            (one.key("block"), other.key("block"))
        else {
            return false;
        };
        first == second && section(&a) == section(&b)
    };
    let by_address = |one: &Part, other: &Part| {
        let (Some((a, first)), Some((b, second))) = (one.key("block"), other.key("block")) else {
            return false;
        };
        a == b && (first.is_none() || second.is_none() || first == second)
    };
    let changed = |one: &Part, other: &Part| {
        let (one, other) = (one.key("block"), other.key("block"));
        one.is_some() && one.map(|(a, _)| a) == other.map(|(b, _)| b)
    };
    let rules: [Rule<'_>; 3] = [&by_address, &by_comment, &changed];
    for rule in rules {
        for (index, step) in new.iter().enumerate() {
            if found.get(index).is_some_and(Option::is_some) {
                continue;
            }
            let at = kept
                .iter()
                .position(|one| one.is_some_and(|one| rule(one, step)));
            if let (Some(at), Some(slot)) = (at, found.get_mut(index)) {
                *slot = Some(at);
                if let Some(taken) = kept.get_mut(at) {
                    *taken = None;
                }
            }
        }
    }
    // Steps that are no block's are people's own, or were made for a step: they stay before the one
    // that they stood before.
    let mut before: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut waiting = Vec::new();
    for (at, step) in old.iter().enumerate() {
        match step.key("block") {
            None => waiting.push(at),
            Some(_) => {
                before.insert(at, std::mem::take(&mut waiting));
            }
        }
    }
    let own: HashSet<String> = old
        .iter()
        .filter(|step| step.key("block").is_none())
        .map(Part::name)
        .collect();
    let names = names(old, new, &found, &own);
    let renamed = |name: &str| names.get(name).cloned();
    let mut out: Vec<Part> = Vec::new();
    for (index, step) in new.iter().enumerate() {
        match found.get(index).copied().flatten() {
            Some(at) => {
                let stood = before.remove(&at).unwrap_or_default();
                out.extend(stood.iter().filter_map(|at| old.get(*at)).cloned());
                if let Some(one) = old.get(at) {
                    out.push(moved(one, step, changes));
                }
            }
            None if step.key("block").is_none() && own.contains(&step.name()) => {}
            None => {
                let mut step = step.clone();
                if let Some(name) = renamed(&step.name()) {
                    step.rename(&name);
                }
                step.change_needs(|needed| {
                    Some(renamed(needed).unwrap_or_else(|| needed.to_owned()))
                });
                changes.push(format!("added the step \"{}\"", step.name()));
                out.push(step);
            }
        }
    }
    for (at, one) in kept.iter().enumerate() {
        let Some(one) = one else { continue };
        if one.key("block").is_some() {
            changes.push(format!(
                "took out the step \"{}\": its block is gone",
                one.name()
            ));
            let stood = before.remove(&at).unwrap_or_default();
            out.extend(stood.iter().filter_map(|at| old.get(*at)).cloned());
        }
    }
    out.extend(waiting.iter().filter_map(|at| old.get(*at)).cloned());
    let mut earlier = HashSet::new();
    for step in &mut out {
        let name = step.name();
        step.change_needs(|needed| {
            let is_there = earlier.contains(needed);
            if !is_there {
                changes.push(format!(
                    "\"{name}\" no longer needs \"{needed}\": it does not come before it"
                ));
            }
            is_there.then(|| needed.to_owned())
        });
        earlier.insert(name);
    }
    out
}

/// What the new steps are called, by what they would be: one that is there keeps its name, and takes it from others.
fn names(
    old: &[Part],
    new: &[Part],
    found: &[Option<usize>],
    own: &HashSet<String>,
) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut taken = own.clone();
    let kept = |index: usize| old.get(found.get(index).copied().flatten()?);
    for (index, step) in new.iter().enumerate() {
        if let Some(one) = kept(index) {
            taken.insert(one.name());
            names.insert(step.name(), one.name());
        }
    }
    for step in new {
        let name = step.name();
        if names.contains_key(&name) || (step.key("block").is_none() && own.contains(&name)) {
            continue;
        }
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| !taken.contains(name));
        let free = free.unwrap_or_default();
        taken.insert(free.clone());
        names.insert(name, free);
    }
    names
}

/// An old step at its block's new address.
fn moved(old: &Part, new: &Part, changes: &mut Vec<String>) -> Part {
    let (Some((from, said)), Some((to, says))) = (old.key("block"), new.key("block")) else {
        return old.clone();
    };
    let mut part = old.clone();
    if from != to {
        changes.push(format!("moved \"{}\" from {from} to {to}", old.name()));
        part.text = part
            .text
            .replacen(&format!("\"{from}\""), &format!("\"{to}\""), 1);
    }
    if let (Some(said), Some(says)) = (said, says)
        && said != says
    {
        changes.push(format!(
            "the block of \"{}\" has changed: look at it",
            old.name()
        ));
        part.text = part
            .text
            .replacen(&format!("# {said}"), &format!("# {says}"), 1);
    }
    // Without these it would be run where it cannot be.
    for key in ["requires", "in", "file"] {
        if part.line(key).is_none()
            && let Some(line) = new.line(key)
        {
            changes.push(format!("added `{key}` to \"{}\"", old.name()));
            part.text = format!("{}\n{line}\n", part.text.trim_end());
        }
    }
    part
}

/// Adds the keys that a table has now, and takes out those that stand in no block any more.
fn merge(part: &mut Part, new: &Part, article: &Article, changes: &mut Vec<String>) {
    if !matches!(part.head.as_str(), "[placeholders]" | "[names]") {
        return;
    }
    let key = |line: &str| {
        let line = line.trim();
        let key = match line.strip_prefix('"') {
            Some(rest) => rest.split_once('"')?.0,
            None => line.split_once('=')?.0.trim(),
        };
        (!key.is_empty() && !key.starts_with(['#', '['])).then(|| key.to_owned())
    };
    let has: HashSet<String> = part.text.lines().filter_map(key).collect();
    let mut text = part.text.trim_end().to_owned();
    for line in new.text.lines() {
        if let Some(name) = key(line).filter(|name| !has.contains(name)) {
            changes.push(format!("added `{name}` to {}", part.head));
            text.push('\n');
            text.push_str(line);
        }
    }
    let stands = |name: &str| {
        let mut lines = article.blocks.iter().flat_map(|block| &block.lines);
        lines.any(|line| line.text.contains(name))
    };
    let is_new: HashSet<String> = new.text.lines().filter_map(key).collect();
    let stays = |line: &&str| key(line).is_none_or(|name| is_new.contains(&name) || stands(&name));
    let left = text.lines().filter(|line| !stays(line)).filter_map(key);
    changes.extend(left.map(|name| format!("took `{name}` out of {}: no block has it", part.head)));
    let text = text
        .lines()
        .filter(stays)
        .flat_map(|line| [line, "\n"])
        .collect();
    part.text = text;
}
