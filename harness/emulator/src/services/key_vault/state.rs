//! What a tenant's Key Vault service remembers beside the resources in the store.

use super::secrets::{Certificates, Keys, Secrets};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The Key Vault service of one emulator.
#[derive(Default)]
pub(crate) struct KeyVault {
    pub(super) state: Mutex<State>,
}

/// Deleted vaults, secrets, and vaults that are still being made; by lower-cased vault name,
/// which is unique in all of Azure.
#[derive(Clone, Default)]
pub(super) struct State {
    /// Vaults that can be recovered.
    pub(super) deleted: BTreeMap<String, DeletedVault>,
    /// The secrets of live and of deleted vaults.
    pub(super) secrets: BTreeMap<String, Secrets>,
    /// Their keys.
    pub(super) keys: BTreeMap<String, Keys>,
    /// Their certificates.
    pub(super) certificates: BTreeMap<String, Certificates>,
    /// When a new vault is through with `RegisteringDns`, in seconds since 1970.
    pub(super) ready_at: BTreeMap<String, i64>,
    /// Purges under way: operation id to (begun, done) in seconds since 1970.
    pub(super) purges: BTreeMap<String, (i64, i64)>,
}

/// A vault that was deleted and not yet purged.
#[derive(Clone)]
pub(super) struct DeletedVault {
    /// The vault as it was.
    pub(super) body: Value,
    /// When it was deleted, in seconds since 1970.
    pub(super) deleted_at: i64,
    /// When it goes for good, in seconds since 1970.
    pub(super) purge_at: i64,
}

impl KeyVault {
    /// The state at `now` (seconds since 1970); what was due to be purged by then is gone.
    pub(super) fn state(&self, now: i64) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let due: Vec<String> = state
            .deleted
            .iter()
            .filter(|(_, vault)| vault.purge_at <= now)
            .map(|(name, _)| name.clone())
            .collect();
        for name in due {
            state.purge(&name);
        }
        state
    }
}

impl State {
    /// Forgets a deleted vault and its secrets.
    pub(super) fn purge(&mut self, name: &str) -> Option<DeletedVault> {
        let vault = self.deleted.remove(name)?;
        self.secrets.remove(name);
        self.keys.remove(name);
        self.certificates.remove(name);
        Some(vault)
    }
}
