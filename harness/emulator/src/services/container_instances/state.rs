//! What runs, and who may attach to it.

use crate::workload::{Container, ContainerSpec, ContainerState};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The container groups of one emulator.
#[derive(Default)]
pub(crate) struct ContainerInstances {
    state: Mutex<State>,
    /// Held while containers start or stop, so that two changes of a group cannot cross.
    pub(super) gate: tokio::sync::Mutex<()>,
}

/// What is known beside the resources in the store.
#[derive(Default)]
pub(super) struct State {
    /// Groups by lower-cased id.
    pub(super) groups: BTreeMap<String, Group>,
    /// Operations: lower-cased GUID to (id of the group, begun).
    pub(super) operations: BTreeMap<String, (String, Timestamp)>,
    /// Sessions of `exec` that wait for their websocket, by lower-cased GUID.
    pub(super) sessions: BTreeMap<String, Session>,
    /// How many public addresses were given out.
    pub(super) addresses: u8,
}

/// One group.
#[derive(Default)]
pub(super) struct Group {
    /// What to start, secure environment variables included; they never leave this place.
    pub(super) specs: Vec<ContainerSpec>,
    /// What runs or ran; empty while the group is stopped.
    pub(super) running: Vec<Running>,
    /// Whether somebody stopped the group.
    pub(super) stopped: bool,
    /// How often its containers were started again.
    pub(super) restarts: u32,
    /// When it is through with `Pending`, in seconds since 1970.
    pub(super) ready_at: i64,
}

/// One container that was started.
#[derive(Clone)]
pub(super) struct Running {
    /// The container's name in its group.
    pub(super) name: String,
    /// Its image, for events.
    pub(super) image: String,
    /// The process behind it.
    pub(super) container: Arc<dyn Container>,
    /// When it started.
    pub(super) started: Timestamp,
    /// When it was first seen to have ended.
    pub(super) finished: Option<Timestamp>,
}

impl Running {
    /// Its state; the first look at an ended container sets the time of its end.
    pub(super) fn look(&mut self, now: Timestamp) -> ContainerState {
        let state = self.container.state();
        if state != ContainerState::Running && self.finished.is_none() {
            self.finished = Some(now);
        }
        state
    }
}

/// A command somebody may attach to, once.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// The group's lower-cased id.
    pub(super) group: String,
    /// The container's name.
    pub(super) container: String,
    /// The command.
    pub(super) command: String,
    /// Width of the terminal, in characters.
    pub(super) columns: u16,
    /// Height of the terminal, in lines.
    pub(super) rows: u16,
    /// What the first frame must say.
    pub(super) password: String,
}

impl ContainerInstances {
    /// The state. Never held across an await.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A container of a group by its name, whatever the case.
    pub(super) fn container(&self, group: &str, name: &str) -> Option<Running> {
        let state = self.state();
        let running = &state.groups.get(&group.to_lowercase())?.running;
        running
            .iter()
            .find(|one| one.name.eq_ignore_ascii_case(name))
            .cloned()
    }
}
