//! What Docker refuses, and what can be done: [`DockerError`].

use crate::environment::EnvironmentError;
use bollard::errors::Error;

/// Why Docker did not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DockerError {
    /// No engine answers.
    #[error("no Docker engine answers: {0}")]
    NoEngine(String),
    /// It has answered, and does not any more.
    #[error("the Docker engine was stopped in the middle of the run: {0}")]
    Stopped(String),
    /// The engine is too old, or not one that runs Linux.
    #[error("the Docker engine cannot run this: {0}")]
    Unfit(String),
    /// An image is not there, and cannot be had.
    #[error("there is no image {image}: {reason}")]
    NoImage {
        /// The image.
        image: String,
        /// Why it cannot be had.
        reason: String,
    },
    /// The emulator's image could not be built.
    #[error("the emulator could not be built: {0}")]
    Build(String),
    /// The disk is full.
    #[error("{doing}: the disk of the Docker engine is full")]
    DiskFull {
        /// What was done.
        doing: String,
    },
    /// Something ended at once that should run.
    #[error("{what} ended at once, with {exit_code}: {said}")]
    Ended {
        /// What.
        what: String,
        /// Its exit code.
        exit_code: i64,
        /// What it printed.
        said: String,
    },
    /// Anything else that the engine refused.
    #[error("{doing}: {reason}")]
    Refused {
        /// What was done.
        doing: String,
        /// The engine's words.
        reason: String,
    },
}

impl DockerError {
    /// What the engine said when something was done.
    pub(super) fn of(doing: &str, error: &Error) -> Self {
        let reason = match error {
            Error::DockerResponseServerError { message, .. } => message.clone(),
            other => other.to_string(),
        };
        let doing = doing.to_owned();
        if reason.contains("no space left on device") {
            return Self::DiskFull { doing };
        }
        // bollard has several kinds of not getting through, and names none of them alone.
        match error {
            Error::DockerResponseServerError { .. } | Error::DockerStreamError { .. } => {
                Self::Refused { doing, reason }
            }
            Error::IOError { .. }
            | Error::HyperResponseError { .. }
            | Error::HyperLegacyError { .. }
            | Error::SocketNotFoundError(_) => Self::NoEngine(format!("{doing}: {reason}")),
            _ => Self::Refused { doing, reason },
        }
    }

    /// What can be done about it.
    pub fn help(&self) -> String {
        match self {
            Self::NoEngine(reason) if reason.contains("ermission denied") => {
                "this user may not speak to Docker: add it to the group `docker`, or run docproof as \
                 one who may"
            }
            Self::NoEngine(_) => {
                "start Docker (`sudo systemctl start docker`, or Docker Desktop); `docproof doctor` \
                 tells whether it answers"
            }
            Self::Stopped(_) => {
                "start Docker and run again: what this run has made is removed at the next start; this \
                 is not the article's fault"
            }
            Self::Unfit(_) => "Docker 20.10 or later is needed, with Linux containers",
            Self::NoImage { reason, .. } if reason.contains("manifest") => {
                "its registry has no such image; --az-image names another one"
            }
            Self::NoImage { .. } => {
                "where no registry can be reached, `.ci/azure-cli-image` of docproof's repository \
                 builds an image of this name from Debian's packages and PyPI (Debian, as root); \
                 --az-image names another one"
            }
            Self::Build(_) => {
                "--emulator-image names an image that is there; docproof's repository builds one with \
                 the Rust toolchain"
            }
            Self::DiskFull { .. } => "make room: `docker system df` tells what takes it",
            Self::Ended { .. } => "`docker info` may tell more; this is not the article's fault",
            Self::Refused { reason, .. } if reason.contains("address pool") => {
                "Docker has no network addresses left: `docker network prune` removes unused networks"
            }
            Self::Refused { .. } => "`docproof doctor` tells what Docker allows",
        }
        .to_owned()
    }
}

impl From<DockerError> for EnvironmentError {
    fn from(error: DockerError) -> Self {
        let help = error.help();
        Self::new(error.to_string()).with_help(help)
    }
}

/// Says what was done when the engine refused.
pub(super) trait Doing<T> {
    /// The same, with what was done.
    fn doing(self, what: &str) -> Result<T, DockerError>;
}

impl<T> Doing<T> for Result<T, Error> {
    fn doing(self, what: &str) -> Result<T, DockerError> {
        self.map_err(|error| DockerError::of(what, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str) -> DockerError {
        DockerError::of(
            "start",
            &Error::DockerResponseServerError {
                status_code: 500,
                message: message.to_owned(),
            },
        )
    }

    #[test]
    fn a_refusal_is_told_by_what_the_engine_says() {
        let full = told("write /x: no space left on device");
        assert!(matches!(full, DockerError::DiskFull { .. }));
        let pool = told("could not find an available, non-overlapping IPv4 address pool");
        assert!(pool.help().contains("network prune"));
        assert!(matches!(told("odd"), DockerError::Refused { .. }));
        let gone = Error::IOError {
            err: std::io::Error::from(std::io::ErrorKind::ConnectionRefused),
        };
        assert!(matches!(
            DockerError::of("x", &gone),
            DockerError::NoEngine(_)
        ));
    }
}
