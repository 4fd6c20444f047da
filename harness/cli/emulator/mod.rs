//! `docproof emulator`: the emulator alone, or held against recorded exchanges.

mod conformance;
mod control;
mod image;
mod listen;
mod serve;

use crate::exit::{CommandError, Exit};
use clap::{Args, Subcommand, ValueEnum};
use std::ops::RangeInclusive;
use std::path::PathBuf;

#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Requests go by host name, as in Azure: management.azure.com, \
    login.microsoftonline.com, *.vault.azure.net and so on. What the emulator does not have is \
    answered with 501 `NotEmulated`.\n\
    Exit codes: 0 stopped by Ctrl-C or SIGTERM; 2 wrong usage; 3 this machine could not run it (a \
    port is taken)."
)]
pub(crate) struct EmulatorArguments {
    #[command(subcommand)]
    verb: Option<EmulatorVerb>,
    #[command(flatten)]
    serve: ServeArguments,
}

#[derive(Subcommand)]
enum EmulatorVerb {
    /// Replay recorded exchanges with Azure against the emulator, and tell what differs
    Conformance(conformance::ConformanceArguments),
    /// Make the emulator's container image, and print its name
    Image,
}

#[derive(Args)]
pub(crate) struct ServeArguments {
    /// The port for HTTPS, 0 for any; 443 if not given, or any where that is not to be had
    #[arg(long, value_name = "PORT")]
    https_port: Option<u16>,
    /// The port for HTTP, which is a proxy for HTTPS too; 0 for any; 80 if not given, or any
    #[arg(long, value_name = "PORT")]
    http_port: Option<u16>,
    /// Where to write the certificate that clients must trust; a temporary file if not given
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print a line for each request
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true,
          default_missing_value = "text")]
    log: Option<LogFormat>,
    /// How long long-running operations take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    operation_seconds: u64,
    /// How long roles, access policies and identities take until they hold, in seconds: one number,
    /// or a range such as 5-60
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    propagation: RangeInclusive<u64>,
    /// How many of a hundred requests are answered 429 with Retry-After
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0)]
    throttled: f64,
    /// How many of a hundred requests are answered 503
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0)]
    unavailable: f64,
    /// What delays and faults are drawn from: the same seed, the same faults
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// A role of the user beside Owner, by name; can be given several times
    #[arg(long, value_name = "NAME")]
    role: Vec<String>,
    /// Let the emulator that runs forget everything that was made in it, and end
    #[arg(long, conflicts_with_all = ["https_port", "ca", "log", "operation_seconds", "role",
          "propagation", "throttled", "unavailable", "seed"])]
    reset: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line, the first one telling where the emulator is
    Json,
}

/// A number of seconds, or a range of it.
fn seconds(text: &str) -> Result<RangeInclusive<u64>, String> {
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<u64>();
    match (number(least), number(most)) {
        (Ok(least), Ok(most)) if least <= most => Ok(least..=most),
        _ => Err("write a number of seconds, or a range such as 5-60".to_owned()),
    }
}

pub(crate) fn run(arguments: &EmulatorArguments) -> Result<Exit, CommandError> {
    match &arguments.verb {
        Some(EmulatorVerb::Conformance(arguments)) => conformance::run(arguments),
        Some(EmulatorVerb::Image) => image::run(),
        None if arguments.serve.reset => control::reset(arguments.serve.http_port),
        None => serve::run(&arguments.serve),
    }
}
