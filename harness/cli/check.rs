//! `docproof check`: what is wrong with articles, found without running them.
#![expect(
    clippy::print_stderr,
    reason = "what cannot be checked is told on standard error, beside the findings"
)]

use crate::exit::{CommandError, Exit};
use crate::progress::Progress;
use clap::{Args, ColorChoice, ValueEnum};
use docproof_core::command_table::Table;
use docproof_core::diagnostic::Severity;
use docproof_core::lint::{Options, Rule, registry};
use docproof_core::report::findings::{FindingReporter, GitHub, Human, Json, Junit, Report, Sarif};
use docproof_core::suggest::nearest;
use docproof_docset::{Argument, Check, Docset, Outcome, Problem, Settings, check, mend};
use std::io::{BufWriter, ErrorKind, IsTerminal, Read, Stdout, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 no error found; 1 errors found; 2 wrong usage, or something \
    that cannot be read (the rest is checked).\n`docproof explain RULE` tells more about a finding."
)]
pub(crate) struct CheckArguments {
    /// Files, folders and quoted patterns ('articles/**/*.md'); `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Make the changes that are certain to be right, and report what remains
    #[arg(long, conflicts_with = "diff")]
    fix: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long)]
    diff: bool,
    /// Only this rule; can be given several times
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Not this rule; can be given several times
    #[arg(long, value_name = "ID")]
    allow: Vec<String>,
    /// Show findings that matter at least this much
    #[arg(long, value_enum, default_value = "note")]
    severity: Level,
    /// Another table of azure-cli's commands, which `docproof az-table` derived
    #[arg(long, value_name = "FILE")]
    az_table: Option<PathBuf>,
    /// The configuration to use instead of the nearest docproof.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The path that standard input is the content of; its includes are looked for from there
    #[arg(long, value_name = "PATH", default_value = "stdin.md")]
    stdin_path: PathBuf,
    /// How many articles are checked at once; as many as there are cores if not given
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Findings only: no summary, no progress
    #[arg(long, short)]
    quiet: bool,
    /// When to colour
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    color: ColorChoice,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each finding at its line, as a compiler shows it
    Human,
    /// One object per finding and line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a pull request, for GitHub Actions
    Github,
    /// A test case per article
    Junit,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Level {
    Error,
    Warning,
    Note,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warning => Self::Warning,
            Level::Note => Self::Note,
        }
    }
}

pub(crate) fn run(arguments: &CheckArguments) -> Result<Exit, CommandError> {
    let start = std::env::current_dir()?;
    let docset = Docset::new(&start);
    let paths = arguments.paths(&docset)?;
    let only = rules(&arguments.rule)?;
    let skip = rules(&arguments.allow)?;
    let config = arguments.config.as_ref().map(|path| start.join(path));
    let table = arguments.az_table.as_deref().map(table).transpose()?;
    let settings = Settings {
        options: Options {
            table: table.as_ref(),
            only: &only,
            skip: &skip,
            ..Options::default()
        },
        least: arguments.severity.into(),
        config: config.as_deref(),
        workers: arguments
            .jobs
            .or_else(|| std::thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN),
    };
    if arguments.fix || arguments.diff {
        mended(&docset, &paths, &settings, arguments)
    } else {
        checked(&docset, &paths, &settings, arguments)
    }
}

impl CheckArguments {
    /// What to check; standard input is read here.
    fn paths(&self, docset: &Docset) -> Result<Vec<Argument>, CommandError> {
        let mut paths = Vec::new();
        for path in &self.paths {
            if path != "-" {
                paths.push(Argument::new(path));
                continue;
            }
            if self.fix {
                return Err(CommandError::usage("--fix cannot mend standard input")
                    .help("use --diff, or name a file"));
            }
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes)?;
            let text = String::from_utf8(bytes)
                .map_err(|_| CommandError::usage("standard input is not UTF-8"))?;
            let name = docset.name(&self.stdin_path);
            docset.put(&name, Arc::from(text));
            paths.push(Argument::text(name));
        }
        Ok(paths)
    }

    fn reporter(&self) -> Box<dyn FindingReporter> {
        match self.format {
            Format::Human => Box::new(Human::new(self.colour(), !self.quiet)),
            Format::Json => Box::new(Json::new()),
            Format::Sarif => Box::new(Sarif::new()),
            Format::Github => Box::new(GitHub::new()),
            Format::Junit => Box::new(Junit::new()),
        }
    }

    fn colour(&self) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let unwanted = std::env::var_os("NO_COLOR").is_some_and(|no| !no.is_empty());
                std::io::stdout().is_terminal() && !unwanted
            }
        }
    }
}

/// The command table in a file.
fn table(path: &Path) -> Result<Table, CommandError> {
    let unusable = |why: String| {
        let error = CommandError::usage(format!("{} cannot be used: {why}", path.display()));
        error.help("`docproof az-table` makes a command table")
    };
    let bytes = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    Table::read(&bytes).map_err(|error| unusable(error.to_string()))
}

/// The rules of these ids.
pub(crate) fn rules(ids: &[String]) -> Result<Vec<&'static str>, CommandError> {
    ids.iter()
        .map(|id| rule(id).map(|rule| rule.id()))
        .collect()
}

/// The rule of this id.
pub(crate) fn rule(id: &str) -> Result<&'static dyn Rule, CommandError> {
    registry().find(|rule| rule.id() == id).ok_or_else(|| {
        let error = CommandError::usage(format!("there is no rule `{id}`"));
        error.help(match nearest(id, registry().map(Rule::id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`docproof explain` lists the rules".to_owned(),
        })
    })
}

fn checked(
    docset: &Docset,
    paths: &[Argument],
    settings: &Settings<'_>,
    arguments: &CheckArguments,
) -> Result<Exit, CommandError> {
    let mut told = Told::new(arguments);
    let check = check(docset, paths, settings, &mut |outcome| match outcome {
        Outcome::Checked(report) => told.article(&report),
        Outcome::Problem(problem) => told.problem(&problem),
    })?;
    told.finish(&check)
}

fn mended(
    docset: &Docset,
    paths: &[Argument],
    settings: &Settings<'_>,
    arguments: &CheckArguments,
) -> Result<Exit, CommandError> {
    let mended = mend(docset, paths, settings)?;
    let mut told = Told::new(arguments);
    for problem in &mended.problems {
        told.problem(problem);
    }
    let unwritten = if arguments.fix {
        mended.write(docset)
    } else {
        Vec::new()
    };
    for problem in &unwritten {
        told.problem(problem);
    }
    for refused in &mended.refused {
        eprintln!(
            "not fixed: {}: the change would bring up {} again",
            refused.span, refused.rule
        );
    }
    if !arguments.quiet && mended.fixes > 0 {
        let fixes = count(mended.fixes, "finding");
        let files = count(mended.files(), "file");
        if arguments.fix {
            eprintln!("fixed {fixes} in {files}");
        } else {
            eprintln!("{fixes} in {files} can be fixed");
        }
    }
    if arguments.diff {
        told.write(mended.diff().as_bytes());
        return told.end(&mended.before);
    }
    for report in &mended.reports {
        told.article(report);
    }
    let mut exit = told.finish(&mended.check)?;
    if !unwritten.is_empty() {
        exit = exit.max(Exit::Usage);
    }
    Ok(exit)
}

fn count(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

/// What goes to standard output, until nobody reads it any more.
struct Told {
    reporter: Box<dyn FindingReporter>,
    out: BufWriter<Stdout>,
    progress: Progress,
    failed: Option<std::io::Error>,
}

impl Told {
    fn new(arguments: &CheckArguments) -> Self {
        Self {
            reporter: arguments.reporter(),
            out: BufWriter::new(std::io::stdout()),
            progress: Progress::new(arguments.quiet || arguments.format != Format::Human),
            failed: None,
        }
    }

    fn article(&mut self, report: &Report) {
        self.progress.article();
        let (reporter, out) = (&mut self.reporter, &mut self.out);
        let told = self.progress.aside(|| {
            reporter.article(report, out)?;
            out.flush()
        });
        self.keep(told);
    }

    fn write(&mut self, bytes: &[u8]) {
        let told = self.out.write_all(bytes);
        self.keep(told);
    }

    fn keep(&mut self, told: std::io::Result<()>) {
        if let Err(error) = told
            && self.failed.is_none()
        {
            self.failed = Some(error);
        }
    }

    fn problem(&mut self, problem: &Problem) {
        self.progress.aside(|| {
            eprintln!("error: {}", problem.message);
            if let Some(help) = &problem.help {
                eprintln!("  help: {help}");
            }
        });
    }

    /// The summary, and the verdict.
    fn finish(mut self, check: &Check) -> Result<Exit, CommandError> {
        self.progress.end();
        let told = self.reporter.finish(&check.totals, &mut self.out);
        self.keep(told);
        self.end(check)
    }

    /// The verdict alone.
    fn end(mut self, check: &Check) -> Result<Exit, CommandError> {
        self.progress.end();
        let told = self.out.flush();
        self.keep(told);
        match self.failed {
            // Whoever has read enough may leave.
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            _ if check.problems > 0 => Ok(Exit::Usage),
            _ if check.totals.errors > 0 => Ok(Exit::Failed),
            _ => Ok(Exit::Passed),
        }
    }
}
