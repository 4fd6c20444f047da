//! Ids, names and times of Container Apps.

use crate::arm;
use crate::context::Context;
use crate::identity::{Caller, PrincipalKind};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The type of apps. Their ids have `containerapps` (recorded in `test_containerapp_identity_e2e`).
pub(super) const APP: &str = "Microsoft.App/containerApps";
/// The type of environments.
pub(super) const ENVIRONMENT: &str = "Microsoft.App/managedEnvironments";
/// The type of jobs.
pub(super) const JOB: &str = "Microsoft.App/jobs";

/// The id of an app.
pub(super) fn app_id(subscription: &str, group: &str, name: &str) -> String {
    id(subscription, group, "Microsoft.App/containerapps", name)
}

/// The id of a resource of another kind.
pub(super) fn id(subscription: &str, group: &str, kind: &str, name: &str) -> String {
    format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}")
}

/// `East US` as URLs write it: `eastus`.
pub(super) fn plain_location(location: &str) -> String {
    location.replace([' ', '(', ')'], "").to_ascii_lowercase()
}

/// The path of an app or environment at its region's endpoint, with the host.
pub(super) fn region_path(resource: &Value, kind: &str) -> String {
    let id = resource["id"].as_str().unwrap_or_default();
    let location = plain_location(resource["location"].as_str().unwrap_or_default());
    let scope = id
        .to_ascii_lowercase()
        .find("/providers/")
        .map_or(id, |at| &id[..at]);
    let name = resource["name"].as_str().unwrap_or_default();
    format!("{location}.azurecontainerapps.dev{scope}/{kind}/{name}")
}

/// `length` random letters and digits.
pub(super) fn random(length: usize) -> String {
    const CHARACTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    uuid::Uuid::new_v4()
        .as_bytes()
        .iter()
        .take(length)
        .map(|byte| char::from(CHARACTERS[usize::from(*byte) % CHARACTERS.len()]))
        .collect()
}

/// The domain of a new environment, such as `calmhill-1a2b3c4d.eastus.azurecontainerapps.io`.
pub(super) fn domain(location: &str) -> String {
    let tail = &arm::operation_id()[..8];
    format!(
        "calmhill-{tail}.{}.azurecontainerapps.io",
        plain_location(location)
    )
}

/// What proves that somebody owns a domain; one for the whole subscription.
pub(super) fn verification_id(cx: &Context) -> String {
    Sha256::digest(cx.subscription.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

/// A time as Container Apps write it: without a zone.
pub(super) fn time(time: Timestamp) -> String {
    arm::seven_digits(time)
        .trim_end_matches('Z')
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// Who made a resource and who changed it last.
pub(super) fn system_data(cx: &Context, caller: &Caller, old: Option<&Value>) -> Value {
    let principal = cx.directory.by_object_id(&caller.object_id);
    let kind = match principal.as_ref().map(|principal| principal.kind) {
        Some(PrincipalKind::User) => "User",
        Some(PrincipalKind::ManagedIdentity) => "ManagedIdentity",
        _ => "Application",
    };
    let name = principal
        .and_then(|principal| principal.user_principal_name)
        .unwrap_or_else(|| caller.client_id.clone());
    let now = time(cx.clock.now());
    let created = |field: &str, new: &str| {
        old.and_then(|old| old["systemData"][field].as_str())
            .unwrap_or(new)
            .to_owned()
    };
    json!({
        "createdBy": created("createdBy", &name),
        "createdByType": created("createdByType", kind),
        "createdAt": created("createdAt", &now),
        "lastModifiedBy": name,
        "lastModifiedByType": kind,
        "lastModifiedAt": now,
    })
}

/// Writes the times of `systemData` with their zone, as some answers to PUT do: that of the change, and
/// that of the beginning if it is the same.
pub(super) fn with_zone(data: &mut Value, is_new: bool) {
    let zoned = |time: &Value| json!(format!("{}Z", time.as_str().unwrap_or_default()));
    data["lastModifiedAt"] = zoned(&data["lastModifiedAt"]);
    if is_new {
        data["createdAt"] = zoned(&data["createdAt"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_times_are_written_as_recorded() {
        assert_eq!(
            plain_location("North Central US (Stage)"),
            "northcentralusstage"
        );
        let at: Timestamp = "2025-05-16T03:13:38.43071100Z".parse().unwrap();
        assert_eq!(time(at), "2025-05-16T03:13:38.430711");
        let at: Timestamp = "2025-05-16T03:13:40Z".parse().unwrap();
        assert_eq!(time(at), "2025-05-16T03:13:40");
        let app = json!({
            "id": app_id("S", "G", "a"), "name": "a", "location": "East US",
        });
        assert_eq!(
            region_path(&app, "containerApps"),
            "eastus.azurecontainerapps.dev/subscriptions/S/resourceGroups/G/containerApps/a"
        );
    }
}
