//! `docproof doctor`: what this machine can run, and why not.

use crate::exit::{CommandError, Exit};
use crate::print::print;
use docproof_core::scenario::Requirement;
use docproof_run::az::{self, AzChoice, AzEnvironment, OnPath};
use docproof_run::target::{AZURE_CLI_IMAGE, Container, EmulatorImage};
use docproof_run::{requirements, sandbox};
use std::io::{self, Write};

/// What Docker allows. A machine without it can run everything on the embedded target.
fn container(out: &mut dyn Write) -> io::Result<()> {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return writeln!(out, "  missing  {error}"),
    };
    let found = runtime.block_on(Container::look(AZURE_CLI_IMAGE, &EmulatorImage::find()));
    match found {
        Ok(found) => {
            writeln!(out, "  ok       Docker {}", found.engine)?;
            for (image, told) in found.images {
                writeln!(out, "  ok       {image}: {told}")?;
            }
        }
        Err(error) => {
            writeln!(out, "  missing  {error}")?;
            for line in error.help().lines() {
                writeln!(out, "           {line}")?;
            }
        }
    }
    Ok(())
}

pub(crate) fn run() -> Result<Exit, CommandError> {
    let mut exit = Exit::Passed;
    let mut out = Vec::new();
    writeln!(out, "target embedded")?;
    match sandbox::probe() {
        Ok(()) => writeln!(
            out,
            "  ok       sealed sandbox: user, network, mount and process namespaces"
        )?,
        Err(refusal) => {
            exit = Exit::CouldNotRun;
            writeln!(out, "  missing  sealed sandbox: {refusal}")?;
            for line in refusal.help().lines() {
                writeln!(out, "           {line}")?;
            }
        }
    }
    let environment = AzEnvironment::from_process();
    if let OnPath::Broken { program, reason } = az::on_path(&environment) {
        writeln!(out, "  broken   az {}: {reason}", program.display())?;
        writeln!(
            out,
            "           mend it or take it off the PATH; until then azure-cli {} is used",
            az::PINNED_VERSION
        )?;
    }
    match az::find(AzChoice::Auto, &environment) {
        Some(found) => writeln!(
            out,
            "  ok       az {} ({})",
            found.version,
            found.program.display()
        )?,
        None => writeln!(
            out,
            "  ok       az {}: `docproof run` fetches it once",
            az::PINNED_VERSION
        )?,
    }
    let python = az::PythonSdk::versions();
    match az::find_sdk(&environment) {
        Some(_) => writeln!(out, "  ok       {python}, for programs in articles")?,
        None => writeln!(
            out,
            "  ok       {python}: fetched once, when an article's program is run"
        )?,
    }
    for requirement in Requirement::ALL {
        if let Some(reason) = requirements::lacking(requirement) {
            writeln!(
                out,
                "  without  {reason}: scenarios that require it are checked, not run"
            )?;
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    for tool in az::tools_missing(&path) {
        exit = Exit::CouldNotRun;
        writeln!(
            out,
            "  missing  {tool}: the azure-cli container has it, so walkthroughs use it"
        )?;
        writeln!(
            out,
            "           install it with this system's package manager"
        )?;
    }
    writeln!(out, "target container")?;
    container(&mut out)?;
    writeln!(out, "target azure")?;
    writeln!(
        out,
        "  ok       with a subscription: `docproof run --target azure --subscription NAME`"
    )?;
    print(&out)?;
    Ok(exit)
}
