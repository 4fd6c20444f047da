//! What `check` found, at its place: [`Findings`].

use super::out::{Out, with_code};
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::findings::Mask;

/// The findings that have not been shown yet.
pub(super) struct Findings<'a> {
    left: Vec<&'a Diagnostic>,
    mask: &'a Mask,
}

impl<'a> Findings<'a> {
    pub(super) fn new(all: &'a [Diagnostic], mask: &'a Mask) -> Self {
        Self {
            left: all.iter().collect(),
            mask,
        }
    }

    /// Those in these lines of a file, to be shown once.
    pub(super) fn take(&mut self, file: &str, first: u32, last: u32) -> Vec<&'a Diagnostic> {
        let here = |finding: &&&Diagnostic| {
            finding.span.file == file && (first..=last).contains(&finding.span.line)
        };
        let found: Vec<_> = self.left.iter().filter(here).copied().collect();
        if !found.is_empty() {
            self.left.retain(|finding| !here(&finding));
        }
        found
    }

    /// Those that have no place in what is shown.
    pub(super) fn rest(&mut self) -> Vec<&'a Diagnostic> {
        std::mem::take(&mut self.left)
    }

    /// Writes some of them.
    pub(super) fn write(&self, findings: &[&Diagnostic], out: &mut Out) {
        if findings.is_empty() {
            return;
        }
        out.raw("<ul class=\"findings\">\n");
        for finding in findings {
            let word = word(finding.severity);
            out.raw(&format!(
                "<li class=\"finding {word}\"><span class=\"chip {word}\">{word}</span> {} <span class=\"place\">\
                 line {}, <code>{}</code></span>",
                with_code(&self.mask.apply(&finding.message)),
                finding.span.line,
                finding.rule
            ));
            if let Some(help) = &finding.help {
                let help = with_code(&self.mask.apply(help));
                out.raw(&format!("<p class=\"help\"><b>What to do</b> {help}</p>"));
            }
            out.raw("</li>\n");
        }
        out.raw("</ul>\n");
    }
}

pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
