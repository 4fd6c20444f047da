//! Checks articles in parallel: [`check`].
//!
//! Includes are checked with the articles that include them. Those that no checked article includes
//! come last, each on its own, as the fragment that it is.

use crate::article::{Loaded, in_includes, is_fragment};
use crate::configuration::Configuration;
use crate::files::Target;
use crate::parallel::in_order;
use crate::{Argument, Docset, Problem};
use docproof_core::diagnostic::{Diagnostic, Severity};
use docproof_core::lint::{self, Options};
use docproof_core::report::findings::{Mask, Report, Texts, Totals};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// How to check.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'s> {
    /// Which rules are asked.
    pub options: Options<'s>,
    /// Findings that matter less are not told.
    pub least: Severity,
    /// This configuration and no other.
    pub config: Option<&'s Path>,
    /// How many threads work.
    pub workers: NonZeroUsize,
}

/// What is told while a check goes on.
#[derive(Debug)]
pub enum Outcome {
    /// An article was checked.
    Checked(Box<Report>),
    /// Something could not be.
    Problem(Problem),
}

/// What a check came to.
#[derive(Debug, Clone, Default)]
pub struct Check {
    /// The articles and findings, counted.
    pub totals: Totals,
    /// How many things could not be checked.
    pub problems: usize,
}

/// Checks what the arguments stand for and tells about each article in the order of the arguments
/// and paths. What several articles include is told once, with the first of them.
///
/// # Errors
/// When a configuration cannot be read.
pub fn check(
    docset: &Docset,
    arguments: &[Argument],
    settings: &Settings<'_>,
    tell: &mut dyn FnMut(Outcome),
) -> Result<Check, Problem> {
    let started = Instant::now();
    let mut check = Check::default();
    let mut tell = |outcome: Outcome, check: &mut Check| {
        match &outcome {
            Outcome::Checked(report) => check.totals.add(&report.findings),
            Outcome::Problem(_) => check.problems += 1,
        }
        tell(outcome);
    };
    let mut asked = Vec::new();
    for argument in arguments {
        match argument.target(docset) {
            Ok(target) => asked.push((argument, target)),
            Err(problem) => tell(Outcome::Problem(problem), &mut check),
        }
    }
    let configurations = Configurations::new(docset, &asked, settings)?;
    let worker = Worker {
        docset,
        settings,
        configurations: &configurations,
    };
    let mut merge = Merge::default();
    let mut fragments = Vec::new();
    in_order(
        settings.workers,
        |give| walk(docset, &asked, give),
        |thing| match thing {
            Thing::Article(article) => worker.check(article, false),
            Thing::Problem(problem) => Done::Problem(problem),
        },
        |done| match done {
            Done::Problem(problem) => tell(Outcome::Problem(problem), &mut check),
            Done::Fragment(article) => fragments.push(article),
            Done::Checked(report) => {
                let report = merge.add(report, settings.least);
                tell(Outcome::Checked(report), &mut check);
            }
        },
    );
    fragments.retain(|fragment| !merge.included.contains(&fragment.name));
    in_order(
        settings.workers,
        |give| fragments.into_iter().for_each(give),
        |fragment| worker.check(fragment, true),
        |done| match done {
            Done::Problem(problem) => tell(Outcome::Problem(problem), &mut check),
            Done::Fragment(_) => {}
            Done::Checked(report) => {
                let report = merge.add(report, settings.least);
                tell(Outcome::Checked(report), &mut check);
            }
        },
    );
    let late = merge.unused_in_includes();
    let late = late
        .into_iter()
        .chain(configurations.unused(&asked, settings));
    for mut report in late {
        report
            .findings
            .retain(|finding| finding.severity >= settings.least);
        if !report.findings.is_empty() {
            check.totals.add_findings(&report.findings);
            // It is no article, so it is not counted as one.
            check.totals.articles -= 1;
            tell(Outcome::Checked(Box::new(report)), &mut check);
        }
    }
    check.totals.time = started.elapsed();
    Ok(check)
}

/// An article to be checked.
struct Asked {
    name: String,
    /// Which of the arguments it was found by.
    argument: usize,
}

enum Thing {
    Article(Asked),
    Problem(Problem),
}

enum Done {
    Checked(Box<Report>),
    /// To be checked only if no article includes it.
    Fragment(Asked),
    Problem(Problem),
}

fn walk(docset: &Docset, asked: &[(&Argument, Target)], give: &mut dyn FnMut(Thing)) {
    let mut seen = HashSet::new();
    for (argument, (text, target)) in asked.iter().enumerate() {
        let mut any = false;
        target.articles(&mut |found| {
            any = true;
            match found {
                Ok(path) => {
                    let name = docset.name(&path);
                    if seen.insert(name.clone()) {
                        give(Thing::Article(Asked { name, argument }));
                    }
                }
                Err(problem) => give(Thing::Problem(problem)),
            }
        });
        if !any {
            give(Thing::Problem(text.nothing_found()));
        }
    }
}

struct Worker<'w> {
    docset: &'w Docset,
    settings: &'w Settings<'w>,
    configurations: &'w Configurations,
}

impl Worker<'_> {
    fn check(&self, asked: Asked, fragment: bool) -> Done {
        if !fragment && in_includes(&asked.name) {
            return Done::Fragment(asked);
        }
        let text = match self.docset.text(&asked.name) {
            Ok(text) => text,
            Err(problem) => return Done::Problem(problem),
        };
        if !fragment && is_fragment(&asked.name, &text) {
            return Done::Fragment(asked);
        }
        let loaded = Loaded::new(self.docset, &asked.name, text);
        let options = Options {
            fragment,
            ..self.settings.options
        };
        let mut checked = lint::check_with(&loaded.article, &options);
        if let Some(configuration) = self.configurations.of(asked.argument) {
            configuration.apply(&mut checked.findings, self.docset);
        }
        let mask = if checked.findings.is_empty() {
            Mask::default()
        } else {
            Mask::new(&loaded.texts, &checked.concealed)
        };
        Done::Checked(Box::new(Report {
            file: asked.name,
            findings: checked.findings,
            texts: loaded.texts,
            mask,
        }))
    }
}

/// The configurations of the arguments.
struct Configurations {
    all: Vec<Configuration>,
    /// Which one is each argument's.
    of: Vec<Option<usize>>,
}

impl Configurations {
    fn new(
        docset: &Docset,
        asked: &[(&Argument, Target)],
        settings: &Settings<'_>,
    ) -> Result<Self, Problem> {
        let mut all: Vec<Configuration> = Vec::new();
        let mut known = HashMap::<PathBuf, usize>::new();
        let mut of = Vec::new();
        for (_, target) in asked {
            let path = match settings.config {
                Some(path) => Some(path.to_owned()),
                None => Configuration::find(docset, target.folder()),
            };
            of.push(match path {
                None => None,
                Some(path) => Some(match known.get(&path) {
                    Some(at) => *at,
                    None => {
                        all.push(Configuration::read(docset, &path)?);
                        known.insert(path, all.len() - 1);
                        all.len() - 1
                    }
                }),
            });
        }
        Ok(Self { all, of })
    }

    fn of(&self, argument: usize) -> Option<&Configuration> {
        self.all.get((*self.of.get(argument)?)?)
    }

    /// What is to be said of entries that allowed nothing: only where everything that they can be
    /// about was checked, by every rule.
    fn unused(&self, asked: &[(&Argument, Target)], settings: &Settings<'_>) -> Vec<Report> {
        let options = settings.options;
        if !options.only.is_empty() || !options.skip.is_empty() {
            return Vec::new();
        }
        let whole = |configuration: &&Configuration| {
            asked.iter().any(|(_, target)| match target {
                Target::Folder(folder) => configuration.folder.starts_with(folder),
                Target::File(_) | Target::Pattern(..) => false,
            })
        };
        let reports = self.all.iter().filter(whole).map(|configuration| {
            let mut texts = Texts::default();
            texts.add(&configuration.file, Arc::clone(&configuration.text));
            Report {
                file: configuration.file.clone(),
                findings: configuration.unused(),
                texts,
                mask: Mask::default(),
            }
        });
        reports.collect()
    }
}

/// Brings together what was found in includes with several articles.
#[derive(Default)]
struct Merge {
    /// Every include that was read with an article.
    included: HashSet<String>,
    told: HashSet<(&'static str, String, u32, u32, String)>,
    /// How many articles read an include.
    readers: HashMap<String, usize>,
    /// By file, line, column and message.
    unused: BTreeMap<(String, u32, u32, String), Unused>,
}

/// A suppression in an include that some articles have no use for.
struct Unused {
    finding: Diagnostic,
    text: Arc<str>,
    /// How many articles that is.
    articles: usize,
}

impl Merge {
    fn add(&mut self, mut report: Box<Report>, least: Severity) -> Box<Report> {
        for (file, _) in report.texts.iter() {
            if *file != report.file {
                *self.readers.entry(file.to_owned()).or_default() += 1;
                if !self.included.contains(file) {
                    self.included.insert(file.to_owned());
                }
            }
        }
        let Report {
            file,
            findings,
            texts,
            ..
        } = report.as_mut();
        findings.retain(|finding| {
            let span = &finding.span;
            if span.file == *file {
                return true;
            }
            let (line, column) = (span.line, span.column);
            if finding.rule == "unused-suppression" {
                let key = (span.file.clone(), line, column, finding.message.clone());
                let unused = self.unused.entry(key).or_insert_with(|| Unused {
                    finding: finding.clone(),
                    text: texts.get(&span.file).unwrap_or("").into(),
                    articles: 0,
                });
                unused.articles += 1;
                return false;
            }
            let message = finding.message.clone();
            self.told
                .insert((finding.rule, span.file.clone(), line, column, message))
        });
        findings.retain(|finding| finding.severity >= least);
        report
    }

    /// Suppressions in includes that are of no use to any article.
    fn unused_in_includes(&mut self) -> Vec<Report> {
        let readers = &self.readers;
        let unused = std::mem::take(&mut self.unused).into_iter();
        unused
            .filter(|((file, ..), unused)| readers.get(file) == Some(&unused.articles))
            .map(|((file, ..), unused)| {
                let mut texts = Texts::default();
                texts.add(&file, unused.text);
                Report {
                    file,
                    findings: vec![unused.finding],
                    mask: Mask::new(&texts, &[]),
                    texts,
                }
            })
            .collect()
    }
}
