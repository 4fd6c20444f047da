//! `PARITY.md` tells what is emulated; each of its rows names the test that proves it.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use regex::Regex;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn every_row_names_a_test_that_exists() {
    let text = read("PARITY.md");
    let proof = Regex::new(r"\| \[`(\w+)`\]\(([\w/]+\.rs)\) \|$").unwrap();
    let mut rows = 0;
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        if line.starts_with("| what |") || line.starts_with("| ---") {
            continue;
        }
        rows += 1;
        let found = proof.captures(line);
        let found = found.unwrap_or_else(|| panic!("no proof at the end of: {line}"));
        let (name, file) = (&found[1], &found[2]);
        let test = format!(r"#\[(?:tokio::)?test\]\s+(?:async )?fn {name}\(");
        let test = Regex::new(&test).unwrap();
        assert!(test.is_match(&read(file)), "{file} has no test {name}");
    }
    assert!(
        rows > 30,
        "{rows} rows found: is the table read as it is written?"
    );
}

#[test]
fn every_service_has_its_section() {
    let text = read("PARITY.md");
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/services");
    for entry in fs::read_dir(services).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(
                text.contains(&format!("(`{name}`)")),
                "PARITY.md has no section `{name}`"
            );
        }
    }
}
