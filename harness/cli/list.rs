//! `docproof list`: the scenarios, their titles and articles.

use crate::exit::{CommandError, Exit};
use crate::print::print;
use clap::Args;
use docproof_core::event::StepKind;
use docproof_core::scenario::Walkthrough;
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
        .map(|id| Ok((project.walkthrough(&id)?, id)))
        .collect::<Result<Vec<_>, CommandError>>()?;
    let mut out = Vec::new();
    match arguments.format {
        Format::Human => {
            let width = scenarios.iter().map(|(_, id)| id.len()).max();
            let width = width.unwrap_or_default();
            for (walkthrough, id) in &scenarios {
                writeln!(
                    out,
                    "{id:width$}  {} ({})",
                    walkthrough.title,
                    steps(walkthrough)
                )?;
                writeln!(out, "{:width$}  {}", "", walkthrough.article)?;
                for stand_in in &walkthrough.stand_ins {
                    let file = &stand_in.file;
                    writeln!(out, "{:width$}  {file} stands in for a missing include", "")?;
                }
                for (step, name, lacking) in requirements(walkthrough) {
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
            for (walkthrough, id) in &scenarios {
                let requires: Vec<_> = requirements(walkthrough)
                    .into_iter()
                    .map(|(step, name, lacking)| {
                        serde_json::json!({ "name": name, "step": step, "lacking": lacking })
                    })
                    .collect();
                let stand_ins = walkthrough.stand_ins.iter().map(|one| &one.file);
                let line = serde_json::json!({
                    "scenario": id,
                    "title": walkthrough.title,
                    "article": walkthrough.article,
                    "steps": walkthrough.steps.len(),
                    "manual": of_kind(walkthrough, StepKind::Manual),
                    "added": of_kind(walkthrough, StepKind::Added),
                    "preparations": walkthrough.preparations.len(),
                    "stand_ins": stand_ins.collect::<Vec<_>>(),
                    "requires": requires,
                });
                writeln!(out, "{line}")?;
            }
        }
    }
    print(&out)?;
    Ok(Exit::Passed)
}

fn of_kind(walkthrough: &Walkthrough, kind: StepKind) -> usize {
    let steps = walkthrough.steps.iter();
    steps.filter(|step| step.kind == kind).count()
}

/// How many steps there are, and how many are not blocks of the article.
fn steps(walkthrough: &Walkthrough) -> String {
    let all = walkthrough.steps.len();
    let parts = [
        (of_kind(walkthrough, StepKind::Manual), "by hand"),
        (of_kind(walkthrough, StepKind::Added), "not in the article"),
        (walkthrough.preparations.len(), "prepared"),
    ];
    let mut told = format!("{all} steps");
    for (number, word) in parts.into_iter().filter(|(number, _)| *number > 0) {
        told += &format!(", {number} {word}");
    }
    told
}

/// What the walkthrough or one of its steps requires, and why this machine cannot run it.
fn requirements(walkthrough: &Walkthrough) -> Vec<(Option<&str>, &'static str, Option<String>)> {
    let whole = walkthrough.requires.iter().map(|one| (None, *one));
    let steps = walkthrough.steps.iter();
    let steps = steps.flat_map(|step| {
        let name = step.name.as_str();
        step.requires.iter().map(move |one| (Some(name), *one))
    });
    whole
        .chain(steps)
        .map(|(step, one)| (step, one.name(), requirements::lacking(one)))
        .collect()
}
