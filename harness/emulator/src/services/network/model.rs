//! What networks and subnets look like: keys in the order of `test_keyvault_network_rule` and
//! `hist_test_containerapp_env_premium_sku`.

use super::ranges::check_ranges;
use crate::arm::{self, ArmError};
use crate::context::Context;
use ::http::StatusCode;
use serde_json::{Map, Value, json};

/// The type of networks.
pub(super) const VNET: &str = "Microsoft.Network/virtualNetworks";
/// The type of subnets.
pub(super) const SUBNET: &str = "Microsoft.Network/virtualNetworks/subnets";
/// From this api-version on, networks tell their policy for private endpoints (recorded with
/// 2024-05-01, and without it with 2022-01-01).
const POLICIES_FROM: &str = "2024";
/// What a network or a subnet can have that is not emulated.
const MISSING: [&str; 10] = [
    "bgpCommunities",
    "ddosProtectionPlan",
    "encryption",
    "ipAllocations",
    "ipamPoolPrefixAllocations",
    "natGateway",
    "networkSecurityGroup",
    "routeTable",
    "serviceEndpointPolicies",
    "virtualNetworkPeerings",
];

/// Something that Azure has and the emulator has not.
pub(super) fn not_emulated(what: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_IMPLEMENTED,
        "NotEmulated",
        format!(
            "docproof does not emulate {what} of virtual networks. This says nothing about the \
             article."
        ),
    )
}

/// A request that Azure refuses.
pub(super) fn refuse(code: &str, message: impl Into<String>) -> ArmError {
    ArmError::new(StatusCode::BAD_REQUEST, code, message)
}

fn refuse_missing(sent: &Value) -> Result<(), ArmError> {
    let filled = |value: &Value| match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => true,
    };
    match MISSING.iter().find(|key| filled(&sent[**key])) {
        Some(key) => Err(not_emulated(&format!("`{key}`"))),
        None => Ok(()),
    }
}

/// A mark that changes with the resource.
pub(super) fn etag() -> Value {
    json!(format!("W/\"{}\"", arm::operation_id()))
}

/// The network that a full PUT makes of what was sent. One that does not name subnets keeps its own.
///
/// # Errors
/// 400 for what Azure refuses, 501 for what is missing here.
pub(super) fn vnet(
    id: &str,
    name: &str,
    sent: &Value,
    old: Option<&Value>,
) -> Result<Value, ArmError> {
    let Some(location) = sent["location"].as_str().filter(|text| !text.is_empty()) else {
        let message = "The location property is required for this definition.";
        return Err(refuse("LocationRequired", message).from_gateway());
    };
    let new = &sent["properties"];
    refuse_missing(new)?;
    let spaces = new["addressSpace"]["addressPrefixes"].as_array();
    let Some(spaces) = spaces.filter(|list| !list.is_empty()) else {
        // The wording is not recorded.
        let message = format!("Resource {id} must have at least one address prefix.");
        return Err(refuse("InvalidAddressSpace", message));
    };
    let was = old.map_or(&Value::Null, |old| &old["properties"]);
    let mut properties = Map::new();
    properties.insert("provisioningState".into(), json!("Succeeded"));
    let guid = match was["resourceGuid"].as_str() {
        Some(guid) => guid.to_owned(),
        None => arm::operation_id(),
    };
    properties.insert("resourceGuid".into(), json!(guid));
    properties.insert("addressSpace".into(), json!({ "addressPrefixes": spaces }));
    if new["dhcpOptions"].is_object() {
        let servers = match &new["dhcpOptions"]["dnsServers"] {
            Value::Null => json!([]),
            servers => servers.clone(),
        };
        properties.insert("dhcpOptions".into(), json!({ "dnsServers": servers }));
    }
    let policies = new["privateEndpointVNetPolicies"].as_str();
    properties.insert(
        "privateEndpointVNetPolicies".into(),
        json!(policies.unwrap_or("Disabled")),
    );
    properties.insert("subnets".into(), json!([]));
    properties.insert("virtualNetworkPeerings".into(), json!([]));
    properties.insert(
        "enableDdosProtection".into(),
        json!(new["enableDdosProtection"] == true),
    );
    let mut body = json!({
        "name": name,
        "id": id,
        "etag": etag(),
        "type": VNET,
        "location": location.replace(' ', "").to_lowercase(),
    });
    if sent["tags"].is_object() {
        body["tags"] = sent["tags"].clone();
    }
    body["properties"] = Value::Object(properties);
    match new["subnets"].as_array() {
        Some(subnets) => {
            for subnet in subnets {
                let name = subnet["name"].as_str().unwrap_or_default();
                put_subnet(&mut body, name, subnet)?;
            }
        }
        None => {
            let kept = was["subnets"].as_array().cloned();
            body["properties"]["subnets"] = kept.unwrap_or_default().into();
        }
    }
    check_ranges(&body)?;
    Ok(body)
}

/// Adds a subnet to its network, or replaces the one of that name.
///
/// # Errors
/// As [`vnet`].
pub(super) fn put_subnet(vnet: &mut Value, name: &str, sent: &Value) -> Result<(), ArmError> {
    let id = format!("{}/subnets/{name}", vnet["id"].as_str().unwrap_or_default());
    let new = &sent["properties"];
    refuse_missing(new)?;
    let etag = etag();
    let mut properties = Map::new();
    properties.insert("provisioningState".into(), json!("Succeeded"));
    for key in ["addressPrefix", "addressPrefixes"] {
        if !new[key].is_null() {
            properties.insert(key.into(), new[key].clone());
        }
    }
    if let Some(endpoints) = new["serviceEndpoints"].as_array() {
        properties.insert("serviceEndpoints".into(), service_endpoints(endpoints));
    }
    let delegations = new["delegations"].as_array().into_iter().flatten();
    let delegations = delegations.map(|one| delegation(one, &id, &etag));
    properties.insert("delegations".into(), delegations.collect());
    for (key, default) in [
        ("privateEndpointNetworkPolicies", "Disabled"),
        ("privateLinkServiceNetworkPolicies", "Enabled"),
    ] {
        let value = new[key].as_str().unwrap_or(default);
        properties.insert(key.into(), json!(value));
    }
    if let Some(outbound) = new["defaultOutboundAccess"].as_bool() {
        properties.insert("defaultOutboundAccess".into(), json!(outbound));
    }
    let subnet = json!({
        "name": name, "id": id, "etag": etag, "properties": properties, "type": SUBNET,
    });
    let Some(subnets) = vnet["properties"]["subnets"].as_array_mut() else {
        return Ok(());
    };
    match subnets.iter_mut().find(|one| is_named(one, name)) {
        Some(old) => *old = subnet,
        None => subnets.push(subnet),
    }
    vnet["etag"] = etag;
    check_ranges(vnet)
}

/// `locations` is recorded for Key Vault only.
fn service_endpoints(sent: &[Value]) -> Value {
    let shown = sent.iter().map(|endpoint| {
        let locations = match &endpoint["locations"] {
            Value::Null => json!(["*"]),
            locations => locations.clone(),
        };
        json!({
            "provisioningState": "Succeeded",
            "service": endpoint["service"],
            "locations": locations,
        })
    });
    shown.collect()
}

/// From the specification; not recorded.
fn delegation(sent: &Value, subnet: &str, etag: &Value) -> Value {
    let name = sent["name"].as_str().unwrap_or("0");
    json!({
        "name": name,
        "id": format!("{subnet}/delegations/{name}"),
        "etag": etag,
        "properties": {
            "provisioningState": "Succeeded",
            "serviceName": sent["properties"]["serviceName"],
            "actions": ["Microsoft.Network/virtualNetworks/subnets/join/action"],
        },
        "type": "Microsoft.Network/virtualNetworks/subnets/delegations",
    })
}

/// Whether a part of a network has this name.
pub(super) fn is_named(part: &Value, name: &str) -> bool {
    part["name"]
        .as_str()
        .is_some_and(|own| own.eq_ignore_ascii_case(name))
}

/// The services that a subnet is delegated to.
pub(crate) fn delegated_to(subnet: &Value) -> Vec<&str> {
    let delegations = subnet["properties"]["delegations"].as_array();
    delegations
        .into_iter()
        .flatten()
        .filter_map(|one| one["properties"]["serviceName"].as_str())
        .collect()
}

/// A subnet by its id, and the network that it is in.
pub(crate) fn find_subnet(cx: &Context, id: &str) -> Option<(Value, Value)> {
    let at = id.to_ascii_lowercase().find("/subnets/")?;
    let (network, name) = (id.get(..at)?, id.get(at + "/subnets/".len()..)?);
    let network = cx
        .resources
        .get(network)
        .filter(|one| one["type"] == VNET)?;
    let subnets = network["properties"]["subnets"].as_array()?;
    let subnet = subnets.iter().find(|one| is_named(one, name))?.clone();
    Some((subnet, network))
}

/// Who stands in a subnet, if anybody does: environments of container apps.
pub(crate) fn user_of(cx: &Context, subnet: &str) -> Option<String> {
    let environments = cx
        .resources
        .list("", Some("Microsoft.App/managedEnvironments"));
    let user = environments.into_iter().find(|one| {
        one["properties"]["vnetConfiguration"]["infrastructureSubnetId"]
            .as_str()
            .is_some_and(|id| id.eq_ignore_ascii_case(subnet))
    })?;
    Some(user["id"].as_str()?.to_owned())
}

/// The network as this api-version shows it, or a part of it; while it changes, that is told.
pub(super) fn shown(mut body: Value, version: &str, busy: bool) -> Value {
    if let Some(properties) = body["properties"].as_object_mut()
        && version < POLICIES_FROM
    {
        properties.shift_remove("privateEndpointVNetPolicies");
    }
    if busy {
        update(&mut body);
    }
    body
}

fn update(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "provisioningState" {
                    *value = json!("Updating");
                }
                update(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(update),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(properties: Value) -> Result<Value, ArmError> {
        let sent = json!({"location": "East US", "properties": properties});
        vnet("/v", "v", &sent, None)
    }

    #[test]
    fn what_is_missing_here_is_named() {
        let sent = json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"name": "s", "properties": {
                "addressPrefix": "10.0.0.0/24", "routeTable": {"id": "/r"}}}]});
        let error = make(sent).unwrap_err();
        assert_eq!(error.code, "NotEmulated");
        assert!(error.message.contains("routeTable"));
        assert_eq!(make(json!({})).unwrap_err().code, "InvalidAddressSpace");
    }
}
