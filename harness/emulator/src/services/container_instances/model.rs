//! What a container group looks like: what is sent, made into what is answered.

use crate::WorkloadId;
use crate::workload::{ContainerSpec, Mount, TokenEndpoint};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The resource type.
pub(super) const KIND: &str = "Microsoft.ContainerInstance/containerGroups";

/// From this api-version on, groups tell of standby pools and of time-outs.
pub(super) const STANDBY_POOLS_FROM: &str = "2024";

/// Takes out of a new group what an older api-version does not tell (recorded in
/// `hist_test_container_create_with_msi_scope`).
pub(super) fn as_of(api_version: &str, group: &mut Value) {
    if api_version >= STANDBY_POOLS_FROM {
        return;
    }
    if let Some(properties) = group["properties"].as_object_mut() {
        for key in [
            "isCreatedFromStandbyPool",
            "provisioningTimeoutInSeconds",
            "isCustomProvisioningTimeout",
        ] {
            properties.shift_remove(key);
        }
    }
}

/// The group that is stored, without `instanceView` and `identity`. Defaults are filled in,
/// secrets and passwords left out (recorded in `test_container_create` and
/// `test_container_create_with_acr`); keys in recorded order.
pub(super) fn group(id: &str, name: &str, sent: &Value, address: Option<&str>) -> Value {
    let new = &sent["properties"];
    let location = sent["location"]
        .as_str()
        .unwrap_or_default()
        .replace(' ', "")
        .to_lowercase();
    let mut properties = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            properties.insert(key.to_owned(), value);
        }
    };
    put("sku", json!(new["sku"].as_str().unwrap_or("Standard")));
    put("isCreatedFromStandbyPool", json!(false));
    put("provisioningState", json!("Succeeded"));
    put("provisioningTimeoutInSeconds", json!(1800));
    put("isCustomProvisioningTimeout", json!(false));
    put("containers", list(&new["containers"], container));
    put("initContainers", json!([]));
    if new["imageRegistryCredentials"].is_array() {
        put(
            "imageRegistryCredentials",
            list(&new["imageRegistryCredentials"], registry),
        );
    }
    put("restartPolicy", new["restartPolicy"].clone());
    if new["ipAddress"].is_object() {
        put(
            "ipAddress",
            ip_address(&new["ipAddress"], &location, address),
        );
    }
    put(
        "osType",
        json!(if is_windows(sent) { "Windows" } else { "Linux" }),
    );
    if new["volumes"].is_array() {
        put("volumes", list(&new["volumes"], volume));
    }
    for key in [
        "diagnostics",
        "dnsConfig",
        "priority",
        "encryptionProperties",
        "confidentialComputeProperties",
    ] {
        put(key, without_keys(&new[key]));
    }
    let mut group = json!({
        "properties": properties,
        "id": id,
        "name": name,
        "type": KIND,
        "location": location,
        "tags": if sent["tags"].is_object() { sent["tags"].clone() } else { json!({}) },
    });
    if sent["zones"].is_array() {
        group["zones"] = sent["zones"].clone();
    }
    group
}

/// Whether a group's containers are Windows containers.
pub(super) fn is_windows(group: &Value) -> bool {
    let os = group["properties"]["osType"].as_str().unwrap_or_default();
    os.eq_ignore_ascii_case("windows")
}

/// What to start. The first container is the workload of the group's own (lower-cased) id, which
/// the metadata endpoint knows; the others are `{group id}/containers/{name}`.
pub(super) fn specs(id: &str, sent: &Value) -> Vec<ContainerSpec> {
    let id = id.to_lowercase();
    let containers = sent["properties"]["containers"].as_array();
    let tokens = match is_windows(sent) {
        true => TokenEndpoint::WindowsInstance,
        false => TokenEndpoint::Instance,
    };
    let spec = |(index, container): (usize, &Value)| {
        let properties = &container["properties"];
        let name = text(&container["name"]);
        let texts = |list: &Value| list.as_array().into_iter().flatten().map(text).collect();
        let variables = properties["environmentVariables"].as_array();
        ContainerSpec {
            id: WorkloadId(if index == 0 {
                id.clone()
            } else {
                format!("{id}/containers/{name}")
            }),
            image: text(&properties["image"]),
            command: texts(&properties["command"]),
            environment: variables
                .into_iter()
                .flatten()
                .map(|one| {
                    let secure = one["secureValue"].as_str();
                    (
                        text(&one["name"]),
                        secure
                            .or(one["value"].as_str())
                            .unwrap_or_default()
                            .to_owned(),
                    )
                })
                .collect(),
            hostname: None,
            tokens,
            files: None,
            mounts: mounts(&sent["properties"]["volumes"], &properties["volumeMounts"]),
            name,
        }
    };
    containers
        .into_iter()
        .flatten()
        .enumerate()
        .map(spec)
        .collect()
}

/// The folders of secrets that a container asks for; their values come in base64.
fn mounts(volumes: &Value, wanted: &Value) -> Vec<Mount> {
    let volume = |name: &Value| {
        let volumes = volumes.as_array().into_iter().flatten();
        volumes.into_iter().find(|volume| volume["name"] == *name)
    };
    let wanted = wanted.as_array().into_iter().flatten();
    wanted
        .filter_map(|mount| {
            let secrets = volume(&mount["name"])?["secret"].as_object()?;
            let files = secrets.iter().map(|(name, value)| {
                let value = STANDARD.decode(text(value)).unwrap_or_default();
                (name.clone(), value)
            });
            Some(Mount {
                path: text(&mount["mountPath"]),
                files: files.collect(),
            })
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(values: &Value, show: impl Fn(&Value) -> Value) -> Value {
    Value::Array(values.as_array().into_iter().flatten().map(show).collect())
}

fn container(sent: &Value) -> Value {
    let new = &sent["properties"];
    let mut properties = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            properties.insert(key.to_owned(), value);
        }
    };
    put("image", new["image"].clone());
    put("command", new["command"].clone());
    put("ports", list(&new["ports"], Value::clone));
    put(
        "environmentVariables",
        list(&new["environmentVariables"], |one| {
            let mut shown = one.clone();
            if let Some(shown) = shown.as_object_mut() {
                shown.retain(|key, value| key != "secureValue" && !value.is_null());
            }
            shown
        }),
    );
    put("configMap", new["configMap"].clone());
    put("resources", new["resources"].clone());
    put("volumeMounts", new["volumeMounts"].clone());
    put("securityContext", new["securityContext"].clone());
    json!({ "name": sent["name"], "properties": properties })
}

fn registry(sent: &Value) -> Value {
    let mut shown = sent.clone();
    if let Some(shown) = shown.as_object_mut() {
        shown.retain(|key, value| key != "password" && !value.is_null());
        shown.insert("isDelegatedIdentity".to_owned(), json!(false));
    }
    shown
}

fn volume(sent: &Value) -> Value {
    let mut shown = sent.clone();
    if shown["secret"].is_object() {
        shown["secret"] = json!({});
    }
    let share = shown.get_mut("azureFile");
    if let Some(share) = share.and_then(Value::as_object_mut) {
        share.remove("storageAccountKey");
    }
    shown
}

/// Log Analytics keys are write-only.
fn without_keys(sent: &Value) -> Value {
    let mut shown = sent.clone();
    if let Some(logs) = shown.get_mut("logAnalytics").and_then(Value::as_object_mut) {
        logs.remove("workspaceKey");
    }
    shown
}

fn ip_address(sent: &Value, location: &str, address: Option<&str>) -> Value {
    let mut shown = Map::new();
    shown.insert("ports".into(), list(&sent["ports"], Value::clone));
    if let Some(address) = address {
        shown.insert("ip".into(), json!(address));
    }
    shown.insert("type".into(), sent["type"].clone());
    // Without a label there is nothing to reuse, and the scope is not echoed either.
    if let Some(label) = sent["dnsNameLabel"].as_str() {
        shown.insert("dnsNameLabel".into(), json!(label));
        if sent["autoGeneratedDomainNameLabelScope"].is_string() {
            let scope = sent["autoGeneratedDomainNameLabelScope"].clone();
            shown.insert("autoGeneratedDomainNameLabelScope".into(), scope);
        }
        shown.insert(
            "fqdn".into(),
            json!(format!("{label}.{location}.azurecontainer.io")),
        );
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_answered_and_every_variable_is_set() {
        let sent = json!({"location": "East US", "properties": {
            "osType": "Linux",
            "containers": [{"name": "c", "properties": {
                "image": "i", "environmentVariables": [
                    {"name": "OPEN", "value": "a"}, {"name": "HIDDEN", "secureValue": "s3cret"},
                ],
            }}, {"name": "second", "properties": {"image": "j"}}],
            "imageRegistryCredentials": [{"server": "r", "username": "u", "password": "s3cret"}],
            "volumes": [{"name": "v", "secret": {"k": "s3cret"}}],
            "ipAddress": {"type": "Public", "ports": [], "dnsNameLabel": "me"},
        }});
        let group = group("/S/G", "g", &sent, None);
        assert!(!group.to_string().contains("s3cret"), "{group}");
        let properties = &group["properties"];
        assert_eq!(
            properties["imageRegistryCredentials"][0]["isDelegatedIdentity"],
            false
        );
        assert_eq!(properties["volumes"][0]["secret"], json!({}));
        assert_eq!(
            properties["ipAddress"]["fqdn"],
            "me.eastus.azurecontainer.io"
        );
        assert_eq!(
            properties["containers"][0]["properties"]["ports"],
            json!([])
        );
        let specs = specs("/S/G", &sent);
        assert_eq!(
            specs[0].environment[1],
            ("HIDDEN".to_owned(), "s3cret".to_owned())
        );
        assert_eq!(specs[0].id.0, "/s/g");
        assert_eq!(specs[1].id.0, "/s/g/containers/second");
    }
}
