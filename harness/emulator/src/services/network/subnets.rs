//! Create, read, change and delete subnets.

use super::handlers::{refuse_used, tagged};
use super::model::{self, SUBNET, VNET};
use super::operations::Network;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// Who is asked for: a subnet, and the network that it is in.
pub(super) struct Place {
    vnet: String,
    name: String,
    id: String,
}

impl Place {
    /// The subnet of a path such as `virtualNetworks/v/subnets/s`, for somebody who may do `verb`
    /// there. Without a name it is all of them.
    pub(super) fn of(
        cx: &Context,
        request: &Request,
        path: &ArmPath,
        verb: &str,
    ) -> Result<Self, ArmError> {
        let at = |index: usize| path.rest.get(index).cloned().unwrap_or_default();
        let vnet = path.id_of(VNET, &at(1));
        let name = at(3);
        let id = format!("{vnet}/subnets/{name}");
        path.allow(cx, request, &format!("{SUBNET}/{verb}"), &id)?;
        Ok(Self { vnet, name, id })
    }

    fn network(&self, cx: &Context, path: &ArmPath) -> Result<Value, ArmError> {
        let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
        cx.resources
            .get(&self.vnet)
            .ok_or_else(|| arm::not_found(VNET, name, path.group_name()))
    }

    fn shown(&self, network: &Network, cx: &Context, subnet: Value) -> Value {
        let id = subnet["id"].as_str().unwrap_or_default();
        let busy = network.is_busy(cx, id) || network.is_busy(cx, &self.vnet);
        model::shown(subnet, "", busy)
    }
}

/// Every subnet of a network.
pub(super) fn list(
    network: &Network,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let place = Place::of(cx, request, path, "read")?;
    let vnet = place.network(cx, path)?;
    let subnets = vnet["properties"]["subnets"].as_array();
    let shown: Vec<Value> = subnets
        .into_iter()
        .flatten()
        .map(|one| place.shown(network, cx, one.clone()))
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": shown })))
}

/// One subnet. The text for one that is not there is from memory.
pub(super) fn get(
    network: &Network,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let place = Place::of(cx, request, path, "read")?;
    place.network(cx, path)?;
    let (subnet, _) = model::find_subnet(cx, &place.id).ok_or_else(|| {
        ArmError::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            format!("Resource {} not found.", place.id),
        )
    })?;
    Ok(tagged(&place.shown(network, cx, subnet)))
}

/// 201 for a new subnet and 200 for a changed one, `Updating` either way, and an operation to poll.
pub(super) fn put(
    network: &Network,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let place = Place::of(cx, request, path, "write")?;
    let sent = request.json()?;
    let known = model::find_subnet(cx, &place.id).is_some();
    // In one go: another subnet may be made at the same time.
    let changed = cx.resources.update(&place.vnet, |vnet| {
        let mut new = vnet.clone();
        model::put_subnet(&mut new, &place.name, &sent)?;
        vnet.clone_from(&new);
        Ok::<Value, ArmError>(new)
    });
    let Some(changed) = changed else {
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "ParentResourceNotFound",
            format!(
                "Failed to perform 'write' on resource(s) of type 'virtualNetworks/subnets', \
                 because the parent resource '{}' could not be found.",
                place.vnet
            ),
        )
        .from_gateway());
    };
    let vnet = changed?;
    let status = if known {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let subnet = model::find_subnet(cx, &place.id).map(|(subnet, _)| subnet);
    let first = model::shown(subnet.unwrap_or_default(), "", true);
    let response = Response::json(status, &first);
    Ok(network.begin(cx, request, &vnet, &place.id, false, response))
}

/// 202 and an operation to poll; 204 if there is none. From the specification, not recorded.
pub(super) fn delete(
    network: &Network,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let place = Place::of(cx, request, path, "delete")?;
    let Some((subnet, vnet)) = model::find_subnet(cx, &place.id) else {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    };
    refuse_used(cx, &subnet)?;
    cx.resources.update(&place.vnet, |vnet| {
        if let Some(subnets) = vnet["properties"]["subnets"].as_array_mut() {
            subnets.retain(|one| !model::is_named(one, &place.name));
        }
        vnet["etag"] = model::etag();
    });
    cx.access.remove_below(&place.id);
    let response = Response::empty(StatusCode::ACCEPTED);
    Ok(network.begin(cx, request, &vnet, &place.id, true, response))
}
