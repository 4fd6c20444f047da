//! For people to look at: each article as its reader sees it, with what became of it in place, as an
//! HTML file that needs nothing else and asks nobody for anything. [`Html`] makes them.
//!
//! | file | |
//! |---|---|
//! | `source` | an article without secrets, with what `check` finds in it |
//! | `walks` | its walkthroughs, and which step belongs to which place |
//! | `article`, `inline`, `sees` | the article's Markdown as HTML, and who sees what of it |
//! | `block`, `code`, `result`, `compare`, `requests`, `findings` | what stands at its blocks |
//! | `page`, `about`, `choice`, `index`, `frame` | around it; `page.css` and `page.js` |

mod about;
mod article;
mod block;
mod choice;
mod code;
mod compare;
mod findings;
mod frame;
mod index;
mod inline;
mod out;
mod page;
mod requests;
mod result;
mod sees;
mod source;
mod walks;

pub use source::Source;

use super::clean;
use super::collect::Runs;
use super::findings::Mask;
use crate::event::{ArticleCoverage, Event};
use index::Entry;
use serde_json::Value;

/// Keeps a run's events, and writes its pages at the end.
#[derive(Debug, Default)]
pub struct Html {
    events: Vec<Event>,
}

/// A file of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name, `index.html` or that of an article.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl Html {
    /// A report of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next event.
    pub fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    /// The articles that the events are of, in their order.
    fn articles(&self) -> Vec<String> {
        let mut articles: Vec<String> = Vec::new();
        for event in &self.events {
            if let Event::Started { article, .. } = event
                && !articles.contains(article)
            {
                articles.push(article.clone());
            }
        }
        articles
    }

    /// A page for each article, and the index. `sources` is asked for each article by its file; one that
    /// is not at hand is shown by its steps alone.
    pub fn pages(&self, sources: &dyn Fn(&str) -> Option<Source>) -> Vec<Page> {
        let mut pages: Vec<Page> = Vec::new();
        let mut entries = Vec::new();
        for file in self.articles() {
            let source = sources(&file);
            let mask = source.as_ref().map(|source| &source.mask);
            let (runs, covered) = self.of(&file, mask);
            let shown = clean(&file);
            let (text, title) = page::article(&shown, &runs.0, source.as_ref(), covered.as_ref());
            let name = page_name(&shown, &pages);
            entries.push(Entry {
                page: name.clone(),
                title,
                file: shown,
                runs: runs.0,
            });
            pages.push(Page { name, text });
        }
        pages.push(Page {
            name: INDEX.to_owned(),
            text: index::index(&entries),
        });
        pages
    }

    /// The walkthroughs of an article, without what must not be shown.
    fn of(&self, file: &str, mask: Option<&Mask>) -> (Runs, Option<ArticleCoverage>) {
        let mut runs = Runs::default();
        let mut covered = None;
        let mut own: Vec<(String, String)> = Vec::new();
        for event in &self.events {
            if let (Event::Started { article, .. }, Some((scenario, target))) = (event, event.run())
                && article == file
            {
                own.push((scenario.to_owned(), target.to_owned()));
            }
            if let Event::Coverage { articles } = event {
                covered = articles.iter().find(|one| one.article == file).cloned();
                continue;
            }
            let is_own = event.run().is_some_and(|(scenario, target)| {
                own.iter().any(|(s, t)| s == scenario && t == target)
            });
            // Nothing is told of an event that cannot be masked.
            if is_own && let Some(event) = masked(event, mask) {
                runs.event(&event);
            }
        }
        (runs, covered)
    }
}

const INDEX: &str = "index.html";

/// An event with every text in it masked.
fn masked(event: &Event, mask: Option<&Mask>) -> Option<Event> {
    fn apply(value: &mut Value, mask: Option<&Mask>) {
        match value {
            Value::String(text) => {
                *text = match mask {
                    Some(mask) => mask.apply(text),
                    None => clean(text),
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| apply(item, mask)),
            Value::Object(members) => members.values_mut().for_each(|value| apply(value, mask)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut value = serde_json::to_value(event).ok()?;
    apply(&mut value, mask);
    serde_json::from_value(value).ok()
}

/// A name for an article's page that no other has: its path, with `-` between folders.
fn page_name(file: &str, taken: &[Page]) -> String {
    let stem = file.trim_end_matches(".md").trim_end_matches("/article");
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') {
            c
        } else {
            '-'
        }
    };
    let base: String = stem.chars().map(safe).collect();
    let base = base.trim_matches('-');
    let mut name = format!("{base}.html");
    let mut number = 1;
    // File systems may not tell letters' case.
    let is_taken = |name: &str| {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        name == ".html" || is(INDEX) || taken.iter().any(|page| is(&page.name))
    };
    while is_taken(&name) {
        number += 1;
        name = format!("{base}-{number}.html");
    }
    name
}
