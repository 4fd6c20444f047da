//! For code scanning: SARIF 2.1.0, one run, written at the end.

use super::texts::Indexed;
use super::{FindingReporter, Mask, Report, Totals, shown_fix, word};
use crate::diagnostic::{Diagnostic, Fix, Related};
use crate::lint::{Rule, registry};
use crate::report::sarif_log::{artifact, hash, log};
use crate::source::Span;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{Result, Write};

/// Collects the findings of all articles into one SARIF log.
#[derive(Debug, Default)]
pub struct Sarif {
    results: Vec<Value>,
    /// How often a finding with this fingerprint came.
    seen: HashMap<String, usize>,
    /// The hash of each rule, file and line of the article: many findings can stand on a very long
    /// line.
    hashes: HashMap<(&'static str, String, u32), String>,
}

impl Sarif {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn result(&mut self, finding: &Diagnostic, texts: &Indexed<'_>, mask: &Mask) -> Value {
        let mut message = mask.apply(&finding.message);
        if let Some(help) = &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(&mask.apply(help));
        }
        let mut result = json!({
            "ruleId": finding.rule,
            "level": word(finding.severity),
            "message": { "text": message },
            "locations": [{ "physicalLocation": location(&finding.span) }],
            "partialFingerprints": { "primaryLocationLineHash": self.fingerprint(finding, texts) },
        });
        if let Some(index) = registry().position(|rule| rule.id() == finding.rule) {
            result["ruleIndex"] = index.into();
        }
        if !finding.related.is_empty() {
            result["relatedLocations"] = related(&finding.related, mask);
        }
        if let Some(fix) = shown_fix(finding, mask) {
            result["fixes"] = json!([change(fix)]);
        }
        result
    }

    /// The same for a finding after lines above it came or went: it knows the line's text, not its
    /// number.
    fn fingerprint(&mut self, finding: &Diagnostic, texts: &Indexed<'_>) -> String {
        let span = &finding.span;
        let place = (finding.rule, span.file.clone(), span.line);
        let hash = self.hashes.entry(place).or_insert_with(|| {
            let line = texts.line(span).trim();
            hash(&[finding.rule, &span.file, line])
        });
        let seen = self.seen.entry(hash.clone()).or_default();
        *seen += 1;
        format!("{hash}:{seen}")
    }
}

impl FindingReporter for Sarif {
    fn article(&mut self, report: &Report, _: &mut dyn Write) -> Result<()> {
        let texts = report.texts.indexed();
        self.hashes.clear();
        for finding in &report.findings {
            let result = self.result(finding, &texts, &report.mask);
            self.results.push(result);
        }
        Ok(())
    }

    fn finish(&mut self, _: &Totals, out: &mut dyn Write) -> Result<()> {
        let rules: Vec<Value> = registry().map(descriptor).collect();
        let log = log(rules, std::mem::take(&mut self.results));
        serde_json::to_writer_pretty(&mut *out, &log)?;
        out.write_all(b"\n")
    }
}

fn descriptor(rule: &dyn Rule) -> Value {
    json!({
        "id": rule.id(),
        "shortDescription": { "text": rule.summary() },
        "help": { "text": rule.explanation(), "markdown": rule.explanation() },
        "defaultConfiguration": { "level": word(rule.severity()) },
    })
}

fn location(span: &Span) -> Value {
    json!({ "artifactLocation": artifact(&span.file), "region": region(span) })
}

fn region(span: &Span) -> Value {
    json!({
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    })
}

fn related(related: &[Related], mask: &Mask) -> Value {
    let locations = related.iter().enumerate().map(|(id, related)| {
        json!({
            "id": id,
            "physicalLocation": location(&related.span),
            "message": { "text": mask.apply(&related.message) },
        })
    });
    locations.collect()
}

fn change(fix: &Fix) -> Value {
    let file = fix.edits.first().map_or("", |edit| &edit.span.file);
    let replacements: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            json!({
                "deletedRegion": region(&edit.span),
                "insertedContent": { "text": edit.replacement },
            })
        })
        .collect();
    json!({
        "description": { "text": fix.title },
        "artifactChanges": [{
            "artifactLocation": artifact(file),
            "replacements": replacements,
        }],
    })
}
