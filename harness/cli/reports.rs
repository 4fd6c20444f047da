//! Where a run is told of: on standard output, and in files beside it.
#![expect(
    clippy::print_stderr,
    reason = "where the pages are belongs to no report"
)]

use crate::exit::CommandError;
use crate::running::Running;
use crate::sources::source;
use clap::{Args, ValueEnum};
use docproof_core::event::Event;
use docproof_core::report::{GitHub, Html, Human, Json, Junit, Reporter, Sarif, Summary};
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct ReportArguments {
    /// How to report on standard output
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Write test results to this file too, as JUnit does
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write results for code scanning to this file too
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Write each event to this file too, as an object a line
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Add a summary in Markdown to this file ("$GITHUB_STEP_SUMMARY")
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Write the articles with everything that became of them to this folder too, as HTML: each a file that
    /// needs nothing else, and an index.html
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
    /// Print annotations for GitHub Actions too, after everything else
    #[arg(long)]
    annotations: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each step as it ends, for people
    Human,
    /// One object per event and line
    Json,
    /// A suite per walkthrough, a test case per step
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a pull request, for GitHub Actions
    Github,
    /// Markdown, for the page of a job
    Summary,
}

/// All reports of a run.
pub(crate) struct Reports {
    main: Box<dyn Reporter>,
    files: Vec<(Box<dyn Reporter>, File)>,
    annotations: Option<GitHub>,
    html: Option<(Html, PathBuf)>,
    running: Option<Running>,
}

impl Reports {
    /// Opens the files, so that what cannot be written is told before anything runs. So many
    /// walkthroughs are to run, which a terminal shows as they go on.
    pub(crate) fn open(arguments: &ReportArguments, running: usize) -> Result<Self, CommandError> {
        let mut files: Vec<(Box<dyn Reporter>, File)> = Vec::new();
        let mut add = |path: &Option<PathBuf>, reporter: Box<dyn Reporter>| {
            if let Some(path) = path {
                files.push((reporter, create(path, false)?));
            }
            Ok::<_, CommandError>(())
        };
        add(&arguments.junit, Box::new(Junit::new()))?;
        add(&arguments.sarif, Box::new(Sarif::new()))?;
        add(&arguments.json, Box::new(Json::new()))?;
        if let Some(path) = &arguments.summary {
            // Other steps of the job have written to it.
            files.push((Box::new(Summary::new()), create(path, true)?));
        }
        let html = arguments.report.as_deref().map(folder).transpose()?;
        let annotations = arguments.annotations && arguments.format != Format::Github;
        let running = Running::new(running);
        Ok(Self {
            main: main(arguments.format, running.is_some()),
            files,
            annotations: annotations.then(GitHub::new),
            html: html.map(|folder| (Html::new(), folder)),
            running,
        })
    }

    /// On standard output alone, for people.
    pub(crate) fn for_people(running: usize) -> Self {
        let running = Running::new(running);
        Self {
            main: main(Format::Human, running.is_some()),
            files: Vec::new(),
            annotations: None,
            html: None,
            running,
        }
    }

    /// Takes the next event.
    pub(crate) fn event(&mut self, event: &Event) -> io::Result<()> {
        let (main, annotations) = (&mut self.main, &mut self.annotations);
        let mut write = || {
            // Locked anew for each event, so that an error can still be printed in between.
            let mut out = io::stdout().lock();
            main.event(event, &mut out)?;
            out.flush()?;
            match annotations {
                Some(annotations) => annotations.event(event, &mut out),
                None => Ok(()),
            }
        };
        match &mut self.running {
            Some(running) => {
                running.event(event);
                running.aside(write)?;
            }
            None => write()?,
        }
        if let Some((html, _)) = &mut self.html {
            html.event(event);
        }
        self.files
            .iter_mut()
            .try_for_each(|(reporter, file)| reporter.event(event, file))
    }

    /// Writes what was kept back, when no more comes. What fails does not keep other reports from
    /// being written.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if let Some(running) = &mut self.running {
            running.end();
        }
        let mut out = io::stdout().lock();
        let mut ended = vec![self.main.finish(&mut out)];
        if let Some(annotations) = &mut self.annotations {
            ended.push(annotations.finish(&mut out));
        }
        for (reporter, file) in &mut self.files {
            ended.push(reporter.finish(file));
        }
        drop(out);
        if let Some((html, folder)) = self.html.take() {
            ended.push(write(&html, &folder));
        }
        ended.into_iter().collect()
    }
}

/// `shown`: what runs is shown beside it, so the report itself overwrites no line.
fn main(format: Format, shown: bool) -> Box<dyn Reporter> {
    match format {
        Format::Human => {
            let terminal = io::stdout().is_terminal();
            let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
            Box::new(Human::new(colours, terminal && !shown))
        }
        Format::Json => Box::new(Json::new()),
        Format::Junit => Box::new(Junit::new()),
        Format::Sarif => Box::new(Sarif::new()),
        Format::Github => Box::new(GitHub::new()),
        Format::Summary => Box::new(Summary::new()),
    }
}

/// The folder of the pages, made if it is not there.
fn folder(path: &Path) -> Result<PathBuf, CommandError> {
    std::fs::create_dir_all(path).map_err(|error| {
        let message = format!("the report {} cannot be written: {error}", path.display());
        CommandError::usage(message).help("name a folder, or one that can be made")
    })?;
    Ok(path.to_owned())
}

fn write(html: &Html, folder: &Path) -> io::Result<()> {
    for page in html.pages(&source) {
        std::fs::write(folder.join(&page.name), page.text)?;
    }
    eprintln!("report: {}", folder.join("index.html").display());
    Ok(())
}

fn create(path: &Path, append: bool) -> Result<File, CommandError> {
    let file = match append {
        true => File::options().append(true).create(true).open(path),
        false => File::create(path),
    };
    file.map_err(|error| {
        let message = format!("the report {} cannot be written: {error}", path.display());
        CommandError::usage(message).help("name a file in a folder that is there")
    })
}
