//! `docproof report`: one report of several runs, from the events that they have written.

use crate::exit::{CommandError, Exit};
use crate::reports::{ReportArguments, Reports};
use clap::Args;
use docproof_core::coverage;
use docproof_core::event::{Event, Outcome};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(
    after_help = "A run's events come from `docproof run --json FILE`. Exit codes: as the runs together \
    would have ended; 3 if one of them did not come to its end; 2 for what cannot be read."
)]
pub(crate) struct MergeArguments {
    /// Files with the events of runs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportArguments,
}

pub(crate) fn run(arguments: &MergeArguments) -> Result<Exit, CommandError> {
    let mut events = Vec::new();
    for path in &arguments.files {
        events.extend(read(path)?);
    }
    let mut reports = Reports::open(&arguments.reports, 0)?;
    let mut articles: HashMap<(String, String), String> = HashMap::new();
    let mut ended: HashMap<(String, String), Option<Outcome>> = HashMap::new();
    let mut covered = Vec::new();
    for event in &events {
        let key = event.run();
        let key = key.map(|(scenario, target)| (scenario.to_owned(), target.to_owned()));
        match (event, key) {
            // That of all of them is made anew.
            (Event::Coverage { .. }, _) => continue,
            (Event::Started { article, .. }, Some(key)) => {
                articles.insert(key.clone(), article.clone());
                ended.insert(key, None);
            }
            (
                Event::Verdict {
                    outcome, coverage, ..
                },
                Some(key),
            ) => {
                covered.push((key.clone(), coverage));
                ended.insert(key, Some(*outcome));
            }
            _ => {}
        }
        reports.event(event)?;
    }
    let covered = covered.iter().filter_map(|(key, coverage)| {
        let article = articles.get(key)?;
        Some((article.as_str(), key.0.as_str(), *coverage))
    });
    reports.event(&Event::Coverage {
        articles: coverage::together(covered),
    })?;
    reports.finish()?;
    let exits = ended.into_values();
    Ok(exits
        .map(|outcome| outcome.map_or(Exit::CouldNotRun, Exit::from))
        .max()
        .unwrap_or(Exit::Passed))
}

/// The events in a file. The last line of a run that was killed may have no end.
fn read(path: &Path) -> Result<Vec<Event>, CommandError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| CommandError::usage(format!("{shown} cannot be read: {error}")))?;
    let mut events = Vec::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        match serde_json::from_str(line) {
            Ok(event) => events.push(event),
            Err(_) if !line.ends_with('\n') => {}
            Err(error) => {
                let message = format!("{shown}:{} is no event: {error}", number + 1);
                return Err(CommandError::usage(message)
                    .help("name files that `docproof run --json FILE` wrote"));
            }
        }
    }
    Ok(events)
}
