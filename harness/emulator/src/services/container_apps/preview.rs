//! The first preview with workload profiles, `2022-06-01-preview`, as `hist_test_containerapp_env_premium_sku`
//! has it: fewer fields, nothing where later versions say null, and profiles that go by their type.

use super::template::without_nulls;
use crate::http::Request;
use serde_json::{Map, Value, json};

const VERSION: &str = "2022-06-01-preview";
/// What the preview called the sizes: name, words, kind, cores, memory in GiB.
const TYPES: [(&str, &str, &str, u32, u32); 9] = [
    ("GP1", "General Purpose 1", "GeneralPurpose", 4, 16),
    ("GP2", "General Purpose 2", "GeneralPurpose", 8, 32),
    ("GP3", "General Purpose 3", "GeneralPurpose", 16, 64),
    ("MO1", "Memory Optimized 1", "MemoryOptimized", 4, 32),
    ("MO2", "Memory Optimized 2", "MemoryOptimized", 8, 64),
    ("MO3", "Memory Optimized 3", "MemoryOptimized", 16, 128),
    ("CO1", "Compute Optimized 1", "ComputeOptimized", 4, 8),
    ("CO2", "Compute Optimized 2", "ComputeOptimized", 8, 16),
    ("CO3", "Compute Optimized 3", "ComputeOptimized", 16, 32),
];

/// Whether a request is in this version.
pub(super) fn is_asked(request: &Request) -> bool {
    request.query("api-version") == Some(VERSION)
}

/// The name of a type, if the preview has it.
pub(super) fn profile_type(name: &str) -> Option<&'static str> {
    let mut names = TYPES.iter().map(|(known, ..)| *known);
    names.find(|known| known.eq_ignore_ascii_case(name))
}

/// The types with their properties.
pub(super) fn profile_types() -> Vec<(&'static str, Value)> {
    let shown = TYPES.iter().map(|(name, words, kind, cores, memory)| {
        let mut properties = json!({
            "displayName": words,
            "billingMeterCategory": format!("PremiumSku{kind}"),
            "cores": cores,
            "memoryGiB": memory,
        });
        if *name == "GP1" {
            properties["default"] = json!(true);
        }
        (*name, properties)
    });
    shown.collect()
}

/// An environment in this version.
pub(super) fn environment(body: &Value) -> Value {
    let properties = without_nulls(&body["properties"]);
    let mut kept = Map::new();
    for key in [
        "provisioningState",
        "vnetConfiguration",
        "deploymentErrors",
        "defaultDomain",
        "staticIp",
        "appLogsConfiguration",
        "zoneRedundant",
    ] {
        if let Some(value) = properties.get(key) {
            kept.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(network) = kept.get_mut("vnetConfiguration") {
        for (key, default) in [
            ("dockerBridgeCidr", json!("10.1.0.1/16")),
            ("platformReservedCidr", json!("10.0.0.0/16")),
            ("platformReservedDnsIP", json!("10.0.0.2")),
            (
                "outboundSettings",
                json!({ "outBoundType": "LoadBalancer" }),
            ),
        ] {
            if network[key].is_null() {
                network[key] = default;
            }
        }
    }
    kept.insert("useKubenet".to_owned(), json!(true));
    let verification = &properties["customDomainConfiguration"]["customDomainVerificationId"];
    let domain = json!({ "customDomainVerificationId": verification });
    kept.insert("customDomainConfiguration".to_owned(), domain);
    let profiles = properties["workloadProfiles"].as_array();
    let sku = if profiles.is_some() {
        "Premium"
    } else {
        "Consumption"
    };
    if let Some(profiles) = profiles {
        let shown = profiles.iter().map(|profile| {
            let mut profile = profile.clone();
            if let Some(map) = profile.as_object_mut() {
                map.retain(|key, _| key != "name" && key != "enableFips");
            }
            profile
        });
        kept.insert("workloadProfiles".to_owned(), shown.collect());
    }
    let mut shown = without_nulls(body);
    let location = body["location"].as_str().unwrap_or_default();
    shown["location"] = json!(super::names::plain_location(location));
    shown["properties"] = Value::Object(kept);
    shown["sku"] = json!({ "name": sku });
    shown
}

/// An app in this version.
pub(super) fn app(body: &Value) -> Value {
    let mut shown = without_nulls(body);
    let properties = &mut shown["properties"];
    rename(properties, "workloadProfileName", "workloadProfileType");
    drop_keys(
        properties,
        &[
            "runningStatus",
            "latestReadyRevisionName",
            "delegatedIdentities",
        ],
    );
    drop_keys(
        &mut properties["configuration"],
        &["maxInactiveRevisions", "identitySettings"],
    );
    let template = &mut properties["template"];
    drop_keys(
        &mut template["scale"],
        &["cooldownPeriod", "pollingInterval"],
    );
    for container in template["containers"].as_array_mut().into_iter().flatten() {
        container["resources"]["ephemeralStorage"] = json!("");
    }
    shown
}

/// The answer to an app's PUT: the app as it will be, but for its revision. The times come from `echoed`,
/// the answer of other versions.
pub(super) fn new_app(settled: &Value, echoed: &Value) -> Value {
    let mut shown = app(settled);
    shown["systemData"] = echoed["systemData"].clone();
    let properties = &mut shown["properties"];
    properties["provisioningState"] = json!("InProgress");
    properties["latestRevisionName"] = json!("");
    properties["latestRevisionFqdn"] = json!("");
    shown
}

fn drop_keys(value: &mut Value, keys: &[&str]) {
    if let Some(map) = value.as_object_mut() {
        map.retain(|key, _| !keys.contains(&key.as_str()));
    }
}

fn rename(value: &mut Value, from: &str, to: &str) {
    if let Some(map) = value.as_object_mut()
        && let Some(kept) = map.shift_remove(from)
    {
        map.insert(to.to_owned(), kept);
    }
}
