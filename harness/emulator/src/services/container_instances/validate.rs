//! What Container Instances refuses, and what the emulator does not have.

use super::restart::RestartPolicy;
use crate::arm::ArmError;
use ::http::StatusCode;
use serde_json::Value;

fn refuse(code: &str, message: String) -> ArmError {
    ArmError::new(StatusCode::BAD_REQUEST, code, message)
}

/// Something that Azure has and the emulator has not.
pub(super) fn not_emulated(what: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_IMPLEMENTED,
        "NotEmulated",
        format!(
            "docproof does not emulate {what} of container groups. This says nothing about the article."
        ),
    )
}

/// Checks a group that is to be made, and tells its restart policy. The texts for the operating system and for requests are
/// quoted in public issues (azure-docs-cli 4812 and mslearn-azure-developer 67); a missing
/// operating system is told first, and the group's name is `<null>` there.
///
/// # Errors
/// 400 for what Azure refuses, 501 `NotEmulated` for what is missing here.
pub(super) fn check(sent: &Value, name: &str) -> Result<RestartPolicy, ArmError> {
    if sent["location"].as_str().is_none_or(str::is_empty) {
        let message = "The location property is required for this definition.".to_owned();
        return Err(refuse("LocationRequired", message).from_gateway());
    }
    let properties = &sent["properties"];
    let os = properties["osType"]
        .as_str()
        .unwrap_or_default()
        .to_lowercase();
    if !["linux", "windows"].contains(&os.as_str()) {
        return Err(refuse(
            "InvalidOsType",
            "The 'osType' for container group '<null>' is invalid. The value must be one of \
             'Windows,Linux'."
                .to_owned(),
        ));
    }
    let containers = properties["containers"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if containers.is_empty() {
        // The wording is not recorded.
        let message = format!("The container group '{name}' must have at least one container.");
        return Err(refuse("ContainersNotSpecified", message));
    }
    for container in containers {
        check_container(container, name)?;
    }
    for (key, what) in [
        ("initContainers", "init containers"),
        ("subnetIds", "virtual networks"),
    ] {
        if properties[key]
            .as_array()
            .is_some_and(|list| !list.is_empty())
        {
            return Err(not_emulated(what));
        }
    }
    check_volumes(&properties["volumes"], containers)?;
    check_platform(containers, os == "windows", name)?;
    // `az` and PowerShell let nobody ask for another one, and what Azure says to it is not recorded.
    RestartPolicy::of(sent).ok_or_else(|| {
        not_emulated(&format!(
            "the restart policy {}",
            properties["restartPolicy"]
        ))
    })
}

/// Secrets can be mounted, where the runtime can do that; nothing else can.
fn check_volumes(volumes: &Value, containers: &[Value]) -> Result<(), ArmError> {
    let volumes = volumes.as_array().map_or(&[][..], Vec::as_slice);
    if volumes.iter().any(|volume| !volume["secret"].is_object()) {
        return Err(not_emulated("volumes that are no secrets"));
    }
    for container in containers {
        let mounts = container["properties"]["volumeMounts"].as_array();
        for mount in mounts.into_iter().flatten() {
            if !volumes.iter().any(|volume| volume["name"] == mount["name"]) {
                // The wording is not recorded.
                return Err(refuse(
                    "VolumeMountNotFound",
                    format!(
                        "The volume {} that container {} mounts is not specified.",
                        mount["name"], container["name"]
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// Images of Windows are known by where Microsoft keeps them; the wording is from public questions
/// about the code.
fn check_platform(containers: &[Value], windows: bool, group: &str) -> Result<(), ArmError> {
    const OF_WINDOWS: &str = "mcr.microsoft.com/windows/";
    const OF_LINUX: [&str; 2] = [
        "mcr.microsoft.com/azure-cli",
        "mcr.microsoft.com/azuredocs/",
    ];
    for container in containers {
        let image = container["properties"]["image"]
            .as_str()
            .unwrap_or_default();
        let found = image.to_lowercase();
        let is_windows = found.starts_with(OF_WINDOWS);
        let is_linux = OF_LINUX.iter().any(|known| found.starts_with(known));
        if (windows && is_linux) || (!windows && is_windows) {
            let (of_image, of_group) = match windows {
                true => ("Linux", "Windows"),
                false => ("Windows", "Linux"),
            };
            return Err(refuse(
                "ImageOsTypeNotMatchContainerGroup",
                format!(
                    "The OsType '{of_image}' of image '{image}' doesn't match the OsType \
                     '{of_group}' of container group '{group}'."
                ),
            ));
        }
    }
    Ok(())
}

fn check_container(container: &Value, group: &str) -> Result<(), ArmError> {
    let name = container["name"].as_str().unwrap_or_default();
    let properties = &container["properties"];
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty()
        || name.len() > 63
        || !name.chars().all(good)
        || name.starts_with('-')
        || name.ends_with('-')
    {
        // The code is Azure's; the text is shortened.
        return Err(refuse(
            "InvalidContainerName",
            format!("The container name '{name}' in container group '{group}' is invalid."),
        ));
    }
    if properties["image"].as_str().is_none_or(str::is_empty) {
        // The wording is not recorded.
        return Err(refuse(
            "InvalidContainerImage",
            format!(
                "The image of container '{name}' in container group '{group}' is not specified."
            ),
        ));
    }
    check_requests(properties, name, group)?;
    for (key, what) in [
        ("livenessProbe", "liveness probes"),
        ("readinessProbe", "readiness probes"),
    ] {
        let value = &properties[key];
        if value.is_object() || value.as_array().is_some_and(|list| !list.is_empty()) {
            return Err(not_emulated(what));
        }
    }
    Ok(())
}

fn check_requests(properties: &Value, name: &str, group: &str) -> Result<(), ArmError> {
    let requests = &properties["resources"]["requests"];
    let (cpu, memory) = (requests["cpu"].as_f64(), requests["memoryInGB"].as_f64());
    let shown = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
    let missing = match (cpu, memory) {
        (Some(_), Some(_)) => return Ok(()),
        (None, None) => {
            return Err(refuse(
                "ResourceRequestsNotSpecified",
                format!(
                    "The resource requests are not specified in container '{name}' of contain \
                     group '{group}'. Both memory and CPU requests are required since API version \
                     '2017-07-01-preview'."
                ),
            ));
        }
        (None, Some(_)) => "Cpu",
        (Some(_), None) => "MemoryInGB",
    };
    Err(refuse(
        "ResourceSomeRequestsNotSpecified",
        format!(
            "The '{missing}' request is not specified in 'MemoryInGB '{}' Cpu '{}'' in container \
             '{name}' of contain group '{group}'. It is required since API version \
             '2017-07-01-preview'.",
            shown(memory),
            shown(cpu)
        ),
    ))
}

/// What cannot be changed once a group is there: operating system, restart policy, resources.
///
/// # Errors
/// 400 `InvalidContainerGroupUpdate`.
pub(super) fn check_update(old: &Value, new: &Value, name: &str) -> Result<(), ArmError> {
    let fixed = |group: &Value| {
        let properties = &group["properties"];
        let requests: Vec<(Option<f64>, Option<f64>)> = properties["containers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| {
                let requests = &one["properties"]["resources"]["requests"];
                (requests["cpu"].as_f64(), requests["memoryInGB"].as_f64())
            })
            .collect();
        (
            properties["osType"].clone(),
            properties["restartPolicy"].clone(),
            requests,
        )
    };
    if fixed(old) == fixed(new) {
        return Ok(());
    }
    Err(refuse(
        "InvalidContainerGroupUpdate",
        format!(
            "The updates on container group '{name}' are invalid. If you are going to update the \
             os type, restart policy, network profile, CPU, memory or GPU resources for a \
             container group, you must delete it first and then create a new one."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn group(os: &Value, requests: &Value) -> Value {
        json!({"location": "eastus", "properties": {"osType": os, "containers": [
            {"name": "c", "properties": {"image": "i", "resources": {"requests": requests}}},
        ]}})
    }

    fn code(sent: &Value) -> String {
        check(sent, "g").expect_err("must be refused").code
    }

    #[test]
    fn the_operating_system_is_missed_before_the_requests() {
        let sent = group(&Value::Null, &Value::Null);
        let error = check(&sent, "g").unwrap_err();
        assert_eq!(
            (error.status, error.code.as_str()),
            (StatusCode::BAD_REQUEST, "InvalidOsType")
        );
        assert!(error.message.contains("container group '<null>'"));
        assert_eq!(
            code(&group(&json!("Linux"), &Value::Null)),
            "ResourceRequestsNotSpecified"
        );
        let error = check(&group(&json!("Linux"), &json!({"memoryInGB": 6.0})), "g").unwrap_err();
        assert_eq!(error.code, "ResourceSomeRequestsNotSpecified");
        assert!(
            error.message.contains("'MemoryInGB '6' Cpu '''"),
            "{}",
            error.message
        );
    }

    #[test]
    fn an_image_of_another_system_is_refused() {
        let requests = json!({"cpu": 1.0, "memoryInGB": 1.0});
        for (os, image, refused) in [
            ("Windows", "mcr.microsoft.com/azure-cli", true),
            (
                "Linux",
                "mcr.microsoft.com/windows/servercore:ltsc2022",
                true,
            ),
            (
                "windows",
                "mcr.microsoft.com/windows/servercore:ltsc2022",
                false,
            ),
            ("Linux", "mcr.microsoft.com/azure-cli", false),
            ("Windows", "example.azurecr.io/own", false),
        ] {
            let mut sent = group(&json!(os), &requests);
            sent["properties"]["containers"][0]["properties"]["image"] = json!(image);
            let checked = check(&sent, "g");
            let code = checked.err().map(|error| error.code);
            let expected = refused.then(|| "ImageOsTypeNotMatchContainerGroup".to_owned());
            assert_eq!(code, expected, "{os} {image}");
        }
    }

    #[test]
    fn what_is_not_emulated_is_named() {
        let requests = json!({"cpu": 1.0, "memoryInGB": 1.0});
        let mut sent = group(&json!("Linux"), &requests);
        assert!(check(&sent, "g").is_ok());
        sent["properties"]["containers"][0]["properties"]["volumeMounts"] = json!([{"name": "v"}]);
        assert_eq!(code(&sent), "VolumeMountNotFound");
        sent["properties"]["volumes"] = json!([{"name": "v", "azureFile": {"shareName": "s"}}]);
        assert_eq!(code(&sent), "NotEmulated");
        sent["properties"]["volumes"] = json!([{"name": "v", "secret": {"a": "Yg=="}}]);
        assert!(check(&sent, "g").is_ok());
    }
}
