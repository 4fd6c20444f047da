//! The HTML report as the command writes it, from events of runs that went well and that did not; and what a
//! browser makes of it.
//!
//! The browser is Chromium, driven through `puppeteer-core`, and `axe-core` looks for what keeps people out.
//! `.ci/browser` installs them; where one of them is not there, its trial is ignored, with the reason.
//! `DOCPROOF_SCREENSHOTS` names a folder for pictures of every page.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use tempfile::TempDir;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let browser = match browser() {
        Ok((modules, chromium)) => Trial::test("a_browser_shows_it_well", move || {
            shown_well(&modules, &chromium)
        }),
        Err(reason) => Trial::test("a_browser_shows_it_well", || Ok(()))
            .with_kind(reason)
            .with_ignored_flag(true),
    };
    let trials = vec![
        Trial::test("pages_are_written_from_events", pages_are_written),
        Trial::test("a_folder_that_cannot_be_is_told", refused),
        browser,
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `docproof report --report FOLDER` of the runs whose events are here.
fn report(folder: &Path) -> Output {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("tests/report"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    Command::new(env!("CARGO_BIN_EXE_docproof"))
        .arg("report")
        .args(files)
        .args(["--format", "summary", "--report"])
        .arg(folder)
        .current_dir(root())
        .output()
        .unwrap()
}

fn written() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let told = report(&folder.path().join("pages"));
    assert_eq!(told.status.code(), Some(1), "{told:?}");
    folder
}

fn pages_are_written() -> Result<(), Failed> {
    let folder = written();
    let pages = folder.path().join("pages");
    let mut names: Vec<String> = std::fs::read_dir(&pages)?
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "docs-snapshots-container-apps-image-pull-managed-identity.html",
            "docs-snapshots-container-instances-managed-identity.html",
            "index.html"
        ]
    );
    let page = std::fs::read_to_string(pages.join(&names[1]))?;
    // The article itself, a correction of it, what a request was answered.
    for part in [
        "Use managed identities for Azure resources to run code",
        "<ins> --enable-rbac-authorization false</ins>",
        "Cannot set policies to a vault",
        "providers/<wbr>Microsoft.KeyVault/<wbr>vaults/<wbr>mykeyvault",
    ] {
        assert!(page.contains(part), "{part} is not in {}", names[1]);
    }
    Ok(())
}

fn refused() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    std::fs::write(&file, "")?;
    let told = report(&file);
    assert_eq!(told.status.code(), Some(2));
    let said = String::from_utf8(told.stderr)?;
    assert!(said.contains("cannot be written"), "{said}");
    Ok(())
}

/// The folder of the modules and Chromium's path, or what is missing.
fn browser() -> Result<(PathBuf, PathBuf), String> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let cache = cache.or_else(home).ok_or("there is no home folder")?;
    let modules = cache.join("docproof/browser/node_modules");
    for module in ["puppeteer-core", "axe-core"] {
        if !modules.join(module).is_dir() {
            return Err(format!("{module} is not installed; .ci/browser does it"));
        }
    }
    if Command::new("node").arg("--version").output().is_err() {
        return Err("node is not installed".to_owned());
    }
    let chromium = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    let chromium = chromium
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists());
    Ok((modules, chromium.ok_or("Chromium is not installed")?))
}

fn shown_well(modules: &Path, chromium: &Path) -> Result<(), Failed> {
    let folder = written();
    let mut command = Command::new("node");
    command
        .arg(root().join("tests/report/browser.mjs"))
        .arg(modules)
        .arg(chromium)
        .arg(folder.path().join("pages"))
        .env("HOME", folder.path());
    if let Some(screenshots) = std::env::var_os("DOCPROOF_SCREENSHOTS") {
        command.arg(screenshots);
    }
    let told = command.output()?;
    if told.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    Err(format!("{said}\n{}", String::from_utf8_lossy(&told.stderr)).into())
}
