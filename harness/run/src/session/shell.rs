//! [`Session`]: starts the bash and runs blocks in it.

use super::channel::{Pipes, Pty};
use super::inner::Inner;
use super::outcome::{BlockOutcome, CommandError, SessionError};
use crate::environment::{Command, Environment, Running};
use crate::files::Files;
use docproof_core::scenario::Script;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the shell runs before the first block.
const DRIVER: &str = include_str!("driver.bash");

/// A reader's terminal in an environment.
pub struct Session {
    pub(super) pty: Pty,
    pub(super) talk: Talk,
    pub(super) inner: Option<Inner>,
    files: Arc<dyn Files>,
    folder: PathBuf,
    blocks: usize,
}

/// What the harness and the driver in the shell say to each other.
pub(super) struct Talk {
    pipes: Pipes,
    partial: String,
    shell: Box<dyn Running>,
}

/// A word from the shell.
pub(super) enum Said {
    /// A command failed: status and line (from 1).
    Error(i32, usize),
    /// The block is through, with this status.
    Done(i32),
    /// The driver is ready.
    Ready,
}

/// Why there was no word from the shell.
pub(super) enum Silence {
    /// The deadline has come.
    Late,
    /// The shell ended with this status.
    Ended(i32),
    /// The pipe failed.
    Channel(std::io::Error),
}

impl Talk {
    /// The next word from the shell. Safe to cancel.
    pub(super) async fn said(&mut self, deadline: Instant) -> Result<Said, Silence> {
        let line = tokio::select! {
            biased;
            line = self.pipes.line(&mut self.partial) => line.map_err(Silence::Channel)?,
            status = self.shell.wait() => return Err(Silence::Ended(status)),
            () = tokio::time::sleep_until(deadline.into()) => return Err(Silence::Late),
        };
        let mut words = line.split(' ');
        let kind = words.next().unwrap_or_default();
        let mut number = || {
            words
                .next()
                .and_then(|word| word.parse().ok())
                .unwrap_or_default()
        };
        Ok(match kind {
            "error" => Said::Error(number(), usize::try_from(number()).unwrap_or_default()),
            "done" => Said::Done(number()),
            _ => Said::Ready,
        })
    }
}

impl Silence {
    /// The error that this is for a block with this limit and what it had printed.
    pub(super) fn into_error(self, limit: Duration, output: String) -> SessionError {
        match self {
            Self::Late => SessionError::TimedOut { limit, output },
            Self::Ended(status) => SessionError::Ended { status, output },
            Self::Channel(error) => SessionError::Channel(error),
        }
    }
}

impl Session {
    /// Starts bash and waits until it takes blocks.
    ///
    /// # Errors
    /// When the environment cannot start bash.
    pub async fn open(environment: &dyn Environment) -> Result<Self, SessionError> {
        let folder = environment.folder().join("session");
        let files = environment.files();
        let driver = folder.join("driver.bash");
        files.write(&driver, DRIVER.as_bytes()).await?;
        let pipes = Pipes::new(files.pipes(&folder).await?);
        let (pty, terminal) = Pty::open()?;
        let stdio = [terminal.try_clone()?, terminal.try_clone()?, terminal];
        let argv = ["bash".into(), "--noprofile".into(), "--norc".into()];
        let argv = argv
            .into_iter()
            .chain([driver.into_os_string(), folder.clone().into()]);
        let shell = environment.start(Command {
            argv: argv.collect(),
            folder: environment.work(),
            stdio,
            terminal: true,
        })?;
        let mut talk = Talk {
            pipes,
            partial: String::new(),
            shell,
        };
        let limit = Duration::from_secs(30);
        if let Err(silence) = talk.said(Instant::now() + limit).await {
            return Err(silence.into_error(limit, pty.since(0)));
        }
        Ok(Self {
            pty,
            talk,
            inner: None,
            files,
            folder,
            blocks: 0,
        })
    }

    /// Sources a block, standard output and error apart.
    ///
    /// # Errors
    /// When the block has no end or takes the shell with it.
    pub async fn run(
        &mut self,
        script: &Script,
        limit: Duration,
    ) -> Result<BlockOutcome, SessionError> {
        let block = self.write_block(script).await?;
        let stdout = block.with_extension("bash.out");
        let stderr = block.with_extension("bash.err");
        let started = Instant::now();
        self.talk.send("files", &block).await?;
        let mut outcome = BlockOutcome::default();
        loop {
            match self.talk.said(started + limit).await {
                Ok(Said::Error(status, line)) => outcome.add_error(script, status, line),
                Ok(Said::Done(status)) => {
                    outcome.status = status;
                    break;
                }
                Ok(Said::Ready) => {}
                Err(silence) => {
                    let printed = self.read(&stdout).await + &self.read(&stderr).await;
                    return Err(silence.into_error(limit, printed));
                }
            }
        }
        outcome.elapsed = started.elapsed();
        outcome.stdout = self.read(&stdout).await;
        outcome.stderr = self.read(&stderr).await;
        Ok(outcome)
    }

    /// Writes a block to where the shell can source it.
    pub(super) async fn write_block(&mut self, script: &Script) -> Result<PathBuf, SessionError> {
        self.blocks += 1;
        let block = self.folder.join(format!("block-{}.bash", self.blocks));
        self.files.write(&block, script.text().as_bytes()).await?;
        Ok(block)
    }

    /// A file's text; a block that was ended before it printed has none.
    async fn read(&self, path: &Path) -> String {
        let read = self.files.read(path).await;
        read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

impl Talk {
    /// Tells the shell to source a block, its output going to `files` or to the `terminal`.
    pub(super) async fn send(&mut self, output: &str, block: &Path) -> std::io::Result<()> {
        self.pipes
            .send(&format!("{output} {}", block.display()))
            .await
    }
}

impl BlockOutcome {
    /// Adds a failed command. Bash names a later line of a command that is continued over several:
    /// its first line is found by going up as long as the line before ends in a continuation. A
    /// failure inside a function is told once, where it happened, and not again for each caller.
    pub(super) fn add_error(&mut self, script: &Script, status: i32, line: usize) {
        let last = script.lines.len().saturating_sub(1);
        let mut line = line.saturating_sub(1).min(last);
        while line > 0
            && script.lines[line - 1]
                .text
                .trim_end_matches('\r')
                .ends_with('\\')
        {
            line -= 1;
        }
        let error = CommandError { line, status };
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }
}
