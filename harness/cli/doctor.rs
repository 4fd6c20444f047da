//! `docproof doctor`: what this machine can run, and why not.
#![expect(
    clippy::print_stdout,
    reason = "the findings are what the command is for"
)]

use crate::exit::{CommandError, Exit};
use docproof_core::scenario::Requirement;
use docproof_run::az::{self, AzChoice, AzEnvironment, OnPath};
use docproof_run::target::{AZURE_CLI_IMAGE, Container, EmulatorImage};
use docproof_run::{requirements, sandbox};

/// What Docker allows. A machine without it can run everything on the embedded target.
fn container() {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return println!("  missing  {error}"),
    };
    let found = runtime.block_on(Container::look(AZURE_CLI_IMAGE, &EmulatorImage::find()));
    match found {
        Ok(found) => {
            println!("  ok       Docker {}", found.engine);
            for (image, told) in found.images {
                println!("  ok       {image}: {told}");
            }
        }
        Err(error) => {
            println!("  missing  {error}");
            for line in error.help().lines() {
                println!("           {line}");
            }
        }
    }
}

pub(crate) fn run() -> Result<Exit, CommandError> {
    let mut exit = Exit::Passed;
    println!("target embedded");
    match sandbox::probe() {
        Ok(()) => {
            println!("  ok       sealed sandbox: user, network, mount and process namespaces")
        }
        Err(refusal) => {
            exit = Exit::CouldNotRun;
            println!("  missing  sealed sandbox: {refusal}");
            for line in refusal.help().lines() {
                println!("           {line}");
            }
        }
    }
    let environment = AzEnvironment::from_process();
    if let OnPath::Broken { program, reason } = az::on_path(&environment) {
        println!("  broken   az {}: {reason}", program.display());
        println!(
            "           mend it or take it off the PATH; until then azure-cli {} is used",
            az::PINNED_VERSION
        );
    }
    match az::find(AzChoice::Auto, &environment) {
        Some(found) => println!(
            "  ok       az {} ({})",
            found.version,
            found.program.display()
        ),
        None => println!(
            "  ok       az {}: `docproof run` fetches it once",
            az::PINNED_VERSION
        ),
    }
    let python = az::PythonSdk::versions();
    match az::find_sdk(&environment) {
        Some(_) => println!("  ok       {python}, for programs in articles"),
        None => println!("  ok       {python}: fetched once, when an article's program is run"),
    }
    for requirement in Requirement::ALL {
        if let Some(reason) = requirements::lacking(requirement) {
            println!("  without  {reason}: scenarios that require it are checked, not run");
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    for tool in az::tools_missing(&path) {
        exit = Exit::CouldNotRun;
        println!("  missing  {tool}: the azure-cli container has it, so walkthroughs use it");
        println!("           install it with this system's package manager");
    }
    println!("target container");
    container();
    println!("target azure");
    println!("  missing  not built yet");
    Ok(exit)
}
