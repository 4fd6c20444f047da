//! Which deployments there were.

use super::deploy::Operation;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The deployments of one emulator.
#[derive(Debug, Default)]
pub(crate) struct Deployments {
    pub(super) all: Mutex<BTreeMap<String, Deployment>>,
}

/// One deployment, which has ended: it is carried out before its first answer.
#[derive(Debug, Clone)]
pub(super) struct Deployment {
    /// As it is shown once it is known to have ended.
    pub(super) body: Value,
    /// Why it failed: ARM's error.
    pub(super) error: Option<Value>,
    /// What it did.
    pub(super) operations: Vec<Operation>,
    /// The template, for `export`.
    pub(super) template: Value,
    /// The id of its operation.
    pub(super) operation: String,
    /// When clients are told that it has ended.
    pub(super) ready_at: Timestamp,
}

impl Deployments {
    /// The deployments by lower-cased id. Never held across an await.
    pub(super) fn all(&self) -> MutexGuard<'_, BTreeMap<String, Deployment>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
