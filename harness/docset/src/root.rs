//! Where a docset begins: [`Roots`].

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What lies in a docset's topmost folder.
const MARKS: [&str; 3] = ["docfx.json", ".openpublishing.publish.config.json", ".git"];

/// The folders that docsets begin at, looked for once per folder.
#[derive(Debug, Default)]
pub(crate) struct Roots(Mutex<HashMap<PathBuf, Arc<[PathBuf]>>>);

impl Roots {
    /// The folders above `folder`, it included, that a docset or its repository begins at, the
    /// nearest first. `folder` is absolute.
    pub(crate) fn above(&self, folder: &Path) -> Arc<[PathBuf]> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(roots) = known.get(folder) {
            return Arc::clone(roots);
        }
        let roots: Arc<[PathBuf]> = find(folder).into();
        known.insert(folder.to_owned(), Arc::clone(&roots));
        roots
    }
}

fn find(folder: &Path) -> Vec<PathBuf> {
    let mut roots = Vec::new();
    for above in folder.ancestors() {
        if MARKS.iter().any(|mark| above.join(mark).exists()) {
            roots.push(above.to_owned());
        }
        if above.join(".git").exists() {
            break;
        }
    }
    roots
}
