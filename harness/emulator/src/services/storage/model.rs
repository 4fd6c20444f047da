//! What a storage account looks like: keys in the order of `hist_test_container_create_with_msi_scope`.

use crate::arm::{self, ArmError};
use crate::context::Context;
use ::http::StatusCode;
use serde_json::{Map, Value, json};

/// The resource type.
pub(super) const KIND: &str = "Microsoft.Storage/storageAccounts";
/// From this api-version on, blobs of new accounts are not public unless that is asked for (recorded
/// with 2022-09-01; the change of 2023 is documented).
const PRIVATE_FROM: &str = "2023";
/// The services of a storage account, each with a host of its own.
const SERVICES: [&str; 6] = ["dfs", "web", "blob", "queue", "table", "file"];

fn refuse(code: &str, message: impl Into<String>) -> ArmError {
    ArmError::new(StatusCode::BAD_REQUEST, code, message)
}

/// Checks the name of an account. The text is from memory.
pub(super) fn check_name(name: &str) -> Result<(), ArmError> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if (3..=24).contains(&name.len()) && name.chars().all(good) {
        return Ok(());
    }
    Err(refuse(
        "AccountNameInvalid",
        format!(
            "{name} is not a valid storage account name. Storage account name must be between 3 and \
             24 characters in length and use numbers and lower-case letters only."
        ),
    ))
}

/// The account that a PUT makes of what was sent.
///
/// # Errors
/// 400 for what Azure refuses, 501 for kinds that are missing here.
pub(super) fn account(
    cx: &Context,
    id: &str,
    name: &str,
    sent: &Value,
    old: Option<&Value>,
    version: &str,
) -> Result<Value, ArmError> {
    let Some(location) = sent["location"].as_str().filter(|text| !text.is_empty()) else {
        let message = "The location property is required for this definition.";
        return Err(refuse("LocationRequired", message).from_gateway());
    };
    let location = location.replace(' ', "").to_lowercase();
    if sent["kind"] != "StorageV2" {
        return Err(ArmError::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotEmulated",
            "docproof emulates storage accounts of the kind StorageV2 only. This says nothing about \
             the article.",
        ));
    }
    let sku = sent["sku"]["name"].as_str().unwrap_or_default();
    let Some((tier, redundancy)) = sku.split_once('_') else {
        // The wording is not recorded.
        return Err(refuse(
            "InvalidValueForSku",
            format!("The sku '{sku}' is not valid."),
        ));
    };
    let new = &sent["properties"];
    let now = arm::seven_digits(cx.clock.now());
    let kept = |pointer: &str| {
        let own = old.and_then(|old| old.pointer(pointer)?.as_str());
        own.map_or_else(|| now.clone(), str::to_owned)
    };
    let flag = |key: &str, default: bool| new[key].as_bool().unwrap_or(default);
    let enabled = |service: &str| {
        let at = format!("/properties/encryption/services/{service}/lastEnabledTime");
        json!({ "keyType": "Account", "enabled": true, "lastEnabledTime": kept(&at) })
    };
    let mut properties = Map::new();
    let mut insert = |key: &str, value: Value| drop(properties.insert(key.to_owned(), value));
    let key = |number: u8| kept(&format!("/properties/keyCreationTime/key{number}"));
    insert("keyCreationTime", json!({ "key1": key(1), "key2": key(2) }));
    insert("privateEndpointConnections", json!([]));
    let tls = new["minimumTlsVersion"].as_str().unwrap_or("TLS1_0");
    insert("minimumTlsVersion", json!(tls));
    let public = flag("allowBlobPublicAccess", version < PRIVATE_FROM);
    insert("allowBlobPublicAccess", json!(public));
    insert("networkAcls", acls(&new["networkAcls"]));
    insert(
        "supportsHttpsTrafficOnly",
        json!(flag("supportsHttpsTrafficOnly", true)),
    );
    insert(
        "encryption",
        json!({
            "services": { "file": enabled("file"), "blob": enabled("blob") },
            "keySource": "Microsoft.Storage",
        }),
    );
    let tier_of_access = new["accessTier"].as_str().unwrap_or("Hot");
    insert("accessTier", json!(tier_of_access));
    insert("provisioningState", json!("Succeeded"));
    insert("creationTime", json!(kept("/properties/creationTime")));
    insert("primaryEndpoints", endpoints(name, ""));
    insert("primaryLocation", json!(location));
    insert("statusOfPrimary", json!("available"));
    if redundancy.contains("GRS") || redundancy.contains("GZRS") {
        let paired = crate::services::resources::paired_region(&location);
        insert("secondaryLocation", json!(paired));
        insert("statusOfSecondary", json!("available"));
        if redundancy.starts_with("RA") {
            insert("secondaryEndpoints", endpoints(name, "-secondary"));
        }
    }
    let tags = match &sent["tags"] {
        Value::Object(tags) => json!(tags),
        _ => json!({}),
    };
    Ok(json!({
        "sku": { "name": sku, "tier": tier },
        "kind": "StorageV2",
        "id": id,
        "name": name,
        "type": KIND,
        "location": location,
        "tags": tags,
        "properties": properties,
    }))
}

/// The host of web pages has a zone's number in it, which differs by region; one is recorded.
fn endpoints(name: &str, suffix: &str) -> Value {
    let mut shown = Map::new();
    for service in SERVICES {
        // Nobody reads files from the second region.
        if service == "file" && !suffix.is_empty() {
            continue;
        }
        let zone = if service == "web" { "z22." } else { "" };
        let url = format!("https://{name}{suffix}.{zone}{service}.core.windows.net/");
        shown.insert(service.to_owned(), json!(url));
    }
    Value::Object(shown)
}

fn acls(sent: &Value) -> Value {
    let rules = |key: &str| match &sent[key] {
        Value::Array(rules) => json!(rules),
        _ => json!([]),
    };
    json!({
        "bypass": sent["bypass"].as_str().unwrap_or("AzureServices"),
        "virtualNetworkRules": rules("virtualNetworkRules"),
        "ipRules": rules("ipRules"),
        "defaultAction": sent["defaultAction"].as_str().unwrap_or("Allow"),
    })
}
