//! One way through an article: [`PathChoice`], and what a reader of it sees: [`View`].

use super::article::{Article, Block, Instruction, Tab, TabGroup, Visibility};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What a reader chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathChoice {
    /// The tabs, in the words of their links, the most wanted first. A group that has none of them
    /// shows its first tab.
    pub tabs: Vec<String>,
    /// The pivot. Without one, no zone that names pivots is shown.
    pub pivot: Option<String>,
}

/// A block on a path, with its address.
#[derive(Debug, Clone, Copy)]
pub struct Addressed<'a> {
    /// The block.
    pub block: &'a Block,
    /// Which fence of its section it is on this path, from 1.
    pub number: usize,
}

impl Addressed<'_> {
    /// `section-slug#n`.
    pub fn address(&self) -> String {
        format!("{}#{}", self.block.section_slug, self.number)
    }
}

/// What a [`PathChoice`] shows of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pivot: Option<String>,
    /// The tab that each group shows; none where the group itself is hidden.
    shown: Vec<Option<usize>>,
}

impl View {
    /// Whether the reader sees what has this visibility.
    pub fn sees(&self, visibility: &Visibility) -> bool {
        let in_zones = visibility.pivots.as_deref().is_none_or(|pivots| {
            self.pivot
                .as_ref()
                .is_some_and(|pivot| pivots.contains(pivot))
        });
        in_zones
            && visibility
                .tab
                .is_none_or(|place| self.shown.get(place.group) == Some(&Some(place.tab)))
    }
}

impl Article {
    /// The blocks that a reader with this choice sees, in reading order.
    pub fn on_path(&self, choice: &PathChoice) -> Vec<Addressed<'_>> {
        let view = self.view(choice);
        let mut numbers = std::collections::HashMap::<&str, usize>::new();
        self.blocks
            .iter()
            .filter(|block| view.sees(&block.visibility))
            .map(|block| {
                let number = numbers.entry(block.section_slug.as_str()).or_default();
                *number += 1;
                Addressed {
                    block,
                    number: *number,
                }
            })
            .collect()
    }

    /// The numbered instructions that a reader with this choice sees, each with its number in its
    /// section, from 1: the lists of a section are counted through.
    pub fn instructions_on_path(&self, choice: &PathChoice) -> Vec<(usize, &Instruction)> {
        let view = self.view(choice);
        let mut numbers = std::collections::HashMap::<&str, usize>::new();
        self.instructions
            .iter()
            .filter(|one| view.sees(&one.visibility))
            .map(|one| {
                let number = numbers.entry(one.section_slug.as_str()).or_default();
                *number += 1;
                (*number, one)
            })
            .collect()
    }

    /// What this choice shows of the article.
    pub fn view(&self, choice: &PathChoice) -> View {
        let mut active: HashSet<&str> = choice.tabs.iter().map(String::as_str).collect();
        let mut shown: Vec<Option<usize>> = Vec::with_capacity(self.tab_groups.len());
        for group in &self.tab_groups {
            let visible = group
                .within
                .is_none_or(|place| shown.get(place.group) == Some(&Some(place.tab)));
            let tab = visible.then(|| shown_tab(group, choice, &active)).flatten();
            // What a group shows by itself chooses the tabs that depend on it.
            let ids = tab.and_then(|tab| group.tabs.get(tab)).map(|tab| &tab.ids);
            active.extend(ids.into_iter().flatten().map(String::as_str));
            shown.push(tab);
        }
        View {
            pivot: choice.pivot.clone(),
            shown,
        }
    }
}

/// The tab of the group that is shown. Learn: the chosen one, else the first.
fn shown_tab(group: &TabGroup, choice: &PathChoice, active: &HashSet<&str>) -> Option<usize> {
    let tabs = &group.tabs;
    let depends = |tab: &Tab| {
        tab.depends
            .as_ref()
            .is_none_or(|on| active.contains(on.as_str()))
    };
    let find = |wanted: &dyn Fn(&Tab) -> bool| tabs.iter().position(wanted);
    for id in &choice.tabs {
        let found = find(&|tab| tab.ids.contains(id) && depends(tab))
            .or_else(|| find(&|tab| tab.ids.contains(id)));
        if found.is_some() {
            return found;
        }
    }
    let first = tabs.first()?;
    find(&|tab| tab.ids == first.ids && depends(tab)).or(Some(0))
}
