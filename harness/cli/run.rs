//! `docproof run`: scenarios on a target, told by a reporter.
#![expect(
    clippy::print_stderr,
    reason = "what was not begun belongs to no report"
)]

use crate::articles::{Reading, WayArguments, is_article, tell_apart};
use crate::attribution;
use crate::azure_cli;
use crate::exit::{CommandError, Exit};
use crate::interruption::interruption;
use crate::live::{self, LiveArguments};
use crate::reports::{ReportArguments, Reports};
use clap::{Args, ValueEnum};
use docproof_core::coverage;
use docproof_core::event::{ArticleCoverage, Coverage, Event, Outcome};
use docproof_core::scenario::Walkthrough;
use docproof_run::az::Preloaded;
use docproof_run::environment::Target;
use docproof_run::project::Project;
use docproof_run::target::{AZURE_CLI_IMAGE, Container, Embedded, EmulatorImage};
use docproof_run::{runner, sandbox};
use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

#[derive(Args)]
pub(crate) struct RunArguments {
    /// The scenarios to run, by name, or articles (`ARTICLE.md`) to run as they are; all scenarios if
    /// nothing is named
    #[arg(value_name = "SCENARIO|ARTICLE.md")]
    scenarios: Vec<String>,
    #[command(flatten)]
    way: WayArguments,
    /// Where to run them
    #[arg(long, value_enum, default_value = "embedded")]
    target: TargetName,
    /// Run the article as it is published, and report every command of it that fails: the
    /// scenario's corrections come in only where the article fails, to get past it
    #[arg(long)]
    as_published: bool,
    #[command(flatten)]
    reports: ReportArguments,
    /// On the container target: the image that steps run in, with `az`
    #[arg(long, value_name = "IMAGE", default_value = AZURE_CLI_IMAGE)]
    az_image: String,
    /// On the container target: the emulator's image; built from docproof's sources where they are
    #[arg(long, value_name = "IMAGE")]
    emulator_image: Option<String>,
    /// On the embedded and the container target: how `az` is started
    #[arg(long, value_enum, default_value = "preloaded")]
    az: AzStart,
    /// How many scenarios run at once; as many as there are cores if not given
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Begin no walkthrough any more once one has not passed; those that run go on to their end
    #[arg(long)]
    fail_fast: bool,
    #[command(flatten)]
    live: LiveArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum TargetName {
    /// An emulator in this process and sealed namespaces on this machine
    Embedded,
    /// Containers of Docker: the emulator, `az`, and what `az` starts
    Container,
    /// A real subscription: see --subscription
    Azure,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AzStart {
    /// One process imports azure-cli once and forks for each call
    Preloaded,
    /// Each call starts it anew, as in a reader's terminal
    Plain,
}

pub(crate) fn run(arguments: &RunArguments) -> Result<Exit, CommandError> {
    let walkthroughs = walkthroughs(arguments)?;
    let reports = Reports::open(&arguments.reports, walkthroughs.len())?;
    if let TargetName::Azure = arguments.target {
        return run_live(walkthroughs, arguments, reports);
    }
    let programs = walkthroughs.iter().any(Walkthrough::has_programs);
    let target = target(arguments, programs)?;
    run_on(walkthroughs, target, arguments, reports)
}

/// What is to be run, in the order in which it is named.
fn walkthroughs(arguments: &RunArguments) -> Result<Vec<Walkthrough>, CommandError> {
    let here = std::env::current_dir()?;
    let named = &arguments.scenarios;
    let articles = named.iter().filter(|one| is_article(one)).count();
    if articles == 0 && arguments.way.any() {
        let message = "--tab, --pivot, --section and --set choose a way through an article";
        return Err(CommandError::usage(message).help("name the article: docproof run ARTICLE.md"));
    }
    let mut all = Vec::new();
    if articles < named.len() || named.is_empty() {
        let project = Project::find(&here)?;
        let ids = match named.as_slice() {
            [] => project.ids()?,
            named => named
                .iter()
                .filter(|one| !is_article(one))
                .cloned()
                .collect(),
        };
        for id in ids {
            all.push(project.walkthrough(&id)?);
        }
    }
    for article in named.iter().filter(|one| is_article(one)) {
        let reading = Reading::new(&here, article, article, &arguments.way)?;
        all.extend(reading.walkthroughs()?);
    }
    tell_apart(&mut all);
    Ok(all)
}

fn run_on(
    walkthroughs: Vec<Walkthrough>,
    target: Arc<dyn Target>,
    arguments: &RunArguments,
    reports: Reports,
) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Runtime::new()?;
    let exit = runtime.block_on(run_all(walkthroughs, target, arguments, reports));
    // Connections that clients keep open must not hold up the end.
    runtime.shutdown_background();
    exit
}

/// On a real subscription: what cannot be removed is told, however the run ends.
fn run_live(
    walkthroughs: Vec<Walkthrough>,
    arguments: &RunArguments,
    reports: Reports,
) -> Result<Exit, CommandError> {
    let azure = Arc::new(arguments.live.connect(&walkthroughs)?);
    if arguments.live.dry_run {
        live::dry_run(&azure, &walkthroughs, &mut std::io::stdout().lock())?;
        return Ok(Exit::Passed);
    }
    let ended = run_on(
        walkthroughs.clone(),
        Arc::clone(&azure) as Arc<dyn Target>,
        arguments,
        reports,
    );
    let left = live::ended(&azure, arguments.live.keep);
    if ended.is_ok() {
        attribution::tell(&azure, &walkthroughs, arguments.live.compare)?;
    }
    ended.map(|exit| exit.max(left))
}

/// The target; with the packages that programs import, if one is to be run.
fn target(arguments: &RunArguments, programs: bool) -> Result<Arc<dyn Target>, CommandError> {
    match arguments.target {
        TargetName::Container => Ok(Arc::new(container(arguments))),
        TargetName::Azure | TargetName::Embedded => {
            if let Err(refusal) = sandbox::probe() {
                return Err(CommandError {
                    message: format!("this machine refuses a sealed sandbox: {refusal}"),
                    help: Some(format!(
                        "{}\nif this machine must stay as it is, run docproof in a virtual machine \
                         or, where Docker answers, with --target container",
                        refusal.help()
                    )),
                    exit: Exit::CouldNotRun,
                });
            }
            let az = azure_cli::provide()?;
            let preloaded = match arguments.az {
                AzStart::Preloaded => Preloaded::start(&az)?,
                AzStart::Plain => None,
            };
            let target = Embedded::new(az).with_preloaded(preloaded);
            Ok(Arc::new(match programs {
                true => target.with_sdk(azure_cli::provide_sdk()?),
                false => target,
            }))
        }
    }
}

/// The target of containers, which tells what takes long.
fn container(arguments: &RunArguments) -> Container {
    let emulator = match &arguments.emulator_image {
        Some(name) => EmulatorImage::Named(name.clone()),
        None => EmulatorImage::find(),
    };
    Container::new(&arguments.az_image, emulator, azure_cli::tell_docker)
        .with_preloaded(arguments.az == AzStart::Preloaded)
}

async fn run_all(
    walkthroughs: Vec<Walkthrough>,
    target: Arc<dyn Target>,
    arguments: &RunArguments,
    mut reports: Reports,
) -> Result<Exit, CommandError> {
    let jobs = arguments
        .jobs
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get);
    let (as_published, fail_fast) = (arguments.as_published, arguments.fail_fast);
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
    let mut interrupted = std::pin::pin!(interruption());
    let mut exit = Exit::Passed;
    // Of an article that is run as it is somebody wants to know whether it works.
    let mut nothing_ran = arguments.scenarios.iter().any(|one| is_article(one));
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
