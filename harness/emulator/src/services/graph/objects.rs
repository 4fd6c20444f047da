//! Directory objects as Graph describes them (recorded with `az keyvault create` and
//! `az containerapp create`).

use crate::identity::{Principal, PrincipalKind};
use serde_json::{Value, json};

/// The object's type in a list of mixed types.
pub(super) fn odata_type(principal: &Principal) -> &'static str {
    match principal.kind {
        PrincipalKind::User => "#microsoft.graph.user",
        PrincipalKind::Application | PrincipalKind::ManagedIdentity => {
            "#microsoft.graph.servicePrincipal"
        }
    }
}

/// The object's fields.
pub(super) fn describe(principal: &Principal) -> Value {
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
    let names: Vec<&str> = match principal.resource_id.as_deref() {
        Some(id) if id.to_ascii_lowercase().contains("/userassignedidentities/") => {
            vec!["isExplicit=True", id]
        }
        Some(id) => vec!["isExplicit=False", id],
        None => Vec::new(),
    };
    json!({
        "id": principal.object_id,
        "deletedDateTime": null,
        "accountEnabled": true,
        "alternativeNames": names,
        "appDisplayName": if managed { None } else { Some(&principal.display_name) },
        "appDescription": null,
        "appId": principal.client_id,
        "appRoleAssignmentRequired": false,
        "description": null,
        "displayName": principal.display_name,
        "servicePrincipalNames": [principal.client_id],
        "servicePrincipalType": if managed { "ManagedIdentity" } else { "Application" },
        "signInAudience": if managed { None } else { Some("AzureADMyOrg") },
        "tags": [],
        "addIns": [],
        "appRoles": [],
        "keyCredentials": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
    })
}
