//! Every way through an article: [`of`].

use super::context::ReaderPath;
use crate::markdown::{Article, PathChoice, Tab, TabGroup};
use std::collections::HashSet;

/// An article with more ways than this is read along the first of them only: each costs as much
/// as reading the article, and real articles have up to a dozen.
const MOST_PATHS: usize = 32;

/// Choices that are tried, for the same reason: most that show nothing new are dropped.
const MOST_CHOICES: usize = 64;

/// Groups of different tabs that are asked for one that means the same as another's.
const MOST_GROUPS: usize = 64;

/// Each pivot with each tab: every tab chosen in turn, the other groups at the same tab, at one that
/// means the same (`azure-cli` and `cli`), or at their default. Ways that show the same blocks are
/// one.
pub(super) fn of(article: &Article) -> Vec<ReaderPath> {
    let pivots: Vec<Option<&String>> = if article.pivots.is_empty() {
        vec![None]
    } else {
        article.pivots.iter().map(Some).collect()
    };
    let tabs = tab_choices(&article.tab_groups);
    // Every pivot comes before the second tab of any, so that the limits cut tabs first.
    let choices = tabs
        .iter()
        .enumerate()
        .flat_map(|(rank, tabs)| {
            let pivots = pivots.iter().enumerate();
            pivots.map(move |(order, pivot)| (order, rank, *pivot, tabs))
        })
        .take(MOST_CHOICES);

    let mut seen = HashSet::new();
    let mut found: Vec<(usize, usize, ReaderPath)> = Vec::new();
    for (order, rank, pivot, tabs) in choices {
        let choice = PathChoice {
            tabs: tabs.ids.clone(),
            pivot: pivot.cloned(),
        };
        let view = article.view(&choice);
        let blocks: Vec<usize> = article
            .blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| view.sees(&block.visibility))
            .map(|(index, _)| index)
            .collect();
        if seen.insert(blocks.clone()) {
            let pivot = pivot.map(|pivot| format!("pivot {pivot}"));
            let tab = tabs.label.as_ref().map(|tab| format!("tab {tab}"));
            let label: Vec<String> = pivot.into_iter().chain(tab).collect();
            let path = ReaderPath {
                label: label.join(", "),
                choice,
                view,
                blocks,
            };
            found.push((order, rank, path));
        }
        if found.len() == MOST_PATHS {
            break;
        }
    }
    found.sort_by_key(|(order, rank, _)| (*order, *rank));
    let mut paths: Vec<ReaderPath> = found.into_iter().map(|(_, _, path)| path).collect();
    if let [only] = paths.as_mut_slice() {
        only.label.clear();
    }
    paths
}

/// A choice among tabs.
struct TabChoice {
    /// What the reader clicked.
    label: Option<String>,
    /// The clicked tab's id, the one it depends on, and those that mean the same elsewhere.
    ids: Vec<String>,
}

/// Each tab of any group, in order of appearance; one choice of nothing if there are no tabs.
fn tab_choices(groups: &[TabGroup]) -> Vec<TabChoice> {
    let mut known = HashSet::new();
    let different: Vec<&TabGroup> = groups
        .iter()
        .filter(|group| known.insert(group.tabs.iter().map(|tab| &tab.ids).collect::<Vec<_>>()))
        .take(MOST_GROUPS)
        .collect();
    let mut seen = HashSet::new();
    let mut choices = Vec::new();
    for tab in groups.iter().flat_map(|group| &group.tabs) {
        if choices.len() == MOST_CHOICES {
            break;
        }
        let Some(id) = tab.ids.first() else { continue };
        if seen.insert((id, &tab.depends)) {
            let mut ids = vec![id.clone()];
            ids.extend(tab.depends.clone());
            let label = Some(ids.join(", "));
            add_equivalents(&mut ids, tab, &different);
            choices.push(TabChoice { label, ids });
        }
    }
    if choices.is_empty() {
        choices.push(TabChoice {
            label: None,
            ids: Vec::new(),
        });
    }
    choices
}

/// Adds the tabs that a reader of `tab` would click in the groups that do not have it.
fn add_equivalents(ids: &mut Vec<String>, tab: &Tab, groups: &[&TabGroup]) {
    let Some(tool) = Tool::of(tab) else { return };
    for group in groups {
        let mut of_group = group.tabs.iter().flat_map(|tab| &tab.ids);
        if of_group.any(|id| ids.contains(id)) {
            continue;
        }
        let same = group.tabs.iter().find(|tab| Tool::of(tab) == Some(tool));
        ids.extend(same.and_then(|tab| tab.ids.first()).cloned());
    }
}

/// What tabs are for that go by several ids.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tool {
    PowerShell,
    Cli,
    Portal,
}

impl Tool {
    fn of(tab: &Tab) -> Option<Self> {
        let texts = tab.ids.iter().chain([&tab.title]);
        let words: Vec<String> = texts
            .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
            .map(str::to_ascii_lowercase)
            .collect();
        let says = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
        if tab.is_powershell() {
            Some(Tool::PowerShell)
        } else if says(&["portal"]) {
            Some(Tool::Portal)
        } else if says(&["cli", "azurecli", "bash"]) {
            Some(Tool::Cli)
        } else {
            None
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::indexing_slicing,
    reason = "a test ends where something is missing"
)]
mod tests {
    use super::of;
    use crate::markdown::Article;

    /// Label and first lines of each path.
    fn paths(text: &str) -> Vec<(String, String)> {
        let article = Article::parse("a.md", text, &|_| None);
        of(&article)
            .into_iter()
            .map(|path| {
                let lines = path
                    .blocks
                    .iter()
                    .map(|i| article.blocks[*i].lines[0].text.as_str());
                (path.label, lines.collect::<Vec<_>>().join(" "))
            })
            .collect()
    }

    fn owned(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        expected.iter().map(own).collect()
    }

    /// A group of tabs, each with one block that holds the tab's id.
    fn group(tabs: &[(&str, &str)]) -> String {
        let tab = |(title, id): &(&str, &str)| {
            format!("# [{title}](#tab/{id})\n\n```bash\n{id}\n```\n\n")
        };
        tabs.iter().map(tab).collect::<String>() + "---\n\n"
    }

    #[test]
    fn without_a_choice_there_is_one_way() {
        assert_eq!(paths(""), owned(&[("", "")]));
        assert_eq!(paths("```bash\na\n```\n"), owned(&[("", "a")]));
        let one = group(&[("Bash", "bash")]);
        assert_eq!(paths(&one), owned(&[("", "bash")]));
    }

    #[test]
    fn each_tab_is_chosen_in_turn() {
        let text = group(&[("A", "a"), ("B", "b")]) + &group(&[("B", "b"), ("A", "a"), ("C", "c")]);
        let expected = owned(&[("tab a", "a a"), ("tab b", "b b"), ("tab c", "a c")]);
        assert_eq!(paths(&text), expected);
    }

    #[test]
    fn tabs_that_mean_the_same_go_together() {
        let text = group(&[
            ("Azure CLI", "azure-cli"),
            ("Azure PowerShell", "azure-powershell"),
        ]) + &group(&[("Bash", "bash"), ("PowerShell", "ps")])
            + &group(&[("Client", "client"), ("Server", "server")]);
        assert_eq!(
            paths(&text),
            owned(&[
                ("tab azure-cli", "azure-cli bash client"),
                ("tab azure-powershell", "azure-powershell ps client"),
                ("tab server", "azure-cli bash server"),
            ])
        );
    }

    #[test]
    fn dependent_tabs_are_chosen_with_what_they_depend_on() {
        let text = group(&[("L", "linux"), ("W", "windows")])
            + &group(&[
                ("D", "net/windows"),
                ("D", "net/linux"),
                ("J", "java/linux"),
            ]);
        assert_eq!(
            paths(&text),
            owned(&[
                ("tab linux", "linux net/linux"),
                ("tab windows", "windows net/windows"),
                ("tab java, linux", "linux java/linux"),
            ])
        );
    }

    #[test]
    fn each_pivot_has_its_tabs() {
        let zone = |pivot: &str, text: &str| {
            format!("::: zone pivot=\"{pivot}\"\n\n{text}\n\n::: zone-end\n\n")
        };
        let text =
            zone("portal", "```bash\np\n```") + &zone("cli", &group(&[("A", "a"), ("B", "b")]));
        assert_eq!(
            paths(&text),
            owned(&[
                ("pivot portal, tab a", "p"),
                ("pivot cli, tab a", "a"),
                ("pivot cli, tab b", "b"),
            ])
        );
    }

    #[test]
    fn there_are_never_too_many() {
        let tabs: Vec<String> = (0..200).map(|n| format!("t{n}")).collect();
        let tabs: Vec<(&str, &str)> = tabs.iter().map(|t| (t.as_str(), t.as_str())).collect();
        assert_eq!(paths(&group(&tabs)).len(), 32);
    }
}
