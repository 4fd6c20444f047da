//! What a target offers: [`Target`] makes an [`Environment`], which has a shell and an end.
//!
//! Neither knows of steps or articles.

use crate::files::{Files, OwnFiles};
use crate::kept::Kept;
use crate::patience::{Cause, Patience};
use docproof_core::event::Event;
use docproof_core::naming::Language;
use docproof_core::scenario::{Requirement, Walkthrough};
use docproof_emulator::Exchange;
use std::ffi::OsString;
use std::future::Future;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A future that may be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why the environment could not do its part. Never the article's fault.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct EnvironmentError {
    /// What failed, lower case, without a full stop.
    pub message: String,
    /// What can be done about it.
    pub help: Option<String>,
}

impl EnvironmentError {
    /// An error without advice.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A request that a step's commands made, as the target saw it.
#[derive(Debug, Clone)]
pub struct ObservedRequest {
    /// The method.
    pub method: String,
    /// The address, secrets masked.
    pub url: String,
    /// The status of the answer.
    pub status: u16,
    /// The error code of the answer, if it is an error.
    pub error: Option<String>,
    /// What the answer says of the error, secrets masked.
    pub answer: Option<String>,
    /// The command of `az` that asked, as it names itself.
    pub command: Option<String>,
    /// Whether the target does not have what was asked for.
    pub not_emulated: bool,
    /// What the answer stands in for, if it is not what the real service would have sent.
    pub stand_in: Option<String>,
    /// Whether a client asked on its own account (telemetry): never shown, never counted.
    pub quiet: bool,
    /// Seconds from the request's arrival to its answer.
    pub seconds: f64,
}

/// A program to start where the reader works.
#[derive(Debug)]
pub struct Command {
    /// The program and its arguments.
    pub argv: Vec<OsString>,
    /// The folder it starts in.
    pub folder: PathBuf,
    /// Standard input, output and error.
    pub stdio: [OwnedFd; 3],
    /// Whether standard input is a terminal that becomes the controlling one.
    pub terminal: bool,
}

/// A started program. Dropping it does not end it; the environment's end does.
pub trait Running: Send + Sync {
    /// Waits for its end: the exit code, or 128 + n for signal n.
    fn wait<'a>(&'a self) -> BoxFuture<'a, i32>;
}

/// Where one walkthrough runs. Dropping it leaves nothing behind.
pub trait Environment: Send + Sync {
    /// A folder of the commands' own. The harness sees what is in it by [`Environment::files`].
    fn folder(&self) -> &Path;
    /// The files that the commands see. Unless something else is said, they are this machine's.
    fn files(&self) -> Arc<dyn Files> {
        Arc::new(OwnFiles)
    }
    /// The folder the reader's shell starts in.
    fn work(&self) -> PathBuf;
    /// Starts a program.
    ///
    /// # Errors
    /// When the environment cannot start it.
    fn start(&self, command: Command) -> Result<Box<dyn Running>, EnvironmentError>;
    /// A mark for [`Environment::requests_since`].
    fn mark(&self) -> usize;
    /// The requests since a mark, in order.
    fn requests_since(&self, mark: usize) -> Vec<ObservedRequest>;
    /// The container images that something else stood in for so far: the image, and what it was.
    fn stand_ins(&self) -> Vec<(String, String)> {
        Vec::new()
    }
    /// Why the environment itself has given out, if it has: then nothing that came of a step is the
    /// article's fault.
    fn failure(&self) -> Option<EnvironmentError> {
        None
    }
    /// The command that signs the reader in, if the target needs one before the first step.
    fn sign_in(&self) -> Option<String>;
    /// Where the walkthrough's state is kept before each step, if it is, and where it begins.
    fn kept(&self) -> Option<&Kept> {
        None
    }
    /// Told before each step, where its state is kept: everything before it has ended well.
    fn reached(&self, step: usize) {
        let _ = step;
    }
    /// What goes with each command where it reaches a real subscription.
    fn live(&self) -> Option<&dyn Live> {
        None
    }
}

/// What goes with each command that reaches a real subscription.
pub trait Live: Send + Sync {
    /// A text with the run's own names.
    fn rename(&self, text: &str, language: Language) -> String;
    /// A text with the article's names again.
    fn restore(&self, text: &str) -> String;
    /// Told before commands run; returns when what they make is written down.
    ///
    /// # Errors
    /// When it cannot be: then they must not run.
    fn before(&self, commands: &str) -> Result<(), EnvironmentError>;
    /// Told after commands ran.
    ///
    /// # Errors
    /// When what they made cannot be marked as the run's.
    fn after(&self, commands: &str) -> Result<(), EnvironmentError>;
    /// Whether a resource group is the run's.
    fn is_own_group(&self, name: &str) -> bool;
    /// Told what was printed, before anybody shows it.
    fn learn(&self, printed: &str);
    /// How long to wait for Azure.
    fn patience(&self) -> Patience;
    /// Whether commands so far made something that this cause waits for.
    fn awaits(&self, cause: Cause) -> bool;
    /// How much time the walkthrough has left.
    fn time_left(&self) -> Option<Duration>;
}

impl From<Exchange> for ObservedRequest {
    fn from(exchange: Exchange) -> Self {
        Self {
            method: exchange.method,
            url: exchange.url,
            status: exchange.status,
            error: exchange.error,
            answer: exchange.message,
            command: exchange.command,
            not_emulated: exchange.not_emulated,
            stand_in: exchange.stand_in,
            quiet: exchange.quiet,
            seconds: exchange.duration.as_secs_f64(),
        }
    }
}

/// A place where walkthroughs can run.
pub trait Target: Send + Sync {
    /// Its name on the command line and in reports.
    fn name(&self) -> &'static str;
    /// Why it cannot run what requires this, if it cannot.
    fn lacks(&self, requirement: Requirement) -> Option<String>;
    /// Makes everything ready for one walkthrough, whose reader has these roles beside Owner.
    ///
    /// # Errors
    /// When this machine cannot run it; says what refuses and what can be done.
    fn prepare<'a>(
        &'a self,
        reader_roles: &'a [String],
    ) -> BoxFuture<'a, Result<Box<dyn Environment>, EnvironmentError>>;
    /// The same for a target that has to know which walkthrough it is.
    ///
    /// # Errors
    /// As [`Target::prepare`].
    fn prepare_for<'a>(
        &'a self,
        walkthrough: &'a Walkthrough,
    ) -> BoxFuture<'a, Result<Box<dyn Environment>, EnvironmentError>> {
        self.prepare(&walkthrough.reader_roles)
    }
    /// An event as others may see it: without secrets and ids that the target has met.
    fn said(&self, event: Event) -> Event {
        event
    }
    /// What could not be removed so far, for people.
    fn left_behind(&self) -> Vec<String> {
        Vec::new()
    }
}
