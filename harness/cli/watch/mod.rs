//! `docproof watch`: checks what is saved, at once, and runs it on request.
#![expect(
    clippy::print_stderr,
    reason = "what cannot be checked is told on standard error, beside the findings"
)]

mod files;
mod keys;
mod running;

use crate::check::{Level, rules};
use crate::exit::{CommandError, Exit};
use crate::interruption::interruption;
use clap::Args;
use docproof_core::diagnostic::Severity;
use docproof_core::lint::Options;
use docproof_core::report::findings::{FindingReporter, Human, Report};
use docproof_docset::{Argument, Check, Docset, Outcome, Settings, check};
use files::Files;
use keys::Keys;
use running::{Begin, Runner, Running};
use std::collections::{BTreeSet, HashMap};
use std::future::{Future, poll_fn};
use std::io::{IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::Poll;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

#[derive(Args)]
#[command(
    after_help = "Keys, each also as a line on standard input: r runs what was saved last (everything, if \
    nothing was), a walkthrough that ran before from its first changed step; s runs it from the start; c checks \
    everything; q ends. Exit codes: 0 after q; 130 after Ctrl-C; 2 for what cannot be read at the start."
)]
pub(crate) struct WatchArguments {
    /// Files, folders and quoted patterns ('articles/**/*.md')
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Run what is saved, too: the scenarios of the article, or the article as it is; from the first step
    /// that is not what it was when it ran before
    #[arg(long)]
    run: bool,
    /// Not this rule; can be given several times
    #[arg(long, value_name = "ID")]
    allow: Vec<String>,
    /// Show findings that matter at least this much
    #[arg(long, value_enum, default_value = "note")]
    severity: Level,
    /// The configuration to use instead of the nearest docproof.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What a watch waits for.
enum Happening {
    /// A file was written, or is gone; nothing, if there was too much to be told.
    Saved(Option<PathBuf>),
    /// A key was pressed.
    Key(u8),
}

pub(crate) fn run(arguments: &WatchArguments) -> Result<Exit, CommandError> {
    let runtime = tokio::runtime::Runtime::new()?;
    let exit = runtime.block_on(watch(arguments));
    // A thread may still wait for a key.
    runtime.shutdown_background();
    exit
}

async fn watch(arguments: &WatchArguments) -> Result<Exit, CommandError> {
    let (sender, mut happenings) = unbounded_channel();
    let skip = rules(&arguments.allow)?;
    let start = std::env::current_dir()?;
    let config = arguments.config.as_ref().map(|path| start.join(path));
    let mut watch = Watch {
        arguments,
        start,
        skip,
        config,
        files: Files::new(sender.clone())?,
        read: HashMap::new(),
        changed: BTreeSet::new(),
        terminal: std::io::stdout().is_terminal(),
    };
    let mut interrupted = std::pin::pin!(interruption());
    // Listened for from now on, not only once there is something to wait for.
    if is_ready(interrupted.as_mut()).await {
        return Ok(Exit::Interrupted);
    }
    let check = watch.check_all()?;
    if check.problems > 0 {
        return Ok(Exit::Usage);
    }
    let _keys = Keys::listen(sender);
    let runner = Runner::new(&watch.start);
    watch.waiting();
    let mut running: Option<Running> = None;
    loop {
        let happened = tokio::select! {
            biased;
            () = &mut interrupted => {
                if let Some(running) = running.take() {
                    running.end().await;
                }
                return Ok(Exit::Interrupted);
            }
            ended = Running::ended(&mut running) => {
                running = None;
                tell(ended.err());
                watch.waiting();
                continue;
            }
            happened = next(&mut happenings) => happened,
        };
        if happened.keys.contains(&b'q') {
            if let Some(running) = running.take() {
                running.end().await;
            }
            return Ok(Exit::Passed);
        }
        let wanted = happened
            .wanted()
            .or(arguments.run.then_some(Begin::Changed));
        let checked = watch.saved(&happened)?;
        if !checked && happened.wanted().is_none() {
            continue;
        }
        // What runs is of the text before.
        if let Some(running) = running.take() {
            running.end().await;
        }
        if let Some(begin) = wanted {
            running = match runner.start(&watch.to_run(), begin) {
                Ok(running) => running,
                Err(error) => {
                    tell(Some(error));
                    None
                }
            };
        }
        if running.is_none() {
            watch.waiting();
        }
    }
}

/// Whether something has happened already; if not, it is listened for.
async fn is_ready(mut wanted: Pin<&mut impl Future<Output = ()>>) -> bool {
    poll_fn(|context| Poll::Ready(wanted.as_mut().poll(context).is_ready())).await
}

/// Everything that has happened.
#[derive(Default)]
struct Happened {
    saved: BTreeSet<PathBuf>,
    /// There was too much.
    anything: bool,
    keys: Vec<u8>,
}

impl Happened {
    /// Whether something is to be run, and from where.
    fn wanted(&self) -> Option<Begin> {
        match (self.keys.contains(&b's'), self.keys.contains(&b'r')) {
            (true, _) => Some(Begin::Start),
            (false, true) => Some(Begin::Changed),
            (false, false) => None,
        }
    }
}

/// Says why nothing was run.
fn tell(error: Option<CommandError>) {
    let Some(error) = error else { return };
    eprintln!("error: {}", error.message);
    if let Some(help) = error.help {
        eprintln!("  help: {help}");
    }
}

/// Waits for something, and takes everything that has come by then.
async fn next(happenings: &mut UnboundedReceiver<Happening>) -> Happened {
    let mut happened = Happened::default();
    let mut one = happenings.recv().await;
    while let Some(happening) = one {
        match happening {
            Happening::Saved(Some(path)) => drop(happened.saved.insert(path)),
            Happening::Saved(None) => happened.anything = true,
            Happening::Key(key) => happened.keys.push(key),
        }
        one = happenings.try_recv().ok();
    }
    happened
}

struct Watch<'a> {
    arguments: &'a WatchArguments,
    start: PathBuf,
    skip: Vec<&'static str>,
    config: Option<PathBuf>,
    files: Files,
    /// The files that each article was read from, by its name.
    read: HashMap<String, BTreeSet<PathBuf>>,
    /// The articles that were saved last.
    changed: BTreeSet<String>,
    terminal: bool,
}

impl Watch<'_> {
    /// Checks what was saved; whether anything was.
    fn saved(&mut self, happened: &Happened) -> Result<bool, CommandError> {
        if happened.anything || happened.keys.contains(&b'c') {
            self.check_all()?;
            return Ok(true);
        }
        let saved = happened.saved.iter();
        let saved: Vec<&PathBuf> = saved.filter(|path| matters(path)).collect();
        if saved.is_empty() {
            return Ok(false);
        }
        let mut affected = BTreeSet::new();
        let mut known = true;
        for path in saved {
            let of = self.read.iter().filter(|(_, files)| files.contains(path));
            let before = affected.len();
            affected.extend(of.map(|(name, _)| name.clone()));
            known &= affected.len() > before && path.exists();
        }
        if known {
            let arguments: Vec<Argument> = affected.iter().map(Argument::new).collect();
            self.check(&arguments)?;
        } else {
            // A new article or include, one that is gone, or the configuration.
            self.check_all()?;
        }
        if !affected.is_empty() {
            self.changed = affected;
        }
        Ok(true)
    }

    fn check_all(&mut self) -> Result<Check, CommandError> {
        self.read.clear();
        let paths: Vec<Argument> = self.arguments.paths.iter().map(Argument::new).collect();
        for path in &self.arguments.paths {
            self.files.watch_below(&self.start.join(path));
        }
        self.check(&paths)
    }

    fn check(&mut self, arguments: &[Argument]) -> Result<Check, CommandError> {
        // Includes may have changed too.
        let docset = Docset::new(&self.start);
        let settings = Settings {
            options: Options {
                skip: &self.skip,
                ..Options::default()
            },
            least: Severity::from(self.arguments.severity),
            config: self.config.as_deref(),
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        };
        let coloured = self.terminal && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
        let mut reporter = Human::new(coloured, true);
        let mut shown = Vec::new();
        let mut read = Vec::new();
        let checked = check(
            &docset,
            arguments,
            &settings,
            &mut |outcome| match outcome {
                Outcome::Checked(report) => {
                    // Writing to memory does not fail.
                    let _ = reporter.article(&report, &mut shown);
                    read.push(files_of(&docset, &report));
                }
                Outcome::Problem(problem) => {
                    eprintln!("error: {}", problem.message);
                    if let Some(help) = &problem.help {
                        eprintln!("  help: {help}");
                    }
                }
            },
        )?;
        let _ = reporter.finish(&checked.totals, &mut shown);
        for (name, files) in read {
            for folder in files.iter().filter_map(|file| file.parent()) {
                self.files.watch(folder);
            }
            self.read.insert(name, files);
        }
        let mut out = std::io::stdout().lock();
        if self.terminal {
            out.write_all(b"\x1b[2J\x1b[3J\x1b[H")?;
        }
        out.write_all(&shown)?;
        out.flush()?;
        Ok(checked)
    }

    /// Says that it waits.
    fn waiting(&self) {
        let articles = self.read.len();
        let keys = match self.terminal {
            true => "; r runs what changed, s runs from the start, c checks everything, q ends",
            false => "",
        };
        let line = format!(
            "watching {articles} article{}{keys}\n",
            if articles == 1 { "" } else { "s" }
        );
        // Nobody reads on: the next report tells that.
        let _ = crate::print::print(line.as_bytes());
    }

    /// The articles that a run is of, by their names.
    fn to_run(&self) -> BTreeSet<&String> {
        match self.changed.is_empty() {
            true => self.read.keys().collect(),
            false => self.changed.iter().collect(),
        }
    }
}

/// Whether a file is one that a check reads.
fn matters(path: &Path) -> bool {
    let is_markdown = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
    is_markdown || path.file_name().is_some_and(|name| name == "docproof.toml")
}

/// The files that a report's article was read from.
fn files_of(docset: &Docset, report: &Report) -> (String, BTreeSet<PathBuf>) {
    let files = report.texts.iter().map(|(name, _)| docset.path(name));
    (report.file.clone(), files.collect())
}
