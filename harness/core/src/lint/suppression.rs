//! `<!-- docproof: allow RULE reason -->`: [`Suppressions`] that an article holds.
//!
//! A comment before the first heading and the first fence of its file is about the whole file, and
//! in the article itself about its includes as well. Any other is about what follows it, up to the
//! end of the next fence or to the next heading, whichever comes first.

use crate::diagnostic::Diagnostic;
use crate::markdown::{Article, Comment};
use crate::source::Span;
use std::collections::HashMap;

/// A rule that is suppressed at some place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The rule's id as it is written; there may be no such rule.
    pub rule: String,
    /// Where the comment stands.
    pub span: Span,
    /// Why; without a reason nothing is suppressed.
    pub reason: String,
    scope: Scope,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Scope {
    /// The article and what it includes.
    Article,
    /// A file.
    File,
    /// Lines of a file, both counted.
    Lines(u32, u32),
}

/// What an article's comments say to docproof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suppressions {
    /// In the order of their places in each file.
    pub found: Vec<Suppression>,
    /// Comments that begin with `docproof:` and say something else; each with its first word.
    pub malformed: Vec<(Span, String)>,
}

impl Suppressions {
    /// Those of an article and its includes.
    pub fn of(article: &Article) -> Self {
        let mut all = Self::default();
        let wanted = |comment: &&Comment| comment.text.trim_start().starts_with("docproof:");
        let mut comments: Vec<&Comment> = article.comments.iter().filter(wanted).collect();
        if comments.is_empty() {
            return all;
        }
        comments.sort_by(|a, b| a.span.cmp(&b.span));
        // An include that an article has twice is in it twice.
        comments.dedup_by(|a, b| a.span == b.span);
        let files = Files::of(article);
        for comment in comments {
            let said = comment
                .text
                .trim_start()
                .trim_start_matches("docproof:")
                .trim();
            let (verb, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
            let (rules, reason) = rules(rest.trim_start());
            if verb != "allow" || rules.is_empty() {
                all.malformed.push((comment.span.clone(), verb.to_owned()));
                continue;
            }
            let scope = files.scope(&comment.span, &article.file);
            all.found.extend(rules.into_iter().map(|rule| Suppression {
                rule: rule.to_owned(),
                span: comment.span.clone(),
                reason: reason.to_owned(),
                scope: scope.clone(),
            }));
        }
        all
    }

    /// Takes away the findings that are suppressed; answers which of [`Self::found`] took none.
    pub(super) fn apply(&self, findings: &mut Vec<Diagnostic>) -> Vec<usize> {
        let mut used = vec![false; self.found.len()];
        let index = Index::of(&self.found);
        findings.retain(|finding| match index.covers(finding) {
            Some(at) => {
                if let Some(used) = used.get_mut(at) {
                    *used = true;
                }
                false
            }
            None => true,
        });
        let unused = used.iter().enumerate().filter(|(_, used)| !**used);
        unused.map(|(at, _)| at).collect()
    }
}

/// The ids before the reason: `a, b because …`.
fn rules(text: &str) -> (Vec<&str>, &str) {
    let mut rules = Vec::new();
    let mut rest = text;
    loop {
        let end = rest
            .find(|c: char| c.is_whitespace() || c == ',')
            .unwrap_or(rest.len());
        let (rule, after) = rest.split_at(end);
        if !rule.is_empty() {
            rules.push(rule);
        }
        match after.trim_start().strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return (rules, after.trim()),
        }
    }
}

/// Where headings and fences stand in each file, in order.
#[derive(Default)]
struct Files<'a>(HashMap<&'a str, Marks>);

#[derive(Default)]
struct Marks {
    headings: Vec<u32>,
    /// Where each fence opens, and where it closes.
    fences: Vec<(u32, u32)>,
}

impl<'a> Files<'a> {
    fn of(article: &'a Article) -> Self {
        let mut files = HashMap::<&str, Marks>::new();
        for section in &article.sections {
            let marks = files.entry(&section.position.file).or_default();
            marks.headings.push(section.position.line);
        }
        for block in &article.blocks {
            let marks = files.entry(&block.fence.file).or_default();
            // Behind the last line of code is the closing fence.
            marks.fences.push((block.fence.line, block.last_line() + 1));
        }
        for marks in files.values_mut() {
            marks.headings.sort_unstable();
            marks.fences.sort_unstable();
        }
        Self(files)
    }

    fn scope(&self, comment: &Span, article: &str) -> Scope {
        let whole = if comment.file == article {
            Scope::Article
        } else {
            Scope::File
        };
        let Some(marks) = self.0.get(comment.file.as_str()) else {
            return whole;
        };
        let first = marks.headings.first().into_iter();
        let first = first
            .chain(marks.fences.first().map(|(line, _)| line))
            .min();
        if first.is_none_or(|line| comment.line < *line) {
            return whole;
        }
        let last = comment.end_line;
        let fence = marks.fences.partition_point(|(line, _)| *line < last);
        let fence = marks.fences.get(fence).map_or(u32::MAX, |(_, end)| *end);
        // A comment right above a heading is about what the heading is above of.
        let heading = marks.headings.partition_point(|line| *line <= last + 2);
        let heading = marks
            .headings
            .get(heading)
            .map_or(u32::MAX, |line| line - 1);
        Scope::Lines(comment.line, fence.min(heading))
    }
}

/// A rule and a file.
type Key<'s> = (&'s str, &'s str);

/// Suppressions by what they are about. Nobody suppresses without a reason.
struct Index<'s> {
    article: HashMap<&'s str, usize>,
    file: HashMap<Key<'s>, usize>,
    /// First and last line, in the order of both: of two comments the later one never ends earlier.
    lines: HashMap<Key<'s>, Vec<(u32, u32, usize)>>,
}

impl<'s> Index<'s> {
    fn of(found: &'s [Suppression]) -> Self {
        let mut index = Self {
            article: HashMap::new(),
            file: HashMap::new(),
            lines: HashMap::new(),
        };
        for (at, suppression) in found.iter().enumerate() {
            if suppression.reason.is_empty() {
                continue;
            }
            let (rule, file) = (suppression.rule.as_str(), suppression.span.file.as_str());
            match suppression.scope {
                Scope::Article => drop(index.article.entry(rule).or_insert(at)),
                Scope::File => drop(index.file.entry((rule, file)).or_insert(at)),
                Scope::Lines(first, last) => {
                    index
                        .lines
                        .entry((rule, file))
                        .or_default()
                        .push((first, last, at));
                }
            }
        }
        index
    }

    fn covers(&self, finding: &Diagnostic) -> Option<usize> {
        let key = (finding.rule, finding.span.file.as_str());
        let near = self.lines.get(&key).and_then(|lines| {
            let next = lines.partition_point(|(first, ..)| *first <= finding.span.line);
            let (_, last, at) = lines.get(next.checked_sub(1)?)?;
            (finding.span.line <= *last).then_some(*at)
        });
        near.or_else(|| self.file.get(&key).copied())
            .or_else(|| self.article.get(finding.rule).copied())
    }
}
