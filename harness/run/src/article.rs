//! An article read from disk with what it includes: [`read`].

use crate::project::{ProjectError, unreadable};
use crate::snapshot::Snapshot;
use docproof_core::event::StandIn;
use docproof_core::markdown::Article;
use std::path::{Path, PathBuf};

/// What lies in a docset's topmost folder.
const MARKS: [&str; 3] = ["docfx.json", ".openpublishing.publish.config.json", ".git"];

/// Reads the article `name`, which is a path from `root`, and the includes that are not its own.
/// Includes are looked for where the article says, `~/` and `/` from the docset's topmost folder; those of
/// a snapshot where its `snapshot.toml` says. One that is not there is left out, and the article tells so.
///
/// # Errors
/// When the article or its snapshot cannot be read.
pub fn read(root: &Path, name: &str) -> Result<(Article, Vec<StandIn>), ProjectError> {
    let path = root.join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let unreadable = unreadable(Path::new(name), &error);
        ProjectError {
            help: (error.kind() == std::io::ErrorKind::NotFound)
                .then(|| "name an article that is there, or a scenario without `.md`".to_owned()),
            ..unreadable
        }
    })?;
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    if root.join(folder).join("snapshot.toml").is_file() {
        let snapshot = Snapshot::read(root, folder)?;
        let article = Article::parse(name, &text, &|target| snapshot.include(target));
        return Ok((article, snapshot.stand_ins()));
    }
    let article = Article::parse(name, &text, &|target| include(root, &path, target));
    Ok((article, Vec::new()))
}

fn include(root: &Path, article: &Path, target: &str) -> Option<(String, String)> {
    let rooted = target
        .strip_prefix("~/")
        .or_else(|| target.strip_prefix('/'));
    let path = match rooted {
        None => root.join(target),
        Some(rest) => docsets(article)
            .map(|docset| docset.join(rest))
            .find(|path| path.is_file())?,
    };
    let text = std::fs::read_to_string(&path).ok()?;
    let name = match rooted {
        None => target.to_owned(),
        Some(_) => {
            let name = path.strip_prefix(root).unwrap_or(&path);
            name.to_string_lossy().into_owned()
        }
    };
    Some((name, text))
}

/// The folders above an article that a docset or its repository begins at.
fn docsets(article: &Path) -> impl Iterator<Item = PathBuf> {
    let article = std::path::absolute(article).unwrap_or_else(|_| article.to_owned());
    let above: Vec<PathBuf> = article.ancestors().skip(1).map(Path::to_owned).collect();
    let begins = |folder: &PathBuf| MARKS.iter().any(|mark| folder.join(mark).exists());
    above.into_iter().filter(begins)
}
