//! `docproof emulator conformance`: recorded exchanges, replayed.

use crate::exit::{CommandError, Exit};
use clap::{Args, ValueEnum};
use docproof_conformance::{Known, Recording, Report, Verdict, replay};
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

#[derive(Args)]
#[command(
    after_help = "A recording is a file of JSON lines, one exchange each: method, url, request, \
    status, headers, response.\n\
    Exit codes: 0 everything matched, or is known to differ; 1 something differs; 2 a recording \
    cannot be read; 3 something is not emulated, and that was not known."
)]
pub(crate) struct ConformanceArguments {
    /// A folder of recordings (*.jsonl), or one
    #[arg(value_name = "DIR")]
    path: PathBuf,
    /// How to report
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Show what is known to differ too, with its reason
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(arguments: &ConformanceArguments) -> Result<Exit, CommandError> {
    let recordings = Recording::read_all(&arguments.path)
        .map_err(|error| CommandError::usage(error.to_string()))?;
    let known = Known::ours().map_err(|error| CommandError::environment(error.to_string()))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let outcomes = runtime.block_on(async {
        let mut runs = Vec::new();
        for recording in recordings {
            runs.push(tokio::spawn(async move { replay(&recording).await }));
        }
        let mut outcomes = Vec::new();
        for run in runs {
            let replayed = run.await.map_err(|error| {
                CommandError::environment(format!(
                    "a replay ended early, a bug in docproof: {error}"
                ))
            })?;
            outcomes
                .extend(replayed.map_err(|error| CommandError::environment(error.to_string()))?);
        }
        Ok::<_, CommandError>(outcomes)
    })?;
    let report = Report::new(outcomes, &known);
    let text = match arguments.format {
        Format::Json => format!("{:#}\n", report.json()),
        Format::Text => {
            let details = report.details(arguments.all);
            let space = if details.is_empty() { "" } else { "\n" };
            format!("{}{space}{details}", report.table())
        }
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written?,
    }
    let unexplained = report.mismatches().filter(|(_, reason)| reason.is_none());
    let exits = unexplained.map(|(outcome, _)| match outcome.verdict {
        Verdict::NotEmulated => Exit::CouldNotRun,
        _ => Exit::Failed,
    });
    Ok(exits.max().unwrap_or(Exit::Passed))
}
