//! What a user-assigned identity looks like.

use crate::identity::{Principal, PrincipalKind};
use serde_json::{Value, json};

/// The resource type.
pub(super) const KIND: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";

/// The id of an identity. Azure answers `resourcegroups` in lower case here and nowhere else
/// (recorded in `test_identity_management`), and clients send it back like that.
pub(super) fn id(subscription: &str, group: &str, name: &str) -> String {
    format!("/subscriptions/{subscription}/resourcegroups/{group}/providers/{KIND}/{name}")
}

/// The answer for a new identity: no `systemData`, no `provisioningState`; keys in recorded order.
pub(super) fn body(
    id: &str,
    name: &str,
    request: &Value,
    principal: &Principal,
    tenant: &str,
) -> Value {
    let mut properties = json!({
        "tenantId": tenant,
        "principalId": principal.object_id,
        "clientId": principal.client_id,
    });
    if let Some(scope) = request["properties"]["isolationScope"].as_str() {
        properties["isolationScope"] = json!(scope);
    }
    json!({
        "location": normal_location(request["location"].as_str().unwrap_or_default()),
        "tags": if request["tags"].is_object() { request["tags"].clone() } else { json!({}) },
        "id": id,
        "name": name,
        "type": KIND,
        "properties": properties,
    })
}

/// The principal behind a new identity.
pub(super) fn principal(id: &str, name: &str) -> Principal {
    Principal {
        object_id: crate::arm::operation_id(),
        client_id: crate::arm::operation_id(),
        display_name: name.to_owned(),
        user_principal_name: None,
        resource_id: Some(id.to_owned()),
        secret: None,
        kind: PrincipalKind::ManagedIdentity,
    }
}

/// `East US` and `eastus` are the same place; the second is what is answered.
fn normal_location(location: &str) -> String {
    location.replace(' ', "").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_identity_has_the_recorded_keys_in_order() {
        let id = id("S", "Group", "me");
        let principal = principal(&id, "me");
        let body = body(&id, "me", &json!({"location": "West US"}), &principal, "T");
        let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            keys,
            ["location", "tags", "id", "name", "type", "properties"]
        );
        assert_eq!(body["location"], "westus");
        assert_eq!(body["tags"], json!({}));
        assert!(
            body["id"]
                .as_str()
                .unwrap()
                .starts_with("/subscriptions/S/resourcegroups/Group/")
        );
        let keys: Vec<_> = body["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(keys, ["tenantId", "principalId", "clientId"]);
    }
}
