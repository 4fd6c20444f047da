//! `docproof run`: scenarios on a target, told by a reporter.
use crate::articles::{WayArguments, gather, is_article};
use crate::attribution;
use crate::azure_cli;
use crate::exit::{CommandError, Exit};
use crate::interruption::interruption;
use crate::live::{self, LiveArguments};
use crate::reports::{ReportArguments, Reports};
use crate::runs::{Runs, run_all};
use clap::{Args, ValueEnum};
use docproof_core::scenario::Walkthrough;
use docproof_run::az::Preloaded;
use docproof_run::environment::Target;
use docproof_run::project::Project;
use docproof_run::sandbox;
use docproof_run::target::{AZURE_CLI_IMAGE, Container, Embedded, EmulatorImage};
use std::num::NonZeroUsize;
use std::sync::Arc;

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
    /// How `az` is started: preloaded, if nothing is said; on a real subscription, plain
    #[arg(long, value_enum)]
    az: Option<AzStart>,
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

/// How `az` is started.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AzStart {
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
    let (articles, ids): (Vec<&String>, Vec<&String>) =
        named.iter().partition(|one| is_article(one));
    if articles.is_empty() && arguments.way.any() {
        let message = "--tab, --pivot, --section and --set choose a way through an article";
        return Err(CommandError::usage(message).help("name the article: docproof run ARTICLE.md"));
    }
    if ids.is_empty() && !articles.is_empty() {
        return gather(&here, None, &articles, &arguments.way);
    }
    let project = Project::find(&here)?;
    let ids = match named.is_empty() {
        true => project.ids()?,
        false => ids.into_iter().cloned().collect(),
    };
    gather(&here, Some((&project, ids)), &articles, &arguments.way)
}

fn run_on(
    walkthroughs: Vec<Walkthrough>,
    target: Arc<dyn Target>,
    arguments: &RunArguments,
    reports: Reports,
) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Runtime::new()?;
    let runs = Runs {
        walkthroughs,
        jobs: arguments.jobs,
        as_published: arguments.as_published,
        fail_fast: arguments.fail_fast,
        // Of an article that is run as it is somebody wants to know whether it works.
        must_run: arguments.scenarios.iter().any(|one| is_article(one)),
    };
    let exit = runtime.block_on(run_all(runs, target, reports, interruption()));
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
    // Only what was asked for stands between a reader's commands and a real subscription.
    let preloaded = arguments.az == Some(AzStart::Preloaded);
    let azure = Arc::new(arguments.live.connect(&walkthroughs, preloaded)?);
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
            Ok(Arc::new(embedded(start(arguments), programs)?))
        }
    }
}

/// The embedded target; with the packages that programs import, if one is to be run.
pub(crate) fn embedded(start: AzStart, programs: bool) -> Result<Embedded, CommandError> {
    if let Err(refusal) = sandbox::probe() {
        return Err(CommandError {
            message: format!("this machine refuses a sealed sandbox: {refusal}"),
            help: Some(format!(
                "{}\nif this machine must stay as it is, run docproof in a virtual machine or, where \
                 Docker answers, with --target container",
                refusal.help()
            )),
            exit: Exit::CouldNotRun,
        });
    }
    let az = azure_cli::provide()?;
    let preloaded = match start {
        AzStart::Preloaded => Preloaded::start(&az)?,
        AzStart::Plain => None,
    };
    let target = Embedded::new(az).with_preloaded(preloaded);
    Ok(match programs {
        true => target.with_sdk(azure_cli::provide_sdk()?),
        false => target,
    })
}

/// How `az` is started where nothing is real.
fn start(arguments: &RunArguments) -> AzStart {
    arguments.az.unwrap_or(AzStart::Preloaded)
}

/// The target of containers, which tells what takes long.
fn container(arguments: &RunArguments) -> Container {
    let emulator = match &arguments.emulator_image {
        Some(name) => EmulatorImage::Named(name.clone()),
        None => EmulatorImage::find(),
    };
    Container::new(&arguments.az_image, emulator, azure_cli::tell_docker)
        .with_preloaded(start(arguments) == AzStart::Preloaded)
}
