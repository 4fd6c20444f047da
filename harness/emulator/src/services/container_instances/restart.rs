//! Containers that have ended are started again, as the group's [`RestartPolicy`] says.
//!
//! The first two times at once (recorded in `hist_test_container_create_with_msi_scope`), then after a
//! minute, and twice as long each time up to five: two public reports of containers that end at once
//! have 64 and 75 seconds before the third time and a state `Waiting` meanwhile. How it goes on from
//! there, and when Azure begins anew, nobody tells; both are as Kubernetes does it.

use super::lifecycle;
use super::state::{ContainerInstances, Running};
use crate::context::Context;
use crate::emulator::WeakEmulator;
use crate::workload::{Container, ContainerSpec, ContainerState};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use tokio::task::AbortHandle;

/// How often a container is started again without a pause.
const AT_ONCE: u32 = 2;
/// The first pause and the longest one, in seconds.
const PAUSES: (i64, i64) = (60, 300);
/// Whoever ran so long, in seconds, begins anew.
const RAN_WELL: SignedDuration = SignedDuration::from_secs(600);

/// When a container that has ended is started again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum RestartPolicy {
    /// Whatever it ended with. What counts if a group says nothing.
    #[default]
    Always,
    /// If it ended with another code than 0.
    OnFailure,
    /// Not at all.
    Never,
}

impl RestartPolicy {
    /// The policy of a group; `None` if it is none that Azure has.
    pub(super) fn of(group: &Value) -> Option<Self> {
        match &group["properties"]["restartPolicy"] {
            Value::Null => Some(Self::default()),
            Value::String(name) => match name.to_ascii_lowercase().as_str() {
                "always" => Some(Self::Always),
                "onfailure" => Some(Self::OnFailure),
                "never" => Some(Self::Never),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a container that ended with this code is started again.
    pub(super) fn starts_again(self, exit_code: i32) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => exit_code != 0,
            Self::Never => false,
        }
    }
}

/// How long a container that was started again so often waits for the next time, in seconds.
fn pause(restarts: u32) -> i64 {
    let (first, longest) = PAUSES;
    match restarts.checked_sub(AT_ONCE) {
        None => 0,
        Some(before) => first.saturating_mul(1 << before.min(8)).min(longest),
    }
}

/// Starts a container again whenever it has ended. Dropping it ends that.
#[derive(Debug)]
pub(super) struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Watches over a container that was just started.
pub(super) fn watch(
    all: &ContainerInstances,
    cx: &Context,
    group: &str,
    running: &Running,
) -> Option<Arc<Watch>> {
    let watched = Watched {
        all: all.clone(),
        emulator: cx.emulator()?.downgrade(),
        group: group.to_lowercase(),
        name: running.name.clone(),
    };
    let (clock, mut ended) = (Arc::clone(&cx.clock), running.container.ended());
    let task = tokio::spawn(async move {
        let mut in_a_row = 0;
        loop {
            ended.await;
            let mut next = watched.over(clock.now(), &mut in_a_row).await;
            ended = loop {
                let Some(at) = next else { return };
                clock.reached(at).await;
                match watched.again(at).await {
                    Attempt::Started(ended) => break ended,
                    Attempt::Failed => next = watched.over(clock.now(), &mut in_a_row).await,
                    Attempt::Gone => return,
                }
            };
        }
    });
    Some(Arc::new(Watch(task.abort_handle())))
}

/// What came of starting a container again.
enum Attempt {
    /// It runs, and ends then.
    Started(BoxFuture<'static, ()>),
    /// It could not be started now.
    Failed,
    /// Nobody wants it any more.
    Gone,
}

/// One container of a group.
struct Watched {
    all: ContainerInstances,
    emulator: WeakEmulator,
    group: String,
    name: String,
}

impl Watched {
    /// The container has ended: when it is started again, if it is.
    async fn over(&self, now: Timestamp, in_a_row: &mut u32) -> Option<Timestamp> {
        let _gate = self.all.gate.lock().await;
        let mut state = self.all.state();
        let group = state.groups.get_mut(&self.group)?;
        let (policy, stopped) = (group.policy, group.stopped);
        let running = group.running.iter_mut().find(|one| one.name == self.name)?;
        let ContainerState::Terminated { exit_code } = running.look(now) else {
            return None;
        };
        if stopped || !policy.starts_again(exit_code) {
            return None;
        }
        let end = running.end?;
        if end.finished.duration_since(end.started) >= RAN_WELL {
            *in_a_row = 0;
        }
        // Now, and not from its end: it may be one that could not be started again since.
        let at = now + SignedDuration::from_secs(pause(*in_a_row));
        *in_a_row = in_a_row.saturating_add(1);
        running.again_at = Some(at);
        Some(at)
    }

    /// Starts the container again, unless somebody has stopped or replaced it meanwhile.
    async fn again(&self, at: Timestamp) -> Attempt {
        let Some(emulator) = self.emulator.upgrade() else {
            return Attempt::Gone;
        };
        let cx = emulator.context();
        let _gate = self.all.gate.lock().await;
        let Some((spec, old)) = self.wanted(at) else {
            return Attempt::Gone;
        };
        old.stop().await;
        let started = lifecycle::start_one(cx, &self.group, spec).await;
        let mut state = self.all.state();
        let group = state.groups.get_mut(&self.group);
        let running = group.and_then(|group| {
            let mut running = group.running.iter_mut();
            running.find(|one| one.name == self.name)
        });
        match (running, started) {
            (Some(running), Ok(new)) => {
                let ended = new.container.ended();
                running.again(new.container, new.started);
                Attempt::Started(ended)
            }
            (Some(_), Err(_)) => Attempt::Failed,
            (None, _) => Attempt::Gone,
        }
    }

    /// What is to be started, and what of it is there still.
    fn wanted(&self, at: Timestamp) -> Option<(ContainerSpec, Arc<dyn Container>)> {
        let state = self.all.state();
        let group = state.groups.get(&self.group)?;
        let running = group.running.iter().find(|one| one.name == self.name)?;
        if group.stopped || running.again_at != Some(at) {
            return None;
        }
        let spec = group.specs.iter().find(|spec| spec.name == self.name)?;
        Some((spec.clone(), Arc::clone(&running.container)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_that_ends_at_once_is_started_ever_less_often() {
        let pauses: Vec<i64> = (0..7).map(pause).collect();
        assert_eq!(pauses, [0, 0, 60, 120, 240, 300, 300]);
        assert_eq!(pause(u32::MAX), 300);
    }

    #[test]
    fn a_policy_that_azure_does_not_have_is_none() {
        let policy = |value: Value| {
            RestartPolicy::of(&serde_json::json!({"properties": {"restartPolicy": value}}))
        };
        assert_eq!(policy("sometimes".into()), None);
        assert_eq!(policy(3.into()), None);
        assert_eq!(policy(Value::Null), Some(RestartPolicy::Always));
        assert_eq!(policy("onfailure".into()), Some(RestartPolicy::OnFailure));
        assert!(!RestartPolicy::OnFailure.starts_again(0));
        assert!(!RestartPolicy::Never.starts_again(1));
    }
}
