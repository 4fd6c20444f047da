//! The identities of a resource: its own, and those assigned to it. Each service shows them in its
//! own way.

use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::identity::{Caller, Principal, PrincipalKind};
use ::http::StatusCode;
use serde_json::{Value, json};

const ASSIGN: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";

/// The resource whose identities change.
pub(crate) struct Holder<'a> {
    /// Its type.
    pub(crate) kind: &'a str,
    /// Its id.
    pub(crate) id: &'a str,
    /// Its name, which its own principal has, too.
    pub(crate) name: &'a str,
}

/// What a resource has.
pub(crate) struct Assigned {
    /// The principal of its own, if it has one.
    pub(crate) principal: Option<String>,
    /// The identities assigned to it, each under the key that was sent; `None` if the type names
    /// no such identities.
    pub(crate) users: Option<Vec<(String, Value)>>,
}

impl Assigned {
    /// The type as Azure answers it.
    pub(crate) fn kind(&self) -> &'static str {
        match (&self.principal, &self.users) {
            (Some(_), Some(_)) => "SystemAssigned, UserAssigned",
            (Some(_), None) => "SystemAssigned",
            (None, Some(_)) => "UserAssigned",
            (None, None) => "None",
        }
    }
}

/// Resolves the `identity` that was sent. A resource's own principal stays the same while the
/// resource keeps it, is made here when it is new, and leaves the directory when it is given up.
///
/// # Errors
/// 400 `FailedIdentityOperation` for an identity that is not there, 403 `LinkedAuthorizationFailed`
/// for one that the caller may not assign.
pub(crate) fn resolve(
    cx: &Context,
    caller: &Caller,
    holder: &Holder<'_>,
    sent: &Value,
    old: Option<&Value>,
) -> Result<Assigned, ArmError> {
    let kind = sent["type"].as_str().unwrap_or_default().to_lowercase();
    let (system, user) = (
        kind.contains("systemassigned"),
        kind.contains("userassigned"),
    );
    let users = user
        .then(|| assigned(cx, caller, holder, sent))
        .transpose()?;
    let had = old.and_then(|old| old["identity"]["principalId"].as_str());
    let principal = match (system, had) {
        (true, Some(principal)) => Some(principal.to_owned()),
        (true, None) => {
            let principal = own_principal(holder);
            let id = principal.object_id.clone();
            cx.directory.add(principal);
            Some(id)
        }
        (false, Some(principal)) => {
            cx.directory.remove(principal);
            None
        }
        (false, None) => None,
    };
    Ok(Assigned { principal, users })
}

/// Takes a resource's own principal out of the directory.
pub(crate) fn forget(cx: &Context, resource: &Value) {
    if let Some(principal) = resource["identity"]["principalId"].as_str() {
        cx.directory.remove(principal);
    }
}

fn own_principal(holder: &Holder<'_>) -> Principal {
    Principal {
        object_id: arm::operation_id(),
        client_id: arm::operation_id(),
        display_name: holder.name.to_owned(),
        user_principal_name: None,
        resource_id: Some(holder.id.to_owned()),
        secret: None,
        kind: PrincipalKind::ManagedIdentity,
    }
}

fn assigned(
    cx: &Context,
    caller: &Caller,
    holder: &Holder<'_>,
    sent: &Value,
) -> Result<Vec<(String, Value)>, ArmError> {
    let keys = sent["userAssignedIdentities"].as_object();
    keys.into_iter()
        .flatten()
        .map(|(key, _)| {
            let identity = cx
                .resources
                .get(key)
                .ok_or_else(|| missing(holder.id, key))?;
            if !cx.access.is_allowed(&caller.object_id, ASSIGN, false, key) {
                return Err(not_allowed(cx, caller, holder, key));
            }
            Ok((key.clone(), identity))
        })
        .collect()
}

fn missing(id: &str, identity: &str) -> ArmError {
    let inner = json!({"error": {
        "code": "BadRequest", "message": format!("Resource '{identity}' was not found."),
    }});
    ArmError::new(
        StatusCode::BAD_REQUEST,
        "FailedIdentityOperation",
        format!(
            "Identity operation for resource '{id}' failed with error 'Failed to perform resource \
             identity operation. Status: 'BadRequest'. Response: '{inner}'.'."
        ),
    )
    .from_gateway()
}

fn not_allowed(cx: &Context, caller: &Caller, holder: &Holder<'_>, identity: &str) -> ArmError {
    let upn = cx
        .directory
        .by_object_id(&caller.object_id)
        .and_then(|p| p.user_principal_name);
    ArmError::new(
        StatusCode::FORBIDDEN,
        "LinkedAuthorizationFailed",
        format!(
            "The client '{}' with object id '{}' has permission to perform action '{}/write' on \
             scope '{}'; however, it does not have permission to perform action(s) '{ASSIGN}' on \
             the linked scope(s) '{identity}' (respectively) or the linked scope(s) are invalid.",
            upn.unwrap_or_else(|| caller.client_id.clone()),
            caller.object_id,
            holder.kind,
            holder.id,
        ),
    )
    .from_gateway()
}
