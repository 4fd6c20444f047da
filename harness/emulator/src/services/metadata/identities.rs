//! Which of a workload's identities a request asks for.

use crate::context::Context;
use crate::http::{Request, WorkloadId};
use crate::identity::Principal;
use serde_json::Value;

/// What a request for a token comes down to.
#[derive(Debug)]
pub(super) enum Choice {
    /// The token of this one.
    One(Box<Principal>),
    /// The workload has no such identity, or none at all.
    None,
    /// It has several, and the request does not say which.
    Several,
}

/// Chooses by `client_id`, `object_id` (also as `principal_id` and `principalId`), `mi_res_id` or
/// `msi_res_id`; without any of them the
/// system-assigned identity, or else, if `lenient`, the only user-assigned one.
pub(super) fn choose(
    cx: &Context,
    workload: &WorkloadId,
    request: &Request,
    lenient: bool,
) -> Choice {
    let Some(identity) = identity_block(cx, workload) else {
        return Choice::None;
    };
    let asked = |name: &str| request.query(name).filter(|value| !value.is_empty());
    let system = identity["principalId"].as_str();
    let users: Vec<(&str, &Value)> = identity["userAssignedIdentities"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(id, entry)| (id.as_str(), entry))
        .collect();
    let by_field = |field: &str, value: &str| {
        let of_users = users
            .iter()
            .filter_map(|(_, entry)| entry["principalId"].as_str())
            .chain(system);
        of_users
            .filter_map(|object_id| cx.directory.by_object_id(object_id))
            .find(|principal| match field {
                "client_id" => principal.client_id.eq_ignore_ascii_case(value),
                _ => principal.object_id.eq_ignore_ascii_case(value),
            })
    };
    let chosen = if let Some(id) = asked("client_id") {
        by_field("client_id", id)
    } else if let Some(id) = asked("object_id")
        .or_else(|| asked("principal_id"))
        .or_else(|| asked("principalId"))
    {
        by_field("object_id", id)
    } else if let Some(wanted) = asked("mi_res_id").or_else(|| asked("msi_res_id")) {
        users
            .iter()
            .find(|(id, _)| id.eq_ignore_ascii_case(wanted))
            .and_then(|(_, entry)| entry["principalId"].as_str())
            .and_then(|object_id| cx.directory.by_object_id(object_id))
    } else {
        let only = match (system, users.as_slice()) {
            (Some(object_id), _) => Some(object_id),
            (None, _) if !lenient => None,
            (None, [(_, entry)]) => entry["principalId"].as_str(),
            (None, []) => None,
            (None, _) => return Choice::Several,
        };
        only.and_then(|object_id| cx.directory.by_object_id(object_id))
    };
    chosen.map_or(Choice::None, |principal| Choice::One(Box::new(principal)))
}

/// The `identity` of the resource that the workload is, or is a part of.
fn identity_block(cx: &Context, workload: &WorkloadId) -> Option<Value> {
    let mut id = workload.0.as_str();
    loop {
        if let Some(resource) = cx.resources.get(id) {
            return Some(resource["identity"].clone()).filter(Value::is_object);
        }
        // A container's id may go on after that of its group or app.
        (id, _) = id.rsplit_once('/')?;
    }
}
