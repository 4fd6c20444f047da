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
fn the_emulator_knows_nothing_of_articles() {
    for name in dependencies("harness/emulator/Cargo.toml") {
        assert!(
            !name.starts_with("docproof"),
            "harness/emulator depends on {name}"
        );
    }
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
