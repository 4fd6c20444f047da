//! Time must not grow faster than the text, not even on one very long line.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

#[path = "common/stopwatch.rs"]
mod stopwatch;

use docproof_core::diagnostic::{Diagnostic, Edit, Fix, Severity};
use docproof_core::lint;
use docproof_core::markdown::Article;
use docproof_core::report::findings::{FindingReporter, Human, Report, Sarif, Texts, Totals};
use docproof_core::source::Span;
use std::time::Duration;
use stopwatch::time;

/// How much longer the long text is.
const LONGER: usize = 8;

/// A square is 64 times as long for a text 8 times as long; allocation and a busy machine add to
/// the 8 times that are wanted.
const MOST: u32 = 24;

/// Reads a short text and a long one, and says no if the long one took far more than its share.
fn grows_with_length<T>(what: &str, short: usize, text: impl Fn(usize) -> T, read: impl Fn(&T)) {
    let (small, large) = (text(short), text(LONGER * short));
    let measure = || (time(|| read(&small)), time(|| read(&large)));
    let is_fair = |(small, large): (Duration, Duration)| {
        large < Duration::from_millis(150) || large < MOST * small
    };
    // A busy machine can spoil a measurement, but not all of them.
    let fair = (0..4).any(|_| is_fair(measure()));
    assert!(fair, "{what}: (short, long) take {:?}", measure());
}

fn repeated(unit: &str, length: usize) -> String {
    unit.repeat(length / unit.len())
}

#[test]
fn markdown_nested_on_one_line() {
    for unit in ["1. ", "* ", "- 1. ", "> ", "> 1. "] {
        grows_with_length(
            unit,
            30_000,
            |length| repeated(unit, length) + "x",
            |text| drop(Article::parse("a.md", text, &|_| None)),
        );
    }
}

#[test]
fn tabs_that_end_early_in_many_zones() {
    let unit = "::: zone pivot=\"p\"\n# [A](#tab/a)\n# [B](#tab/b)\n## H\n\nx\n\n";
    grows_with_length(
        unit,
        60_000,
        |length| repeated(unit, length),
        |text| drop(Article::parse("a.md", text, &|_| None)),
    );
}

#[test]
fn rules_on_one_line_or_in_one_block() {
    for (before, unit) in [
        ("", "é TODO: "),
        ("```bash\n", "export X=1 Y=$X "),
        ("```bash\n", "declare X=1 y "),
        ("```bash\n", "$x = 2\n"),
        ("", "`az vm list –o x` "),
        ("`az x", " –o x"),
    ] {
        grows_with_length(
            unit,
            4_000,
            |length| {
                let text = before.to_owned() + &repeated(unit, length);
                let end = if before.starts_with("`az") { "`" } else { "" };
                Article::parse("a.md", &(text + end), &|_| None)
            },
            |article| drop(lint::check(article)),
        );
    }
}

#[test]
fn many_findings_on_one_line() {
    let unit = "é --name x ";
    let report = |length: usize| {
        let text = repeated(unit, length);
        let columns = u32::try_from(text.chars().count()).unwrap();
        let findings = (1..columns - 5).step_by(10).map(|column| {
            let span = Span {
                file: "a.md".into(),
                line: 1,
                column,
                end_line: 1,
                end_column: column + 1,
            };
            Diagnostic {
                rule: "fixture",
                severity: Severity::Warning,
                message: "something is wrong".into(),
                help: None,
                related: Vec::new(),
                fix: Some(Fix {
                    title: "mend it".into(),
                    edits: vec![Edit {
                        span: span.clone(),
                        replacement: "x".into(),
                    }],
                }),
                span,
            }
        });
        let findings = findings.collect();
        let mut texts = Texts::default();
        texts.add("a.md", text.into());
        Report {
            file: "a.md".into(),
            findings,
            texts,
            mask: Default::default(),
        }
    };
    type Reader = fn(&Report);
    let readers: [(&str, Reader); 3] = [
        ("human", |report| show(Human::new(false, true), report)),
        ("sarif", |report| show(Sarif::new(), report)),
        ("mend", |report| {
            let fixes: Vec<&Fix> = report.findings.iter().flat_map(|f| &f.fix).collect();
            let mended = docproof_core::fix::mend(report.texts.get("a.md").unwrap(), &fixes);
            assert!(mended.skipped.is_empty());
        }),
    ];
    for (name, read) in readers {
        grows_with_length(name, 5_000, report, read);
    }
}

fn show(mut reporter: impl FindingReporter, report: &Report) {
    let mut out = Vec::new();
    reporter.article(report, &mut out).unwrap();
    reporter.finish(&Totals::default(), &mut out).unwrap();
    assert!(!out.is_empty());
}
