//! How much of an article is proved: [`Coverage`] of one walkthrough, [`ArticleCoverage`] of all that
//! go through the same article.

use crate::markdown::{Article, Visibility};
use crate::source::Position;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much of the article a walkthrough uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Blocks on the chosen path that were run, or written to a file that was used.
    pub run: usize,
    /// Samples that were compared.
    pub compared: usize,
    /// Blocks and samples that the scenario uses and that were not run: only checked.
    pub checked: usize,
    /// Blocks on the chosen path that the scenario does not use.
    pub unused: usize,
    /// Numbered instructions on the chosen path that were done by a command.
    pub instructions: usize,
    /// Those of the sections that the scenario goes through and does not do.
    pub instructions_left: Vec<Position>,
    /// Every block of the article, also those on other paths.
    pub blocks: Vec<BlockCoverage>,
}

/// A block of the article, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockCoverage {
    /// The file it stands in: the article's or an include's.
    pub file: String,
    /// Its first line of code.
    pub line: u32,
    /// Who sees it: `pivot command-line, tab azure-cli`, or nothing if everyone does.
    pub path: String,
    /// Whether the chosen path shows it.
    pub on_path: bool,
    /// What became of it.
    pub state: BlockState,
}

/// What became of a block; what proves more is greater.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum BlockState {
    /// No scenario uses it.
    #[default]
    Unused,
    /// A scenario uses it and did not come to run it: it was only checked.
    Checked,
    /// It is a sample, and was compared.
    Compared,
    /// It was run.
    Run,
}

/// A block as a walkthrough uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockUse {
    /// The block, as if nothing had been run.
    pub block: BlockCoverage,
    /// The steps that use it.
    pub steps: Vec<usize>,
    /// Whether they compare it; otherwise they run it.
    pub sample: bool,
}

impl Coverage {
    /// What comes of the blocks where the steps ran for which `ran` says so.
    pub fn of(uses: &[BlockUse], ran: &dyn Fn(usize) -> bool) -> Self {
        let mut coverage = Self::default();
        for one in uses {
            let mut block = one.block.clone();
            block.state = match (one.steps.iter().any(|step| ran(*step)), one.sample) {
                (true, false) => BlockState::Run,
                (true, true) => BlockState::Compared,
                (false, _) if one.steps.is_empty() => BlockState::Unused,
                (false, _) => BlockState::Checked,
            };
            match block.state {
                BlockState::Run => coverage.run += 1,
                BlockState::Compared => coverage.compared += 1,
                BlockState::Checked => coverage.checked += 1,
                BlockState::Unused => coverage.unused += usize::from(block.on_path),
            }
            coverage.blocks.push(block);
        }
        coverage
    }
}

/// How much of an article several walkthroughs use together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleCoverage {
    /// The article's file.
    pub article: String,
    /// The scenarios that were run.
    pub scenarios: Vec<String>,
    /// Its blocks by who sees them, in reading order of their first.
    pub paths: Vec<PathCoverage>,
}

/// The blocks that the same readers see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathCoverage {
    /// Who sees them; nothing if everyone does.
    pub path: String,
    /// Blocks that were run.
    pub run: usize,
    /// Samples that were compared.
    pub compared: usize,
    /// Blocks that were only checked.
    pub checked: usize,
    /// Blocks that no scenario uses.
    pub unused: Vec<Position>,
}

/// Brings together what several walkthroughs used: article, scenario and coverage of each.
pub fn together<'a>(
    ended: impl IntoIterator<Item = (&'a str, &'a str, &'a Coverage)>,
) -> Vec<ArticleCoverage> {
    type Blocks = Vec<BlockCoverage>;
    let mut articles: BTreeMap<&str, (Vec<String>, Blocks)> = BTreeMap::new();
    for (article, scenario, coverage) in ended {
        let (scenarios, blocks) = articles.entry(article).or_default();
        if !scenarios.iter().any(|known| known == scenario) {
            scenarios.push(scenario.to_owned());
        }
        for block in &coverage.blocks {
            let same =
                |known: &&mut BlockCoverage| (known.line, &known.file) == (block.line, &block.file);
            match blocks.iter_mut().find(same) {
                Some(known) => known.state = known.state.max(block.state),
                None => blocks.push(block.clone()),
            }
        }
    }
    let all = articles.into_iter();
    all.map(|(article, (mut scenarios, blocks))| {
        scenarios.sort();
        ArticleCoverage {
            article: article.to_owned(),
            scenarios,
            paths: by_path(blocks),
        }
    })
    .collect()
}

fn by_path(blocks: Vec<BlockCoverage>) -> Vec<PathCoverage> {
    let mut paths: Vec<PathCoverage> = Vec::new();
    for block in blocks {
        let at = paths.iter().position(|known| known.path == block.path);
        let at = at.unwrap_or_else(|| {
            paths.push(PathCoverage {
                path: block.path.clone(),
                ..PathCoverage::default()
            });
            paths.len() - 1
        });
        let Some(path) = paths.get_mut(at) else {
            continue;
        };
        match block.state {
            BlockState::Run => path.run += 1,
            BlockState::Compared => path.compared += 1,
            BlockState::Checked => path.checked += 1,
            BlockState::Unused => path.unused.push(Position {
                file: block.file,
                line: block.line,
                column: 1,
            }),
        }
    }
    paths
}

/// Who sees a piece of an article, in a reader's words.
pub fn readers(article: &Article, visibility: &Visibility) -> String {
    let mut words = Vec::new();
    if let Some(pivots) = &visibility.pivots {
        match pivots.as_ref() {
            [] => words.push("nobody".to_owned()),
            pivots => words.push(format!("pivot {}", pivots.join(" or "))),
        }
    }
    let mut tabs = Vec::new();
    let mut place = visibility.tab;
    while let Some(at) = place {
        let Some(group) = article.tab_groups.get(at.group) else {
            break;
        };
        if let Some(id) = group.tabs.get(at.tab).and_then(|tab| tab.ids.first()) {
            tabs.push(format!("tab {id}"));
        }
        place = group.within;
    }
    words.extend(tabs.into_iter().rev());
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(line: u32, steps: &[usize], sample: bool) -> BlockUse {
        BlockUse {
            block: BlockCoverage {
                file: "a.md".into(),
                line,
                path: if line > 10 { "tab x" } else { "" }.into(),
                on_path: true,
                state: BlockState::Unused,
            },
            steps: steps.to_vec(),
            sample,
        }
    }

    #[test]
    fn what_was_not_come_to_is_only_checked() {
        let uses = [
            used(1, &[0, 2], false),
            used(3, &[1], true),
            used(5, &[], false),
        ];
        let coverage = Coverage::of(&uses, &|step| step == 2);
        let counts = |c: &Coverage| (c.run, c.compared, c.checked, c.unused);
        assert_eq!(counts(&coverage), (1, 0, 1, 1));
        assert_eq!(counts(&Coverage::of(&uses, &|_| true)), (1, 1, 0, 1));
    }

    #[test]
    fn several_walkthroughs_are_brought_together_by_block() {
        let one = Coverage::of(&[used(1, &[0], false), used(11, &[], false)], &|_| true);
        let two = Coverage::of(&[used(1, &[], false), used(11, &[0], false)], &|_| false);
        let all = together([("a.md", "two", &two), ("a.md", "one", &one)]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].scenarios, ["one", "two"]);
        let paths: Vec<_> = all[0]
            .paths
            .iter()
            .map(|p| (p.path.as_str(), p.run, p.checked, p.unused.len()))
            .collect();
        assert_eq!(paths, [("", 1, 0, 0), ("tab x", 0, 1, 0)]);
        let alone = together([("a.md", "one", &one)]);
        assert_eq!(alone[0].paths[1].unused[0].line, 11);
    }
}
