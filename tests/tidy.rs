//! What a compiler cannot see: which crate may use what, documents that point nowhere, leftovers.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of ours below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "target" || name == ".git" {
            continue;
        }
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(root(), &mut found);
    found
        .into_iter()
        .filter_map(|path| {
            let name = path
                .strip_prefix(root())
                .unwrap()
                .to_string_lossy()
                .into_owned();
            Some((name, fs::read_to_string(path).ok()?))
        })
        .collect()
}

fn dependencies(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let table: toml::Table = text.parse().unwrap();
    table["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

#[test]
fn core_is_pure_and_does_not_know_the_emulator() {
    for name in dependencies("harness/core/Cargo.toml") {
        assert!(
            !["tokio", "nix", "libc", "reqwest", "duct", "tempfile"].contains(&name.as_str())
                && !name.starts_with("docproof"),
            "harness/core depends on {name}"
        );
    }
    for (name, text) in sources() {
        if name.starts_with("harness/core/src") {
            for word in ["std::fs", "std::process", "std::net", "std::env"] {
                assert!(!text.contains(word), "{name} uses {word}");
            }
        }
    }
}

#[test]
fn neither_the_emulator_nor_az_knows_anything_of_articles() {
    for folder in ["harness/emulator", "harness/az"] {
        for name in dependencies(&format!("{folder}/Cargo.toml")) {
            assert!(!name.starts_with("docproof"), "{folder} depends on {name}");
        }
    }
}

/// It is in a program that is meant to be small, and that is started for each call.
#[test]
fn a_call_of_az_needs_little() {
    let allowed = ["libc", "nix", "serde", "serde_json"];
    assert_eq!(dependencies("harness/az/Cargo.toml"), allowed);
}

#[test]
fn paths_that_documents_name_exist() {
    let path =
        regex::Regex::new(r"`((?:harness|scenarios|docs-snapshots|tests|\.ci)/[A-Za-z0-9_./-]*)`")
            .unwrap();
    for document in ["README.md", "harness/ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for named in path.captures_iter(&text) {
            let named = &named[1];
            assert!(
                root().join(named).exists(),
                "{document} names {named}, which is not there"
            );
        }
    }
}

#[test]
fn no_source_file_outgrows_its_purpose() {
    for (name, text) in sources() {
        let lines = text.lines().count();
        if name.ends_with(".rs") {
            assert!(lines <= 700, "{name} has {lines} lines: is it two things?");
        }
    }
}

#[test]
fn the_lock_file_has_one_source() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for line in lock.lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(
            line,
            "source = \"registry+https://github.com/rust-lang/crates.io-index\""
        );
    }
}

/// Whether an SPDX expression allows a use under the licences in `allowed`. Enough for what crates
/// write: `OR` (or the old `/`) between alternatives, `AND` inside them, parentheses around.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.replace('/', " OR ");
    let mut depth = 0_usize;
    let mut parts = vec![(String::new(), "")];
    for word in expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .split_whitespace()
    {
        match word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        match word {
            "AND" | "OR" if depth == 0 => {
                parts.push((String::new(), if word == "OR" { "OR" } else { "AND" }))
            }
            _ => parts.last_mut().unwrap().0 += &format!("{word} "),
        }
    }
    // AND binds closer than OR.
    let mut alternatives = vec![true];
    for (part, before) in parts {
        if before == "OR" {
            alternatives.push(true);
        }
        let part = part.trim();
        let holds = match part
            .strip_prefix("( ")
            .and_then(|part| part.strip_suffix(" )"))
        {
            Some(inner) => is_allowed(inner, allowed),
            None => allowed.contains(&part),
        };
        *alternatives.last_mut().unwrap() &= holds;
    }
    alternatives.contains(&true)
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    let allowed = ["MIT", "ISC"];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("ISC AND (GPL-3.0 OR MIT)", true),
        ("ISC AND (GPL-3.0 AND MIT)", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

/// What cargo knows of the workspace and its dependencies.
fn metadata() -> serde_json::Value {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The README's first command, `cargo run`, names no program: of all that could be meant, one says that it is.
#[test]
fn cargo_run_runs_docproof() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let runs: Vec<&str> = packages
        .iter()
        .filter(|package| package["source"].is_null())
        .filter_map(|package| package["default_run"].as_str())
        .collect();
    assert_eq!(runs, ["docproof"]);
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let deny: toml::Table = fs::read_to_string(root().join("deny.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let allowed = deny["licenses"]["allow"].as_array().unwrap();
    let allowed: Vec<&str> = allowed
        .iter()
        .map(|licence| licence.as_str().unwrap())
        .collect();
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(
            is_allowed(licence, &allowed),
            "{}: licence {licence:?}",
            package["name"]
        );
    }
}
