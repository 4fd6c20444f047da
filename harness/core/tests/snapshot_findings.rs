//! What every rule together finds in the committed snapshots: `tests/snapshot_findings/<slug>.expected`
//! holds a finding a line, `line:column-end_line:end_column severity rule: message`, then `  help: …`.
//! `UPDATE_EXPECTED=1` writes them anew: read what changed, each line of it.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use docproof_core::diagnostic::{Diagnostic, Severity};
use docproof_core::lint;
use docproof_core::markdown::Article;
use std::fmt::Write as _;
use std::path::Path;

fn describe(found: &Diagnostic) -> String {
    let span = &found.span;
    let severity = match found.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut told = format!(
        "{}:{}-{}:{} {severity} {}: {}\n",
        span.line, span.column, span.end_line, span.end_column, found.rule, found.message
    );
    if let Some(help) = &found.help {
        writeln!(told, "  help: {help}").unwrap();
    }
    told
}

/// The findings in a snapshot are those that were read and judged.
fn holds(slug: &str) {
    let core = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = format!("docs-snapshots/{slug}/article.md");
    let text = std::fs::read_to_string(core.join("../..").join(&file)).unwrap();
    let article = Article::parse(&file, &text, &|_| None);
    let told: String = lint::check(&article).iter().map(describe).collect();
    let expected = core.join(format!("tests/snapshot_findings/{slug}.expected"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(expected.parent().unwrap()).unwrap();
        std::fs::write(&expected, &told).unwrap();
    }
    let pinned = std::fs::read_to_string(&expected).unwrap_or_default();
    assert_eq!(told, pinned, "{} is another", expected.display());
}

#[test]
fn container_instances_managed_identity() {
    holds("container-instances-managed-identity");
}

#[test]
fn container_apps_managed_identity_draft() {
    holds("container-apps-managed-identity-draft");
}

#[test]
fn container_apps_image_pull_managed_identity() {
    holds("container-apps-image-pull-managed-identity");
}

#[test]
fn container_apps_jobs_managed_identity_notes() {
    holds("container-apps-jobs-managed-identity-notes");
}
