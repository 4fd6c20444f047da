//! Who may do what with secrets, keys and certificates: the token first, then roles or access policies.

use super::error::VaultError;
use crate::context::Context;
use crate::http::Request;
use crate::identity::{Caller, TokenError};
use ::http::StatusCode;
use serde_json::Value;

/// The audiences that vaults take: the resource, and the id of Key Vault's own application.
const AUDIENCES: [&str; 2] = [
    "https://vault.azure.net",
    "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
];

/// What is asked, in the words of access policies and of roles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permission {
    /// What it is about, as access policies and ids call it.
    of: &'static str,
    /// The access policy's permission.
    policy: &'static str,
    /// The role's data action, behind `Microsoft.KeyVault/vaults/`.
    action: &'static str,
}

/// Read a secret's value.
pub(super) const GET: Permission = Permission {
    of: "secrets",
    policy: "get",
    action: "secrets/getSecret/action",
};
/// Set a value.
pub(super) const SET: Permission = Permission {
    of: "secrets",
    policy: "set",
    action: "secrets/setSecret/action",
};
/// Change attributes and tags.
pub(super) const UPDATE: Permission = Permission {
    of: "secrets",
    policy: "set",
    action: "secrets/update/action",
};
/// See names and attributes.
pub(super) const LIST: Permission = Permission {
    of: "secrets",
    policy: "list",
    action: "secrets/readMetadata/action",
};
/// See one deleted secret.
pub(super) const GET_DELETED: Permission = Permission {
    of: "secrets",
    policy: "get",
    action: "secrets/readMetadata/action",
};
/// Delete.
pub(super) const DELETE: Permission = Permission {
    of: "secrets",
    policy: "delete",
    action: "secrets/delete",
};
/// Bring a deleted secret back.
pub(super) const RECOVER: Permission = Permission {
    of: "secrets",
    policy: "recover",
    action: "secrets/recover/action",
};
/// Back up.
pub(super) const BACKUP: Permission = Permission {
    of: "secrets",
    policy: "backup",
    action: "secrets/backup/action",
};
/// Make a secret of a backup.
pub(super) const RESTORE: Permission = Permission {
    of: "secrets",
    policy: "restore",
    action: "secrets/restore/action",
};
/// Delete for good.
pub(super) const PURGE: Permission = Permission {
    of: "secrets",
    policy: "purge",
    action: "secrets/purge/action",
};

/// Make a key.
pub(super) const CREATE_KEY: Permission = Permission {
    of: "keys",
    policy: "create",
    action: "keys/create/action",
};
/// Read the public part of a key.
pub(super) const GET_KEY: Permission = Permission {
    of: "keys",
    policy: "get",
    action: "keys/read",
};
/// See names and attributes of keys.
pub(super) const LIST_KEYS: Permission = Permission {
    of: "keys",
    policy: "list",
    action: "keys/read",
};
/// Make a certificate.
pub(super) const CREATE_CERTIFICATE: Permission = Permission {
    of: "certificates",
    policy: "create",
    action: "certificates/create/action",
};
/// Read a certificate, its policy and how its making stands.
pub(super) const GET_CERTIFICATE: Permission = Permission {
    of: "certificates",
    policy: "get",
    action: "certificates/read",
};

/// The caller of a request to a vault.
///
/// # Errors
/// 401.
///
/// Texts: `AKV10000` is recorded in `test_keyvault_secret`; the others are quoted in public
/// issues (azure-sdk-for-python 27266 for an expired token, argocd-vault-plugin 621 for a wrong
/// audience, terraform-provider-azurerm 30912 for a signature).
pub(super) fn authenticate(cx: &Context, request: &Request) -> Result<Caller, VaultError> {
    cx.tokens
        .verify(request.header("authorization"), &AUDIENCES)
        .map_err(|error| {
            let message = match error {
                TokenError::Missing => {
                    "AKV10000: Request is missing a Bearer or PoP token.".to_owned()
                }
                TokenError::Expired => {
                    "[TokenExpired] Error validating token: 'S2S12086'.".to_owned()
                }
                TokenError::WrongAudience { got } => format!(
                    "AKV10022: Invalid audience. Expected {} or {}, found: {got}.",
                    AUDIENCES[0], AUDIENCES[1]
                ),
                TokenError::Invalid(_) => {
                    "AKV10046: Unable to resolve the key used for signature validation.".to_owned()
                }
                TokenError::UnknownPrincipal => {
                    "Error validating token: its principal no longer exists in the tenant."
                        .to_owned()
                }
            };
            VaultError::unauthorized(&cx.tenant, message)
        })
}

/// Checks that a caller has a permission on a vault, or on one of its secrets.
///
/// # Errors
/// 403, of the kind that the vault's authorization makes.
pub(super) fn authorize(
    cx: &Context,
    vault: &Value,
    caller: &Caller,
    permission: Permission,
    secret: Option<&str>,
) -> Result<(), VaultError> {
    if vault["properties"]["enableRbacAuthorization"] == true {
        by_role(cx, vault, caller, permission, secret)
    } else {
        by_policy(cx, vault, caller, permission)
    }
}

/// Text recorded in `test_keyvault_secret_soft_delete`: CR LF between the lines and after the
/// last, a blank after `DecisionReason: null`, the resource in lower case.
fn by_role(
    cx: &Context,
    vault: &Value,
    caller: &Caller,
    permission: Permission,
    secret: Option<&str>,
) -> Result<(), VaultError> {
    let action = format!("Microsoft.KeyVault/vaults/{}", permission.action);
    let mut resource = vault["id"].as_str().unwrap_or_default().to_lowercase();
    if let Some(secret) = secret {
        resource = format!("{resource}/{}/{}", permission.of, secret.to_lowercase());
    }
    if cx
        .access
        .is_allowed(&caller.object_id, &action, true, &resource)
    {
        return Ok(());
    }
    let message = [
        "Caller is not authorized to perform action on resource.".to_owned(),
        "If role assignments, deny assignments or role definitions were changed recently, please \
         observe propagation time."
            .to_owned(),
        format!("Caller: {}", described(caller)),
        format!("Action: '{action}'"),
        format!("Resource: '{resource}'"),
        "Assignment: (not found)".to_owned(),
        "DenyAssignmentId: null".to_owned(),
        "DecisionReason: null ".to_owned(),
        format!("Vault: {}\r\n", located(vault)),
    ]
    .join("\r\n");
    Err(VaultError::new(StatusCode::FORBIDDEN, "Forbidden", message).inner("ForbiddenByRbac"))
}

fn by_policy(
    cx: &Context,
    vault: &Value,
    caller: &Caller,
    permission: Permission,
) -> Result<(), VaultError> {
    let same = |value: &Value, wanted: &str| {
        value
            .as_str()
            .is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    let still = cx.faults.policies(vault["id"].as_str().unwrap_or_default());
    let policies = still
        .as_ref()
        .unwrap_or(&vault["properties"]["accessPolicies"]);
    let granted = policies.as_array().into_iter().flatten().any(|policy| {
        let names = policy["permissions"][permission.of].as_array();
        same(&policy["objectId"], &caller.object_id)
            && names
                .into_iter()
                .flatten()
                .any(|name| same(name, "all") || same(name, permission.policy))
    });
    if granted {
        return Ok(());
    }
    let message = format!(
        "The user, group or application '{}' does not have {} {} permission on key vault \
         '{}'. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125287",
        described(caller),
        permission.of,
        permission.policy,
        located(vault)
    );
    Err(VaultError::new(StatusCode::FORBIDDEN, "Forbidden", message).inner("AccessDenied"))
}

fn described(caller: &Caller) -> String {
    format!(
        "appid={};oid={};iss=https://sts.windows.net/{}/",
        caller.client_id, caller.object_id, caller.tenant
    )
}

fn located(vault: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!(
        "{};location={}",
        text(&vault["name"]),
        text(&vault["location"])
    )
}
