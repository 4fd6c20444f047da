//! The template of an app: what is sent, as the first answer echoes it and with defaults.

use super::validate::gibibytes;
use serde_json::{Map, Value, json};

/// The template as the answer to PUT echoes it: nulls for what was not sent.
pub(super) fn echoed(sent: &Value) -> Value {
    json!({
        "revisionSuffix": sent["revisionSuffix"],
        "terminationGracePeriodSeconds": sent["terminationGracePeriodSeconds"],
        "containers": containers(sent, |resources| {
            let resources = resources.as_object().filter(|one| !one.is_empty())?;
            let mut shown = resources.clone();
            shown.insert("ephemeralStorage".into(), json!(storage(&resources["cpu"])));
            Some(Value::Object(shown))
        }),
        "initContainers": null,
        "scale": scale(&sent["scale"]),
        "volumes": volumes(&sent["volumes"]),
        "serviceBinds": null,
    })
}

/// The template with defaults, as it is shown from then on.
pub(super) fn settled(sent: &Value) -> Value {
    let mut scale = match scale(&sent["scale"]) {
        Value::Null => self::scale(&json!({})),
        scale => scale,
    };
    for (key, default) in [
        ("maxReplicas", 10),
        ("cooldownPeriod", 300),
        ("pollingInterval", 30),
    ] {
        if scale[key].is_null() {
            scale[key] = json!(default);
        }
    }
    if scale["rules"].as_array().is_none_or(Vec::is_empty) {
        scale["rules"] = Value::Null;
    }
    json!({
        "revisionSuffix": sent["revisionSuffix"].as_str().unwrap_or_default(),
        "terminationGracePeriodSeconds": sent["terminationGracePeriodSeconds"],
        "containers": containers(sent, |resources| {
            let cpu = match &resources["cpu"] {
                Value::Null => json!(0.5),
                cpu => cpu.clone(),
            };
            let memory = resources["memory"].as_str().unwrap_or("1Gi");
            // `1.0Gi` is shown as `1Gi` (recorded in `test_containerapp_e2e`).
            let memory = gibibytes(memory).map_or_else(|| memory.to_owned(), |n| format!("{n}Gi"));
            let storage = storage(&cpu);
            Some(json!({ "cpu": cpu, "memory": memory, "ephemeralStorage": storage }))
        }),
        "initContainers": null,
        "scale": scale,
        "volumes": volumes(&sent["volumes"]),
        "serviceBinds": null,
    })
}

/// Whether a template needs no new revision; its suffix is looked at elsewhere.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    let without_suffix = |template: &Value| {
        let mut template = template.clone();
        template["revisionSuffix"] = Value::Null;
        template
    };
    without_suffix(one) == without_suffix(other)
}

/// The disk that goes with so much CPU (documented; 0.5 is recorded).
fn storage(cpu: &Value) -> &'static str {
    match cpu.as_f64().unwrap_or(0.5) {
        cpu if cpu <= 0.25 => "1Gi",
        cpu if cpu <= 0.5 => "2Gi",
        cpu if cpu <= 1.0 => "4Gi",
        _ => "8Gi",
    }
}

fn containers(template: &Value, resources: impl Fn(&Value) -> Option<Value>) -> Value {
    let sent = template["containers"].as_array();
    sent.into_iter()
        .flatten()
        .map(|container| {
            let mut shown = Map::new();
            for key in ["image", "name", "command", "args", "env"] {
                let value = without_nulls(&container[key]);
                if !value.is_null() {
                    shown.insert(key.into(), value);
                }
            }
            if let Some(resources) = resources(&container["resources"]) {
                shown.insert("resources".into(), resources);
            }
            let mounts = without_nulls(&container["volumeMounts"]);
            if mounts.as_array().is_some_and(|mounts| !mounts.is_empty()) {
                shown.insert("volumeMounts".into(), mounts);
            }
            Value::Object(shown)
        })
        .collect()
}

/// What is sent without nulls; null for none (recorded in `test_container_app_mount_secret_e2e`).
fn volumes(sent: &Value) -> Value {
    match sent.as_array() {
        Some(list) if !list.is_empty() => without_nulls(sent),
        _ => Value::Null,
    }
}

fn scale(sent: &Value) -> Value {
    if !sent.is_object() {
        return Value::Null;
    }
    json!({
        "minReplicas": sent["minReplicas"],
        "maxReplicas": sent["maxReplicas"],
        "cooldownPeriod": sent["cooldownPeriod"],
        "pollingInterval": sent["pollingInterval"],
        "rules": without_nulls(&sent["rules"]),
    })
}

/// A value without the nulls in it, at any depth.
pub(super) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(without_nulls).collect(),
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_command_is_another_template_and_a_default_is_not() {
        let sent = |command: Value| {
            settled(&json!({"containers": [{"image": "i", "name": "n", "command": command}]}))
        };
        assert!(!same(&sent(json!(null)), &sent(json!(["sleep"]))));
        let once = sent(json!(null));
        assert!(same(&settled(&once), &once));
    }

    #[test]
    fn defaults_are_those_recorded() {
        let sent = json!({
            "revisionSuffix": null,
            "containers": [{"image": "i", "name": "n", "command": null, "resources": null}],
            "scale": null,
        });
        let first = echoed(&sent);
        assert_eq!(first["containers"], json!([{"image": "i", "name": "n"}]));
        assert_eq!(first["scale"], Value::Null);
        let then = settled(&sent);
        assert_eq!(then["revisionSuffix"], "");
        assert_eq!(
            then["containers"][0]["resources"],
            json!({"cpu": 0.5, "memory": "1Gi", "ephemeralStorage": "2Gi"})
        );
        assert_eq!(
            then["scale"],
            json!({
                "minReplicas": null, "maxReplicas": 10, "cooldownPeriod": 300,
                "pollingInterval": 30, "rules": null,
            })
        );
    }
}
