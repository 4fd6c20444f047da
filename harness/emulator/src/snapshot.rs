//! What an emulator knew at some time, to be known again: [`Snapshot`].

use crate::emulator::Emulator;
use crate::identity::{AccessCopy, DirectoryCopy};
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What a service knew at some time.
pub(crate) type Copied = Box<dyn Any + Send + Sync>;

/// What an emulator knew when it was taken: resources, secrets, people, roles, and what ran. Containers
/// that ran are kept running; what they did since then, in their files or elsewhere, stays done.
pub struct Snapshot {
    /// In the order of the services.
    services: Vec<Vec<Copied>>,
    resources: BTreeMap<String, Value>,
    directory: DirectoryCopy,
    access: AccessCopy,
    endpoint_secrets: BTreeMap<String, String>,
}

impl Emulator {
    /// Takes down everything that was made since the start. Faults that wait are none of it, nor is the
    /// log of requests.
    pub fn snapshot(&self) -> Snapshot {
        let services = self.services();
        let context = self.context();
        Snapshot {
            services: services
                .iter()
                .map(|service| copies(&service.memory()))
                .collect(),
            resources: context.resources.copy(),
            directory: context.directory.copy(),
            access: context.access.copy(),
            endpoint_secrets: context.endpoint_secrets.copy(),
        }
    }

    /// Knows again what it knew then, and forgets what came since; containers that were started since
    /// then end, which is waited for. Whether it does: not if a container that ran then has ended since.
    /// Then it is as it was.
    #[must_use]
    pub fn restore(&self, snapshot: &Snapshot) -> bool {
        let services = self.services();
        let pairs = || services.iter().zip(&snapshot.services);
        if !pairs().all(|(service, copied)| service.runs_still(copied)) {
            return false;
        }
        for (service, copied) in pairs() {
            for (memory, copied) in service.memory().iter().zip(copied) {
                memory.put_back(copied);
            }
        }
        let context = self.context();
        context.resources.put_back(&snapshot.resources);
        context.directory.put_back(&snapshot.directory);
        context.access.put_back(&snapshot.access);
        context
            .endpoint_secrets
            .put_back(&snapshot.endpoint_secrets);
        true
    }
}

impl std::fmt::Debug for Snapshot {
    /// Without what it holds: secrets may be among it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

fn copies(all: &[&dyn Memory]) -> Vec<Copied> {
    all.iter().map(|memory| memory.copy()).collect()
}

/// What can be copied, and put back.
pub(crate) trait Memory {
    /// What it holds now.
    fn copy(&self) -> Copied;
    /// Holds what it held when it was copied. What is dropped with what it held until now ends.
    fn put_back(&self, copied: &Copied);
}

impl<T: Clone + Send + Sync + 'static> Memory for Mutex<T> {
    fn copy(&self) -> Copied {
        Box::new(self.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn put_back(&self, copied: &Copied) {
        let Some(before) = copied.downcast_ref::<T>() else {
            return;
        };
        let before = before.clone();
        let now = {
            let mut held = self.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *held, before)
        };
        // The end of a container is waited for without the lock.
        drop(now);
    }
}
