//! A documentation project on disk: [`Project`] reads scenarios and the snapshots they point at.

use crate::article;
use crate::snapshot::Snapshot;
use docproof_core::scenario::{ScenarioFile, Walkthrough};
use std::path::{Path, PathBuf};

/// A folder with `scenarios/` and `docs-snapshots/`.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
}

/// A scenario or article that cannot be read: wrong usage, exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ProjectError {
    /// What is wrong and where, lower case, without a full stop.
    pub message: String,
    /// What can be done about it.
    pub help: Option<String>,
}

impl Project {
    /// The project in this folder or in the nearest one above it.
    ///
    /// # Errors
    /// When there is no `scenarios` folder.
    pub fn find(from: &Path) -> Result<Self, ProjectError> {
        from.ancestors()
            .find(|folder| folder.join("scenarios").is_dir())
            .map(|root| Self {
                root: root.to_owned(),
            })
            .ok_or_else(|| ProjectError {
                message: format!("no folder `scenarios` in {} or above it", from.display()),
                help: Some(
                    "run docproof in a folder that has `scenarios` and `docs-snapshots`".into(),
                ),
            })
    }

    /// The folder that `scenarios` is in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The ids of all scenarios, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn ids(&self) -> Result<Vec<String>, ProjectError> {
        let folder = self.root.join("scenarios");
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        let mut ids: Vec<String> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            })
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// Reads one scenario.
    ///
    /// # Errors
    /// When there is no such scenario, or its file is not one.
    pub fn scenario(&self, id: &str) -> Result<ScenarioFile, ProjectError> {
        let name = format!("scenarios/{id}.toml");
        let path = self.root.join(&name);
        if !path.is_file() {
            let known = self.ids()?.join(", ");
            return Err(ProjectError {
                message: format!("there is no scenario `{id}`"),
                help: Some(format!("the scenarios here: {known}")),
            });
        }
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        ScenarioFile::parse(&name, &text).map_err(|error| ProjectError {
            message: error.to_string(),
            help: error.help.clone(),
        })
    }

    /// The file of a scenario's article, from the project's folder.
    pub fn article(&self, scenario: &ScenarioFile) -> String {
        match scenario.article.ends_with(".md") {
            true => scenario.article.clone(),
            false => format!("docs-snapshots/{}/article.md", scenario.article),
        }
    }

    /// The article's missing includes that the snapshot has written anew.
    ///
    /// # Errors
    /// When the snapshot cannot be read.
    pub fn stand_ins(&self, scenario: &ScenarioFile) -> Result<Vec<String>, ProjectError> {
        let article = self.article(scenario);
        let folder = article.rsplit_once('/').map_or("", |(folder, _)| folder);
        Ok(Snapshot::read(&self.root, folder)?.known_stand_ins())
    }

    /// Reads an article below `docs-snapshots` by its name in events: hands its text, and what finds its
    /// includes, to `read`. Nothing, if it is none of these.
    pub fn read_article<R>(
        &self,
        name: &str,
        read: impl FnOnce(&str, &dyn Fn(&str) -> Option<(String, String)>) -> R,
    ) -> Option<R> {
        let (folder, _) = name.rsplit_once('/')?;
        if !folder.starts_with("docs-snapshots/") {
            return None;
        }
        let text = std::fs::read_to_string(self.root.join(name)).ok()?;
        let snapshot = Snapshot::read(&self.root, folder).ok()?;
        Some(read(&text, &|target| snapshot.include(target)))
    }

    /// The ids of the scenarios of an article, by its path or that of a file in its snapshot's folder.
    pub fn of_article(&self, path: &Path) -> Vec<String> {
        let known = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let path = known(path);
        let mut ids = self.ids().unwrap_or_default();
        ids.retain(|id| {
            let folder = self.scenario(id).map(|one| one.article);
            folder.is_ok_and(|folder| {
                path.starts_with(known(&self.root.join("docs-snapshots").join(folder)))
            })
        });
        ids
    }

    /// Reads a scenario and its article, and resolves one against the other.
    ///
    /// # Errors
    /// When one of them cannot be read, or the scenario points at what the article has not.
    pub fn walkthrough(&self, id: &str) -> Result<Walkthrough, ProjectError> {
        let scenario = self.scenario(id)?;
        let name = self.article(&scenario);
        let (article, stand_ins) = article::read(&self.root, &name)?;
        let file =
            |name: &str| std::fs::read_to_string(self.root.join("scenarios").join(name)).ok();
        let resolved = scenario.resolve_with(&article, &file);
        let mut walkthrough = resolved.map_err(|errors| ProjectError {
            message: errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
            help: errors.iter().find_map(|error| error.help.clone()),
        })?;
        walkthrough.stand_ins = stand_ins;
        Ok(walkthrough)
    }
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> ProjectError {
    ProjectError {
        message: format!("{} cannot be read: {error}", path.display()),
        help: None,
    }
}
