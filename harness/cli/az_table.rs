//! `docproof az-table`: derives azure-cli's command table from an installed azure-cli.
#![expect(
    clippy::print_stdout,
    reason = "what was written is what the command is for"
)]

use crate::azure_cli;
use crate::exit::{CommandError, Exit};
use clap::Args;
use docproof_core::command_table::{Derived, Table};
use docproof_run::az::{self, AzEnvironment, OnPath};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the Python of azure-cli runs.
const SCRIPT: &str = include_str!("az_table.py");

#[derive(Args)]
pub(crate) struct AzTableArguments {
    /// The `az` whose commands to read, instead of the one on PATH or in the cache
    #[arg(long, value_name = "PATH")]
    az: Option<PathBuf>,
    /// The file to write
    #[arg(long, short, value_name = "FILE", default_value = "azure-cli.tbl")]
    output: PathBuf,
}

pub(crate) fn run(arguments: &AzTableArguments) -> Result<Exit, CommandError> {
    let python = match &arguments.az {
        Some(az) => python_of(az)?,
        None => azure_cli::provide()?.python,
    };
    let derived = derive(&python)?;
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let bytes = Table::write(&derived, &today)
        .map_err(|error| CommandError::environment(error.to_string()))?;
    std::fs::write(&arguments.output, &bytes).map_err(|error| {
        CommandError::environment(format!(
            "cannot write {}: {error}",
            arguments.output.display()
        ))
    })?;
    println!(
        "azure-cli {}: {} commands, {} arguments, {} bytes in {}",
        derived.version,
        derived.commands.len(),
        derived
            .commands
            .values()
            .map(|c| c.arguments.len())
            .sum::<usize>(),
        bytes.len(),
        arguments.output.display()
    );
    Ok(Exit::Passed)
}

/// The Python behind an `az`.
fn python_of(az: &Path) -> Result<PathBuf, CommandError> {
    let no = |reason: &str| CommandError::environment(format!("{}: {reason}", az.display()));
    let az = az.canonicalize().map_err(|error| no(&error.to_string()))?;
    let mut environment = AzEnvironment::from_process();
    environment.path = az
        .parent()
        .map(|folder| folder.as_os_str().to_owned())
        .unwrap_or_default();
    match az::on_path(&environment) {
        OnPath::Found(found) => Ok(found.python),
        OnPath::Broken { reason, .. } => Err(no(&reason)),
        OnPath::None => Err(no("this is not an `az` that can be run")),
    }
}

/// Loads every command of azure-cli, which takes half a minute.
fn derive(python: &Path) -> Result<Derived, CommandError> {
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .env("PYTHONNOUSERSITE", "1")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| {
            CommandError::environment(format!("cannot start {}: {error}", python.display()))
        })?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = errors.lines().last().unwrap_or("it says nothing");
        return Err(CommandError::environment(format!(
            "{} cannot load the commands of azure-cli: {last}",
            python.display()
        )));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| {
        CommandError::environment(format!("{} answered nonsense: {error}", python.display()))
    })
}
