//! Runs of what was saved: [`Runner`], and one that goes on: [`Running`].
//!
//! Emulators and folders stay from one run to the next, so that a walkthrough goes on where it was changed.

use crate::articles::{WayArguments, gather};
use crate::exit::{CommandError, Exit};
use crate::reports::Reports;
use crate::run::{AzStart, embedded};
use crate::runs::{Runs, run_all};
use docproof_core::scenario::Walkthrough;
use docproof_run::environment::Target;
use docproof_run::project::Project;
use docproof_run::target::Embedded;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::{block_in_place, spawn_blocking};

/// Where a run begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// With the first step that is not what it was.
    Changed,
    /// With the first one.
    Start,
}

/// Runs what was saved, on one target for as long as it is there.
pub(super) struct Runner {
    start: PathBuf,
    /// Without and with the packages that programs import; each made when it is needed.
    targets: [Arc<OnceCell<Arc<Embedded>>>; 2],
}

/// A run that has not ended.
pub(super) struct Running {
    stop: oneshot::Sender<()>,
    run: Pin<Box<dyn Future<Output = Result<Exit, CommandError>>>>,
}

impl Runner {
    pub(super) fn new(start: &Path) -> Self {
        Self {
            start: start.to_owned(),
            targets: Default::default(),
        }
    }

    /// Runs the scenarios of these articles; an article that has none is run as it is.
    ///
    /// # Errors
    /// When a scenario or an article cannot be read.
    pub(super) fn start(
        &self,
        articles: &BTreeSet<&String>,
        begin: Begin,
    ) -> Result<Option<Running>, CommandError> {
        let walkthroughs = self.walkthroughs(articles)?;
        if walkthroughs.is_empty() {
            return Ok(None);
        }
        let programs = walkthroughs.iter().any(Walkthrough::has_programs);
        let target = Arc::clone(&self.targets[usize::from(programs)]);
        let (stop, stopped) = oneshot::channel();
        let run = async move {
            let made = target.get_or_try_init(|| provide(programs)).await?;
            block_in_place(|| match begin {
                Begin::Changed => made.keep_only(&walkthroughs),
                Begin::Start => made.keep_only(&[]),
            });
            let reports = Reports::for_people(walkthroughs.len());
            let runs = Runs {
                walkthroughs,
                jobs: None,
                as_published: false,
                fail_fast: false,
                must_run: false,
            };
            let target = Arc::clone(made) as Arc<dyn Target>;
            run_all(runs, target, reports, async {
                // Whoever waits for the run no more has stopped it, too.
                let _ = stopped.await;
            })
            .await
        };
        Ok(Some(Running {
            stop,
            run: Box::pin(run),
        }))
    }

    fn walkthroughs(&self, articles: &BTreeSet<&String>) -> Result<Vec<Walkthrough>, CommandError> {
        let project = Project::find(&self.start).ok();
        // Several files may belong to one scenario.
        let mut ids = BTreeSet::new();
        let mut without = Vec::new();
        for name in articles {
            let path = self.start.join(name);
            let of_it = project.as_ref().map(|project| project.of_article(&path));
            match of_it.unwrap_or_default() {
                none if none.is_empty() => without.push(*name),
                some => ids.extend(some),
            }
        }
        let scenarios = project.as_ref().map(|one| (one, ids.into_iter().collect()));
        gather(&self.start, scenarios, &without, &WayArguments::default())
    }
}

/// The target, on which walkthroughs can go on.
async fn provide(programs: bool) -> Result<Arc<Embedded>, CommandError> {
    let made = spawn_blocking(move || embedded(AzStart::Preloaded, programs)).await;
    let made = made.map_err(|error| {
        CommandError::environment(format!(
            "`az` was not looked for, a bug in docproof: {error}"
        ))
    })?;
    made.map(|target| Arc::new(target.keeping()))
}

impl Running {
    /// Waits for the end of the run, for ever if there is none.
    pub(super) async fn ended(running: &mut Option<Self>) -> Result<Exit, CommandError> {
        match running {
            Some(running) => running.run.as_mut().await,
            None => std::future::pending().await,
        }
    }

    /// Interrupts it, and waits until what it does is undone.
    pub(super) async fn end(self) {
        let _ = self.stop.send(());
        // It tells that it was interrupted, which is known.
        let _ = self.run.await;
    }
}
