//! What an app looks like: what is sent, made into what is answered and what is kept. Keys in the
//! order of `test_containerapp_identity_e2e` and `test_containerapp_replica_commands`.

use super::names;
use super::secrets;
use super::template;
use crate::context::Context;
use serde_json::{Map, Value, json};

/// The address from which requests of apps come, in the block reserved for documentation. A real
/// app lists dozens.
const OUTBOUND: &str = "203.0.113.7";

/// What makes an app, checked.
pub(super) struct Parts<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// Its name.
    pub(super) name: &'a str,
    /// What was sent; for a PATCH, what comes of it.
    pub(super) sent: &'a Value,
    /// Its environment.
    pub(super) environment: &'a Value,
    /// The environment's workload profile that it runs on.
    pub(super) profile: &'a Value,
    /// Its secrets.
    pub(super) secrets: &'a [Value],
    /// Its identity, resolved.
    pub(super) identity: Value,
    /// Who made it, and who changes it.
    pub(super) system_data: Value,
    /// Whether there was one of that name.
    pub(super) is_new: bool,
}

/// The answer to PUT: what was sent, nulls included, and nothing of a revision.
pub(super) fn echoed(cx: &Context, parts: &Parts<'_>) -> Value {
    let mut body = envelope(parts);
    names::with_zone(&mut body["systemData"], parts.is_new);
    let sent = &parts.sent["properties"];
    body["properties"] = json!({
        "provisioningState": "InProgress",
        "managedEnvironmentId": parts.environment["id"],
        "environmentId": parts.environment["id"],
        "workloadProfileName": parts.profile["name"],
        "outboundIpAddresses": [OUTBOUND],
        "customDomainVerificationId": names::verification_id(cx),
        "configuration": configuration(parts, false),
        "template": template::echoed(&sent["template"]),
        "delegatedIdentities": [],
    });
    body["identity"] = parts.identity.clone();
    body
}

/// The app as it is shown from then on, but for its revisions.
pub(super) fn settled(cx: &Context, parts: &Parts<'_>) -> Value {
    let mut body = envelope(parts);
    let event_stream = format!(
        "https://{}/eventstream",
        names::region_path(&body, "containerApps")
    );
    body["properties"] = json!({
        "provisioningState": "Succeeded",
        "runningStatus": "Running",
        "managedEnvironmentId": parts.environment["id"],
        "environmentId": parts.environment["id"],
        "workloadProfileName": parts.profile["name"],
        "outboundIpAddresses": [OUTBOUND],
        "latestRevisionName": "",
        "latestReadyRevisionName": "",
        "latestRevisionFqdn": "",
        "customDomainVerificationId": names::verification_id(cx),
        "configuration": configuration(parts, true),
        "template": template::settled(&parts.sent["properties"]["template"]),
        "eventStreamEndpoint": event_stream,
        "delegatedIdentities": [],
    });
    body["identity"] = parts.identity.clone();
    body
}

/// The host name of an app, or of one of its revisions; empty without ingress.
pub(super) fn fqdn(name: &str, ingress: &Value, environment: &Value) -> String {
    if !ingress.is_object() {
        return String::new();
    }
    let inner = if ingress["external"] == true {
        ""
    } else {
        ".internal"
    };
    let domain = environment["properties"]["defaultDomain"].as_str();
    format!("{name}{inner}.{}", domain.unwrap_or_default())
}

/// Merges a patch into a document (RFC 7396).
pub(super) fn merge(document: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *document = patch.clone();
        return;
    };
    if !document.is_object() {
        *document = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            if let Some(map) = document.as_object_mut() {
                map.shift_remove(key);
            }
        } else {
            merge(&mut document[key], value);
        }
    }
}

fn envelope(parts: &Parts<'_>) -> Value {
    let location = parts.sent["location"].as_str();
    let location = location.or(parts.environment["location"].as_str());
    let mut body = json!({
        "id": parts.id,
        "name": parts.name,
        "type": names::APP,
        "location": crate::services::resources::display_name(location.unwrap_or_default()),
    });
    if parts.sent["tags"].is_object() {
        body["tags"] = parts.sent["tags"].clone();
    }
    body["systemData"] = parts.system_data.clone();
    body
}

fn configuration(parts: &Parts<'_>, settled: bool) -> Value {
    let sent = &parts.sent["properties"]["configuration"];
    let secrets = match secrets::shown(parts.secrets) {
        // The first answer tells an empty list from none.
        Value::Null if !settled && sent["secrets"].is_array() => json!([]),
        secrets => secrets,
    };
    let inactive = match &sent["maxInactiveRevisions"] {
        // Only a new app gets the default (recorded in `test_containerapp_e2e`).
        Value::Null if parts.is_new => json!(100),
        number => number.clone(),
    };
    json!({
        "secrets": secrets,
        "activeRevisionsMode": capital(sent["activeRevisionsMode"].as_str().unwrap_or("single")),
        "ingress": ingress(parts, &sent["ingress"], settled),
        "registries": registries(&sent["registries"], settled),
        "dapr": sent["dapr"],
        "runtime": sent["runtime"],
        "maxInactiveRevisions": inactive,
        "service": sent["service"],
        "identitySettings": match &sent["identitySettings"] {
            Value::Null => json!([]),
            settings => settings.clone(),
        },
    })
}

fn ingress(parts: &Parts<'_>, sent: &Value, settled: bool) -> Value {
    if !sent.is_object() {
        return Value::Null;
    }
    let default = |value: &Value, default: Value| match value {
        Value::Null if settled => default,
        value => value.clone(),
    };
    let fqdn = if settled {
        json!(fqdn(parts.name, sent, parts.environment))
    } else {
        sent["fqdn"].clone()
    };
    json!({
        "fqdn": fqdn,
        "external": sent["external"] == true,
        "targetPort": default(&sent["targetPort"], json!(0)),
        "exposedPort": default(&sent["exposedPort"], json!(0)),
        "transport": capital(sent["transport"].as_str().unwrap_or("auto")),
        "traffic": default(
            &sent["traffic"],
            json!([{ "weight": 100, "latestRevision": true }]),
        ),
        "customDomains": sent["customDomains"],
        "allowInsecure": sent["allowInsecure"] == true,
        "ipSecurityRestrictions": sent["ipSecurityRestrictions"],
        "corsPolicy": sent["corsPolicy"],
        "clientCertificateMode": sent["clientCertificateMode"],
        "stickySessions": sent["stickySessions"],
        "additionalPortMappings": sent["additionalPortMappings"],
    })
}

/// Recorded in `test_containerapp_registry_msi`: what is missing is left out first, and an empty
/// text from then on.
fn registries(sent: &Value, settled: bool) -> Value {
    let Some(sent) = sent.as_array().filter(|list| !list.is_empty()) else {
        return Value::Null;
    };
    sent.iter()
        .map(|registry| {
            let mut shown = Map::new();
            for key in ["server", "username", "passwordSecretRef", "identity"] {
                match &registry[key] {
                    Value::Null if settled => drop(shown.insert(key.into(), json!(""))),
                    Value::Null => {}
                    value => drop(shown.insert(key.into(), value.clone())),
                }
            }
            Value::Object(shown)
        })
        .collect()
}

fn capital(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut characters = lower.chars();
    match characters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + characters.as_str(),
        None => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_removes_with_null_and_replaces_lists() {
        let mut document = json!({"a": {"b": 1, "c": [1, 2]}, "d": 3});
        merge(
            &mut document,
            &json!({"a": {"b": null, "c": [3]}, "e": {"f": null}}),
        );
        assert_eq!(document, json!({"a": {"c": [3]}, "d": 3, "e": {}}));
    }

    #[test]
    fn only_an_external_app_has_a_public_name() {
        let environment = json!({"properties": {"defaultDomain": "d.eastus"}});
        assert_eq!(fqdn("a", &json!(null), &environment), "");
        let inner = json!({"external": false});
        assert_eq!(fqdn("a", &inner, &environment), "a.internal.d.eastus");
        assert_eq!(
            fqdn("a", &json!({"external": true}), &environment),
            "a.d.eastus"
        );
    }
}
