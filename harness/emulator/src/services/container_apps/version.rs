//! What later versions show beside what `2025-01-01` does.

use super::preview;
use crate::http::Request;
use serde_json::{Value, json};

/// The version with private endpoints.
const PRIVATE: &str = "2025-07-01";
/// The preview that is recorded in `test_containerapp_env_identity_user` and
/// `test_containerapp_identity_user`.
const PREVIEW: &str = "2025-02-02-preview";

fn version(request: &Request) -> &str {
    request.query("api-version").unwrap_or_default()
}

fn is_preview(request: &Request) -> bool {
    let version = version(request);
    version >= PREVIEW && version.ends_with("-preview")
}

/// An environment as this version shows it. That `2025-07-01` shows no more than its specification
/// adds is not recorded.
pub(super) fn environment(request: &Request, mut body: Value) -> Value {
    if preview::is_asked(request) {
        return preview::environment(&body);
    }
    if !is_preview(request) && version(request) < PRIVATE {
        return body;
    }
    let properties = &mut body["properties"];
    properties["ingressConfiguration"] = Value::Null;
    properties["publicNetworkAccess"] = json!("Enabled");
    if is_preview(request) {
        for key in [
            "openTelemetryConfiguration",
            "availabilityZones",
            "appInsightsConfiguration",
            "diskEncryptionConfiguration",
        ] {
            properties[key] = Value::Null;
        }
    }
    body
}

/// An app as this version shows it, in the answer to its PUT (`echoed`) or later.
pub(super) fn app(request: &Request, mut body: Value, echoed: bool) -> Value {
    if preview::is_asked(request) {
        return preview::app(&body);
    }
    if !is_preview(request) {
        return body;
    }
    let properties = &mut body["properties"];
    properties["patchingMode"] = json!("Automatic");
    let configuration = &mut properties["configuration"];
    configuration["targetLabel"] = if echoed { Value::Null } else { json!("") };
    configuration["revisionTransitionThreshold"] = Value::Null;
    if let Some(ingress) = configuration["ingress"].as_object_mut() {
        ingress.insert("targetPortHttpScheme".into(), Value::Null);
    }
    let kind = if echoed {
        "CloudBuild"
    } else {
        "ContainerImage"
    };
    let containers = properties["template"]["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        container["imageType"] = json!(kind);
    }
    body
}
