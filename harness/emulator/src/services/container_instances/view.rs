//! A group as it is shown at a moment: with what its containers do.

use super::state::{End, Group, Running};
use crate::arm;
use crate::workload::ContainerState;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The group as GET shows it, `instanceView` of the group and of each container included.
pub(super) fn shown(mut body: Value, group: &mut Group, now: Timestamp) -> Value {
    if group.ready_at > now.as_second() {
        return pending(body);
    }
    let mut states = Vec::new();
    for running in &mut group.running {
        let state = running.look(now);
        let view = container(running, state, group.restarts);
        states.push(state);
        let containers = body["properties"]["containers"].as_array_mut();
        let own = containers
            .into_iter()
            .flatten()
            .find(|one| one["name"] == running.name.as_str());
        if let Some(properties) = own.and_then(|one| one["properties"].as_object_mut()) {
            insert_before(properties, "resources", "instanceView", view);
        }
    }
    let goes_on = |state: &ContainerState| match *state {
        ContainerState::Running => true,
        ContainerState::Terminated { exit_code } => group.policy.starts_again(exit_code),
    };
    let state = if group.stopped {
        "Stopped"
    } else if states.iter().any(goes_on) {
        "Running"
    } else if states
        .iter()
        .all(|state| *state == ContainerState::Terminated { exit_code: 0 })
    {
        "Succeeded"
    } else {
        "Failed"
    };
    body["properties"]["instanceView"] = json!({ "events": [], "state": state });
    body
}

/// The group as the answer to PUT shows it: nothing has happened yet, no address is known.
pub(super) fn pending(mut body: Value) -> Value {
    let properties = &mut body["properties"];
    properties["provisioningState"] = json!("Pending");
    properties["instanceView"] = json!({ "events": [], "state": "Pending" });
    let address = properties.get_mut("ipAddress");
    if let Some(address) = address.and_then(Value::as_object_mut) {
        address.shift_remove("ip");
    }
    body
}

/// What happened to the containers so far, as the operation's status tells it.
pub(super) fn events(group: &Group) -> Value {
    Value::Array(group.running.iter().flat_map(started).collect())
}

fn container(running: &Running, state: ContainerState, restarts: u32) -> Value {
    let mut view = json!({ "restartCount": restarts + running.restarts });
    match (state, running.end) {
        // Seen in public reports of containers that end at once, without any time.
        (ContainerState::Terminated { .. }, Some(end)) if running.backs_off() => {
            view["currentState"] = json!({
                "state": "Waiting",
                "detailStatus": "CrashLoopBackOff: Back-off restarting failed",
            });
            view["previousState"] = terminated(end);
        }
        (ContainerState::Terminated { .. }, Some(end)) => view["currentState"] = terminated(end),
        _ => {
            let start = milliseconds(running.started);
            view["currentState"] =
                json!({ "state": "Running", "startTime": start, "detailStatus": "" });
        }
    }
    if let Some(previous) = running.previous
        && !running.backs_off()
    {
        view["previousState"] = terminated(previous);
    }
    let mut events = started(running);
    for (exit_code, count, first, last) in &running.ends {
        let text = format!(
            "Container {} terminated with ExitCode {exit_code}.",
            running.name
        );
        events.push(event("Killing", text, *count, *first, *last));
    }
    view["events"] = Value::Array(events);
    view
}

/// A run that has ended (recorded in `test_container_exec`).
fn terminated(end: End) -> Value {
    json!({
        "state": "Terminated",
        "startTime": milliseconds(end.started),
        "exitCode": end.exit_code,
        "finishTime": milliseconds(end.finished),
        "detailStatus": if end.exit_code == 0 { "Completed" } else { "Error" },
    })
}

/// Texts recorded in `test_container_create`; Azure names the image by its digest there. An image
/// that no registry of the emulator has goes by its own name. It is pulled once, however often the
/// container is started (recorded in `hist_test_container_create_with_msi_scope`).
fn started(running: &Running) -> Vec<Value> {
    let (image, at) = (pinned(&running.image), running.created);
    let pulled = format!("Successfully pulled image \"{image}\"");
    let start = "Started container".to_owned();
    vec![
        event("Pulling", format!("pulling image \"{image}\""), 1, at, at),
        event("Pulled", pulled, 1, at, at),
        event("Started", start, running.restarts + 1, at, running.started),
    ]
}

/// The image by its digest. Of an image that no registry of the emulator has, the digest of its name
/// stands in.
fn pinned(image: &str) -> String {
    if image.contains('@') {
        return image.to_owned();
    }
    // A colon before the last slash is a registry's port.
    let name = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    };
    let digest = Sha256::digest(image.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}@sha256:{hex}")
}

fn event(name: &str, message: String, count: u32, first: Timestamp, last: Timestamp) -> Value {
    json!({
        "count": count,
        "firstTimestamp": arm::seconds(first),
        "lastTimestamp": arm::seconds(last),
        "name": name, "message": message, "type": "Normal",
    })
}

fn milliseconds(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

/// Inserts a key in front of another, since Azure's order is kept.
fn insert_before(map: &mut Map<String, Value>, before: &str, key: &str, value: Value) {
    let at = map
        .keys()
        .position(|own| own == before)
        .unwrap_or(map.len());
    map.shift_insert(at, key.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::pinned;

    #[test]
    fn a_port_is_no_tag_and_a_digest_stays() {
        assert!(pinned("r.io:5000/a").starts_with("r.io:5000/a@sha256:"));
        assert!(pinned("r.io/a:latest").starts_with("r.io/a@sha256:"));
        assert_eq!(pinned("a@sha256:1"), "a@sha256:1");
        assert_eq!(pinned("a:1"), pinned("a:1"));
    }
}
