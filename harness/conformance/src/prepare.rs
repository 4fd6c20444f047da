//! What was there before the first exchange ([`Plan`]): a recording begins in the middle, in a
//! group and with resources that somebody had made. They are found by their first use, and made
//! anew from what is recorded of them.

use crate::bindings::ZERO;
use crate::recording::{Exchange, Recording};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What to make before a replay, in recorded words.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Whether an application asked, and not a user.
    pub(crate) application: bool,
    /// The caller's recorded object ids.
    pub(crate) callers: BTreeSet<String>,
    /// The tenant's recorded ids.
    pub(crate) tenants: BTreeSet<String>,
    /// Registries that the recorder renamed in part: one name and the other.
    pub(crate) servers: Vec<(String, String)>,
    /// Resource groups: id and body.
    pub(crate) groups: Vec<(String, Value)>,
    /// Resources, those that others need first: id, api-version and body.
    pub(crate) resources: Vec<(String, String, Value)>,
    /// Providers that the subscription is not registered for.
    pub(crate) unregistered: Vec<String>,
}

/// Properties that say what happened, not what was asked for, or that would stand in the way.
const READ_ONLY: [&str; 16] = [
    "customDomainVerificationId",
    "defaultDomain",
    "deploymentErrors",
    "eventStreamEndpoint",
    "instanceView",
    "kedaConfiguration",
    "daprConfiguration",
    "latestReadyRevisionName",
    "latestRevisionFqdn",
    "latestRevisionName",
    "loginServer",
    "provisioningState",
    "runningStatus",
    "staticIp",
    "creationDate",
    "outboundIpAddresses",
];
/// Types in the order in which they are made; the rest comes after.
const ORDER: [&str; 6] = [
    "virtualnetworks",
    "userassignedidentities",
    "workspaces",
    "vaults",
    "registries",
    "managedenvironments",
];

/// What a recording takes for granted.
pub(crate) fn plan(recording: &Recording) -> Plan {
    let mut plan = Plan::default();
    let bodies = bodies(recording);
    for exchange in &recording.exchanges {
        for value in [&exchange.request, &exchange.response] {
            each_object(value, &mut |map| {
                let text = |key: &str| map.get(key).and_then(Value::as_str);
                if let Some(tenant) = text("tenantId") {
                    plan.tenants.insert(tenant.to_owned());
                }
                if text("createdByType") == Some("Application") {
                    plan.application = true;
                }
            });
        }
        let realm = exchange.headers.get("www-authenticate");
        if let Some(own) = exchange.host().strip_suffix(".azurecr.io")
            && let Some(named) = realm.and_then(|realm| realm.split("realm=\"https://").nth(1))
            && let Some((name, _)) = named.split_once(".azurecr.io")
        {
            plan.servers.push((name.to_owned(), own.to_owned()));
        }
        if let Some(form) = exchange.request.as_str() {
            let tenant = form
                .split('&')
                .find_map(|pair| pair.strip_prefix("tenant="));
            plan.tenants.extend(tenant.map(str::to_owned));
        }
        if exchange.path().ends_with("/me") {
            let id = ["id", "objectId"]
                .iter()
                .find_map(|key| exchange.response[*key].as_str());
            plan.callers.extend(id.map(str::to_owned));
        }
        if exchange.response["registrationState"] == "Unregistered"
            && let Some(namespace) = exchange.response["namespace"].as_str()
            && !plan.unregistered.iter().any(|known| known == namespace)
        {
            plan.unregistered.push(namespace.to_owned());
        }
    }
    let (groups, resources) = needed(recording, &bodies);
    for id in resources.iter().filter(|id| id.contains("/vaults/")) {
        // Who may use a vault that was there from the start is the caller.
        let policies = bodies
            .get(id)
            .map(|(_, body)| &body["properties"]["accessPolicies"]);
        let first = policies.and_then(|list| list[0]["objectId"].as_str());
        if plan.callers.is_empty() {
            plan.callers.extend(first.map(str::to_owned));
        }
    }
    plan.groups = groups
        .iter()
        .map(|id| {
            let known = bodies.get(id).map(|(_, body)| body);
            let location = known
                .and_then(|body| body["location"].as_str())
                .unwrap_or("westus");
            let mut body = json!({"location": location});
            if let Some(tags) = known.and_then(|body| body.get("tags")) {
                body["tags"] = tags.clone();
            }
            let id = known.and_then(|body| body["id"].as_str()).unwrap_or(id);
            (id.to_owned(), body)
        })
        .collect();
    plan.resources = resources
        .iter()
        .filter_map(|id| {
            let (version, body) = bodies.get(id)?;
            Some((
                body["id"].as_str()?.to_owned(),
                version.clone(),
                asked_for(body),
            ))
        })
        .collect();
    let networks: Vec<_> = plan.resources.iter().filter_map(network_of).collect();
    plan.resources.extend(networks);
    plan.resources.sort_by_key(|(id, ..)| {
        let id = id.to_ascii_lowercase();
        ORDER
            .iter()
            .position(|kind| id.contains(&format!("/{kind}/")))
            .unwrap_or(ORDER.len())
    });
    plan
}

/// The virtual network that a prepared environment stands in, which nothing shows.
fn network_of(environment: &(String, String, Value)) -> Option<(String, String, Value)> {
    let (_, _, body) = environment;
    let subnet = body.pointer("/properties/vnetConfiguration/infrastructureSubnetId")?;
    let (network, subnet) = subnet.as_str()?.split_once("/subnets/")?;
    let delegations = match &body["properties"]["workloadProfiles"] {
        Value::Null => json!([]),
        _ => json!([{"name": "0", "properties": {"serviceName": "Microsoft.App/environments"}}]),
    };
    let made = json!({"location": body["location"], "properties": {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": subnet, "properties": {
            "addressPrefix": "10.0.0.0/23", "delegations": delegations,
        }}],
    }});
    Some((network.to_owned(), "2024-05-01".to_owned(), made))
}

/// Ids of groups and resources that were used before they were made, lower case.
fn needed(
    recording: &Recording,
    bodies: &BTreeMap<String, (String, Value)>,
) -> (Vec<String>, Vec<String>) {
    let (mut groups, mut resources) = (Vec::new(), Vec::new());
    let mut made = BTreeSet::new();
    for exchange in &recording.exchanges {
        if exchange.host() != "management.azure.com" {
            continue;
        }
        let path = exchange.path().to_ascii_lowercase();
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let id = |length: usize| {
            segments
                .get(..length)
                .map(|parts| format!("/{}", parts.join("/")))
        };
        let Some(group) = id(4).filter(|_| segments[2] == "resourcegroups") else {
            continue;
        };
        if uses(exchange, segments.len() == 4, "ResourceGroupNotFound")
            && made.insert(group.clone())
        {
            groups.push(group.clone());
        }
        made.insert(group);
        if segments.get(4) == Some(&"providers")
            && let Some(resource) = id(8)
        {
            if uses(exchange, segments.len() == 8, "ResourceNotFound")
                && made.insert(resource.clone())
            {
                resources.push(resource.clone());
            }
            let absent = exchange.method == "GET" && exchange.status == 404;
            if !absent {
                made.insert(resource);
            }
        }
        for named in named_in(&exchange.request.to_string()) {
            if bodies.contains_key(&named) && made.insert(named.clone()) {
                resources.push(named);
            }
        }
    }
    for id in &resources {
        let group = id.split('/').take(5).collect::<Vec<_>>().join("/");
        if made.insert(group.clone()) {
            groups.push(group);
        }
    }
    (groups, resources)
}

/// Whether a request's answer shows that what it is about was there; `exact` if it is about the
/// thing itself and not a part of it, `absent` being the code for one that is not there.
fn uses(exchange: &Exchange, exact: bool, absent: &str) -> bool {
    let refused = exchange.status >= 400;
    let code = exchange.response.pointer("/error/code");
    if !exact {
        return !(refused
            && code.is_some_and(|code| code == absent || code == "ResourceGroupNotFound"));
    }
    match exchange.method.as_str() {
        "PUT" => {
            let data = &exchange.response["systemData"];
            let changed =
                data["createdAt"].is_string() && data["createdAt"] != data["lastModifiedAt"];
            let vault = exchange.path().to_ascii_lowercase().contains("/vaults/");
            exchange.status == 200 && (changed || (data.is_null() && !vault))
        }
        "DELETE" => exchange.status != 204 && !refused,
        _ => !refused,
    }
}

/// The principals that resources have of their own, as Graph tells them: the resource's path, lower
/// case, and the object id. Some recordings are made of two, and only one of them made the resource.
pub(crate) fn principals(recording: &Recording) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for exchange in &recording.exchanges {
        each_object(&exchange.response, &mut |map| {
            let id = map.get("id").and_then(Value::as_str);
            let names = map.get("alternativeNames").and_then(Value::as_array);
            for name in names.into_iter().flatten().filter_map(Value::as_str) {
                if let Some(id) = id.filter(|_| name.starts_with("/subscriptions/")) {
                    found.push((name.to_ascii_lowercase(), id.to_owned()));
                }
            }
        });
    }
    found
}

/// Every resource that is shown somewhere, by lower-cased id: the first time it is shown whole.
fn bodies(recording: &Recording) -> BTreeMap<String, (String, Value)> {
    let mut found: BTreeMap<String, (String, Value)> = BTreeMap::new();
    for exchange in &recording.exchanges {
        let version = exchange.query("api-version").unwrap_or_default();
        each_object(&exchange.response, &mut |map| {
            let Some(id) = map.get("id").and_then(Value::as_str) else {
                return;
            };
            let own = id.to_ascii_lowercase();
            let whole =
                |map: &Map<String, Value>| map.get("properties").is_some_and(Value::is_object);
            if !map.contains_key("location") || !own.starts_with(&format!("/subscriptions/{ZERO}/"))
            {
                return;
            }
            let better = found
                .get(&own)
                .is_none_or(|(_, old)| whole(map) && !old["properties"].is_object());
            if better {
                found.insert(own, (version.to_owned(), Value::Object(map.clone())));
            }
        });
    }
    found
}

/// The request that makes such a resource.
fn asked_for(body: &Value) -> Value {
    let mut asked = Map::new();
    for key in ["location", "tags", "sku", "kind", "zones"] {
        if let Some(value) = body.get(key).filter(|value| !value.is_null()) {
            asked.insert(key.to_owned(), value.clone());
        }
    }
    let kind = body["type"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if let Some(identity) = body.get("identity").filter(|identity| identity.is_object()) {
        let mut wanted = json!({"type": identity["type"]});
        for (id, _) in identity["userAssignedIdentities"]
            .as_object()
            .into_iter()
            .flatten()
        {
            wanted["userAssignedIdentities"][id] = json!({});
        }
        asked.insert("identity".to_owned(), wanted);
    }
    if !kind.ends_with("userassignedidentities") {
        let mut properties = body["properties"].as_object().cloned().unwrap_or_default();
        properties.retain(|key, value| !READ_ONLY.contains(&key.as_str()) && !value.is_null());
        if kind.ends_with("/vaults") {
            for (key, value) in [
                ("tenantId", json!(ZERO)),
                ("sku", json!({"family": "A", "name": "standard"})),
                ("accessPolicies", json!([])),
            ] {
                properties.entry(key).or_insert(value);
            }
        }
        asked.insert("properties".to_owned(), Value::Object(properties));
    }
    Value::Object(asked)
}

/// The ids of resources that a request names, lower case.
fn named_in(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let start = format!("/subscriptions/{ZERO}/resourcegroups/");
    text.match_indices(&start)
        .filter_map(|(at, _)| {
            let id = text[at..].split('"').next()?;
            let parts: Vec<&str> = id.split('/').take(9).collect();
            (parts.len() == 9).then(|| parts.join("/"))
        })
        .collect()
}

fn each_object(value: &Value, found: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            found(map);
            map.values().for_each(|value| each_object(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(lines: Value) -> Recording {
        Recording {
            name: "r".into(),
            exchanges: serde_json::from_value(lines).unwrap(),
        }
    }

    #[test]
    fn what_the_recording_makes_itself_is_not_made_before() {
        let group = format!("https://management.azure.com/subscriptions/{ZERO}/resourcegroups/g");
        let made = recording(json!([
            {"method": "PUT", "url": group, "status": 201},
            {"method": "GET", "url": group, "status": 200},
        ]));
        assert!(plan(&made).groups.is_empty());
        let found = recording(
            json!([{"method": "GET", "url": group, "status": 200, "response": {
                "id": format!("/subscriptions/{ZERO}/resourceGroups/g"), "location": "eastus",
                "tags": {"a": "b"},
            }}]),
        );
        assert_eq!(
            plan(&found).groups[0].1,
            json!({"location": "eastus", "tags": {"a": "b"}})
        );
    }
}
