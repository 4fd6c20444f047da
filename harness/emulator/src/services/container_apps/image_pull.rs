//! Where a replica's images come from: a registry of the emulator, or a table of public images whose
//! programs the machine has.

use super::secrets;
use crate::context::Context;
use crate::services::container_registry::{self, Credential, PullError};
use crate::workload::PulledImage;
use serde_json::Value;
use std::sync::Arc;

/// Pulls the image of a container, if its registry is one of the emulator's.
///
/// # Errors
/// Why it cannot be pulled: the text that Azure gives as the details of the field.
pub(super) async fn pull(
    cx: &Context,
    app: &Value,
    secrets: &[Value],
    image: &str,
) -> Result<Option<Arc<PulledImage>>, String> {
    let server = image.split('/').next().unwrap_or_default();
    let registries = app["properties"]["configuration"]["registries"].as_array();
    let entry = registries
        .into_iter()
        .flatten()
        .find(|entry| text(&entry["server"]).eq_ignore_ascii_case(server));
    let identity = entry
        .map(|entry| text(&entry["identity"]))
        .unwrap_or_default();
    let credential = match entry {
        None => Credential::Anonymous,
        Some(_) if !identity.is_empty() => {
            principal(cx, app, identity).map_or(Credential::Anonymous, Credential::Principal)
        }
        Some(entry) => Credential::Password {
            user: text(&entry["username"]).to_owned(),
            password: secrets::value(secrets, text(&entry["passwordSecretRef"]))
                .unwrap_or_default()
                .to_owned(),
        },
    };
    match container_registry::pull(cx, image, &credential).await {
        Ok(image) => Ok(Some(Arc::new(image))),
        Err(PullError::OtherRegistry { .. }) => Ok(None),
        // Quoted in azure-container-apps 1061.
        Err(error) if error.is_unauthorized() && !identity.is_empty() => Err(format!(
            "unable to pull image using Managed identity {identity} for registry {server}"
        )),
        Err(error) => Err(error.to_string()),
    }
}

/// The object id of an identity of the app: `system`, or the ARM id of one that is assigned to it.
fn principal(cx: &Context, app: &Value, identity: &str) -> Option<String> {
    let own = &app["identity"];
    if identity.eq_ignore_ascii_case("system") {
        return own["principalId"].as_str().map(str::to_owned);
    }
    let assigned = own["userAssignedIdentities"].as_object()?;
    assigned
        .keys()
        .find(|id| id.eq_ignore_ascii_case(identity))?;
    let found = cx.resources.get(identity)?;
    found["properties"]["principalId"]
        .as_str()
        .map(str::to_owned)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The text of a revision that failed because of an image. Quoted in public issues
/// (azure-container-apps 1061, Azure-Samples/call-center-voice-agent-accelerator 3), not recorded.
pub(super) fn provisioning_error(app: &str, container: &str, image: &str, why: &str) -> String {
    format!(
        "Failed to provision revision for container app '{app}'. Error details: The following \
         field(s) are either invalid or missing. Field 'template.containers.{container}.image' is \
         invalid with details: 'Invalid value: \"{image}\": {why}';.."
    )
}
