//! Articles that are run, or made into scenarios, as they are: [`WayArguments`], [`Reading`].

use crate::exit::CommandError;
use clap::Args;
use docproof_core::event::StandIn;
use docproof_core::infer::{self, Chosen, Inferred, Settings, Subject};
use docproof_core::markdown::Article;
use docproof_core::scenario::Walkthrough;
use docproof_run::article;
use docproof_run::project::Project;
use std::collections::HashSet;
use std::path::Path;

/// Which way through an article, and what its reader fills in.
#[derive(Args, Default)]
pub(crate) struct WayArguments {
    /// Of an article: the tab to choose, in the words of its link; several times for several groups
    #[arg(long, value_name = "TAB")]
    tab: Vec<String>,
    /// Of an article: the pivot to choose
    #[arg(long, value_name = "PIVOT")]
    pivot: Option<String>,
    /// Of an article: only this section and those below it, by heading or anchor; may be repeated
    #[arg(long, value_name = "SECTION")]
    section: Vec<String>,
    /// Of an article: what a placeholder or variable is, in place of what is inferred
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

impl WayArguments {
    /// Whether any of them is given.
    pub(crate) fn any(&self) -> bool {
        !self.tab.is_empty()
            || self.pivot.is_some()
            || !self.section.is_empty()
            || !self.set.is_empty()
    }

    fn chosen(&self) -> Chosen {
        Chosen {
            tabs: self.tab.clone(),
            pivot: self.pivot.clone(),
            sections: self.section.clone(),
        }
    }

    fn settings(&self) -> Result<Settings, CommandError> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.to_owned()))
            }
            _ => Err(CommandError::usage(format!("`--set {text}` has no value"))
                .help("write the name and the value: --set resource-group=my-group")),
        };
        let pairs = self.set.iter().map(pair);
        Ok(Settings::new(pairs.collect::<Result<Vec<_>, _>>()?))
    }
}

/// An article with what was inferred of each of its ways.
pub(crate) struct Reading {
    pub(crate) article: Article,
    stand_ins: Vec<StandIn>,
    pub(crate) ways: Vec<Inferred>,
}

impl Reading {
    /// Reads the article at `name`, a path from `root`; a scenario calls it `named`.
    pub(crate) fn new(
        root: &Path,
        name: &str,
        named: &str,
        arguments: &WayArguments,
    ) -> Result<Self, CommandError> {
        let (article, stand_ins) = article::read(root, name)?;
        let fails = |error: infer::InferError| CommandError {
            message: format!("{name}: {}", error.message),
            help: error.help,
            exit: crate::exit::Exit::Usage,
        };
        let ways = infer::ways(&article, &arguments.chosen()).map_err(fails)?;
        let mut settings = arguments.settings()?;
        let id = id(name);
        let subject = Subject {
            article: &article,
            id: &id,
            named,
        };
        let ways: Vec<Inferred> = ways
            .iter()
            .map(|way| infer::infer(subject, way, &mut settings))
            .collect();
        if let Some(unused) = settings.unused().next() {
            let message = format!("{name}: nothing is called `{unused}`");
            let help = "--set takes a placeholder, with or without its brackets, or a variable that \
                        the article does not set; a run shows each with its line as \"guessed\"";
            return Err(CommandError::usage(message).help(help));
        }
        Ok(Self {
            article,
            stand_ins,
            ways,
        })
    }

    /// A walkthrough for each way.
    pub(crate) fn walkthroughs(&self) -> Result<Vec<Walkthrough>, CommandError> {
        let walkthrough = |way: &Inferred| {
            let mut walkthrough = way.walkthrough(&self.article).map_err(|errors| {
                let file = &self.article.file;
                let message = format!(
                    "{file}: what was inferred does not fit: {}",
                    errors.join("; ")
                );
                CommandError::usage(message).help(
                    "a mistake of docproof's: write the scenario with `docproof init`, and mend it",
                )
            })?;
            walkthrough.stand_ins.clone_from(&self.stand_ins);
            Ok(walkthrough)
        };
        self.ways.iter().map(walkthrough).collect()
    }
}

/// The walkthroughs of scenarios, by their ids, and of articles that are run as they are.
pub(crate) fn gather(
    here: &Path,
    scenarios: Option<(&Project, Vec<String>)>,
    articles: &[&String],
    way: &WayArguments,
) -> Result<Vec<Walkthrough>, CommandError> {
    let mut all = Vec::new();
    if let Some((project, ids)) = scenarios {
        for id in ids {
            all.push(project.walkthrough(&id)?);
        }
    }
    for article in articles {
        all.extend(Reading::new(here, article, article, way)?.walkthroughs()?);
    }
    tell_apart(&mut all);
    Ok(all)
}

/// Whether an argument names an article and not a scenario.
pub(crate) fn is_article(argument: &str) -> bool {
    Path::new(argument)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
}

/// Makes the ids of walkthroughs of several articles tell them apart.
fn tell_apart(walkthroughs: &mut [Walkthrough]) {
    let mut taken = HashSet::new();
    for walkthrough in walkthroughs {
        let id = walkthrough.id.clone();
        let mut number = 2;
        while !taken.insert(walkthrough.id.clone()) {
            walkthrough.id = format!("{id}-{number}");
            number += 1;
        }
    }
}

/// What an article's scenarios are called: its file's name, or its folder's where that says no more
/// than that it is an article.
fn id(name: &str) -> String {
    let path = Path::new(name);
    let stem = |path: &Path| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    };
    let own = stem(path).unwrap_or_default();
    let folder = || stem(path.parent()?).filter(|folder| !folder.is_empty());
    let text = match own.as_str() {
        "article" | "index" | "README" | "readme" => folder().unwrap_or(own),
        _ => own,
    };
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_".contains(c) {
            c
        } else {
            '-'
        }
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::{id, is_article};

    #[test]
    fn an_id_tells_which_article_it_is() {
        assert_eq!(id("docs/a b.md"), "a-b");
        assert_eq!(id("docs-snapshots/x/article.md"), "x");
        assert_eq!(id("article.md"), "article");
    }

    #[test]
    fn an_article_is_told_from_a_scenario() {
        assert!(is_article("a/b.md") && is_article("B.MD"));
        assert!(!is_article("aci-user-assigned") && !is_article("md"));
    }
}
