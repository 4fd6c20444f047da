//! What `check` finds in published articles, each finding read by hand and judged:
//! `tests/published_articles/judged.tsv`.
//!
//! `DOCPROOF_ARTICLES` names the folder with the articles; without it the test is reported as
//! ignored. They are input to measure with and no part of this repository. A line of the list is
//! `right` or `wrong`, the file, the place, severity, rule, and the judge's reason. A finding that is not in
//! the list fails, and so does a line without its finding, so that nothing is judged by its kind.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(clippy::print_stdout, reason = "the figures are what this is for")]

use docproof_core::diagnostic::Severity;
use docproof_core::lint;
use docproof_core::markdown::Article;
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const JUDGED: &str = include_str!("published_articles/judged.tsv");

/// At most so many of the errors may be wrong, in percent.
const MOST_WRONG_ERRORS: usize = 2;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trial = match std::env::var_os("DOCPROOF_ARTICLES").map(PathBuf::from) {
        Some(folder) => Trial::test("every_finding_was_judged", move || judged(&folder)),
        None => Trial::test("every_finding_was_judged", || Ok(()))
            .with_kind("DOCPROOF_ARTICLES names no folder")
            .with_ignored_flag(true),
    };
    libtest_mimic::run(&arguments, vec![trial]).exit_code()
}

/// A finding as the list names it: file, place, severity and rule.
type Finding = (String, String, String, String);

fn judged(folder: &Path) -> Result<(), Failed> {
    let mut list = BTreeMap::new();
    for line in JUDGED.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [
            verdict @ ("right" | "wrong"),
            file,
            place,
            severity,
            rule,
            reason,
        ] = *fields
        else {
            return Err(format!("not a judgement: {line}").into());
        };
        if reason.trim().is_empty() {
            return Err(format!("no reason: {line}").into());
        }
        let finding = [file, place, severity, rule].map(str::to_owned);
        let finding: Finding = finding.into();
        if list.insert(finding, verdict == "right").is_some() {
            return Err(format!("judged twice: {line}").into());
        }
    }
    let found = findings(folder);
    let mut complaints = String::new();
    for (finding, message) in &found {
        if !list.contains_key(finding) {
            let (file, place, severity, rule) = finding;
            writeln!(
                complaints,
                "?\t{file}\t{place}\t{severity}\t{rule}\t{message}"
            )
            .unwrap();
        }
    }
    for (file, place, severity, rule) in list.keys().filter(|key| !found.contains_key(*key)) {
        writeln!(complaints, "gone\t{file}\t{place}\t{severity}\t{rule}").unwrap();
    }
    if !complaints.is_empty() {
        return Err(complaints.into());
    }
    for severity in ["error", "warning", "note"] {
        let of = || list.iter().filter(|(finding, _)| finding.2 == severity);
        let wrong = of().filter(|(_, right)| !**right).count();
        println!("{severity}: {} found, {wrong} wrong", of().count());
        if severity == "error" && wrong * 100 > of().count() * MOST_WRONG_ERRORS {
            return Err(format!("{wrong} of {} errors are wrong", of().count()).into());
        }
    }
    Ok(())
}

/// What is found now, with its message. Includes are not at hand, as with the articles themselves.
fn findings(folder: &Path) -> BTreeMap<Finding, String> {
    let mut found = BTreeMap::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| path.file_name().is_some_and(|name| name != "INDEX.md"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no articles in {}", folder.display());
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let article = Article::parse(&name, &text, &|_| None);
        for one in lint::check(&article) {
            let severity = match one.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            let place = format!("{}:{}", one.span.line, one.span.column);
            let finding = (
                name.clone(),
                place,
                severity.to_owned(),
                one.rule.to_owned(),
            );
            found.insert(finding, one.message);
        }
    }
    found
}
