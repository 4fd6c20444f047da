//! What people and programs read of a check: [`FindingReporter`]s, one file each, which turn the
//! [`Diagnostic`]s of one article after the other into text.
//!
//! Every text goes through the article's [`Mask`] before it is written: no secret reaches a report.

mod excerpt;
mod github;
mod human;
mod json;
mod junit;
mod mask;
mod sarif;
mod texts;

pub use github::GitHub;
pub(in crate::report) use github::{data, property};
pub use human::Human;
pub use json::Json;
pub use junit::Junit;
pub use mask::Mask;
pub use sarif::Sarif;
pub use texts::Texts;

use crate::diagnostic::{Diagnostic, Fix, Severity};
use std::io::{Result, Write};
use std::time::Duration;

/// An article and what was found in it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The article's file.
    pub file: String,
    /// What is to be shown, in the order of its places.
    pub findings: Vec<Diagnostic>,
    /// The text of the article and of each include that was read.
    pub texts: Texts,
    /// What must not be shown.
    pub mask: Mask,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many articles were checked.
    pub articles: usize,
    /// In how many of them something was found.
    pub with_findings: usize,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Findings of severity note.
    pub notes: usize,
    /// How many of the findings have a fix.
    pub fixable: usize,
    /// How long it took.
    pub time: Duration,
}

/// Writes findings in one form.
pub trait FindingReporter {
    /// Takes the next article; may keep it back until others have come.
    ///
    /// # Errors
    /// Those of `out`.
    fn article(&mut self, report: &Report, out: &mut dyn Write) -> Result<()>;

    /// Writes what was kept back, and what is to be said of the whole.
    ///
    /// # Errors
    /// Those of `out`.
    fn finish(&mut self, totals: &Totals, out: &mut dyn Write) -> Result<()>;
}

impl Totals {
    /// Counts an article and its findings.
    pub fn add(&mut self, findings: &[Diagnostic]) {
        self.articles += 1;
        self.add_findings(findings);
    }

    /// Counts findings that belong to no article.
    pub fn add_findings(&mut self, findings: &[Diagnostic]) {
        self.with_findings += usize::from(!findings.is_empty());
        for finding in findings {
            match finding.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Note => self.notes += 1,
            }
            self.fixable += usize::from(finding.fix.is_some());
        }
    }
}

/// `error`, `warning`, `note`.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The fix, if it can be shown: one whose text must be masked would write the mask into the file.
fn shown_fix<'f>(finding: &'f Diagnostic, mask: &Mask) -> Option<&'f Fix> {
    let fix = finding.fix.as_ref()?;
    let clean = |text: &str| mask.apply(text) == text;
    (clean(&fix.title) && fix.edits.iter().all(|edit| clean(&edit.replacement))).then_some(fix)
}
