//! How the command ends: [`Exit`], the one place that gives each outcome its code.

use docproof_core::event::Outcome;
use docproof_docset::Problem;
use docproof_run::az::AzError;
use docproof_run::environment::EnvironmentError;
use docproof_run::project::ProjectError;
use docproof_run::target::DockerError;

/// The ends of the command; a worse one is a greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything passed.
    Passed,
    /// This machine could not run it, or the emulator does not have what it needs.
    CouldNotRun,
    /// A walkthrough failed, or a check found errors.
    Failed,
    /// Wrong usage, or a scenario, snapshot or article that cannot be read.
    Usage,
    /// Interrupted, after clean-up.
    Interrupted,
}

impl Exit {
    /// The process's exit code, as the README says it.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::CouldNotRun => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            // What a machine lacks is told and counted, and is nobody's failure.
            Outcome::Passed | Outcome::NotRun => Self::Passed,
            Outcome::Failed => Self::Failed,
            Outcome::NotEmulated | Outcome::CouldNotRun => Self::CouldNotRun,
        }
    }
}

/// Why the command ended before there was a verdict.
#[derive(Debug)]
pub(crate) struct CommandError {
    /// What happened, lower case, without a full stop.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: Option<String>,
    /// The exit it leads to.
    pub(crate) exit: Exit,
}

impl CommandError {
    /// The command was not used as it can be.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            exit: Exit::Usage,
        }
    }

    /// What to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// This machine could not do its part.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            exit: Exit::CouldNotRun,
        }
    }
}

impl From<ProjectError> for CommandError {
    fn from(error: ProjectError) -> Self {
        Self {
            message: error.message,
            help: error.help,
            exit: Exit::Usage,
        }
    }
}

impl From<Problem> for CommandError {
    fn from(problem: Problem) -> Self {
        Self {
            message: problem.message,
            help: problem.help,
            exit: Exit::Usage,
        }
    }
}

impl From<EnvironmentError> for CommandError {
    fn from(error: EnvironmentError) -> Self {
        Self {
            message: error.message,
            help: error.help,
            exit: Exit::CouldNotRun,
        }
    }
}

impl From<DockerError> for CommandError {
    fn from(error: DockerError) -> Self {
        Self {
            message: error.to_string(),
            help: Some(error.help()),
            exit: Exit::CouldNotRun,
        }
    }
}

impl From<AzError> for CommandError {
    fn from(error: AzError) -> Self {
        Self {
            message: error.to_string(),
            help: Some(error.help()),
            exit: Exit::CouldNotRun,
        }
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        Self::environment(error.to_string())
    }
}
