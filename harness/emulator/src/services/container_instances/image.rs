//! The images of a group that come from a registry of the emulator: pulled before anything starts.

use crate::arm::ArmError;
use crate::context::Context;
use crate::services::container_registry::{Credential, PullError, pull};
use crate::workload::ContainerSpec;
use ::http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

/// The containers with the files of their images. An image of another registry has none here: the
/// machine that runs the container knows it, or does not.
///
/// # Errors
/// 400 `InaccessibleImage`, whatever keeps the image from being pulled.
pub(super) async fn pulled(
    cx: &Context,
    group: &str,
    sent: &Value,
    shown: &Value,
    mut specs: Vec<ContainerSpec>,
) -> Result<Vec<ContainerSpec>, ArmError> {
    for spec in &mut specs {
        let credential = credential(cx, sent, shown, &spec.image);
        spec.files = match pull(cx, &spec.image, &credential).await {
            Ok(image) => Some(Arc::new(image)),
            Err(PullError::OtherRegistry { .. }) => None,
            Err(_) => return Err(inaccessible(&spec.image, group)),
        };
    }
    Ok(specs)
}

/// The credential for the image's registry: a name and password, or one of the group's identities.
fn credential(cx: &Context, sent: &Value, shown: &Value, image: &str) -> Credential {
    let server = image.split('/').next().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let credentials = sent["properties"]["imageRegistryCredentials"].as_array();
    let entry = credentials.into_iter().flatten().find(|entry| {
        let own = text(&entry["server"]);
        let own = own.trim_start_matches("https://").trim_end_matches('/');
        own.eq_ignore_ascii_case(server)
    });
    let Some(entry) = entry else {
        return Credential::Anonymous;
    };
    if let Some(identity) = entry["identity"].as_str().filter(|id| !id.is_empty()) {
        let assigned = shown["identity"]["userAssignedIdentities"].as_object();
        let is_assigned = assigned
            .into_iter()
            .flatten()
            .any(|(id, _)| id.eq_ignore_ascii_case(identity));
        let found = cx.resources.get(identity).filter(|_| is_assigned);
        return match found {
            Some(found) => Credential::Principal(text(&found["properties"]["principalId"])),
            None => Credential::Anonymous,
        };
    }
    Credential::Password {
        user: text(&entry["username"]),
        password: text(&entry["password"]),
    }
}

/// The text is quoted in public issues (MicrosoftDocs/azure-docs 45129 and azure-cli 18596).
pub(super) fn inaccessible(image: &str, group: &str) -> ArmError {
    ArmError::new(
        StatusCode::BAD_REQUEST,
        "InaccessibleImage",
        format!(
            "The image '{image}' in container group '{group}' is not accessible. Please check the \
             image and registry credential."
        ),
    )
}
