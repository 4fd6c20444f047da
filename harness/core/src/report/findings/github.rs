//! For GitHub Actions: a workflow command per finding, which shows it at its line of a pull request.

use super::{FindingReporter, Report, Totals};
use crate::diagnostic::Severity;
use std::io::{Result, Write};

/// Writes `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=RULE::message`.
#[derive(Debug, Default)]
pub struct GitHub;

impl GitHub {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self
    }
}

impl FindingReporter for GitHub {
    fn article(&mut self, report: &Report, out: &mut dyn Write) -> Result<()> {
        for finding in &report.findings {
            let span = &finding.span;
            let command = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            write!(
                out,
                "::{command} file={},line={},endLine={}",
                property(&span.file),
                span.line,
                span.end_line
            )?;
            // GitHub refuses columns where the lines differ.
            if span.line == span.end_line {
                write!(out, ",col={},endColumn={}", span.column, span.end_column)?;
            }
            let mut message = finding.message.clone();
            if let Some(help) = &finding.help {
                message.push_str("\nhelp: ");
                message.push_str(help);
            }
            let message = data(&report.mask.apply(&message));
            writeln!(out, ",title={}::{message}", property(finding.rule))?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Totals, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

/// A workflow command's message.
pub(in crate::report) fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a workflow command's property.
pub(in crate::report) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
