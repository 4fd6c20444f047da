//! Directory objects as Graph describes them (recorded with `az keyvault create` and
//! `az containerapp create`).

use crate::arm;
use crate::identity::{Principal, PrincipalKind};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The object's type in a list of mixed types.
pub(super) fn odata_type(principal: &Principal) -> &'static str {
    match principal.kind {
        PrincipalKind::User => "#microsoft.graph.user",
        PrincipalKind::Application | PrincipalKind::ManagedIdentity => {
            "#microsoft.graph.servicePrincipal"
        }
    }
}

/// Where an application's pages are: nowhere.
pub(super) fn info() -> Value {
    json!({
        "logoUrl": null,
        "marketingUrl": null,
        "privacyStatementUrl": null,
        "supportUrl": null,
        "termsOfServiceUrl": null,
    })
}

/// Nobody has verified the publisher.
pub(super) fn verified_publisher() -> Value {
    json!({ "displayName": null, "verifiedPublisherId": null, "addedDateTime": null })
}

/// The certificate that Azure gives every managed identity, good for 90 days; nobody sees its key.
fn certificate(principal: &Principal, added: Timestamp) -> Value {
    let digest = Sha256::digest(principal.object_id.as_bytes());
    let thumbprint: String = digest[..20]
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let end = added.checked_add(SignedDuration::from_hours(90 * 24));
    json!({
        "customKeyIdentifier": thumbprint,
        "displayName": format!("CN={}", principal.client_id),
        "endDateTime": arm::seconds(end.unwrap_or(added)),
        "key": null,
        "keyId": arm::operation_id(),
        "startDateTime": arm::seconds(added),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    })
}

/// The object's fields; `added` is when it came into the directory.
pub(super) fn describe(principal: &Principal, tenant: &str, added: Timestamp) -> Value {
    if principal.kind == PrincipalKind::User {
        return json!({
            "businessPhones": [],
            "displayName": principal.display_name,
            "givenName": null,
            "jobTitle": null,
            "mail": principal.user_principal_name,
            "mobilePhone": null,
            "officeLocation": null,
            "preferredLanguage": null,
            "surname": null,
            "userPrincipalName": principal.user_principal_name,
            "id": principal.object_id,
        });
    }
    let managed = principal.kind == PrincipalKind::ManagedIdentity;
    // Written with a lower-case `resourcegroups` (recorded with `az containerapp create`).
    let resource = principal.resource_id.as_deref();
    let resource = resource.map(|id| {
        id.replace("/resourceGroups/", "/resourcegroups/")
            .replace("/containerapps/", "/containerApps/")
    });
    let names: Vec<&str> = match resource.as_deref() {
        Some(id) if id.to_ascii_lowercase().contains("/userassignedidentities/") => {
            vec!["isExplicit=True", id]
        }
        Some(id) => vec!["isExplicit=False", id],
        None => Vec::new(),
    };
    let mut service_names = vec![principal.client_id.clone()];
    if managed {
        // An address that Azure makes up for each identity.
        let digest = Sha256::digest(principal.client_id.as_bytes());
        service_names.push(format!(
            "https://identity.azure.net/{}",
            STANDARD.encode(digest)
        ));
    }
    json!({
        "id": principal.object_id,
        "deletedDateTime": null,
        "accountEnabled": true,
        "alternativeNames": names,
        "appDisplayName": if managed { None } else { Some(&principal.display_name) },
        "appDescription": null,
        "appId": principal.client_id,
        "applicationTemplateId": null,
        "appOwnerOrganizationId": if managed { None } else { Some(tenant) },
        "appRoleAssignmentRequired": false,
        "createdDateTime": arm::seconds(added),
        "description": null,
        "disabledByMicrosoftStatus": null,
        "displayName": principal.display_name,
        "homepage": null,
        "loginUrl": null,
        "logoutUrl": null,
        "notes": null,
        "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": null,
        "preferredTokenSigningKeyThumbprint": null,
        "replyUrls": [],
        "servicePrincipalNames": service_names,
        "servicePrincipalType": if managed { "ManagedIdentity" } else { "Application" },
        "signInAudience": if managed { None } else { Some("AzureADMyOrg") },
        "tags": [],
        "tokenEncryptionKeyId": null,
        "info": if managed { Value::Null } else { info() },
        "samlSingleSignOnSettings": null,
        "addIns": [],
        "appRoles": [],
        "keyCredentials": if managed { json!([certificate(principal, added)]) } else { json!([]) },
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "resourceSpecificApplicationPermissions": [],
        "verifiedPublisher": verified_publisher(),
    })
}
