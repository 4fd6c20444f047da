//! An article for its report: [`Source`], its text without secrets, what `check` finds in it, and how
//! it is read.

use crate::diagnostic::Diagnostic;
use crate::lint::{Options, check_with};
use crate::markdown::Article;
use crate::report::findings::{Mask, Texts};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// An article that a report shows.
#[derive(Debug)]
pub struct Source {
    /// As it is shown: every secret is masked in its text, line by line, so that places stay good.
    pub(super) article: Article,
    /// The masked texts of the article and its includes, by file.
    texts: BTreeMap<String, String>,
    /// The file that each include's path means.
    wanted: HashMap<String, String>,
    /// What `check` finds, in the order of its places.
    pub(super) findings: Vec<Diagnostic>,
    pub(super) mask: Mask,
    /// Lines in which something is masked: their columns are no longer those of the file.
    masked: BTreeSet<(String, u32)>,
}

impl Source {
    /// Reads an article and its includes; `includes` is asked as [`Article::parse`] asks it.
    pub fn read(
        file: &str,
        text: &str,
        includes: &dyn Fn(&str) -> Option<(String, String)>,
    ) -> Self {
        let texts = RefCell::new(Texts::default());
        texts.borrow_mut().add(file, Arc::from(text));
        let wanted = RefCell::new(HashMap::new());
        let article = Article::parse(file, text, &|path| {
            let (name, text) = includes(path)?;
            texts.borrow_mut().add(&name, Arc::from(text.as_str()));
            wanted.borrow_mut().insert(path.to_owned(), name.clone());
            Some((name, text))
        });
        let checked = check_with(&article, &Options::default());
        let raw = texts.into_inner();
        let mask = Mask::new(&raw, &checked.concealed);
        let mut masked = BTreeSet::new();
        let texts = raw
            .iter()
            .map(|(name, text)| {
                let lines = text.lines().zip(1..).map(|(line, number)| {
                    let shown = mask.apply(line);
                    if shown != line {
                        masked.insert((name.to_owned(), number));
                    }
                    shown + "\n"
                });
                (name.to_owned(), lines.collect())
            })
            .collect();
        let mut source = Self {
            article,
            texts,
            wanted: wanted.into_inner(),
            findings: checked.findings,
            mask,
            masked,
        };
        let text = source.text(file).unwrap_or_default().to_owned();
        source.article = Article::parse(file, &text, &|path| source.include(path));
        source
    }

    /// The masked text of a file.
    pub(super) fn text(&self, file: &str) -> Option<&str> {
        self.texts.get(file).map(String::as_str)
    }

    /// The file that an include's path means, and its masked text.
    pub(super) fn include(&self, path: &str) -> Option<(String, String)> {
        let name = self.wanted.get(path)?;
        Some((name.clone(), self.texts.get(name)?.clone()))
    }

    /// Whether a file is the article or one of its includes.
    pub(super) fn has(&self, file: &str) -> bool {
        self.texts.contains_key(file)
    }

    /// Whether columns of this line are those of the file.
    pub(super) fn is_whole(&self, file: &str, line: u32) -> bool {
        !self.masked.contains(&(file.to_owned(), line))
    }
}
