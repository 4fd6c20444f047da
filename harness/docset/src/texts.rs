//! The files of a docset, read: [`Docset`].

use crate::root::Roots;
use crate::{Problem, name};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Reads files by the names that findings call them by. An include is read once, however many
/// articles have it; a text that was put in a file's place is taken for the file's.
#[derive(Debug)]
pub struct Docset {
    /// The folder that names begin at.
    start: PathBuf,
    instead: RwLock<HashMap<String, Arc<str>>>,
    includes: Mutex<HashMap<String, Option<Arc<str>>>>,
    pub(crate) roots: Roots,
}

impl Docset {
    /// The files as seen from `start`, an absolute path.
    pub fn new(start: &Path) -> Self {
        Self {
            start: start.to_owned(),
            instead: RwLock::default(),
            includes: Mutex::default(),
            roots: Roots::default(),
        }
    }

    /// The name of a path.
    pub fn name(&self, path: &Path) -> String {
        name::of(path, &self.start)
    }

    /// The path of a name, absolute.
    pub fn path(&self, name: &str) -> PathBuf {
        name::tidy(&self.start.join(name))
    }

    /// Takes `text` for the text of the file `name` from now on.
    pub fn put(&self, name: &str, text: Arc<str>) {
        let mut instead = self.instead.write().unwrap_or_else(PoisonError::into_inner);
        instead.insert(name.to_owned(), text);
    }

    /// The text of a file.
    ///
    /// # Errors
    /// When the file is not there, cannot be read or is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Arc<str>, Problem> {
        match self.instead(name) {
            Some(text) => Ok(text),
            None => self.read(name),
        }
    }

    fn instead(&self, name: &str) -> Option<Arc<str>> {
        let instead = self.instead.read().unwrap_or_else(PoisonError::into_inner);
        instead.get(name).cloned()
    }

    fn read(&self, name: &str) -> Result<Arc<str>, Problem> {
        let bytes = std::fs::read(self.path(name)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Problem::new(format!("there is no file {name}")),
            ErrorKind::PermissionDenied => {
                Problem::new(format!("{name} cannot be read: permission denied"))
            }
            _ => Problem::new(format!("{name} cannot be read: {error}")),
        })?;
        String::from_utf8(bytes).map(Arc::from).map_err(|error| {
            let wide = error.as_bytes().starts_with(&[0xff, 0xfe])
                || error.as_bytes().starts_with(&[0xfe, 0xff]);
            let valid = error.as_bytes().get(..error.utf8_error().valid_up_to());
            let line = valid.map_or(1, |b| b.iter().filter(|b| **b == b'\n').count() + 1);
            let message = if wide {
                format!("{name} is UTF-16, not UTF-8")
            } else {
                format!("{name} is not UTF-8: line {line} has a byte that cannot be there")
            };
            Problem::new(message).help("save it as UTF-8")
        })
    }

    /// The name and text of what an `[!INCLUDE]` of `article` asks for. `~/` and `/` begin at the
    /// docset's root.
    pub fn include(&self, article: &str, wanted: &str) -> Option<(String, Arc<str>)> {
        let from_root = wanted
            .strip_prefix("~/")
            .or_else(|| wanted.strip_prefix('/'));
        if !wanted.starts_with('~')
            && let Some(found) = self.included(wanted)
        {
            return Some(found);
        }
        let folder = self.path(article).parent()?.to_owned();
        self.roots.above(&folder).iter().find_map(|root| {
            let path = name::tidy(&root.join(from_root?));
            self.included(&self.name(&path))
        })
    }

    fn included(&self, name: &str) -> Option<(String, Arc<str>)> {
        // Learn includes nothing else, and nothing else should be read because a text says so.
        if !Path::new(name)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("md"))
        {
            return None;
        }
        if let Some(text) = self.instead(name) {
            return Some((name.to_owned(), text));
        }
        let known = |includes: &Mutex<HashMap<String, Option<Arc<str>>>>| {
            let includes = includes.lock().unwrap_or_else(PoisonError::into_inner);
            includes.get(name).cloned()
        };
        let text = known(&self.includes).unwrap_or_else(|| {
            let text = self.read(name).ok();
            let mut includes = self.includes.lock().unwrap_or_else(PoisonError::into_inner);
            includes.insert(name.to_owned(), text.clone());
            text
        })?;
        Some((name.to_owned(), text))
    }
}
