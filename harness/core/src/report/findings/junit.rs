//! For whatever reads test results: JUnit's XML, an article as a test case.

use super::{FindingReporter, Report, Totals, word};
use crate::diagnostic::{Diagnostic, Severity};
use quick_junit::{NonSuccessKind, Report as Results, TestCase, TestCaseStatus, TestSuite};
use std::fmt::Write as _;
use std::io::{Error, Result, Write};

/// Writes all articles at the end. One with a finding of severity error has failed; other findings
/// are its output.
#[derive(Debug)]
pub struct Junit {
    suite: TestSuite,
}

impl Junit {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self {
            suite: TestSuite::new("docproof check"),
        }
    }
}

impl Default for Junit {
    fn default() -> Self {
        Self::new()
    }
}

impl FindingReporter for Junit {
    fn article(&mut self, report: &Report, _: &mut dyn Write) -> Result<()> {
        let (errors, others): (Vec<_>, Vec<_>) = report
            .findings
            .iter()
            .partition(|finding| finding.severity == Severity::Error);
        let status = match errors.as_slice() {
            [] => TestCaseStatus::success(),
            [first, rest @ ..] => {
                let mut message = report.mask.apply(&first.message);
                if !rest.is_empty() {
                    let _ = write!(message, " (and {} more)", rest.len());
                }
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status
                    .set_type(first.rule)
                    .set_message(message)
                    .set_description(list(&errors, report));
                status
            }
        };
        let mut case = TestCase::new(report.file.as_str(), status);
        case.set_classname("docproof.check");
        if !others.is_empty() {
            case.set_system_out(list(&others, report));
        }
        self.suite.add_test_case(case);
        Ok(())
    }

    fn finish(&mut self, _: &Totals, out: &mut dyn Write) -> Result<()> {
        let mut results = Results::new("docproof check");
        let suite = std::mem::replace(&mut self.suite, TestSuite::new("docproof check"));
        results.add_test_suite(suite);
        results.serialize(out).map_err(Error::other)
    }
}

fn list(findings: &[&Diagnostic], report: &Report) -> String {
    let mut text = String::new();
    for finding in findings {
        let severity = word(finding.severity);
        let _ = writeln!(
            text,
            "{}: {severity}[{}]: {}",
            finding.span, finding.rule, finding.message
        );
        if let Some(help) = &finding.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    report.mask.apply(&text)
}
