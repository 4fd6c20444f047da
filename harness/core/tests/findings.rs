//! The same findings through every reporter, and what reporters must not let through.
//!
//! `UPDATE_EXPECTED=1` writes the snapshots in `tests/findings/` anew: read what changed.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use docproof_core::diagnostic::{Diagnostic, Edit, Fix, Related, Severity};
use docproof_core::report::findings::{
    FindingReporter, GitHub, Human, Json, Junit, Mask, Report, Sarif, Texts, Totals,
};
use docproof_core::source::Span;
use std::path::Path;
use std::time::Duration;

const ARTICLE: &str = "articles/key vault/create.md";
const INCLUDE: &str = "articles/includes/clean-up.md";
const SECRET: &str = "Zx9~secret-of-nobody";
const TEXT: &str = "# Create a vault\r\n\r\n```azurecli\r\naz keyvault create \\ \r\n  --name \"é$VAULT\" --sku gold\r\naz login --service-principal -u app -p Zx9~secret-of-nobody\r\n```\r\n";
const INCLUDED: &str = "az group delete --name $GRUOP --client-secret hunter2hunter2\n";

fn span(file: &str, line: u32, column: u32, end_line: u32, end_column: u32) -> Span {
    Span {
        file: file.into(),
        line,
        column,
        end_line,
        end_column,
    }
}

fn found(rule: &'static str, severity: Severity, span: Span, message: &str) -> Diagnostic {
    Diagnostic {
        rule,
        severity,
        span,
        message: message.into(),
        help: None,
        related: Vec::new(),
        fix: None,
    }
}

fn report() -> Report {
    let mut texts = Texts::default();
    texts.add(ARTICLE, TEXT.into());
    texts.add(INCLUDE, INCLUDED.into());
    let mut blank = found(
        "fixture-blank",
        Severity::Error,
        span(ARTICLE, 4, 21, 4, 22),
        r"white space after `\`: the next line is a command of its own",
    );
    blank.help = Some(r"end the line with `\`".into());
    blank.fix = Some(Fix {
        title: r"remove the white space after `\`".into(),
        edits: vec![Edit {
            span: blank.span.clone(),
            replacement: String::new(),
        }],
    });
    let mut sku = found(
        "fixture-choice",
        Severity::Warning,
        span(ARTICLE, 5, 25, 5, 29),
        "`gold` is no value of --sku, 100 % sure: see a, b\nand c",
    );
    sku.help = Some("write `premium` or `standard`".into());
    let mut leak = found(
        "fixture-leak",
        Severity::Error,
        span(ARTICLE, 6, 40, 6, 60),
        &format!("`{SECRET}` looks like a secret"),
    );
    leak.fix = Some(Fix {
        title: "replace the secret".into(),
        edits: vec![Edit {
            span: span(ARTICLE, 6, 1, 6, 60),
            replacement: format!("az login -p <password> # was {SECRET}"),
        }],
    });
    let mut group = found(
        "fixture-unset",
        Severity::Error,
        span(INCLUDE, 1, 24, 1, 30),
        "$GRUOP is never set\u{1b}[2J",
    );
    group.related.push(Related {
        span: span(ARTICLE, 5, 11, 5, 17),
        message: "$VAULT is set here".into(),
    });
    let whole = found(
        "draft",
        Severity::Note,
        span(ARTICLE, 1, 1, 7, 4),
        "a draft",
    );
    let concealed = [leak.span.clone()];
    Report {
        file: ARTICLE.into(),
        findings: vec![blank, sku, leak, whole, group],
        mask: Mask::new(&texts, &concealed),
        texts,
    }
}

fn told(mut reporter: impl FindingReporter) -> String {
    let report = report();
    let mut totals = Totals {
        time: Duration::from_millis(12),
        ..Totals::default()
    };
    totals.add(&report.findings);
    totals.add(&[]);
    let clean = Report {
        file: "articles/clean.md".into(),
        ..Report::default()
    };
    let mut out = Vec::new();
    reporter.article(&report, &mut out).unwrap();
    reporter.article(&clean, &mut out).unwrap();
    reporter.finish(&totals, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn compare(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/findings")
        .join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        expected, actual,
        "{name} differs; UPDATE_EXPECTED=1 writes it anew"
    );
    assert!(
        !actual.contains(SECRET) && !actual.contains("hunter2"),
        "a secret is shown"
    );
}

#[test]
fn human_shows_each_finding_at_its_line() {
    let text = told(Human::new(false, true));
    assert!(!text.contains('\u{1b}'));
    compare("human.txt", &text);
}

#[test]
fn human_is_coloured_on_request_only() {
    let text = told(Human::new(true, true));
    assert!(text.contains("\u{1b}["));
    assert!(
        !text.contains("\u{1b}[2J"),
        "an article clears the terminal"
    );
    assert!(!text.contains(SECRET));
}

#[test]
fn json_has_one_object_per_finding() {
    let text = told(Json::new());
    assert_eq!(text.lines().count(), report().findings.len());
    let second: serde_json::Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    let keys: Vec<&String> = second.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "rule",
            "severity",
            "path",
            "line",
            "column",
            "end_line",
            "end_column",
            "message",
            "help"
        ]
    );
    compare("json.txt", &text);
}

#[test]
fn github_escapes_what_commands_need() {
    compare("github.txt", &told(GitHub::new()));
}

#[test]
fn junit_has_a_case_per_article() {
    let text = told(Junit::new());
    let results = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let suite = &results.test_suites[0];
    assert_eq!((suite.tests, suite.failures), (2, 1));
    compare("junit.xml", &text);
}

#[test]
fn sarif_is_what_code_scanning_reads() {
    let text = told(Sarif::new());
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    // The rules grow with the registry; the results are what this fixture is about.
    compare("sarif.json", &format!("{:#}\n", run["results"]));
}

#[test]
fn a_finding_that_moves_keeps_its_fingerprint() {
    let hashes = |report: &Report| {
        let mut out = Vec::new();
        let mut reporter = Sarif::new();
        reporter.article(report, &mut out).unwrap();
        reporter.finish(&Totals::default(), &mut out).unwrap();
        let log: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results
            .into_iter()
            .map(|result| result["partialFingerprints"].clone())
            .collect::<Vec<_>>()
    };
    let before = report();
    let mut after = report();
    after.texts = Texts::default();
    after.texts.add(ARTICLE, format!("new\r\n{TEXT}").into());
    after.texts.add(INCLUDE, INCLUDED.into());
    for finding in &mut after.findings {
        if finding.span.file == ARTICLE {
            finding.span.line += 1;
            finding.span.end_line += 1;
        }
    }
    assert_eq!(hashes(&before), hashes(&after));
}

#[test]
fn a_private_key_is_not_shown_line_by_line() {
    let mut texts = Texts::default();
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabcdefghijkl\n-----END RSA PRIVATE KEY-----\n";
    texts.add("a.md", key.into());
    let report = Report {
        file: "a.md".into(),
        findings: vec![found("x", Severity::Error, span("a.md", 2, 1, 3, 5), "x")],
        mask: Mask::new(&texts, &[]),
        texts,
    };
    let mut out = Vec::new();
    Human::new(false, false).article(&report, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(
        !text.contains("MIIEpA") && !text.contains("abcdef"),
        "{text}"
    );
}
