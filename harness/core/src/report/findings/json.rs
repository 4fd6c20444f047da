//! For programs: one JSON object per finding, one finding per line, as soon as it comes.

use super::{FindingReporter, Mask, Report, Totals, shown_fix, word};
use crate::source::Span;
use serde_json::{Value, json};
use std::io::{Result, Write};

/// Writes each finding as a line of JSON:
/// `{"rule","severity","path","line","column","end_line","end_column","message","help"}`, and
/// `related` and `fix` where there are any.
#[derive(Debug, Default)]
pub struct Json;

impl Json {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self
    }
}

impl FindingReporter for Json {
    fn article(&mut self, report: &Report, out: &mut dyn Write) -> Result<()> {
        let mask = &report.mask;
        for finding in &report.findings {
            let mut line = json!({ "rule": finding.rule, "severity": word(finding.severity) });
            place(&mut line, &finding.span);
            line["message"] = mask.apply(&finding.message).into();
            line["help"] = finding.help.as_ref().map(|help| mask.apply(help)).into();
            if !finding.related.is_empty() {
                line["related"] = finding
                    .related
                    .iter()
                    .map(|related| with("message", &related.message, &related.span, mask))
                    .collect();
            }
            if let Some(fix) = shown_fix(finding, mask) {
                let edits: Value = fix
                    .edits
                    .iter()
                    .map(|edit| with("replacement", &edit.replacement, &edit.span, mask))
                    .collect();
                line["fix"] = json!({ "title": fix.title, "edits": edits });
            }
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Totals, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

fn with(key: &str, text: &str, span: &Span, mask: &Mask) -> Value {
    let mut value = json!({});
    place(&mut value, span);
    value[key] = mask.apply(text).into();
    value
}

fn place(value: &mut Value, span: &Span) {
    value["path"] = span.file.as_str().into();
    value["line"] = span.line.into();
    value["column"] = span.column.into();
    value["end_line"] = span.end_line.into();
    value["end_column"] = span.end_column.into();
}
