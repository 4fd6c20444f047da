//! The emulator's state: ARM resources by id, forgotten when the emulator ends.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// ARM resources as they are answered, by lower-cased id.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    by_id: Mutex<BTreeMap<String, Value>>,
}

impl Resources {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The resource with this id, whatever its case.
    pub(crate) fn get(&self, id: &str) -> Option<Value> {
        self.lock().get(&id.to_ascii_lowercase()).cloned()
    }

    /// Stores a resource under this id; the one it replaces is returned.
    pub(crate) fn put(&self, id: &str, body: Value) -> Option<Value> {
        self.lock().insert(id.to_ascii_lowercase(), body)
    }

    /// Changes a resource in place, with nobody in between; `None` if there is no such resource.
    pub(crate) fn update<T>(&self, id: &str, change: impl FnOnce(&mut Value) -> T) -> Option<T> {
        self.lock().get_mut(&id.to_ascii_lowercase()).map(change)
    }

    /// Removes a resource.
    pub(crate) fn remove(&self, id: &str) -> Option<Value> {
        self.lock().remove(&id.to_ascii_lowercase())
    }

    /// Everything, as it is now.
    pub(crate) fn copy(&self) -> BTreeMap<String, Value> {
        self.lock().clone()
    }

    /// Holds this and nothing else.
    pub(crate) fn put_back(&self, copied: &BTreeMap<String, Value>) {
        self.lock().clone_from(copied);
    }

    /// The resources below a scope (`""` for all) of one type (compared without case), or of any.
    pub(crate) fn list(&self, scope: &str, kind: Option<&str>) -> Vec<Value> {
        let scope = format!("{}/", scope.trim_end_matches('/').to_ascii_lowercase());
        self.lock()
            .iter()
            .filter(|(id, _)| id.starts_with(&scope))
            .map(|(_, body)| body)
            .filter(|body| {
                kind.is_none_or(|kind| {
                    body["type"]
                        .as_str()
                        .is_some_and(|own| own.eq_ignore_ascii_case(kind))
                })
            })
            .cloned()
            .collect()
    }
}
