//! Every rule is held to its fixtures, `tests/rules/<rule>/`:
//!
//! - `fires.md` holds the defect, and `fires.expected` what the rule says about it, a finding a
//!   line: `line:column-end_line:end_column message`, then `  help: …`. `UPDATE_EXPECTED=1` writes
//!   it anew, and `fixed.md` with it: read what changed.
//! - `fixed.md`, for a rule with fixes, is `fires.md` after them; the rule has no more to fix there.
//! - `does-not-fire.md` holds what is right and looks wrong.
//!
//! Other files of the folder can be included by these articles.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use docproof_core::diagnostic::{Diagnostic, Fix};
use docproof_core::fix;
use docproof_core::lint::{self, Options, Rule};
use docproof_core::markdown::Article;
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = lint::registry()
        .map(|rule| Trial::test(rule.id(), move || examine(rule)))
        .collect();
    trials.push(Trial::test("every_folder_is_a_rule_s", every_folder));
    trials.push(Trial::test("ids_are_unique", unique_ids));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn core() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn update() -> bool {
    std::env::var_os("UPDATE_EXPECTED").is_some()
}

fn every_folder() -> Result<(), Failed> {
    let ids: BTreeSet<&str> = lint::registry().map(Rule::id).collect();
    for folder in std::fs::read_dir(core().join("tests/rules"))
        .into_iter()
        .flatten()
    {
        let name = folder.unwrap().file_name();
        if !ids.contains(name.to_string_lossy().as_ref()) {
            return Err(format!("tests/rules/{} belongs to no rule", name.display()).into());
        }
    }
    Ok(())
}

fn unique_ids() -> Result<(), Failed> {
    let mut ids = BTreeSet::new();
    match lint::registry().find(|rule| !ids.insert(rule.id())) {
        Some(rule) => Err(format!("two rules are called `{}`", rule.id()).into()),
        None => Ok(()),
    }
}

/// All that a rule must keep; everything it breaks is told at once.
fn examine(rule: &'static dyn Rule) -> Result<(), Failed> {
    let folder = core().join("tests/rules").join(rule.id());
    let mut complaints = Vec::new();
    describes_itself(rule, &mut complaints);
    fires(rule, &folder, &mut complaints);
    let silent = findings(rule, &folder, "does-not-fire.md", &mut complaints);
    if !silent.is_empty() {
        let told = describe(&silent.iter().collect::<Vec<_>>(), "does-not-fire.md");
        complaints.push(format!("it fires on does-not-fire.md:\n{told}"));
    }
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints.join("\n").into())
    }
}

fn describes_itself(rule: &dyn Rule, complaints: &mut Vec<String>) {
    let id = rule.id();
    if !id
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    {
        complaints.push("its id is not kebab-case".into());
    }
    let file = format!("{}.rs", id.replace('-', "_"));
    let families = std::fs::read_dir(core().join("src/lint/rules")).unwrap();
    let found = families
        .flatten()
        .any(|family| family.path().join(&file).is_file());
    if !found {
        complaints.push(format!("no family has a file {file}"));
    }
    let summary = rule.summary();
    if summary.is_empty() || summary.ends_with('.') || summary.contains('\n') {
        complaints.push(format!(
            "its summary is not one line without a full stop: {summary:?}"
        ));
    }
    let fences = rule
        .explanation()
        .lines()
        .filter(|l| l.starts_with("```"))
        .count();
    if fences < 2 || fences % 2 == 1 {
        complaints.push("its explanation has no example in a fence".into());
    }
}

fn fires(rule: &dyn Rule, folder: &Path, complaints: &mut Vec<String>) {
    let found = findings(rule, folder, "fires.md", complaints);
    let found: Vec<&Diagnostic> = found.iter().collect();
    if found.is_empty() {
        complaints.push("it does not fire on fires.md".into());
    }
    for message in found.iter().map(|f| &f.message) {
        if message.ends_with('.') || message.contains('\n') {
            complaints.push(format!("not one line without a full stop: {message:?}"));
        }
    }
    let told = describe(&found, "fires.md");
    compare(&folder.join("fires.expected"), &told, complaints);

    let left_alone: Vec<&Diagnostic> = found.iter().copied().filter(|f| f.fix.is_none()).collect();
    if left_alone.len() == found.len() {
        if folder.join("fixed.md").exists() {
            complaints.push("there is a fixed.md, and no finding has a fix".into());
        }
        return;
    }
    let text = std::fs::read_to_string(folder.join("fires.md")).unwrap();
    let fixes: Vec<&Fix> = found.iter().filter_map(|f| f.fix.as_ref()).collect();
    let fixed = fix::mend(&text, &fixes).text;
    compare(&folder.join("fixed.md"), &fixed, complaints);
    let again = findings(rule, folder, "fixed.md", complaints);
    if again.iter().any(|f| f.fix.is_some()) || again.len() > left_alone.len() {
        let told = describe(&again.iter().collect::<Vec<_>>(), "fixed.md");
        complaints.push(format!("it fires on fixed.md again:\n{told}"));
    }
}

/// What the rule finds in one of its articles, which must be there.
fn findings(
    rule: &dyn Rule,
    folder: &Path,
    name: &str,
    complaints: &mut Vec<String>,
) -> Vec<Diagnostic> {
    if !folder.join(name).is_file() {
        complaints.push(format!("tests/rules/{}/{name} is missing", rule.id()));
        return Vec::new();
    }
    let options = Options {
        only: &[rule.id()],
        ..Options::default()
    };
    let found = lint::check_with(&article(folder, name), &options);
    found.findings
}

/// Compares with a file, or writes it.
fn compare(path: &PathBuf, actual: &str, complaints: &mut Vec<String>) {
    if update() {
        std::fs::write(path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected != actual {
        let name = path.file_name().unwrap_or_default().display();
        complaints.push(format!(
            "{name} differs (UPDATE_EXPECTED=1 writes it anew)\n--- expected\n{expected}--- actual\n{actual}"
        ));
    }
}

/// Reads the article `name` of a folder; its includes are files of that folder too.
fn article(folder: &Path, name: &str) -> Article {
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    Article::parse(name, &text, &|path| {
        let text = std::fs::read_to_string(folder.join(path)).ok()?;
        Some((path.to_owned(), text))
    })
}

/// Findings as `fires.expected` holds them; the file is named only where it isn't `of`.
fn describe(findings: &[&Diagnostic], of: &str) -> String {
    let mut text = String::new();
    for found in findings {
        let span = &found.span;
        if span.file != of {
            text.push_str(&span.file);
            text.push(':');
        }
        text.push_str(&format!(
            "{}:{}-{}:{} {}\n",
            span.line, span.column, span.end_line, span.end_column, found.message
        ));
        if let Some(help) = &found.help {
            text.push_str(&format!("  help: {help}\n"));
        }
    }
    text
}
