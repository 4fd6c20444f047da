//! What the registries of a tenant hold: passwords, repositories, blobs, uploads.

use crate::arm;
use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The Container Registry service of one emulator.
#[derive(Default)]
pub(crate) struct ContainerRegistry {
    pub(super) state: Mutex<State>,
}

/// What is known beside the resources in the store.
#[derive(Clone, Default)]
pub(super) struct State {
    /// What each registry holds, by its lower-cased name, which is unique in all of Azure.
    pub(super) registries: BTreeMap<String, Contents>,
    /// When an operation is over, by its lower-cased name, in seconds since 1970.
    pub(super) operations: BTreeMap<String, (i64, &'static str)>,
}

/// What one registry holds.
#[derive(Clone)]
pub(super) struct Contents {
    /// The two passwords of the admin user.
    pub(super) passwords: [String; 2],
    /// Every blob, by digest; shared by the repositories.
    pub(super) blobs: BTreeMap<String, Bytes>,
    /// Repositories by name.
    pub(super) repositories: BTreeMap<String, Repository>,
    /// Uploads that are not finished, by id.
    pub(super) uploads: BTreeMap<String, Upload>,
    /// Passwords of repository tokens, by the token's lower-cased name.
    pub(super) tokens: BTreeMap<String, Vec<TokenPassword>>,
}

/// A password of a repository token.
#[derive(Debug, Clone)]
pub(super) struct TokenPassword {
    /// `password1` or `password2`.
    pub(super) name: &'static str,
    /// The password.
    pub(super) value: String,
    /// When it was made.
    pub(super) created: Timestamp,
    /// When it is good no longer, if ever.
    pub(super) expiry: Option<Timestamp>,
}

impl Default for Contents {
    fn default() -> Self {
        Self {
            passwords: [password(), password()],
            blobs: BTreeMap::new(),
            repositories: BTreeMap::new(),
            uploads: BTreeMap::new(),
            tokens: BTreeMap::new(),
        }
    }
}

/// One repository.
#[derive(Clone, Default)]
pub(super) struct Repository {
    /// Tags by name.
    pub(super) tags: BTreeMap<String, Tag>,
    /// Manifests by digest.
    pub(super) manifests: BTreeMap<String, Manifest>,
    /// The blobs that were pushed to it or mounted into it.
    pub(super) blobs: BTreeSet<String>,
}

/// A name for a manifest.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    /// The manifest's digest.
    pub(super) digest: String,
    /// When the tag was made.
    pub(super) created: Timestamp,
    /// When it was last set.
    pub(super) updated: Timestamp,
}

/// A manifest, byte for byte as it was pushed.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    /// Its media type.
    pub(super) media_type: String,
    /// The manifest.
    pub(super) bytes: Bytes,
    /// When it was pushed.
    pub(super) created: Timestamp,
}

/// A blob on its way.
#[derive(Clone)]
pub(super) struct Upload {
    /// The repository it is for.
    pub(super) repository: String,
    /// What came so far.
    pub(super) bytes: Vec<u8>,
}

impl ContainerRegistry {
    /// The state. Never held across an await.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What a registry holds.
    pub(super) fn contents(&mut self, registry: &str) -> &mut Contents {
        self.registries
            .entry(registry.to_ascii_lowercase())
            .or_default()
    }
}

impl Contents {
    /// A repository that has something to show: one into which blobs alone were pushed is not there
    /// yet.
    pub(super) fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories
            .get(name)
            .filter(|repository| !repository.manifests.is_empty())
    }

    /// A blob, if it belongs to this repository.
    pub(super) fn blob(&self, repository: &str, digest: &str) -> Option<Bytes> {
        self.repositories
            .get(repository)
            .filter(|repository| repository.blobs.contains(digest))
            .and_then(|_| self.blobs.get(digest))
            .cloned()
    }

    /// Keeps a blob for a repository and answers its digest.
    pub(super) fn keep(&mut self, repository: &str, bytes: Bytes) -> String {
        let digest = digest(&bytes);
        self.blobs.entry(digest.clone()).or_insert(bytes);
        self.repositories
            .entry(repository.to_owned())
            .or_default()
            .blobs
            .insert(digest.clone());
        digest
    }
}

/// The digest by which content is known.
pub(super) fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// A password of the admin user: 52 characters, as recorded.
pub(super) fn password() -> String {
    let random = format!("{}{}", arm::operation_id(), arm::operation_id()).replace('-', "");
    random[..52].to_owned()
}
