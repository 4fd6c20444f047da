//! The command table that comes with docproof is what `docproof az-table` derives from the
//! azure-cli of its version. Where that is not at hand the test is ignored: nothing is fetched
//! for it.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use docproof_core::command_table::Table;
use docproof_run::az::{self, AzChoice, AzEnvironment};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let stored = Table::built_in().version();
    let choices = [AzChoice::PathOnly, AzChoice::Pinned];
    let environment = AzEnvironment::from_process();
    let found = choices
        .iter()
        .filter_map(|choice| az::find(*choice, &environment))
        .find(|az| az.version == stored);
    let name = match &found {
        Some(_) => "the_stored_table_is_derived".to_owned(),
        None => format!("the_stored_table_is_derived (azure-cli {stored} is not installed)"),
    };
    let ignored = found.is_none();
    let trial = Trial::test(name, move || match &found {
        Some(az) => derive(&az.program),
        None => Ok(()),
    });
    libtest_mimic::run(&arguments, vec![trial.with_ignored_flag(ignored)]).exit_code()
}

fn derive(az: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("azure-cli.tbl");
    let output = Command::new(env!("CARGO_BIN_EXE_docproof"))
        .args(["az-table", "--az"])
        .arg(az)
        .arg("--output")
        .arg(&file)
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let derived = Table::read(&std::fs::read(&file).unwrap()).unwrap();
    if derived.same_commands(Table::built_in()) {
        return Ok(());
    }
    Err("derive it anew: docproof az-table --output \
         harness/core/src/command_table/azure-cli.tbl"
        .into())
}
