//! Every way through an article that is a walkthrough of its own: [`ways`].

use super::InferError;
use crate::lint::Context;
use crate::markdown::{Article, PathChoice, Role, Section};
use crate::shell::Dialect;
use crate::suggest::nearest;
use regex::Regex;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What whoever runs an article chose of it.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// Tabs, in the words of their links.
    pub tabs: Vec<String>,
    /// The pivot.
    pub pivot: Option<String>,
    /// Sections, by slug or heading.
    pub sections: Vec<String>,
}

/// A way through an article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// What tells it from the article's other ways, as part of a name; empty if there is one only.
    pub suffix: String,
    /// The tabs and the pivot.
    pub path: PathChoice,
    /// The sections that it is about, with all below them; all if there are none.
    pub sections: Vec<String>,
    /// The sections that are left out, with all below them: other ways' own.
    pub without: Vec<String>,
}

impl Way {
    /// Which sections it goes through, by slug.
    pub(super) fn holds(&self, article: &Article) -> impl Fn(&str) -> bool + use<> {
        let chosen = (!self.sections.is_empty()).then(|| below(article, &self.sections));
        let left = below(article, &self.without);
        move |slug: &str| {
            chosen.as_ref().is_none_or(|chosen| chosen.contains(slug)) && !left.contains(slug)
        }
    }
}

/// The ways that fit what was chosen: each pivot with each tab, and where sections are alternatives
/// ("Example 1" and "Example 2", or two that end with a clean-up each) one way for each.
///
/// # Errors
/// When the article does not have what was chosen.
pub fn ways(article: &Article, chosen: &Chosen) -> Result<Vec<Way>, InferError> {
    let sections = sections(article, &chosen.sections)?;
    let mut found = Vec::new();
    for (label, path) in paths(article, chosen)? {
        let way = Way {
            suffix: slug(&label),
            path,
            sections: sections.clone(),
            without: Vec::new(),
        };
        let alternatives = match sections.is_empty() {
            true => alternatives(article, &way),
            false => Vec::new(),
        };
        if alternatives.is_empty() {
            found.push(way);
            continue;
        }
        for (name, without) in alternatives {
            let suffix = match way.suffix.as_str() {
                "" => name,
                suffix => format!("{suffix}-{name}"),
            };
            found.push(Way {
                suffix,
                without,
                ..way.clone()
            });
        }
    }
    Ok(found)
}

fn paths(article: &Article, chosen: &Chosen) -> Result<Vec<(String, PathChoice)>, InferError> {
    let tabs = article.tab_groups.iter().flat_map(|group| &group.tabs);
    let tabs: Vec<&str> = tabs
        .flat_map(|tab| tab.ids.iter().chain(&tab.depends))
        .map(String::as_str)
        .collect();
    for tab in &chosen.tabs {
        known("tab", tab, &tabs)?;
    }
    if let Some(pivot) = &chosen.pivot {
        let pivots: Vec<&str> = article.pivots.iter().map(String::as_str).collect();
        known("pivot", pivot, &pivots)?;
    }
    let all = Context::new(article).paths;
    let fits = |choice: &PathChoice| {
        (chosen.pivot.is_none() || choice.pivot == chosen.pivot)
            && chosen.tabs.iter().all(|tab| choice.tabs.contains(tab))
    };
    let fitting = all.into_iter().filter(|path| fits(&path.choice));
    let fitting: Vec<_> = fitting.map(|path| (path.label, path.choice)).collect();
    if !fitting.is_empty() {
        // One tab may be chosen by several ways that differ elsewhere: the first is its own.
        let keep = match chosen.tabs.is_empty() {
            true => fitting.len(),
            false if chosen.pivot.is_some() => 1,
            false => fitting.len(),
        };
        return Ok(fitting.into_iter().take(keep).collect());
    }
    Ok(vec![(
        chosen.tabs.join("-"),
        PathChoice {
            tabs: chosen.tabs.clone(),
            pivot: chosen.pivot.clone(),
        },
    )])
}

fn known(what: &str, choice: &str, all: &[&str]) -> Result<(), InferError> {
    if all.contains(&choice) {
        return Ok(());
    }
    let help = match nearest(choice, all.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if all.is_empty() => format!("it has no {what}s at all"),
        None => {
            let mut all: Vec<&str> = all.to_vec();
            all.sort_unstable();
            all.dedup();
            format!("its {what}s are {}", all.join(", "))
        }
    };
    Err(InferError {
        message: format!("the article has no {what} `{choice}`"),
        help: Some(help),
    })
}

/// The slugs of sections that are named by slug or heading.
fn sections(article: &Article, chosen: &[String]) -> Result<Vec<String>, InferError> {
    chosen
        .iter()
        .map(|name| {
            let of = |section: &&Section| {
                section.slug == *name || section.heading.eq_ignore_ascii_case(name)
            };
            match article.sections.iter().find(of) {
                Some(section) => Ok(section.slug.clone()),
                None => {
                    let slugs: Vec<&str> = article
                        .sections
                        .iter()
                        .map(|one| one.slug.as_str())
                        .collect();
                    known("section", name, &slugs).map(|()| name.clone())
                }
            }
        })
        .collect()
}

/// The sections with these slugs and all below them.
fn below(article: &Article, slugs: &[String]) -> HashSet<String> {
    let mut all = HashSet::new();
    let mut within: Option<u8> = None;
    for section in &article.sections {
        if within.is_some_and(|level| section.level <= level) {
            within = None;
        }
        if slugs.contains(&section.slug) && within.is_none() {
            within = Some(section.level);
        }
        if within.is_some() {
            all.insert(section.slug.clone());
        }
    }
    all
}

/// Ways that exclude each other: a name, and the sections that are not on it.
fn alternatives(article: &Article, way: &Way) -> Vec<(String, Vec<String>)> {
    static NUMBERED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)^(example|option)\s+(\d+|[a-z])\b").ok());
    let commands = |slugs: &HashSet<String>| {
        let on_path = article.on_path(&way.path).into_iter();
        on_path
            .filter(|on| slugs.contains(&on.block.section_slug))
            .filter(|on| matches!(on.block.role, Role::Commands(Dialect::Bash)))
            .map(|on| on.block)
            .collect::<Vec<_>>()
    };
    let is_numbered = |section: &Section| {
        let numbered = NUMBERED.as_ref();
        numbered.is_some_and(|numbered| numbered.is_match(&section.heading))
    };
    let cleans_up = |section: &Section| {
        let own = below(article, std::slice::from_ref(&section.slug));
        article.sections.iter().any(|inner| {
            let heading = inner.heading.to_ascii_lowercase();
            own.contains(&inner.slug)
                && inner.slug != section.slug
                && heading.starts_with("clean")
                && commands(&below(article, std::slice::from_ref(&inner.slug)))
                    .iter()
                    .flat_map(|block| &block.lines)
                    .any(|line| line.text.contains("az group delete"))
        })
    };
    let rules: [&dyn Fn(&Section) -> bool; 2] = [&is_numbered, &cleans_up];
    for rule in rules {
        for group in siblings(article) {
            let group: Vec<&Section> = group
                .into_iter()
                .filter(|section| rule(section))
                .filter(|section| {
                    let own = below(article, std::slice::from_ref(&section.slug));
                    !commands(&own).is_empty()
                })
                .collect();
            if group.len() < 2 {
                continue;
            }
            let others = |section: &Section| {
                let others = group.iter().filter(|other| other.slug != section.slug);
                others.map(|other| other.slug.clone()).collect()
            };
            return group
                .iter()
                .map(|section| (short(&section.slug), others(section)))
                .collect();
        }
    }
    Vec::new()
}

/// The sections by the one that they are in.
fn siblings(article: &Article) -> Vec<Vec<&Section>> {
    let mut groups: Vec<(Option<usize>, u8, Vec<&Section>)> = Vec::new();
    let mut open: Vec<(u8, usize)> = Vec::new();
    for (index, section) in article.sections.iter().enumerate() {
        while open
            .last()
            .is_some_and(|(level, _)| *level >= section.level)
        {
            open.pop();
        }
        let parent = open.last().map(|(_, index)| *index);
        open.push((section.level, index));
        match groups
            .iter_mut()
            .find(|(of, level, _)| *of == parent && *level == section.level)
        {
            Some((_, _, group)) => group.push(section),
            None => groups.push((parent, section.level, vec![section])),
        }
    }
    groups.into_iter().map(|(_, _, group)| group).collect()
}

/// The first words of a slug.
fn short(slug: &str) -> String {
    let words: Vec<&str> = slug
        .split('-')
        .filter(|word| !word.is_empty())
        .take(2)
        .collect();
    words.join("-")
}

fn slug(label: &str) -> String {
    let label = label.replace("pivot ", "").replace("tab ", "");
    let words = label.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}
