//! `docproof init`: scenarios written of an article, for people to go on with.

use crate::articles::{Reading, WayArguments, is_article};
use crate::exit::{CommandError, Exit};
use crate::print::print;
use clap::Args;
use docproof_core::infer::{Inferred, update};
use docproof_core::markdown::Article;
use docproof_core::scenario::ScenarioFile;
use docproof_run::project::Project;
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct InitArguments {
    /// The article
    #[arg(value_name = "ARTICLE.md")]
    article: String,
    #[command(flatten)]
    way: WayArguments,
    /// Bring scenarios that are there up to the article as it is now; what was changed in them by
    /// hand stays
    #[arg(long)]
    update: bool,
}

pub(crate) fn run(arguments: &InitArguments) -> Result<Exit, CommandError> {
    if !is_article(&arguments.article) {
        let message = format!("`{}` is no article", arguments.article);
        return Err(CommandError::usage(message).help("name a file that ends with `.md`"));
    }
    let here = std::env::current_dir()?;
    let root = Project::find(&here).map_or_else(|_| here.clone(), |found| found.root().to_owned());
    let name = from(&root, &here.join(&arguments.article))?;
    let named = named(&name);
    let reading = Reading::new(&root, &name, &named, &arguments.way)?;
    let folder = root.join("scenarios");
    let files: Vec<(PathBuf, &Inferred)> = reading
        .ways
        .iter()
        .map(|way| (folder.join(format!("{}.toml", way.id)), way))
        .collect();
    if let Some((there, _)) = files.iter().find(|(file, _)| file.exists())
        && !arguments.update
    {
        let message = format!("{} is there already", shown(&root, there));
        let help = "--update brings it up to the article, and keeps what was changed by hand";
        return Err(CommandError::usage(message).help(help));
    }
    let mut out = Vec::new();
    for (file, way) in &files {
        let shown = shown(&root, file);
        if let Some(nothing) = &way.nothing {
            writeln!(out, "not written: {shown}: {nothing}")?;
            continue;
        }
        match std::fs::read_to_string(file) {
            Ok(old) => {
                let updated = update(&old, &way.text, &reading.article);
                if updated.changes.is_empty() {
                    writeln!(out, "unchanged: {shown}")?;
                } else {
                    write(file, &updated.text)?;
                    writeln!(out, "updated: {shown}")?;
                }
                for change in &updated.changes {
                    writeln!(out, "  {change}")?;
                }
                for misfit in misfits(&shown, &updated.text, &reading.article) {
                    writeln!(out, "  does not fit the article any longer: {misfit}")?;
                }
            }
            Err(_) => {
                write(file, &way.text)?;
                let steps = way.text.matches("\n[[step]]").count();
                let guesses = way.text.matches("\n[[guess]]").count();
                writeln!(
                    out,
                    "written: {shown}: {steps} steps, {guesses} guesses to look at"
                )?;
            }
        }
    }
    print(&out)?;
    Ok(Exit::Passed)
}

/// What of a scenario does not fit its article, or why it is none.
fn misfits(name: &str, text: &str, article: &Article) -> Vec<String> {
    let scenario = match ScenarioFile::parse(name, text) {
        Ok(scenario) => scenario,
        Err(error) => return vec![error.to_string()],
    };
    let errors = scenario.resolve(article).err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

fn write(file: &Path, text: &str) -> Result<(), CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::usage(format!("{} cannot be written: {error}", file.display()))
    };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(file, text).map_err(failed)
}

/// A path from the project's folder.
fn from(root: &Path, path: &Path) -> Result<String, CommandError> {
    let tidy = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (root, path) = (tidy(root), tidy(path));
    match path.strip_prefix(&root) {
        Ok(name) => Ok(name.to_string_lossy().into_owned()),
        Err(_) => {
            let message = format!("{} is not below {}", path.display(), root.display());
            let help = "start docproof in a folder that has the article in it: its scenarios go into \
                        `scenarios` there";
            Err(CommandError::usage(message).help(help))
        }
    }
}

/// What a scenario says in `article`.
fn named(name: &str) -> String {
    let snapshot = name
        .strip_prefix("docs-snapshots/")
        .and_then(|rest| rest.strip_suffix("/article.md"));
    snapshot
        .filter(|slug| !slug.contains('/'))
        .unwrap_or(name)
        .to_owned()
}

fn shown(root: &Path, file: &Path) -> String {
    let name = file.strip_prefix(root).unwrap_or(file);
    name.to_string_lossy().into_owned()
}
