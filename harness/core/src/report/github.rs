//! For GitHub Actions: a workflow command for what failed, which shows it at its line of a pull request.

use super::collect::{Runs, account};
use super::findings::{data, property};
use super::{Reporter, clean};
use crate::event::{Event, StepOutcome};
use crate::source::Position;
use std::io::{Result, Write};

/// Writes `::error file=…,line=…,col=…,title=SCENARIO: STEP::message` at the end: errors for what fails of
/// an article, warnings for what could not be run and for corrections that are not needed any more.
#[derive(Debug, Default)]
pub struct GitHub {
    runs: Runs,
}

impl GitHub {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Reporter for GitHub {
    fn event(&mut self, event: &Event, _: &mut dyn Write) -> Result<()> {
        self.runs.event(event);
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        for run in std::mem::take(&mut self.runs).0 {
            for (done, failure) in run.failed() {
                let command = match done.outcome {
                    StepOutcome::Failed => "error",
                    _ => "warning",
                };
                let title = format!("{}: {}", run.scenario, done.name);
                let message = format!("{}\n{}", failure.message, account(failure, &[]));
                write(out, command, Some(&failure.position), &title, &message)?;
            }
            for (done, note) in run.guesses() {
                let why = note.why.as_deref().unwrap_or_default();
                let message = format!("guessed: {}\n{why}", note.text);
                let title = format!("{}: {}", run.scenario, done.name);
                write(out, "notice", note.position.as_ref(), &title, &message)?;
            }
            match &run.verdict {
                None => write(out, "warning", None, &run.scenario, "interrupted")?,
                Some(verdict) => {
                    for correction in &verdict.not_needed {
                        let message =
                            "the article's own text works: take the scenario's correction out";
                        let title = format!("{}: correction not needed", run.scenario);
                        write(out, "warning", Some(&correction.position), &title, message)?;
                    }
                    if let Some(reason) = &verdict.not_run {
                        let message = format!("not run: {reason}");
                        write(out, "notice", None, &run.scenario, &message)?;
                    }
                }
            }
        }
        out.flush()
    }
}

fn write(
    out: &mut dyn Write,
    command: &str,
    position: Option<&Position>,
    title: &str,
    message: &str,
) -> Result<()> {
    let place = position.map_or_else(String::new, |position| {
        let file = property(&clean(&position.file));
        format!(
            "file={file},line={},col={},",
            position.line, position.column
        )
    });
    let (title, message) = (property(&clean(title)), data(clean(message).trim_end()));
    writeln!(out, "::{command} {place}title={title}::{message}")
}
