//! A run of what was saved: [`Running`], a `docproof run` of its own, so that it can be ended at any moment
//! and cleans up as ever.

use crate::exit::CommandError;
use docproof_run::project::Project;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// A run that has not ended.
pub(super) struct Running(Child);

impl Running {
    /// Runs the scenarios of these articles; an article that has none is run as it is.
    pub(super) fn start(start: &Path, articles: &[PathBuf]) -> Result<Option<Self>, CommandError> {
        // Several files may belong to one scenario.
        let mut wanted: BTreeSet<PathBuf> = BTreeSet::new();
        let project = Project::find(start).ok();
        for article in articles {
            let of_it = project.as_ref().map(|project| project.of_article(article));
            match of_it.unwrap_or_default() {
                none if none.is_empty() => drop(wanted.insert(article.clone())),
                ids => wanted.extend(ids.into_iter().map(PathBuf::from)),
            }
        }
        if wanted.is_empty() {
            return Ok(None);
        }
        let child = Command::new(std::env::current_exe()?)
            .arg("run")
            .args(&wanted)
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Some(Self(child)))
    }

    /// Waits for the end of the run, for ever if there is none.
    pub(super) async fn ended(running: &mut Option<Self>) {
        match running {
            Some(Self(child)) => drop(child.wait().await),
            None => std::future::pending().await,
        }
    }

    /// Interrupts it, and waits until it has cleaned up.
    pub(super) async fn end(mut self) {
        let id = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id {
            let _ = kill(Pid::from_raw(id), Signal::SIGINT);
        }
        let _ = self.0.wait().await;
    }
}
