//! Scenarios that are brought up to an article that has changed.

use libtest_mimic::Failed;
use std::path::Path;
use std::process::Command;

const GROUP: &str =
    "## Group\n\n```azurecli\naz group create --name myGroup --location eastus\n```\n\n";
const VAULT: &str =
    "## Vault\n\n```azurecli\naz keyvault create --name kv1 --resource-group myGroup\n```\n\n";
const EXEC: &str =
    "```azurecli\naz container exec --name c --resource-group g --exec-command /bin/bash\n```\n\n";
const INSIDE: &str = "```bash\nhostname\n```\n";

fn init(folder: &Path, options: &[&str]) -> Result<String, Failed> {
    let mut docproof = Command::new(env!("CARGO_BIN_EXE_docproof"));
    let ran = docproof
        .current_dir(folder)
        .args(["init", "a.md"])
        .args(options)
        .output()?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    match ran.status.success() {
        true => Ok(said),
        false => Err(format!("{said}{told}").into()),
    }
}

/// What stays of the old scenario and fits no more is told at once, not by the next run.
pub(crate) fn misfits() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let article = folder.path().join("a.md");
    std::fs::write(
        &article,
        format!("# T\n\n{GROUP}{VAULT}## List\n\n{EXEC}{INSIDE}"),
    )?;
    init(folder.path(), &[])?;
    std::fs::write(&article, format!("# T\n\n{VAULT}## List\n\n{EXEC}{INSIDE}"))?;
    let fits = init(folder.path(), &["--update"])?;
    assert!(
        fits.contains("updated:") && !fits.contains("does not fit"),
        "{fits}"
    );
    std::fs::write(&article, format!("# T\n\n{VAULT}## List\n\n{INSIDE}"))?;
    // As long as nobody mends it.
    for first in ["updated:", "unchanged:"] {
        let told = init(folder.path(), &["--update"])?;
        let misfit = "does not fit the article any longer: scenarios/a.toml:";
        assert!(
            told.starts_with(first)
                && told.contains(misfit)
                && told.contains("opens a shell in a container"),
            "{told}"
        );
    }
    Ok(())
}
