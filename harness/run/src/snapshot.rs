//! What comes with an article in its folder below `docs-snapshots`: includes, and which of them stand
//! in for one that was missing.
//!
//! ```toml
//! [[include]]
//! path     = "../../includes/steps.md" # as the article asks for it
//! file     = "includes/steps.md"       # where it is, from the snapshot's folder
//! stand-in = "what the article's later steps need" # only where the original is missing
//! ```
//!
//! An include that is not named so is looked for below the snapshot's folder.

use crate::project::{ProjectError, unreadable};
use docproof_core::event::StandIn;
use serde::Deserialize;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// An article's snapshot.
pub(crate) struct Snapshot {
    root: PathBuf,
    folder: String,
    includes: Vec<Include>,
    /// The stand-ins that the article took in.
    taken: RefCell<Vec<StandIn>>,
}

#[derive(Debug, Default, Deserialize)]
struct Description {
    #[serde(default)]
    include: Vec<Include>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Include {
    path: String,
    file: String,
    stand_in: Option<String>,
}

impl Snapshot {
    /// Reads the description in `folder`, which is below `root`.
    pub(crate) fn read(root: &Path, folder: &str) -> Result<Self, ProjectError> {
        let path = root.join(folder).join("snapshot.toml");
        let description: Description = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| ProjectError {
                message: format!("{folder}/snapshot.toml: {}", error.message()),
                help: None,
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Description::default(),
            Err(error) => return Err(unreadable(&path, &error)),
        };
        Ok(Self {
            root: root.to_owned(),
            folder: folder.to_owned(),
            includes: description.include,
            taken: RefCell::default(),
        })
    }

    /// The file that the article asks for, and its text.
    pub(crate) fn include(&self, target: &str) -> Option<(String, String)> {
        // It is asked for by its path from the folder that the snapshots are below; the article
        // says it from its own.
        let wanted = target
            .strip_prefix(&self.folder)
            .map_or(target, |rest| rest.trim_start_matches('/'));
        let is_known =
            |one: &&Include| one.path == wanted || joined(&self.folder, &one.path) == target;
        let known = self.includes.iter().find(is_known);
        let file = known.map_or(wanted, |one| one.file.as_str());
        if file.starts_with('/') || file.split('/').any(|part| part == "..") {
            return None;
        }
        let name = format!("{}/{file}", self.folder);
        let text = std::fs::read_to_string(self.root.join(&name)).ok()?;
        if let Some(why) = known.and_then(|one| one.stand_in.clone()) {
            let one = StandIn {
                file: name.clone(),
                why,
            };
            let mut taken = self.taken.borrow_mut();
            if !taken.contains(&one) {
                taken.push(one);
            }
        }
        Some((name, text))
    }

    /// The files of all includes here that are not the article's own, whether it takes them in or not.
    pub(crate) fn known_stand_ins(&self) -> Vec<String> {
        let known = self.includes.iter().filter(|one| one.stand_in.is_some());
        known
            .map(|one| format!("{}/{}", self.folder, one.file))
            .collect()
    }

    /// The includes that the article took in and that are not its own.
    pub(crate) fn stand_ins(&self) -> Vec<StandIn> {
        self.taken.borrow().clone()
    }
}

/// A path as it is said in a folder.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}
