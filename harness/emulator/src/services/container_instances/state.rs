//! What runs, and who may attach to it.

use super::restart::{RestartPolicy, Watch};
use crate::workload::{Container, ContainerSpec, ContainerState};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The container groups of one emulator. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct ContainerInstances {
    pub(super) state: Arc<Mutex<State>>,
    /// Held while containers start or stop, so that two changes of a group cannot cross.
    pub(super) gate: Arc<tokio::sync::Mutex<()>>,
}

/// What is known beside the resources in the store.
#[derive(Clone, Default)]
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
#[derive(Clone, Default)]
pub(super) struct Group {
    /// What to start, secure environment variables included; they never leave this place.
    pub(super) specs: Vec<ContainerSpec>,
    /// When a container that has ended is started again.
    pub(super) policy: RestartPolicy,
    /// What runs or ran; empty while the group is stopped.
    pub(super) running: Vec<Running>,
    /// Whether somebody stopped the group.
    pub(super) stopped: bool,
    /// How often somebody had it started again.
    pub(super) restarts: u32,
    /// When it is through with `Pending`, in seconds since 1970.
    pub(super) ready_at: i64,
}

/// One container that was started, perhaps several times.
#[derive(Clone)]
pub(super) struct Running {
    /// The container's name in its group.
    pub(super) name: String,
    /// Its image, for events.
    pub(super) image: String,
    /// The process behind it.
    pub(super) container: Arc<dyn Container>,
    /// When it started for the first time.
    pub(super) created: Timestamp,
    /// When it started for the last time.
    pub(super) started: Timestamp,
    /// How it ended since then, once somebody has looked.
    pub(super) end: Option<End>,
    /// How the run before ended.
    pub(super) previous: Option<End>,
    /// How often it was started again.
    pub(super) restarts: u32,
    /// Every end so far: exit code, how often, first and last time.
    pub(super) ends: Vec<(i32, u32, Timestamp, Timestamp)>,
    /// When it is started again, if it is.
    pub(super) again_at: Option<Timestamp>,
    /// Who starts it again; ends with the last clone of this.
    pub(super) watch: Option<Arc<Watch>>,
}

/// One run of a container that has ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// When it started.
    pub(super) started: Timestamp,
    /// When it was first seen to have ended.
    pub(super) finished: Timestamp,
    /// Its exit code.
    pub(super) exit_code: i32,
}

impl Running {
    /// A container that starts for the first time.
    pub(super) fn new(
        name: String,
        image: String,
        container: Arc<dyn Container>,
        now: Timestamp,
    ) -> Self {
        Self {
            name,
            image,
            container,
            created: now,
            started: now,
            end: None,
            previous: None,
            restarts: 0,
            ends: Vec::new(),
            again_at: None,
            watch: None,
        }
    }

    /// Its state; the first look at an ended container sets the time of its end.
    pub(super) fn look(&mut self, now: Timestamp) -> ContainerState {
        let state = self.container.state();
        if let ContainerState::Terminated { exit_code } = state
            && self.end.is_none()
        {
            self.end = Some(End {
                started: self.started,
                finished: now,
                exit_code,
            });
            match self.ends.iter_mut().find(|(code, ..)| *code == exit_code) {
                Some((_, count, _, last)) => (*count, *last) = (*count + 1, now),
                None => self.ends.push((exit_code, 1, now, now)),
            }
        }
        state
    }

    /// It runs again, as this.
    pub(super) fn again(&mut self, container: Arc<dyn Container>, now: Timestamp) {
        self.container = container;
        self.started = now;
        self.previous = self.end.take();
        self.restarts += 1;
        self.again_at = None;
    }

    /// Whether it waits longer than a moment to be started again.
    pub(super) fn backs_off(&self) -> bool {
        match (self.end, self.again_at) {
            (Some(end), Some(at)) => at.duration_since(end.finished).as_secs() > 0,
            _ => false,
        }
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

impl State {
    /// Whether everything that had not ended when this was copied runs still.
    pub(super) fn runs_still(&self) -> bool {
        let mut running = self.groups.values().flat_map(|group| &group.running);
        running.all(|one| one.end.is_some() || one.container.state() == ContainerState::Running)
    }
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
