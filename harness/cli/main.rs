//! The `docproof` command: arguments in, exit codes out. One file per verb.
#![expect(
    clippy::print_stderr,
    reason = "errors of the command itself go to standard error here and nowhere else"
)]

mod articles;
mod attribution;
mod az_table;
mod azure_cli;
mod check;
mod doctor;
mod emulator;
mod exit;
mod explain;
mod init;
mod interruption;
mod list;
mod live;
mod print;
mod progress;
mod report;
mod reports;
mod run;
mod running;
mod runs;
mod sources;
mod sweep;
mod watch;

use clap::{Parser, Subcommand};
use exit::{CommandError, Exit};
use std::process::ExitCode;

/// Proves that documented Azure walkthroughs work.
#[derive(Parser)]
#[command(name = "docproof", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all passed; 1 a walkthrough failed or `check` found errors; 2 wrong \
    usage, or something that cannot be read; 3 this machine could not run it; 130 interrupted."
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run scenarios, or articles as they are, and compare what happens with what the article shows
    Run(Box<run::RunArguments>),
    /// Write the scenarios that running an article amounts to
    Init(init::InitArguments),
    /// Remove what killed runs on a real subscription have left
    Sweep(sweep::SweepArguments),
    /// Make one report of several runs
    Report(report::MergeArguments),
    /// Find what is wrong with articles, without running them
    Check(check::CheckArguments),
    /// Check what is saved, at once, and run it on request
    Watch(watch::WatchArguments),
    /// Explain a rule of `check`, or list all of them
    Explain(explain::ExplainArguments),
    /// List the scenarios
    List(list::ListArguments),
    /// Tell what this machine can run, and why not
    Doctor,
    /// Run the Azure emulator alone, or hold it against recorded exchanges
    Emulator(emulator::EmulatorArguments),
    /// Derive azure-cli's command table, for `check --az-table`
    AzTable(az_table::AzTableArguments),
}

fn main() -> ExitCode {
    docproof_run::sandbox::enter_if_helper();
    let arguments = Arguments::parse();
    let ended = match arguments.verb {
        Verb::Run(arguments) => run::run(&arguments),
        Verb::Init(arguments) => init::run(&arguments),
        Verb::Sweep(arguments) => sweep::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Watch(arguments) => watch::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::List(arguments) => list::run(&arguments),
        Verb::Doctor => doctor::run(),
        Verb::Emulator(arguments) => emulator::run(&arguments),
        Verb::AzTable(arguments) => az_table::run(&arguments),
    };
    ended
        .unwrap_or_else(|error: CommandError| {
            eprintln!("error: {}", error.message);
            if let Some(help) = &error.help {
                for line in help.lines() {
                    eprintln!("  help: {line}");
                }
            }
            error.exit
        })
        .into()
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
