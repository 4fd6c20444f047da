//! What Container Apps refuse, and what the emulator does not have.

use super::names::{self, ENVIRONMENT};
use super::operations;
use super::secrets;
use super::state::ContainerApps;
use super::workload_profiles;
use crate::arm::ArmError;
use crate::context::Context;
use crate::http::Response;
use ::http::StatusCode;
use serde_json::{Value, json};

/// A request that Azure refuses.
pub(super) fn refuse(code: &str, message: impl Into<String>) -> ArmError {
    ArmError::new(StatusCode::BAD_REQUEST, code, message)
}

/// Something that Azure has and the emulator has not.
pub(super) fn not_emulated(what: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_IMPLEMENTED,
        "NotEmulated",
        format!(
            "docproof does not emulate {what} of container apps. This says nothing about the \
             article."
        ),
    )
}

/// The environment of an app or job that is to be made.
///
/// # Errors
/// The answer to give: these errors have no `error` around them (recorded in
/// `hist_test_containerapp_env_premium_sku`, and for the text of a missing one in errors of
/// `test_containerapp_env_e2e`; with which status a PUT answers the latter is not recorded).
pub(super) fn environment(
    all: &ContainerApps,
    cx: &Context,
    sent: &Value,
) -> Result<Value, Box<Response>> {
    let properties = &sent["properties"];
    let id = properties["environmentId"]
        .as_str()
        .or(properties["managedEnvironmentId"].as_str())
        .unwrap_or_default();
    let found = cx
        .resources
        .get(id)
        .filter(|found| found["type"] == ENVIRONMENT);
    let bare = |status, code: &str, message: String| {
        let body = json!({ "code": code, "message": message });
        Box::new(Response::json(status, &body))
    };
    let Some(environment) = found else {
        let name = id.rsplit('/').next().unwrap_or_default();
        return Err(bare(
            StatusCode::NOT_FOUND,
            "ManagedEnvironmentNotFound",
            format!("Environment {name} was not found."),
        ));
    };
    if operations::is_busy(all, cx, id) {
        return Err(bare(
            StatusCode::BAD_REQUEST,
            "ManagedEnvironmentNotProvisioned",
            format!("The environment '{id}' has not been provisioned successfully."),
        ));
    }
    Ok(environment)
}

/// Checks the name of an app. `az` checks it before; the wording is not recorded.
pub(super) fn name(name: &str) -> Result<(), ArmError> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(good)
        && !name.ends_with('-')
        && !name.contains("--")
    {
        return Ok(());
    }
    Err(refuse(
        "ContainerAppInvalidName",
        format!(
            "Invalid ContainerApp name '{name}'. A name must consist of lower case alphanumeric \
             characters or '-', start with a letter, end with an alphanumeric character, and \
             cannot have '--'. The length must not be more than 32 characters."
        ),
    ))
}

/// Checks the template and the configuration of an app or job that is to run on a workload profile.
///
/// # Errors
/// 400 for what Azure refuses, 501 for what is missing here.
pub(super) fn properties(sent: &Value, own: &[Value], profile: &Value) -> Result<(), ArmError> {
    let template = &sent["properties"]["template"];
    let filled = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty());
    for (key, what) in [
        ("initContainers", "init containers"),
        ("serviceBinds", "service binds"),
    ] {
        if filled(&template[key]) {
            return Err(not_emulated(what));
        }
    }
    let volumes = template["volumes"].as_array();
    let other = |volume: &Value| volume["storageType"] != "Secret";
    if volumes.is_some_and(|volumes| volumes.iter().any(other)) {
        return Err(not_emulated("volumes that are no secrets"));
    }
    let configuration = &sent["properties"]["configuration"];
    if configuration["dapr"]["enabled"] == true {
        return Err(not_emulated("Dapr"));
    }
    if !filled(&template["containers"]) {
        // The wording is not recorded.
        return Err(refuse(
            "ContainerAppContainersNotSpecified",
            "The template must have at least one container.",
        ));
    }
    let containers = template["containers"].as_array().into_iter().flatten();
    for container in containers {
        check_container(container, own)?;
    }
    // How containers share the machines of a profile of their own is not known, so nothing is refused.
    if !workload_profiles::is_dedicated(profile) {
        resources(template)?;
    }
    let registries = configuration["registries"].as_array();
    for registry in registries.into_iter().flatten() {
        check_registry(registry, own)?;
    }
    Ok(())
}

fn check_container(container: &Value, own: &[Value]) -> Result<(), ArmError> {
    let name = container["name"].as_str().unwrap_or_default();
    let probes = container["probes"].as_array();
    if probes.is_some_and(|probes| !probes.is_empty()) {
        return Err(not_emulated("probes"));
    }
    if container["image"].as_str().is_none_or(str::is_empty) {
        // The wording is not recorded.
        return Err(refuse(
            "ContainerAppImageRequired",
            format!("Container '{name}' must have an 'Image' property specified."),
        ));
    }
    for variable in container["env"].as_array().into_iter().flatten() {
        let Some(reference) = variable["secretRef"].as_str().filter(|r| !r.is_empty()) else {
            continue;
        };
        if secrets::value(own, reference).is_none() {
            // The wording follows that of registries, which is recorded.
            return Err(refuse(
                "ContainerAppSecretRefNotFound",
                format!("SecretRef '{reference}' defined for container '{name}' not found."),
            ));
        }
    }
    Ok(())
}

/// Recorded in `test_container_acr`.
fn check_registry(registry: &Value, own: &[Value]) -> Result<(), ArmError> {
    let server = registry["server"].as_str().unwrap_or_default();
    match registry["passwordSecretRef"]
        .as_str()
        .filter(|r| !r.is_empty())
    {
        Some(reference) if secrets::value(own, reference).is_none() => Err(refuse(
            "ContainerAppRegistriesPasswordSecretRefNotFound",
            format!(
                "PasswordSecretRef '{reference}' defined for registry server '{server}' not found."
            ),
        )),
        _ => Ok(()),
    }
}

/// CPU and memory of the Consumption profile go together: 2 GiB for each core, in quarters of one.
/// From the document on containers; the wording is quoted from memory.
fn resources(template: &Value) -> Result<(), ArmError> {
    let (mut cpu, mut memory) = (0.0, 0.0);
    for container in template["containers"].as_array().into_iter().flatten() {
        let asked = &container["resources"];
        cpu += asked["cpu"].as_f64().unwrap_or(0.5);
        memory += gibibytes(asked["memory"].as_str().unwrap_or("1Gi")).unwrap_or(0.0);
    }
    let quarters = cpu * 4.0;
    if (1.0..=16.0).contains(&quarters)
        && (quarters - f64::round(quarters)).abs() < 1e-9
        && (memory - 2.0 * cpu).abs() < 1e-9
    {
        return Ok(());
    }
    let combinations: Vec<String> = (1..=16_u8)
        .map(|quarter| {
            let cpu = f64::from(quarter) / 4.0;
            format!("[cpu: {cpu}, memory: {:?}Gi]", cpu * 2.0)
        })
        .collect();
    Err(refuse(
        "ContainerAppInvalidResourceTotal",
        format!(
            "The total requested CPU and memory resources for this application (CPU: {cpu}, \
             memory: {memory:?}) is invalid. Total CPU and memory for all containers defined in a \
             Container App must add up to one of the following CPU - Memory combinations: {}",
            combinations.join("; ")
        ),
    ))
}

/// `1.5Gi` or `512Mi` in GiB.
pub(super) fn gibibytes(memory: &str) -> Option<f64> {
    if let Some(number) = memory.strip_suffix("Mi") {
        return number
            .parse::<f64>()
            .ok()
            .map(|mebibytes| mebibytes / 1024.0);
    }
    memory.strip_suffix("Gi")?.parse().ok()
}

/// A resource that must be there.
pub(super) fn existing(
    cx: &Context,
    kind: &str,
    group: &str,
    id: &str,
    name: &str,
) -> Result<Value, ArmError> {
    let kind = match kind {
        names::APP => "Microsoft.App/containerApps",
        other => other,
    };
    cx.resources
        .get(id)
        .ok_or_else(|| crate::arm::not_found(kind, name, group))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(resources: Value) -> Value {
        json!({"properties": {"template": {"containers": [
            {"name": "c", "image": "i", "resources": resources},
        ]}}})
    }

    #[test]
    fn cpu_and_memory_that_do_not_go_together_are_refused() {
        for wrong in [
            json!({"cpu": 0.5, "memory": "2Gi"}),
            json!({"cpu": 0.3, "memory": "0.6Gi"}),
            json!({"cpu": 8.0, "memory": "16Gi"}),
            json!({"cpu": 0.5, "memory": "lots"}),
        ] {
            let error = properties(&app(wrong.clone()), &[], &json!(null)).unwrap_err();
            assert_eq!(error.code, "ContainerAppInvalidResourceTotal", "{wrong}");
        }
        for right in [
            json!(null),
            json!({"cpu": 0.5, "memory": "1.0Gi"}),
            json!({"cpu": 0.25, "memory": "512Mi"}),
            json!({"cpu": 4, "memory": "8Gi"}),
        ] {
            assert!(
                properties(&app(right.clone()), &[], &json!(null)).is_ok(),
                "{right}"
            );
        }
    }

    #[test]
    fn what_a_container_would_miss_is_refused_by_name() {
        for (key, value) in [
            ("initContainers", json!([{"name": "i"}])),
            ("volumes", json!([{"name": "v"}])),
        ] {
            let mut sent = app(json!(null));
            sent["properties"]["template"][key] = value;
            assert_eq!(
                properties(&sent, &[], &json!(null)).unwrap_err().code,
                "NotEmulated"
            );
        }
    }

    #[test]
    fn a_name_of_an_app_has_no_capitals_and_no_two_dashes() {
        for wrong in ["", "App", "1app", "a--b", "a-", &"a".repeat(33)] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
        assert!(name("my-container-app").is_ok());
    }
}
