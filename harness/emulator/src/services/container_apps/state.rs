//! What is known beside the resources in the store: revisions, what runs of them, secrets.

use super::operations::Operation;
use crate::context::Context;
use crate::workload::{Container, ContainerState};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The container apps of one emulator.
#[derive(Default)]
pub(crate) struct ContainerApps {
    pub(super) state: Mutex<State>,
    /// Held while an app changes, so that two changes cannot cross.
    pub(super) gate: tokio::sync::Mutex<()>,
}

/// The state.
#[derive(Clone, Default)]
pub(super) struct State {
    /// Apps by lower-cased id.
    pub(super) apps: BTreeMap<String, App>,
    /// Secrets of apps and jobs by lower-cased id, with their values.
    pub(super) secrets: BTreeMap<String, Vec<Value>>,
    /// Operations by GUID.
    pub(super) operations: BTreeMap<String, Operation>,
    /// Until when a resource is busy, by lower-cased id, in seconds since 1970.
    pub(super) busy: BTreeMap<String, i64>,
}

/// What runs of an app.
#[derive(Clone, Default)]
pub(super) struct App {
    /// Its revisions, oldest first.
    pub(super) revisions: Vec<Revision>,
    /// How many revisions it has had.
    pub(super) made: u32,
    /// Whether its containers were told where to find tokens.
    pub(super) offers_tokens: bool,
    /// The revision that is told as the latest ready one, and until when in seconds since 1970: a new
    /// one is ready some time after its operation has ended.
    pub(super) ready_before: Option<(String, i64)>,
}

/// One revision.
#[derive(Clone)]
pub(super) struct Revision {
    /// Its name.
    pub(super) name: String,
    /// The template, with defaults.
    pub(super) template: Value,
    /// When it was made.
    pub(super) created: Timestamp,
    /// Whether it is meant to run.
    pub(super) active: bool,
    /// Why it could not be provisioned.
    pub(super) failed: Option<String>,
    /// What runs of it.
    pub(super) replicas: Vec<Replica>,
}

/// One replica.
#[derive(Clone)]
pub(super) struct Replica {
    /// Its name.
    pub(super) name: String,
    /// When it was made.
    pub(super) created: Timestamp,
    /// Its containers.
    pub(super) containers: Vec<Running>,
}

/// One container of a replica.
#[derive(Clone)]
pub(super) struct Running {
    /// Its name.
    pub(super) name: String,
    /// The number by which the runtime knows it.
    pub(super) id: String,
    /// When it started.
    pub(super) started: Timestamp,
    /// The process behind it.
    pub(super) container: Arc<dyn Container>,
}

impl State {
    /// Whether every container that was there when this was copied runs still.
    pub(super) fn runs_still(&self) -> bool {
        let revisions = self.apps.values().flat_map(|app| &app.revisions);
        let replicas = revisions.flat_map(|revision| &revision.replicas);
        let mut containers = replicas.flat_map(|replica| &replica.containers);
        containers.all(|one| one.container.state() == ContainerState::Running)
    }
}

impl ContainerApps {
    /// The state. Never held across an await.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The revisions of an app.
    pub(super) fn revisions(&self, id: &str) -> Vec<Revision> {
        let state = self.state();
        state
            .apps
            .get(&id.to_ascii_lowercase())
            .map(|app| app.revisions.clone())
            .unwrap_or_default()
    }

    /// The revision that is still told as the latest ready one of an app, while a newer one gets ready.
    pub(super) fn ready_before(&self, cx: &Context, id: &str) -> Option<String> {
        let state = self.state();
        let known = state.apps.get(&id.to_ascii_lowercase())?;
        let (revision, until) = known.ready_before.as_ref()?;
        (!cx.is_reached(*until)).then(|| revision.clone())
    }

    /// Changes a revision in place.
    pub(super) fn change(&self, id: &str, name: &str, change: impl FnOnce(&mut Revision)) {
        let mut state = self.state();
        let app = state.apps.get_mut(&id.to_ascii_lowercase());
        let revision = app.and_then(|app| {
            app.revisions
                .iter_mut()
                .find(|revision| revision.name.eq_ignore_ascii_case(name))
        });
        if let Some(revision) = revision {
            change(revision);
        }
    }

    /// The secrets of an app or job.
    pub(super) fn secrets(&self, id: &str) -> Vec<Value> {
        self.state()
            .secrets
            .get(&id.to_ascii_lowercase())
            .cloned()
            .unwrap_or_default()
    }
}
