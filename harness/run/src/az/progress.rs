//! What [`provide`](fn@super::provide) says while it works: [`Progress`].

use std::fmt;
use std::path::PathBuf;

/// One thing to tell the user while `az` is looked for or fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Something worth knowing about what will be used: an `az` of another version, a broken one.
    Note(String),
    /// Another process is installing; this one waits until it lets go of the lock.
    Waiting {
        /// The lock that is waited for.
        lock: PathBuf,
    },
    /// A new stage begins.
    Stage(String),
    /// A line that uv, pip or Python wrote, credentials in addresses masked.
    Output(String),
    /// The installation is complete and verified.
    Installed {
        /// The version installed.
        version: String,
        /// How long it took, in seconds.
        seconds: u64,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(text) | Self::Stage(text) | Self::Output(text) => f.write_str(text),
            Self::Waiting { lock } => write!(
                f,
                "another docproof is installing az; waiting for it ({})",
                lock.display()
            ),
            Self::Installed { version, seconds } => {
                write!(f, "azure-cli {version} installed in {seconds} s")
            }
        }
    }
}
