//! Which files a check is of: what an [`Argument`] stands for.

use crate::{Docset, Problem};
use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;
use std::path::{Path, PathBuf};

/// What was asked to be checked: a file, a folder or a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    text: String,
    /// Its text is not on disk.
    put: bool,
}

/// An argument, looked up.
pub(crate) enum Target {
    File(PathBuf),
    Folder(PathBuf),
    /// The folder that a pattern's files are in, and the pattern.
    Pattern(PathBuf, GlobMatcher),
}

impl Argument {
    /// The argument as it was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            put: false,
        }
    }

    /// A file whose text was given to [`Docset::put`] under this name.
    pub fn text(name: impl Into<String>) -> Self {
        Self {
            text: name.into(),
            put: true,
        }
    }

    /// Looks the argument up.
    pub(crate) fn target(&self, docset: &Docset) -> Result<Target, Problem> {
        let path = docset.path(&self.text);
        if self.put {
            return Ok(Target::File(path));
        }
        match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => return Ok(Target::Folder(path)),
            Ok(_) => return Ok(Target::File(path)),
            Err(_) if self.text.contains(['*', '?', '[', '{']) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Problem::new(format!(
                    "there is no file or folder {}",
                    self.text
                )));
            }
            Err(error) => {
                return Err(Problem::new(format!(
                    "{} cannot be read: {error}",
                    self.text
                )));
            }
        }
        let pattern = path.to_string_lossy().into_owned();
        let glob = GlobBuilder::new(&pattern)
            .literal_separator(true)
            .build()
            .map_err(|error| {
                Problem::new(format!("{} is not a pattern: {}", self.text, error.kind()))
            })?;
        let fixed = pattern.find(['*', '?', '[', '{']).unwrap_or(0);
        let folder = pattern.get(..fixed).and_then(|text| text.rsplit_once('/'));
        let folder = folder.map_or(
            "/",
            |(folder, _)| if folder.is_empty() { "/" } else { folder },
        );
        Ok(Target::Pattern(
            PathBuf::from(folder),
            glob.compile_matcher(),
        ))
    }

    /// What to say where the argument stands for no article.
    pub(crate) fn nothing_found(&self) -> Problem {
        Problem::new(format!("no article is found by {}", self.text)).help(
            "articles are `*.md`; hidden folders, `node_modules` and what git ignores are left out",
        )
    }
}

impl Target {
    /// The folder that it is in, or is.
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::File(path) => path.parent().unwrap_or(path),
            Self::Folder(path) | Self::Pattern(path, _) => path,
        }
    }

    /// Hands each article to `found`, in the order of their paths.
    pub(crate) fn articles(&self, found: &mut dyn FnMut(Result<PathBuf, Problem>)) {
        let (folder, pattern) = match self {
            Self::File(path) => return found(Ok(path.clone())),
            Self::Folder(folder) => (folder, None),
            Self::Pattern(folder, pattern) => (folder, Some(pattern)),
        };
        let walk = WalkBuilder::new(folder)
            .git_global(false)
            .ignore(false)
            .sort_by_file_name(Ord::cmp)
            .filter_entry(|entry| entry.file_name() != "node_modules")
            .build();
        for entry in walk {
            match entry {
                Ok(entry) => {
                    let file = entry.file_type().is_some_and(|kind| kind.is_file());
                    let wanted = match pattern {
                        Some(pattern) => pattern.is_match(entry.path()),
                        None => true,
                    };
                    if file && wanted && is_article(entry.path()) {
                        found(Ok(entry.into_path()));
                    }
                }
                Err(error) => found(Err(Problem::new(error.to_string()))),
            }
        }
    }
}

fn is_article(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
}
