//! Where a replica's images come from: a private registry, or a table of public images whose
//! programs the machine has.

use super::validate;
use crate::arm::ArmError;
use crate::context::Context;
use serde_json::Value;

/// Why a container cannot start.
#[derive(Debug)]
pub(super) enum Failure {
    /// The image cannot be pulled: the text that Azure gives as the details of the field.
    #[expect(dead_code, reason = "private registries are to come")]
    Image(String),
    /// The emulator or the machine cannot do it.
    Refused(ArmError),
}

/// Gets the image of a container from its registry, if that is one of the emulator's.
pub(super) async fn pull(
    _cx: &Context,
    _app: &Value,
    _secrets: &[Value],
    image: &str,
) -> Result<(), Failure> {
    let registry = image.split('/').next().unwrap_or_default();
    if registry.ends_with(".azurecr.io") {
        let what = format!("the image '{image}', which is in a private registry");
        return Err(Failure::Refused(validate::not_emulated(&what)));
    }
    std::future::ready(Ok(())).await
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
