//! Create, read, change and delete networks.

use super::model::{self, VNET};
use super::operations::Network;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// A network as the request's api-version shows it.
fn shown(network: &Network, cx: &Context, request: &Request, body: Value) -> Value {
    let busy = network.is_busy(cx, body["id"].as_str().unwrap_or_default());
    model::shown(body, request.query("api-version").unwrap_or_default(), busy)
}

/// The networks of a resource group or of the subscription.
pub(super) fn list(
    network: &Network,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let found = path.list(cx, request, VNET)?;
    let found: Vec<Value> = found
        .into_iter()
        .map(|one| shown(network, cx, request, one))
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": found })))
}

/// One network.
pub(super) fn get(
    network: &Network,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (VNET, name), "read")?;
    let body = cx
        .resources
        .get(&id)
        .ok_or_else(|| arm::not_found(VNET, name, path.group_name()))?;
    Ok(tagged(&shown(network, cx, request, body)))
}

/// 200 with the resource's mark as a header.
pub(super) fn tagged(body: &Value) -> Response {
    let response = Response::json(StatusCode::OK, body);
    response.with_header("etag", body["etag"].as_str().unwrap_or_default())
}

/// 201 for a new network and 200 for a changed one, `Updating` either way, and an operation to poll.
pub(super) fn put(
    network: &Network,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (VNET, name), "write")?;
    arm::require_registered(cx, "Microsoft.Network")?;
    let old = cx.resources.get(&id);
    let body = model::vnet(&id, name, &request.json()?, old.as_ref())?;
    let kept = &body["properties"]["subnets"];
    for subnet in old.iter().flat_map(subnets_of) {
        let name = subnet["name"].as_str().unwrap_or_default();
        let stays = kept
            .as_array()
            .is_some_and(|kept| kept.iter().any(|one| model::is_named(one, name)));
        if !stays {
            refuse_used(cx, &subnet)?;
        }
    }
    cx.resources.put(&id, body.clone());
    let status = match old {
        Some(_) => StatusCode::OK,
        None => StatusCode::CREATED,
    };
    let version = request.query("api-version").unwrap_or_default();
    let first = model::shown(body.clone(), version, true);
    let response = Response::json(status, &first);
    Ok(network.begin(cx, request, &body, &id, false, response))
}

fn subnets_of(vnet: &Value) -> Vec<Value> {
    let subnets = vnet["properties"]["subnets"].as_array();
    subnets.cloned().unwrap_or_default()
}

/// Refuses to remove a subnet that somebody stands in. The text is from memory.
pub(super) fn refuse_used(cx: &Context, subnet: &Value) -> Result<(), ArmError> {
    let id = subnet["id"].as_str().unwrap_or_default();
    match model::user_of(cx, id) {
        None => Ok(()),
        Some(user) => Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "InUseSubnetCannotBeDeleted",
            format!(
                "Subnet {} is in use by {user} and cannot be deleted. In order to delete the \
                 subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.",
                subnet["name"].as_str().unwrap_or_default()
            ),
        )),
    }
}

/// 202 and an operation to poll; 204 if there is none. From the specification, not recorded.
pub(super) fn delete(
    network: &Network,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (VNET, name), "delete")?;
    let Some(body) = cx.resources.get(&id) else {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    };
    for subnet in subnets_of(&body) {
        refuse_used(cx, &subnet)?;
    }
    cx.resources.remove(&id);
    cx.access.remove_below(&id);
    let response = Response::empty(StatusCode::ACCEPTED);
    Ok(network.begin(cx, request, &body, &id, true, response))
}
