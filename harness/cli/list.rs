//! `docproof list`: the scenarios, their titles and articles.
#![expect(clippy::print_stdout, reason = "the list is what the command is for")]

use crate::exit::{CommandError, Exit};
use clap::Args;
use docproof_run::project::Project;

#[derive(Args)]
pub(crate) struct ListArguments {
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn run(arguments: &ListArguments) -> Result<Exit, CommandError> {
    let project = Project::find(&std::env::current_dir()?)?;
    let scenarios = project
        .ids()?
        .into_iter()
        .map(|id| Ok((project.walkthrough(&id)?, id)))
        .collect::<Result<Vec<_>, CommandError>>()?;
    match arguments.format {
        Format::Human => {
            let width = scenarios
                .iter()
                .map(|(_, id)| id.len())
                .max()
                .unwrap_or_default();
            for (walkthrough, id) in &scenarios {
                println!(
                    "{id:width$}  {} ({} steps)",
                    walkthrough.title,
                    walkthrough.steps.len()
                );
                println!("{:width$}  {}", "", walkthrough.article);
            }
        }
        Format::Json => {
            for (walkthrough, id) in &scenarios {
                let line = serde_json::json!({
                    "scenario": id,
                    "title": walkthrough.title,
                    "article": walkthrough.article,
                    "steps": walkthrough.steps.len(),
                });
                println!("{line}");
            }
        }
    }
    Ok(Exit::Passed)
}
