//! The tenant's directory: users, service principals, managed identities.

use crate::clock::Clock;
use crate::faults::FaultInjector;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What kind of principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// An application that signs in with a secret.
    Application,
    /// A user-assigned or system-assigned identity.
    ManagedIdentity,
}

/// One who can hold a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The object id (`oid`).
    pub object_id: String,
    /// The client id (`appid`); for a user the client application's.
    pub client_id: String,
    /// What it is called.
    pub display_name: String,
    /// A user's sign-in name.
    pub user_principal_name: Option<String>,
    /// The ARM id of the resource behind a managed identity, in the case it was made with: the
    /// user-assigned identity, or the resource that has the system-assigned one.
    pub resource_id: Option<String>,
    /// An application's secret.
    pub secret: Option<String>,
    /// What it is.
    pub kind: PrincipalKind,
}

/// What an application may show in place of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// A token that another issuer gives to this subject.
    Issuer { issuer: String, subject: String },
    /// A token that it has signed with this certificate's key.
    Certificate { pem: String },
}

/// Who was in the tenant at some time.
#[derive(Debug)]
pub(crate) struct DirectoryCopy {
    principals: Vec<Principal>,
    added: BTreeMap<String, Timestamp>,
    everywhere: BTreeMap<String, Timestamp>,
    trusted: BTreeMap<String, Trusted>,
}

/// Everybody in the tenant.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    principals: Mutex<Vec<Principal>>,
    /// When somebody was added, by object id.
    added: Mutex<BTreeMap<String, Timestamp>>,
    /// When somebody is known everywhere in the tenant, where that takes time; by object id.
    everywhere: Mutex<BTreeMap<String, Timestamp>>,
    faults: Option<Arc<FaultInjector>>,
    clock: Arc<Clock>,
    /// By client id.
    trusted: Mutex<BTreeMap<String, Trusted>>,
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Directory {
    fn lock(&self) -> MutexGuard<'_, Vec<Principal>> {
        self.principals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A directory that takes its time from this clock.
    pub(crate) fn with_clock(clock: Arc<Clock>, faults: Arc<FaultInjector>) -> Self {
        Self {
            clock,
            faults: Some(faults),
            ..Self::default()
        }
    }

    /// Adds somebody.
    pub(crate) fn add(&self, principal: Principal) {
        self.added
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(principal.object_id.clone(), self.clock.now());
        if let Some(faults) = &self.faults {
            let mut everywhere = self
                .everywhere
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            everywhere.insert(principal.object_id.clone(), faults.holds_from());
        }
        self.lock().push(principal);
    }

    /// Whether somebody has reached every part of the directory.
    pub(crate) fn is_everywhere(&self, principal: &Principal) -> bool {
        let everywhere = self
            .everywhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let from = everywhere.get(&principal.object_id);
        from.is_none_or(|from| *from <= self.clock.now())
    }

    /// Everybody who is there is known everywhere.
    pub(crate) fn reached_everywhere(&self) {
        lock(&self.everywhere).clear();
    }

    /// Who is there now.
    pub(crate) fn copy(&self) -> DirectoryCopy {
        DirectoryCopy {
            principals: self.lock().clone(),
            added: lock(&self.added).clone(),
            everywhere: lock(&self.everywhere).clone(),
            trusted: lock(&self.trusted).clone(),
        }
    }

    /// Goes back to who was there then.
    pub(crate) fn put_back(&self, copied: &DirectoryCopy) {
        self.lock().clone_from(&copied.principals);
        lock(&self.added).clone_from(&copied.added);
        lock(&self.everywhere).clone_from(&copied.everywhere);
        lock(&self.trusted).clone_from(&copied.trusted);
    }

    /// When somebody was added.
    pub(crate) fn added(&self, principal: &Principal) -> Timestamp {
        let added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        added.get(&principal.object_id).copied().unwrap_or_default()
    }

    /// An application shows this in place of a secret from now on.
    pub(crate) fn trust(&self, client_id: &str, trusted: Trusted) {
        let mut all = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(client_id.to_ascii_lowercase(), trusted);
    }

    /// What an application shows in place of a secret.
    pub(crate) fn trusted(&self, client_id: &str) -> Option<Trusted> {
        let all = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&client_id.to_ascii_lowercase()).cloned()
    }

    /// Removes somebody.
    pub(crate) fn remove(&self, object_id: &str) -> Option<Principal> {
        let mut principals = self.lock();
        let index = principals
            .iter()
            .position(|p| p.object_id.eq_ignore_ascii_case(object_id))?;
        Some(principals.remove(index))
    }

    /// Changes the application or managed identity that has this client id.
    pub(crate) fn update(&self, client_id: &str, change: impl FnOnce(&mut Principal)) {
        let mut principals = self.lock();
        let found = principals.iter_mut().find(|one| {
            one.kind != PrincipalKind::User && one.client_id.eq_ignore_ascii_case(client_id)
        });
        if let Some(principal) = found {
            change(principal);
        }
    }

    /// The first one for whom `wanted` holds.
    pub(crate) fn find(&self, wanted: impl Fn(&Principal) -> bool) -> Option<Principal> {
        self.lock().iter().find(|p| wanted(p)).cloned()
    }

    /// Everybody for whom `wanted` holds.
    pub(crate) fn select(&self, wanted: impl Fn(&Principal) -> bool) -> Vec<Principal> {
        self.lock().iter().filter(|p| wanted(p)).cloned().collect()
    }

    /// By object id, whatever its case.
    pub(crate) fn by_object_id(&self, id: &str) -> Option<Principal> {
        self.find(|p| p.object_id.eq_ignore_ascii_case(id))
    }

    /// Applications and managed identities by client id, whatever its case.
    pub(crate) fn by_client_id(&self, id: &str) -> Option<Principal> {
        self.find(|p| p.kind != PrincipalKind::User && p.client_id.eq_ignore_ascii_case(id))
    }
}
