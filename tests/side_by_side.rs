//! `docproof run` with several walkthroughs: what begins, what is told, and in which order.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

mod common;

use serde_json::Value;
use std::fs;
use std::process::{Command, ExitCode, Output};

fn main() -> ExitCode {
    common::main(&[
        ("fail_fast_begins_nothing_after_a_failure", fail_fast),
        ("without_it_all_are_run", all_are_run),
    ])
}

/// Three walkthroughs, the first of which fails.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("scenarios")).unwrap();
    let article = root.join("docs-snapshots/a");
    fs::create_dir_all(&article).unwrap();
    let text = "# A\n\n## B\n\n```bash\nfalse\n```\n\n```bash\necho fine\n```\n";
    fs::write(article.join("article.md"), text).unwrap();
    for (id, block) in [("one", "b#1"), ("two", "b#2"), ("zzz", "b#2")] {
        let text = format!(
            "title = \"{id}\"\narticle = \"a\"\n[[step]]\nname = \"s\"\nblock = \"{block}\"\n"
        );
        fs::write(root.join(format!("scenarios/{id}.toml")), text).unwrap();
    }
    folder
}

fn run(more: &[&str]) -> Output {
    let project = project();
    Command::new(env!("CARGO_BIN_EXE_docproof"))
        // One at a time, in the order in which they are asked for.
        .args(["run", "--jobs", "1", "--az", "plain", "--format", "json"])
        .args(more)
        .args(["one", "two", "zzz"])
        .current_dir(project.path())
        .output()
        .unwrap()
}

/// Each walkthrough with its outcome, in order of the verdicts.
fn verdicts(output: &Output) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["event"] == "verdict")
        .map(|event| (text(&event["scenario"]), text(&event["outcome"])))
        .collect()
}

fn pair(scenario: &str, outcome: &str) -> (String, String) {
    (scenario.to_owned(), outcome.to_owned())
}

fn fail_fast() {
    let output = run(&["--fail-fast"]);
    assert_eq!(verdicts(&output), [pair("one", "failed")]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("not begun, since one did not pass and --fail-fast is given: 2\n"),
        "{told}"
    );
    assert_eq!(output.status.code(), Some(1));
}

fn all_are_run() {
    let output = run(&[]);
    let expected = [
        pair("one", "failed"),
        pair("two", "passed"),
        pair("zzz", "passed"),
    ];
    assert_eq!(verdicts(&output), expected);
    assert_eq!(output.stderr, b"");
    assert_eq!(output.status.code(), Some(1));
}
