//! The command as a person or a build runs it. A case is a folder here: `commands` are run one
//! after the other by a shell in a copy of `in/`, and what they print is in `transcript.txt`. Where
//! there is an `after/`, its files are what the copy holds then, byte by byte.
//!
//! `UPDATE_EXPECTED=1` writes transcripts and `after/` anew: read what changed.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

mod sarif;
mod secret;
mod terminal;

use libtest_mimic::{Arguments, Failed, Trial};
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use tempfile::TempDir;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = cases()
        .into_iter()
        .map(|folder| {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            Trial::test(name, move || run(&folder))
        })
        .collect();
    trials.extend([
        Trial::test("sarif_is_valid", sarif::is_valid),
        Trial::test("a_secret_is_never_shown", secret::is_never_shown),
        Trial::test("a_terminal_is_coloured", terminal::is_coloured),
        Trial::test("a_reader_may_leave", terminal::reader_leaves),
    ]);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

/// The folders with commands.
fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(here())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("commands").is_file())
        .collect();
    cases.sort();
    cases
}

/// A copy of a case's files, in a folder of its own.
fn copy_of(case: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files(&case.join("in")) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Runs a line of shell with `docproof` on the path and nothing of this environment.
fn shell(line: &str, folder: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_docproof"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    Command::new("bash")
        .args(["-c", line])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder)
        .output()
        .unwrap()
}

fn run(case: &Path) -> Result<(), Failed> {
    let folder = copy_of(case);
    let commands = fs::read_to_string(case.join("commands"))?;
    let time = Regex::new(r"\b\d+ ms\b")?;
    let place = folder.path().canonicalize()?.display().to_string();
    let mut transcript = String::new();
    for line in commands.lines().filter(|line| !line.trim().is_empty()) {
        let output = shell(line, folder.path());
        let told = String::from_utf8(output.stdout)?;
        let errors = String::from_utf8(output.stderr)?;
        transcript.push_str(&format!("$ {line}\n{told}"));
        for error in errors.lines() {
            transcript.push_str(&format!("! {error}\n"));
        }
        let code = output.status.code().ok_or("ended by a signal")?;
        transcript.push_str(&format!("[{code}]\n\n"));
    }
    let transcript = time
        .replace_all(&transcript, "N ms")
        .replace(&place, "PLACE");
    let mut complaints = String::new();
    compare(
        &case.join("transcript.txt"),
        transcript.as_bytes(),
        &mut complaints,
    );
    let after = case.join("after");
    for (name, _) in files(&after) {
        let now = fs::read(folder.path().join(&name)).unwrap_or_default();
        compare(&after.join(&name), &now, &mut complaints);
    }
    for (name, _) in files(folder.path()) {
        let left = name.rsplit('/').next().unwrap_or("");
        if left.starts_with(".docproof-") {
            complaints.push_str(&format!("{name} is left behind\n"));
        }
    }
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints.into())
    }
}

/// Every file below a folder, by its name from there.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn add(folder: &Path, from: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, from, found);
            } else {
                let name = path
                    .strip_prefix(from)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    add(folder, folder, &mut found);
    found.sort();
    found
}

/// Compares with a file, or writes it.
fn compare(path: &Path, actual: &[u8], complaints: &mut String) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, actual).unwrap();
    }
    let expected = fs::read(path).unwrap_or_default();
    if expected != actual {
        complaints.push_str(&format!(
            "{} differs (UPDATE_EXPECTED=1 writes it anew)\n--- expected\n{}\n--- actual\n{}\n",
            path.display(),
            String::from_utf8_lossy(&expected),
            String::from_utf8_lossy(actual)
        ));
    }
}
