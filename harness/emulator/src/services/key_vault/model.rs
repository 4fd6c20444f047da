//! What a vault looks like, and what Key Vault makes of what is sent.

use crate::arm::ArmError;
use crate::context::Context;
use ::http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

/// The resource type.
pub(super) const KIND: &str = "Microsoft.KeyVault/vaults";
/// A version of the service, as `x-ms-keyvault-service-version` tells it (`test_keyvault_secret`).
pub(super) const SERVICE_VERSION: &str = "1.9.2497.1";
/// From this api-version on, a new vault that says nothing about it uses roles and not access
/// policies (Microsoft Learn, "Prepare for Key Vault API version 2026-02-01").
const RBAC_BY_DEFAULT_FROM: &str = "2026-02-01";

/// From this api-version on, answers tell defaults that nobody asked for (recorded so with
/// 2024-11-01, and without them with 2023-02-01).
const DEFAULTS_FROM: &str = "2024";
/// From this api-version on, answers have `systemData` (recorded without it with 2019-09-01).
const SYSTEM_DATA_FROM: &str = "2021";

/// The live vault of that name, wherever it is: names are unique in all of Azure.
pub(super) fn find(cx: &Context, name: &str) -> Option<Value> {
    let named = |vault: &Value| {
        vault["name"]
            .as_str()
            .is_some_and(|n| n.eq_ignore_ascii_case(name))
    };
    cx.resources.list("", Some(KIND)).into_iter().find(named)
}

/// A 400 of Key Vault's own.
pub(super) fn bad_request(message: impl Into<String>) -> ArmError {
    ArmError::new(StatusCode::BAD_REQUEST, "BadRequest", message)
}

/// Who does something and when, for `systemData`.
pub(super) struct Stamp {
    /// The user's sign-in name, or the application's client id.
    pub(super) who: String,
    /// `User` or `Application`.
    pub(super) kind: &'static str,
    /// When.
    pub(super) at: Timestamp,
}

impl Stamp {
    /// Who made the vault and who changed it last.
    pub(super) fn system_data(&self, old: Option<&Value>) -> Value {
        let at = self
            .at
            .to_zoned(TimeZone::UTC)
            .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
            .to_string();
        let mut data = match old {
            Some(old) => old["systemData"].clone(),
            None => json!({ "createdBy": self.who, "createdByType": self.kind, "createdAt": at }),
        };
        data["lastModifiedBy"] = json!(self.who);
        data["lastModifiedByType"] = json!(self.kind);
        data["lastModifiedAt"] = json!(at);
        data
    }
}

/// The vault that a full PUT makes of what was sent, `old` being the one it replaces. Defaults are
/// filled in, `networkAcls` that allow everything are not kept (recorded in `test_keyvault_mgmt`).
///
/// # Errors
/// 400 for what Key Vault refuses.
pub(super) fn vault(
    id: &str,
    name: &str,
    sent: &Value,
    old: Option<&Value>,
    api_version: &str,
    stamp: &Stamp,
) -> Result<Value, ArmError> {
    let new = &sent["properties"];
    let was = old.map_or(&Value::Null, |old| &old["properties"]);
    let mut properties = Map::new();
    properties.insert("sku".into(), sku(new)?);
    properties.insert("tenantId".into(), tenant(new)?);
    let acls = &new["networkAcls"];
    if acls.is_object() && restricts(acls) {
        let mut acls = acls.clone();
        for (key, default) in [("bypass", "AzureServices"), ("defaultAction", "Allow")] {
            if !acls[key].is_string() {
                acls[key] = json!(default);
            }
        }
        for rules in ["ipRules", "virtualNetworkRules"] {
            if !acls[rules].is_array() {
                acls[rules] = json!([]);
            }
        }
        // Key Vault writes ids of subnets in lower case (recorded in `test_keyvault_network_rule`).
        for rule in acls["virtualNetworkRules"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            let lower = rule["id"].as_str().map(str::to_lowercase);
            rule["id"] = json!(lower);
        }
        properties.insert("networkAcls".into(), acls);
    }
    let rbac = new["enableRbacAuthorization"]
        .as_bool()
        .or_else(|| was["enableRbacAuthorization"].as_bool())
        .unwrap_or(old.is_none() && api_version >= RBAC_BY_DEFAULT_FROM);
    properties.insert(
        "accessPolicies".into(),
        policies(&new["accessPolicies"], rbac)?,
    );
    // Older versions tell of these only what was said.
    let told =
        |key: &str| api_version >= DEFAULTS_FROM || !new[key].is_null() || !was[key].is_null();
    for flag in [
        "enabledForDeployment",
        "enabledForDiskEncryption",
        "enabledForTemplateDeployment",
    ] {
        if flag == "enabledForDeployment" || told(flag) {
            properties.insert(flag.into(), json!(new[flag].as_bool().unwrap_or(false)));
        }
    }
    properties.insert("enableSoftDelete".into(), json!(true));
    let days = retention(new, was)?;
    if told("softDeleteRetentionInDays") {
        properties.insert("softDeleteRetentionInDays".into(), json!(days));
    }
    if told("enableRbacAuthorization") {
        properties.insert("enableRbacAuthorization".into(), json!(rbac));
    }
    match new["enablePurgeProtection"].as_bool() {
        Some(false) => {
            return Err(bad_request(
                "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge \
             protection for a vault is an irreversible action.",
            ));
        }
        Some(true) => drop(properties.insert("enablePurgeProtection".into(), json!(true))),
        None if was["enablePurgeProtection"] == true => {
            properties.insert("enablePurgeProtection".into(), json!(true));
        }
        None => {}
    }
    let public = new["publicNetworkAccess"].as_str().unwrap_or("Enabled");
    properties.insert(
        "vaultUri".into(),
        json!(format!("https://{}.vault.azure.net/", name.to_lowercase())),
    );
    properties.insert("provisioningState".into(), json!("Succeeded"));
    if api_version >= SYSTEM_DATA_FROM {
        properties.insert("publicNetworkAccess".into(), json!(public));
    }
    let location = sent["location"].as_str().unwrap_or_default();
    if location.is_empty() {
        return Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "LocationRequired",
            "The location property is required for this definition.",
        )
        .from_gateway());
    }
    let mut vault = json!({
        "id": id,
        "name": name,
        "type": KIND,
        "location": location.replace(' ', "").to_lowercase(),
        "tags": if sent["tags"].is_object() { sent["tags"].clone() } else { json!({}) },
    });
    if api_version >= SYSTEM_DATA_FROM {
        vault["systemData"] = stamp.system_data(old.filter(|old| old["systemData"].is_object()));
    }
    vault["properties"] = Value::Object(properties);
    Ok(vault)
}

/// The vault while its name is being registered. The very first answer has no slash at the end of
/// `vaultUri`, later ones have (recorded in `test_keyvault_mgmt`).
pub(super) fn registering(mut vault: Value, first: bool) -> Value {
    vault["properties"]["provisioningState"] = json!("RegisteringDns");
    if first && let Some(uri) = vault["properties"]["vaultUri"].as_str() {
        vault["properties"]["vaultUri"] = json!(uri.trim_end_matches('/'));
    }
    vault
}

fn sku(new: &Value) -> Result<Value, ArmError> {
    let name = new["sku"]["name"].as_str().unwrap_or_default();
    if !["standard", "premium"].contains(&name.to_lowercase().as_str()) {
        return Err(bad_request("An invalid value was provided for 'sku'."));
    }
    Ok(json!({ "family": "A", "name": name.to_lowercase() }))
}

fn tenant(new: &Value) -> Result<Value, ArmError> {
    match new["tenantId"].as_str() {
        Some(tenant) if uuid::Uuid::parse_str(tenant).is_ok() => Ok(json!(tenant)),
        _ => Err(bad_request("An invalid value was provided for 'tenantId'.")),
    }
}

fn restricts(acls: &Value) -> bool {
    let filled = |rules: &str| {
        acls[rules]
            .as_array()
            .is_some_and(|rules| !rules.is_empty())
    };
    acls["defaultAction"]
        .as_str()
        .is_some_and(|action| action.eq_ignore_ascii_case("deny"))
        || filled("ipRules")
        || filled("virtualNetworkRules")
}

fn retention(new: &Value, was: &Value) -> Result<i64, ArmError> {
    let old = was["softDeleteRetentionInDays"].as_i64();
    let days = new["softDeleteRetentionInDays"]
        .as_i64()
        .or(old)
        .unwrap_or(90);
    if old.is_some_and(|old| old != days) {
        return Err(bad_request(
            "The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.",
        ));
    }
    if !(7..=90).contains(&days) {
        return Err(bad_request(
            "An invalid value was provided for 'softDeleteRetentionInDays'.",
        ));
    }
    Ok(days)
}

/// Checks access policies (wording recorded in `test_key_vault_mgmt`, an older recording). A vault
/// that uses roles needs none.
pub(super) fn policies(sent: &Value, rbac: bool) -> Result<Value, ArmError> {
    let refuse = || bad_request("An invalid value was provided for 'accessPolicies'.");
    if sent.is_null() && rbac {
        return Ok(json!([]));
    }
    let list = sent.as_array().ok_or_else(refuse)?;
    let guid = |value: &Value| {
        value
            .as_str()
            .is_some_and(|id| uuid::Uuid::parse_str(id).is_ok())
    };
    let good = |one: &Value| {
        let nobody = one["objectId"] == "00000000-0000-0000-0000-000000000000";
        guid(&one["tenantId"])
            && guid(&one["objectId"])
            && !nobody
            && one["permissions"].is_object()
    };
    if list.len() > 1024 || !list.iter().all(good) {
        return Err(refuse());
    }
    Ok(sent.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";

    fn make(properties: Value, old: Option<&Value>, version: &str) -> Result<Value, ArmError> {
        let mut sent = json!({"location": "East US", "properties": {
            "tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "accessPolicies": [],
        }});
        for (key, value) in properties.as_object().unwrap() {
            sent["properties"][key] = value.clone();
        }
        let stamp = Stamp {
            who: "me".into(),
            kind: "User",
            at: Timestamp::from_second(0).unwrap(),
        };
        vault("/id", "V", &sent, old, version, &stamp)
    }

    #[test]
    fn bad_values_are_refused() {
        for bad in [
            json!({"accessPolicies": null, "enableRbacAuthorization": false}),
            json!({"accessPolicies": [{"objectId": "x"}]}),
            json!({"softDeleteRetentionInDays": 3}),
            json!({"enablePurgeProtection": false}),
            json!({"sku": {"name": "gold"}}),
            json!({"tenantId": "here"}),
        ] {
            let error = make(bad.clone(), None, "2024-11-01").expect_err(&bad.to_string());
            assert_eq!(error.status, StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn null_means_roles_from_2026_on_and_never_changes_an_old_vault() {
        let rbac = |value: &Value| value["properties"]["enableRbacAuthorization"].clone();
        let old = make(json!({}), None, "2024-11-01").unwrap();
        assert_eq!(rbac(&old), false);
        assert_eq!(rbac(&make(json!({}), None, "2026-02-01").unwrap()), true);
        assert_eq!(
            rbac(&make(json!({}), None, "2026-03-01-preview").unwrap()),
            true
        );
        assert_eq!(
            rbac(&make(json!({}), Some(&old), "2026-02-01").unwrap()),
            false
        );
        let asked = json!({"enableRbacAuthorization": false});
        assert_eq!(rbac(&make(asked, None, "2026-02-01").unwrap()), false);
    }

    #[test]
    fn rules_that_allow_everything_are_not_kept() {
        let acls = json!({"networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow"}});
        let vault = make(acls, None, "2024-11-01").unwrap();
        assert!(vault["properties"].get("networkAcls").is_none());
        let acls = json!({"networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny"}});
        let vault = make(acls, None, "2024-11-01").unwrap();
        assert_eq!(vault["properties"]["networkAcls"]["ipRules"], json!([]));
    }
}
