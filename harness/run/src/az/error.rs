//! Why there is no `az`: [`AzError`], each with what to do about it.

use super::PINNED_VERSION;
use std::io;
use std::path::PathBuf;

/// Why no `az` could be provided. Always the environment's fault, never the article's.
#[derive(Debug, thiserror::Error)]
pub enum AzError {
    /// Only an `az` on PATH was wanted, and PATH has none.
    #[error("there is no az on PATH")]
    NotOnPath,
    /// Only an `az` on PATH was wanted, and that one does not start.
    #[error("the az on PATH, {}, does not work: {reason}", program.display())]
    BrokenOnPath {
        /// The script that was found.
        program: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No Python that azure-cli can run on.
    #[error("azure-cli needs Python 3.10 or later, and PATH has {}", found.as_deref().unwrap_or("none"))]
    NoPython {
        /// The newest one that was found, if any.
        found: Option<String>,
    },
    /// No uv, and a Python that cannot make virtual environments.
    #[error("{} cannot make a virtual environment: venv or ensurepip is missing", python.display())]
    NoVenv {
        /// The Python that was tried.
        python: PathBuf,
    },
    /// `az` would have to be fetched, and that was forbidden.
    #[error(
        "azure-cli {PINNED_VERSION} is not installed, and DOCPROOF_OFFLINE forbids fetching it"
    )]
    Offline,
    /// The package index could not be reached.
    #[error("the Python package index could not be reached:\n{tail}")]
    Network {
        /// The last lines that uv or pip wrote.
        tail: String,
    },
    /// No room for the installation.
    #[error("no space for azure-cli under {}: {needed_mb} MB are needed", path.display())]
    DiskFull {
        /// The folder on the full disk.
        path: PathBuf,
        /// Megabytes that an installation takes.
        needed_mb: u64,
    },
    /// The cache folder cannot be used.
    #[error("cannot use the cache folder {}: {source}", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A step of the installation failed for another reason.
    #[error("{step} failed:\n{tail}")]
    Install {
        /// The step.
        step: String,
        /// The last lines that it wrote.
        tail: String,
    },
    /// The installation ended well, but what it made does not work.
    #[error("the azure-cli installed in {} does not work: {reason}", path.display())]
    Broken {
        /// The installation.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The process that answers calls of `az` did not start.
    #[error("azure-cli could not be loaded beforehand: {0}")]
    Preload(io::Error),
    /// Someone pressed Ctrl-C. The next start goes on from what was downloaded.
    #[error("interrupted while azure-cli was being installed")]
    Interrupted,
}

/// How a person installs `az`, for the cases where docproof cannot.
const BY_HAND: &str = "install azure-cli yourself, so that `az` is on PATH: \
    https://learn.microsoft.com/cli/azure/install-azure-cli-linux";

impl AzError {
    /// What to do next, in one or two sentences.
    pub fn help(&self) -> String {
        match self {
            Self::NotOnPath => BY_HAND.to_owned(),
            Self::BrokenOnPath { .. } => {
                "reinstall azure-cli, or take it off PATH so that docproof fetches its own"
                    .to_owned()
            }
            Self::NoPython { .. } => format!(
                "install Python: `apt-get install python3 python3-venv` (Debian, Ubuntu) or \
                 `dnf install python3` (Fedora, Azure Linux); or {BY_HAND}"
            ),
            Self::NoVenv { .. } => {
                "install the missing module: `apt-get install python3-venv` (Debian, Ubuntu); \
                 or install uv: https://docs.astral.sh/uv/"
                    .to_owned()
            }
            Self::Offline => format!(
                "run a scenario once with a network and without DOCPROOF_OFFLINE, or {BY_HAND}"
            ),
            Self::Network { .. } => format!(
                "check the network, the proxy (HTTPS_PROXY) and the index (UV_INDEX_URL, \
                 PIP_INDEX_URL) and run again: what was fetched is kept; or {BY_HAND}"
            ),
            Self::DiskFull { .. } => {
                "free some space, or set DOCPROOF_CACHE to a folder on another disk".to_owned()
            }
            Self::Cache { .. } => {
                "make it writable, or set DOCPROOF_CACHE to a folder that is".to_owned()
            }
            Self::Install { .. } | Self::Broken { .. } => {
                format!("run again; if it stays so, {BY_HAND}")
            }
            Self::Preload(_) => "run with `--az plain`".to_owned(),
            Self::Interrupted => "run again: what was downloaded is kept".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_says_what_to_do() {
        let tail = String::from("x");
        let path = PathBuf::from("/p");
        let errors = [
            AzError::NotOnPath,
            AzError::BrokenOnPath {
                program: path.clone(),
                reason: tail.clone(),
            },
            AzError::NoPython { found: None },
            AzError::NoVenv {
                python: path.clone(),
            },
            AzError::Offline,
            AzError::Network { tail: tail.clone() },
            AzError::DiskFull {
                path: path.clone(),
                needed_mb: 1,
            },
            AzError::Cache {
                path: path.clone(),
                source: io::Error::other("x"),
            },
            AzError::Install {
                step: tail.clone(),
                tail: tail.clone(),
            },
            AzError::Broken { path, reason: tail },
            AzError::Preload(io::ErrorKind::NotFound.into()),
            AzError::Interrupted,
        ];
        for error in errors {
            assert!(!error.help().is_empty(), "{error}");
            assert!(!error.to_string().ends_with('.'), "{error}");
        }
    }

    #[test]
    fn a_missing_python_names_the_packages() {
        let error = AzError::NoPython {
            found: Some("Python 3.8.10".to_owned()),
        };
        assert!(error.to_string().contains("Python 3.8.10"));
        assert!(
            error
                .help()
                .contains("apt-get install python3 python3-venv")
        );
    }
}
