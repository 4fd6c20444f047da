//! Applies the certain fixes of a check: [`mend`].
//!
//! Every fix is tried first: the articles are checked again with the mended texts, and a fix that
//! leaves more findings of its rule at its place than there should be is not made.

use crate::check::{Check, Outcome, Settings, check};
use crate::write::replace;
use crate::{Argument, Docset, Problem};
use docproof_core::diagnostic::{Diagnostic, Fix};
use docproof_core::fix;
use docproof_core::report::findings::{Mask, Report};
use docproof_core::source::Span;
use similar::{Algorithm, TextDiff};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A fix may uncover another; beyond this nothing more is tried.
const ROUNDS: usize = 5;

/// What fixes came to. Nothing is written yet.
#[derive(Debug, Default)]
pub struct Mended {
    /// How many fixes were made.
    pub fixes: usize,
    /// Fixes that would do harm.
    pub refused: Vec<Refused>,
    /// The reports of the articles as they are then, in the order of a check.
    pub reports: Vec<Report>,
    /// What could not be checked.
    pub problems: Vec<Problem>,
    /// What the check of the texts as they are came to.
    pub before: Check,
    /// What the check of the mended texts came to.
    pub check: Check,
    files: BTreeMap<String, Changed>,
}

/// A fix that was not made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refused {
    /// Where.
    pub span: Span,
    /// Of which rule.
    pub rule: &'static str,
}

/// A file with another text.
#[derive(Debug)]
struct Changed {
    old: Arc<str>,
    new: Arc<str>,
    mask: Mask,
}

/// Checks, and mends in memory what has a certain fix.
///
/// # Errors
/// As [`check`].
pub fn mend(
    docset: &Docset,
    arguments: &[Argument],
    settings: &Settings<'_>,
) -> Result<Mended, Problem> {
    let mut mended = Mended::default();
    let mut refused = HashSet::new();
    mended.look(docset, arguments, settings)?;
    mended.before = mended.check.clone();
    for _ in 0..ROUNDS {
        let mut round = Round::of(&mended.reports, &refused);
        if round.is_empty() {
            break;
        }
        // One refusal changes what the others meet, so it is tried again without it.
        loop {
            let after = round.apply();
            for (file, text) in &after.texts {
                docset.put(file, Arc::clone(text));
            }
            let before = std::mem::take(&mut mended.reports);
            mended.look(docset, arguments, settings)?;
            let harmful = round.harmful(&after, &before, &mended.reports);
            if harmful.is_empty() {
                for (file, new) in after.texts {
                    mended.change(file, new, &round);
                }
                mended.fixes += after.fixes;
                break;
            }
            mended
                .refused
                .extend(harmful.iter().map(|(_, refused)| refused.clone()));
            round.put_back(docset);
            mended.reports = before;
            refused.extend(round.leave_out(&harmful));
        }
    }
    mended.refused.sort();
    mended.refused.dedup();
    Ok(mended)
}

impl Mended {
    /// How many files have another text.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// The changes as a unified diff, without secrets.
    pub fn diff(&self) -> String {
        let mut all = String::new();
        for (file, changed) in &self.files {
            let diff = TextDiff::configure()
                .algorithm(Algorithm::Myers)
                .diff_lines(changed.old.as_ref(), changed.new.as_ref());
            let (a, b) = (format!("a/{file}"), format!("b/{file}"));
            let text = diff
                .unified_diff()
                .context_radius(3)
                .header(&a, &b)
                .to_string();
            for line in text.split_inclusive('\n') {
                // What is masked cannot be applied; what has no secret stays as it is.
                let content = line.trim_end_matches(['\r', '\n']);
                let shown = changed.mask.apply(content);
                if shown == content {
                    all.push_str(line);
                } else {
                    all.push_str(&shown);
                    all.push('\n');
                }
            }
        }
        all
    }

    /// Writes the changed files. What cannot be written is told and left as it was.
    pub fn write(&self, docset: &Docset) -> Vec<Problem> {
        let write = |(file, changed): (&String, &Changed)| {
            replace(file, &docset.path(file), &changed.old, &changed.new).err()
        };
        self.files.iter().filter_map(write).collect()
    }

    /// Checks with the texts as they are now.
    fn look(
        &mut self,
        docset: &Docset,
        arguments: &[Argument],
        settings: &Settings<'_>,
    ) -> Result<(), Problem> {
        self.reports.clear();
        self.problems.clear();
        let (reports, problems) = (&mut self.reports, &mut self.problems);
        self.check = check(docset, arguments, settings, &mut |outcome| match outcome {
            Outcome::Checked(report) => reports.push(*report),
            Outcome::Problem(problem) => problems.push(problem),
        })?;
        Ok(())
    }

    fn change(&mut self, file: String, new: Arc<str>, round: &Round) {
        if let Some(changed) = self.files.get_mut(&file) {
            changed.new = new;
        } else if let Some(of) = round.files.get(&file) {
            let changed = Changed {
                old: Arc::clone(&of.text),
                new,
                mask: of.mask.clone(),
            };
            self.files.insert(file, changed);
        }
    }
}

/// The fixes that are tried together, by file.
struct Round {
    files: BTreeMap<String, File>,
}

struct File {
    text: Arc<str>,
    mask: Mask,
    fixes: Vec<(Refused, Fix)>,
}

/// The texts after a round.
struct After {
    texts: BTreeMap<String, Arc<str>>,
    applied: BTreeMap<String, Vec<fix::Applied>>,
    fixes: usize,
}

impl Round {
    fn of(reports: &[Report], refused: &HashSet<(Refused, Fix)>) -> Self {
        let mut files = BTreeMap::<String, File>::new();
        for report in reports {
            for finding in &report.findings {
                let Some(fix) = &finding.fix else { continue };
                let Some(file) = fix.edits.first().map(|edit| &edit.span.file) else {
                    continue;
                };
                let of = Refused {
                    span: finding.span.clone(),
                    rule: finding.rule,
                };
                let Some((_, text)) = report.texts.iter().find(|(name, _)| name == file) else {
                    continue;
                };
                let wanted = (of, fix.clone());
                if !refused.contains(&wanted) {
                    let entry = files.entry(file.clone()).or_insert_with(|| File {
                        text: Arc::clone(text),
                        mask: report.mask.clone(),
                        fixes: Vec::new(),
                    });
                    entry.fixes.push(wanted);
                }
            }
        }
        Self { files }
    }

    fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    fn apply(&self) -> After {
        let mut after = After {
            texts: BTreeMap::new(),
            applied: BTreeMap::new(),
            fixes: 0,
        };
        for (name, file) in &self.files {
            let fixes: Vec<&Fix> = file.fixes.iter().map(|(_, fix)| fix).collect();
            let mended = fix::mend(&file.text, &fixes);
            after.fixes += mended.applied.len();
            after.texts.insert(name.clone(), mended.text.into());
            after.applied.insert(name.clone(), mended.applied);
        }
        after
    }

    /// The fixes after which there is more of their rule at their place than before, less what
    /// they mend.
    fn harmful(&self, after: &After, old: &[Report], new: &[Report]) -> Vec<(String, Refused)> {
        let mut harmful = Vec::new();
        let (old, new) = (Lines::of(old), Lines::of(new));
        for (name, file) in &self.files {
            let applied = after.applied.get(name).map_or(&[][..], Vec::as_slice);
            for one in applied {
                let Some((of, fix)) = file.fixes.get(one.fix) else {
                    continue;
                };
                let places = fix
                    .edits
                    .iter()
                    .map(|edit| (edit.span.line, edit.span.end_line));
                let before = old.count(of.rule, name, places);
                let meant = one.lines.iter().map(|lines| (*lines.start(), *lines.end()));
                let now = new.count(of.rule, name, meant);
                let here = |other: &&fix::Applied| {
                    let same = file.fixes.get(other.fix);
                    same.is_some_and(|(other, _)| {
                        other.rule == of.rule
                            && fix.edits.iter().any(|edit| {
                                (edit.span.line..=edit.span.end_line).contains(&other.span.line)
                            })
                    })
                };
                let mends = applied.iter().filter(here).count();
                if now > before.saturating_sub(mends) {
                    harmful.push((name.clone(), of.clone()));
                }
            }
        }
        harmful
    }

    fn put_back(&self, docset: &Docset) {
        for (name, file) in &self.files {
            docset.put(name, Arc::clone(&file.text));
        }
    }

    /// Takes the harmful fixes out of the round and answers them.
    fn leave_out(&mut self, harmful: &[(String, Refused)]) -> Vec<(Refused, Fix)> {
        let mut out = Vec::new();
        for (name, file) in &mut self.files {
            let bad = |of: &Refused| harmful.iter().any(|(file, bad)| file == name && bad == of);
            let (bad, good) = std::mem::take(&mut file.fixes)
                .into_iter()
                .partition(|(of, _)| bad(of));
            file.fixes = good;
            let bad: Vec<(Refused, Fix)> = bad;
            out.extend(bad);
        }
        out
    }
}

/// On which lines of which file rules have findings.
struct Lines<'r>(BTreeMap<(&'r str, &'r str), Vec<u32>>);

impl<'r> Lines<'r> {
    fn of(reports: &'r [Report]) -> Self {
        let mut lines = BTreeMap::<_, Vec<u32>>::new();
        let findings = reports.iter().flat_map(|report| &report.findings);
        for Diagnostic { rule, span, .. } in findings {
            let of = lines.entry((*rule, span.file.as_str())).or_default();
            of.push(span.line);
        }
        for of in lines.values_mut() {
            of.sort_unstable();
        }
        Self(lines)
    }

    /// How many findings begin on these lines; lines that are named twice count once.
    fn count(&self, rule: &str, file: &str, places: impl Iterator<Item = (u32, u32)>) -> usize {
        let Some(lines) = self.0.get(&(rule, file)) else {
            return 0;
        };
        let found: HashSet<usize> = places
            .flat_map(|(first, last)| {
                let from = lines.partition_point(|line| *line < first);
                from..lines.partition_point(|line| *line <= last)
            })
            .collect();
        found.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Refused, Round};
    use docproof_core::diagnostic::{Diagnostic, Edit, Fix, Severity};
    use docproof_core::report::findings::{Mask, Report, Texts};
    use docproof_core::source::Span;
    use std::collections::HashSet;

    fn span(line: u32, column: u32) -> Span {
        Span {
            file: "a.md".into(),
            line,
            column,
            end_line: line,
            end_column: column + 1,
        }
    }

    /// A finding at the first character of a line, with a fix if there is a replacement.
    fn found(line: u32, replacement: Option<&str>) -> Diagnostic {
        Diagnostic {
            rule: "fixture",
            severity: Severity::Error,
            span: span(line, 1),
            message: "it is wrong".into(),
            help: None,
            related: Vec::new(),
            fix: replacement.map(|replacement| Fix {
                title: "mend it".into(),
                edits: vec![Edit {
                    span: span(line, 1),
                    replacement: replacement.into(),
                }],
            }),
        }
    }

    fn report(findings: Vec<Diagnostic>) -> Vec<Report> {
        let mut texts = Texts::default();
        texts.add("a.md", "x\nx\nx\n".into());
        vec![Report {
            file: "a.md".into(),
            findings,
            texts,
            mask: Mask::default(),
        }]
    }

    fn harmful(before: Vec<Diagnostic>, now: Vec<Diagnostic>) -> Vec<u32> {
        let before = report(before);
        let round = Round::of(&before, &HashSet::new());
        let after = round.apply();
        let harmful = round.harmful(&after, &before, &report(now));
        harmful.into_iter().map(|(_, of)| of.span.line).collect()
    }

    #[test]
    fn a_fix_that_mends_nothing_is_harmful() {
        let before = vec![found(1, Some("y")), found(3, Some("y"))];
        assert_eq!(harmful(before.clone(), vec![found(3, None)]), [3]);
        assert_eq!(harmful(before.clone(), Vec::new()), [0_u32; 0]);
        // Something else that stood there all the time is not the fix's doing.
        assert_eq!(harmful(before, vec![found(2, None)]), [0_u32; 0]);
    }

    #[test]
    fn what_could_not_be_mended_may_stay() {
        let before = vec![found(1, Some("y")), found(1, None)];
        assert_eq!(harmful(before.clone(), vec![found(1, None)]), [0_u32; 0]);
        assert_eq!(harmful(before, vec![found(1, None), found(1, None)]), [1]);
    }

    #[test]
    fn lines_that_a_fix_adds_are_its_place() {
        let before = vec![found(1, Some("y\nz"))];
        assert_eq!(harmful(before, vec![found(2, None)]), [1]);
    }

    #[test]
    fn what_is_refused_is_not_tried_again() {
        let before = report(vec![found(1, Some("y")), found(2, Some("y"))]);
        let mut round = Round::of(&before, &HashSet::new());
        let refused = Refused {
            span: span(1, 1),
            rule: "fixture",
        };
        let out: HashSet<_> = round
            .leave_out(&[("a.md".into(), refused)])
            .into_iter()
            .collect();
        let after = round.apply();
        assert_eq!(
            after.texts.values().next().map(AsRef::as_ref),
            Some("x\ny\nx\n")
        );
        assert_eq!(Round::of(&before, &out).apply().fixes, 1);
    }
}
