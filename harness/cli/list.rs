//! `docproof list`: the scenarios, their titles and articles, as their files say. Whether a scenario still
//! fits its article is told where it is run.

use crate::exit::{CommandError, Exit};
use crate::print::print;
use clap::Args;
use docproof_core::scenario::{Does, ScenarioFile};
use docproof_run::project::Project;
use docproof_run::requirements;
use std::io::Write as _;

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
        .map(|id| {
            let scenario = project.scenario(&id)?;
            Ok(Listed {
                article: project.article(&scenario),
                stand_ins: project.stand_ins(&scenario)?,
                scenario,
                id,
            })
        })
        .collect::<Result<Vec<_>, CommandError>>()?;
    let mut out = Vec::new();
    match arguments.format {
        Format::Human => {
            let width = scenarios.iter().map(|one| one.id.len()).max();
            let width = width.unwrap_or_default();
            for Listed {
                id,
                scenario,
                article,
                stand_ins,
            } in &scenarios
            {
                writeln!(out, "{id:width$}  {} ({})", scenario.title, steps(scenario))?;
                writeln!(out, "{:width$}  {article}", "")?;
                for file in stand_ins {
                    writeln!(out, "{:width$}  {file} stands in for a missing include", "")?;
                }
                for (step, name, lacking) in requirements(scenario) {
                    let of = step.map_or(String::new(), |step| format!(", for \"{step}\""));
                    match lacking {
                        Some(reason) => writeln!(out, "{:width$}  not run: {reason}{of}", "")?,
                        None => {
                            writeln!(out, "{:width$}  requires {name}, which is there{of}", "")?
                        }
                    }
                }
            }
        }
        Format::Json => {
            for Listed {
                id,
                scenario,
                article,
                stand_ins,
            } in &scenarios
            {
                let requires: Vec<_> = requirements(scenario)
                    .into_iter()
                    .map(|(step, name, lacking)| {
                        serde_json::json!({ "name": name, "step": step, "lacking": lacking })
                    })
                    .collect();
                let line = serde_json::json!({
                    "scenario": id,
                    "title": scenario.title,
                    "article": article,
                    "steps": scenario.steps.len(),
                    "manual": by_hand(scenario),
                    "added": added(scenario),
                    "preparations": scenario.preparations.len(),
                    "stand_ins": stand_ins,
                    "requires": requires,
                });
                writeln!(out, "{line}")?;
            }
        }
    }
    print(&out)?;
    Ok(Exit::Passed)
}

/// A scenario and what stands about it elsewhere.
struct Listed {
    id: String,
    scenario: ScenarioFile,
    /// The article's file, from the project's folder.
    article: String,
    /// Missing includes that were written anew.
    stand_ins: Vec<String>,
}

fn by_hand(scenario: &ScenarioFile) -> usize {
    let steps = scenario.steps.iter();
    steps
        .filter(|step| matches!(step.does, Does::Manual { .. }))
        .count()
}

fn added(scenario: &ScenarioFile) -> usize {
    let steps = scenario.steps.iter();
    steps
        .filter(|step| matches!(step.does, Does::Own { .. }))
        .count()
}

/// How many steps there are, and how many are not blocks of the article.
fn steps(scenario: &ScenarioFile) -> String {
    let all = scenario.steps.len();
    let parts = [
        (by_hand(scenario), "by hand"),
        (added(scenario), "not in the article"),
        (scenario.preparations.len(), "prepared"),
    ];
    let mut told = format!("{all} steps");
    for (number, word) in parts.into_iter().filter(|(number, _)| *number > 0) {
        told += &format!(", {number} {word}");
    }
    told
}

/// What the scenario or one of its steps requires, and why this machine cannot run it.
fn requirements(scenario: &ScenarioFile) -> Vec<(Option<&str>, &'static str, Option<String>)> {
    let whole = scenario.requires.iter().map(|one| (None, *one));
    let steps = scenario.steps.iter();
    let steps = steps.flat_map(|step| {
        let name = step.name.as_str();
        step.requires.iter().map(move |one| (Some(name), *one))
    });
    whole
        .chain(steps)
        .map(|(step, one)| (step, one.name(), requirements::lacking(one)))
        .collect()
}
