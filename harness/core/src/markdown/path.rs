//! One way through an article: [`PathChoice`], and the blocks a reader of it sees.

use super::article::{Article, Block, Tab, TabPlace};

/// What a reader chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathChoice {
    /// The tabs, in the words of their links. A group that has none of them shows its first tab.
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

impl Article {
    /// The blocks that a reader with this choice sees, in reading order.
    pub fn on_path(&self, choice: &PathChoice) -> Vec<Addressed<'_>> {
        let mut numbers = std::collections::HashMap::<&str, usize>::new();
        self.blocks
            .iter()
            .filter(|block| self.shows(block, choice))
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

    fn shows(&self, block: &Block, choice: &PathChoice) -> bool {
        let in_zones = block.zones.iter().all(|zone| {
            choice
                .pivot
                .as_ref()
                .is_some_and(|pivot| zone.contains(pivot))
        });
        in_zones
            && block
                .tab
                .is_none_or(|place| self.shown_tab(place, choice) == Some(place.tab))
    }

    /// The tab of the group that is shown. Learn: the chosen one, else the first.
    fn shown_tab(&self, place: TabPlace, choice: &PathChoice) -> Option<usize> {
        let tabs = &self.tab_groups.get(place.group)?.tabs;
        let chosen = |tab: &Tab| tab.ids.iter().any(|id| choice.tabs.contains(id));
        let depends = |tab: &Tab| {
            tab.depends
                .as_ref()
                .is_none_or(|on| choice.tabs.contains(on))
        };
        let first = tabs.first()?;
        tabs.iter()
            .position(|tab| chosen(tab) && depends(tab))
            .or_else(|| tabs.iter().position(&chosen))
            .or_else(|| {
                tabs.iter()
                    .position(|tab| tab.ids == first.ids && depends(tab))
            })
            .or(Some(0))
    }
}
