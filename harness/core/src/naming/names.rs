//! The names of a run, and both ways between them and the article's: [`Names`].

use super::kind::NameKind;
use super::language::{Language, in_strings};
use super::place::Place;
use super::run_id::RunId;
use super::table;
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::HashSet;

/// A hard-coded name and what it is in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// As the article writes it.
    pub article: String,
    /// As this run writes it.
    pub run: String,
    /// What it names.
    pub kind: NameKind,
    /// How much of the article's name the run's begins with.
    kept: usize,
}

/// The hard-coded names of a walkthrough in one run.
///
/// ```
/// use docproof_core::naming::{Language, Names, RunId};
///
/// let run = RunId::parse("k3v9q2x7ma").unwrap();
/// let names = Names::new(&run, &[("mykeyvault".into(), "key-vault".into())]);
/// let typed = names.rename("curl https://mykeyvault.vault.azure.net/", Language::Bash);
/// assert_eq!(typed, "curl https://mykeyvault-k3v9q2x7ma.vault.azure.net/");
/// assert_eq!(names.restore(&typed), "curl https://mykeyvault.vault.azure.net/");
/// ```
#[derive(Debug, Clone)]
pub struct Names {
    all: Vec<Renamed>,
    /// Finds the run's names, then the article's, in this order.
    either: Option<AhoCorasick>,
    /// Finds the run's names.
    made: Option<AhoCorasick>,
}

impl Names {
    /// The names of a run. A name of no known kind is left out: it stays as it is.
    pub fn new(run: &RunId, names: &[(String, String)]) -> Names {
        let known: Vec<(&str, NameKind)> = names
            .iter()
            .filter_map(|(name, kind)| Some((name.as_str(), NameKind::named(kind)?)))
            .filter(|(name, _)| !name.is_empty())
            .collect();
        let mut taken: HashSet<String> = known
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        let mut all = Vec::new();
        for (name, kind) in known {
            let renamed = unique(name, kind, run, &taken);
            taken.insert(renamed.run.to_ascii_lowercase());
            all.push(renamed);
        }
        let made: Vec<&str> = all.iter().map(|one| one.run.as_str()).collect();
        let written = all.iter().map(|one| one.article.as_str());
        Names {
            either: finder(MatchKind::Standard, made.iter().copied().chain(written)),
            made: finder(MatchKind::LeftmostLongest, made.iter().copied()),
            all,
        }
    }

    /// Each name.
    pub fn all(&self) -> &[Renamed] {
        &self.all
    }

    /// The text with the run's names in place of the article's: wherever one is a word of its own, in
    /// whatever case, alone or in an address or a path. A longer word that contains it, a variable
    /// and a key stay. Renaming twice changes nothing more.
    pub fn rename(&self, text: &str, language: Language) -> String {
        let Some(either) = &self.either else {
            return text.to_owned();
        };
        let strings = (language == Language::Python).then(|| in_strings(text));
        let mut found = Vec::new();
        for hit in either.find_overlapping_iter(text) {
            let (start, end) = (hit.start(), hit.end());
            let pattern = hit.pattern().as_usize();
            let Some(index) = pattern.checked_sub(self.all.len()) else {
                found.push((start, end, None));
                continue;
            };
            let Some(one) = self.all.get(index) else {
                continue;
            };
            let place = Place {
                text,
                start,
                end,
                language,
                kind: one.kind,
            };
            let code = strings
                .as_ref()
                .is_some_and(|inside| inside.get(start) == Some(&false));
            if !code && place.is_name() {
                found.push((start, end, Some(one)));
            }
        }
        // The first and longest; of two that differ in case, the one that is written so.
        found.sort_by_key(|(start, end, one)| {
            let written = text.get(*start..*end).unwrap_or_default();
            let other = one.is_some_and(|one| one.article != written);
            (*start, usize::MAX - *end, other)
        });
        let mut renamed = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end, one) in found {
            if start < done {
                continue;
            }
            renamed.push_str(text.get(done..start).unwrap_or_default());
            let written = text.get(start..end).unwrap_or_default();
            match one {
                None => renamed.push_str(written),
                Some(one) => {
                    renamed.push_str(written.get(..one.kept).unwrap_or(written));
                    renamed.push_str(one.run.get(one.kept..).unwrap_or_default());
                }
            }
            done = end;
        }
        renamed.push_str(text.get(done..).unwrap_or_default());
        renamed
    }

    /// The text with the article's names in place of the run's: wherever one stands, also inside
    /// of longer words, which are what Azure made of it. Tables of `az` are laid out anew.
    pub fn restore(&self, text: &str) -> String {
        let Some(made) = &self.made else {
            return text.to_owned();
        };
        if !made.is_match(text) {
            return text.to_owned();
        }
        table::each_text(text, |text| self.restore_words(made, text))
    }

    fn restore_words(&self, made: &AhoCorasick, text: &str) -> String {
        let mut restored = String::with_capacity(text.len());
        made.replace_all_with(text, &mut restored, |hit, written, restored| {
            if let Some(one) = self.all.get(hit.pattern().as_usize()) {
                one.put_back(written, restored);
            }
            true
        });
        restored
    }
}

impl Renamed {
    /// The article's name, in the case in which Azure wrote the run's.
    fn put_back(&self, written: &str, restored: &mut String) {
        let beginning = written.get(..self.kept).unwrap_or_default();
        let rest = self.article.get(self.kept..).unwrap_or_default();
        restored.push_str(beginning);
        let same = self.article.starts_with(beginning);
        if !same && beginning.to_ascii_lowercase() == beginning {
            restored.push_str(&rest.to_ascii_lowercase());
        } else if !same && beginning.to_ascii_uppercase() == beginning {
            restored.push_str(&rest.to_ascii_uppercase());
        } else {
            restored.push_str(rest);
        }
    }
}

/// A name with the run's id behind it; with a number before that, where it is taken otherwise.
fn unique(name: &str, kind: NameKind, run: &RunId, taken: &HashSet<String>) -> Renamed {
    let separator = kind.separator();
    let mut number = 1_u32;
    loop {
        let end = match number {
            1 => format!("{separator}{run}"),
            _ => format!("{separator}{number}{separator}{run}"),
        };
        let room = kind.most().saturating_sub(end.len());
        // What Azure refuses it goes on refusing.
        let kept = if name.len() <= room || !kind.allows(name) {
            name
        } else {
            let cut = name.get(..room).unwrap_or(name);
            cut.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
        };
        let unique = format!("{kept}{end}");
        if !taken.contains(&unique.to_ascii_lowercase()) {
            return Renamed {
                article: name.to_owned(),
                run: unique,
                kind,
                kept: kept.len(),
            };
        }
        number = number.saturating_add(1);
    }
}

/// What finds these texts in any case; nothing if there is none.
fn finder<'a>(kind: MatchKind, texts: impl Iterator<Item = &'a str>) -> Option<AhoCorasick> {
    let texts: Vec<&str> = texts.collect();
    if texts.is_empty() {
        return None;
    }
    AhoCorasick::builder()
        .match_kind(kind)
        .ascii_case_insensitive(true)
        .build(texts)
        .ok()
}
