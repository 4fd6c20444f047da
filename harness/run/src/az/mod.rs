//! `az` on a machine that may have none: [`find`] looks, [`provide`](fn@provide) looks and fetches.
//!
//! An `az` on PATH is used as it is, whatever its version. Otherwise [`PINNED_VERSION`] is
//! installed once into the user's cache:
//!
//! ```text
//! <cache>/az/2.91.0/                the virtual environment, built where it stays
//! <cache>/az/2.91.0/complete.json   written last; without it the folder is not trusted
//! <cache>/az/2.91.0.lock            held by whoever installs; others wait for it
//! <cache>/az/found-<hash>.json      what was learnt about an `az` on PATH
//! <cache>/uv/                       uv, where the machine has none
//! ```
//!
//! A virtual environment cannot be moved, so it is not built elsewhere and renamed. An
//! installation that was cut short is made anew from uv's own download cache, which keeps every
//! package that had arrived: a package that was cut short while it was linked looks installed, so
//! going on in the same folder would not be safe.

mod cache;
mod child;
mod environment;
mod error;
mod install;
mod locate;
mod pip;
mod pip_settings;
mod preloaded;
mod probe;
mod progress;
mod provide;
mod python;
mod sdk;
mod tools;
mod uv;
mod verify;

pub use environment::AzEnvironment;
pub use error::AzError;
pub use locate::{OnPath, on_path};
pub use preloaded::Preloaded;
pub(crate) use preloaded::Served;
pub use progress::Progress;
pub use provide::{find, provide};
pub use sdk::{PythonSdk, SDK_PACKAGES, find_sdk, provide_sdk};
pub use tools::tools_missing;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The azure-cli that is fetched where PATH has none, and that walkthroughs are checked with.
pub const PINNED_VERSION: &str = "2.91.0";

/// An `az` that works, and what a sandbox has to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Az {
    /// The `az` script itself.
    pub program: PathBuf,
    /// The folder to put first on PATH.
    pub bin: PathBuf,
    /// Its version, from the metadata of the `azure-cli` package.
    pub version: String,
    /// The Python that runs it.
    pub python: PathBuf,
    /// Every CA bundle that its Python code may read: certifi's `cacert.pem`, pip's own copy, that
    /// of old `requests`, and OpenSSL's compiled-in file where it exists. Symbolic links are
    /// resolved, and each file is named once.
    pub ca_bundles: Vec<PathBuf>,
    /// The folders it reads (its environment's and its Python's prefix): a sandbox that hides the
    /// home folder must still show these.
    pub folders: Vec<PathBuf>,
    /// Where it was found.
    pub origin: AzOrigin,
}

/// Where an [`Az`] was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AzOrigin {
    /// On the user's PATH.
    Path,
    /// In docproof's cache, at [`PINNED_VERSION`].
    Cache,
}

/// Which `az` is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AzChoice {
    /// The one on PATH, else the pinned one.
    #[default]
    Auto,
    /// The one on PATH or none.
    PathOnly,
    /// The pinned one, whatever is on PATH.
    Pinned,
}
