//! Walkthroughs side by side, told as they go on: [`run_all`].
#![expect(
    clippy::print_stderr,
    reason = "what was not begun belongs to no report"
)]

use crate::exit::{CommandError, Exit};
use crate::reports::Reports;
use docproof_core::coverage;
use docproof_core::event::{ArticleCoverage, Coverage, Event, Outcome};
use docproof_core::scenario::Walkthrough;
use docproof_run::environment::Target;
use docproof_run::runner;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What is run, and how.
pub(crate) struct Runs {
    /// In the order in which they are reported.
    pub(crate) walkthroughs: Vec<Walkthrough>,
    /// How many run at once; as many as there are cores, if that is not said.
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Whether corrections come in only where the article fails.
    pub(crate) as_published: bool,
    /// Whether no walkthrough begins any more once one has not passed.
    pub(crate) fail_fast: bool,
    /// Whether nothing to run is told as such by the exit code.
    pub(crate) must_run: bool,
}

/// Runs them, until they are through or `interrupted` is.
pub(crate) async fn run_all(
    all: Runs,
    target: Arc<dyn Target>,
    mut reports: Reports,
    interrupted: impl Future<Output = ()>,
) -> Result<Exit, CommandError> {
    let Runs {
        walkthroughs,
        jobs,
        as_published,
        fail_fast,
        must_run: mut nothing_ran,
    } = all;
    let jobs = jobs
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get);
    let (events, mut said) = mpsc::unbounded_channel::<Event>();
    let mut runs = JoinSet::new();
    let articles: HashMap<String, String> = walkthroughs
        .iter()
        .map(|walkthrough| (walkthrough.id.clone(), walkthrough.article.clone()))
        .collect();
    let waiting = Arc::new(Waiting::new(walkthroughs));
    for _ in 0..jobs.min(articles.len()) {
        let (target, waiting, events) = (Arc::clone(&target), Arc::clone(&waiting), events.clone());
        runs.spawn(async move {
            let mut exit = Exit::Passed;
            while let Some(walkthrough) = waiting.next() {
                let mut sink = |event| {
                    // Nobody listens any more only after an interruption.
                    let _ = events.send(event);
                };
                let outcome =
                    runner::run(&walkthrough, target.as_ref(), as_published, &mut sink).await;
                exit = exit.max(Exit::from(outcome));
                if fail_fast && exit != Exit::Passed {
                    waiting.begin_none();
                }
            }
            exit
        });
    }
    drop(events);
    let mut covered = Vec::new();
    let mut interrupted = std::pin::pin!(interrupted);
    let mut exit = Exit::Passed;
    loop {
        tokio::select! {
            biased;
            () = &mut interrupted => {
                runs.shutdown().await;
                reports.finish()?;
                return Err(CommandError {
                    message: "interrupted; everything that was started is cleaned up".into(),
                    help: None,
                    exit: Exit::Interrupted,
                });
            }
            event = said.recv() => {
                let Some(event) = event else {
                    let all = Event::Coverage { articles: together(&articles, &covered) };
                    reports.event(&all)?;
                    reports.finish()?;
                    break;
                };
                if let Event::Verdict { scenario, outcome, coverage, .. } = &event {
                    exit = exit.max(Exit::from(*outcome));
                    nothing_ran &= *outcome == Outcome::NotRun;
                    covered.push((scenario.clone(), coverage.clone()));
                }
                reports.event(&event)?;
            }
        }
    }
    while let Some(ended) = runs.join_next().await {
        exit = exit.max(ended.map_err(|error| {
            CommandError::environment(format!("a run ended early, a bug in docproof: {error}"))
        })?);
    }
    let not_begun = waiting.left_out();
    if not_begun > 0 {
        eprintln!("not begun, since one did not pass and --fail-fast is given: {not_begun}");
    }
    if nothing_ran {
        exit = exit.max(Exit::CouldNotRun);
    }
    Ok(exit)
}

/// Walkthroughs that have not begun, in the order in which they do.
struct Waiting {
    queue: Mutex<VecDeque<Walkthrough>>,
    left_out: AtomicUsize,
}

impl Waiting {
    fn new(walkthroughs: Vec<Walkthrough>) -> Self {
        Self {
            queue: Mutex::new(walkthroughs.into()),
            left_out: AtomicUsize::new(0),
        }
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Walkthrough>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Walkthrough> {
        self.queue().pop_front()
    }

    fn begin_none(&self) {
        let left_out = self.queue().drain(..).count();
        self.left_out.fetch_add(left_out, Ordering::Relaxed);
    }

    fn left_out(&self) -> usize {
        self.left_out.load(Ordering::Relaxed)
    }
}

/// How much all walkthroughs used of each article.
fn together(
    articles: &HashMap<String, String>,
    covered: &[(String, Coverage)],
) -> Vec<ArticleCoverage> {
    coverage::together(covered.iter().filter_map(|(scenario, coverage)| {
        Some((
            articles.get(scenario)?.as_str(),
            scenario.as_str(),
            coverage,
        ))
    }))
}
