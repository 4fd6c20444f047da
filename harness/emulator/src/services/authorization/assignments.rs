//! Role assignments: make, read, remove.

use super::definitions::{scope_of, unknown};
use super::filter::Filter;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::{PrincipalKind, RoleAssignment, roles};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

const KIND: &str = "Microsoft.Authorization/roleAssignments";

fn id(path: &ArmPath, name: &str) -> String {
    format!("{}/providers/{KIND}/{name}", path.scope)
}

fn find(cx: &Context, id: &str) -> Option<RoleAssignment> {
    cx.access
        .list()
        .into_iter()
        .find(|one| one.id.eq_ignore_ascii_case(id))
}

/// The assignments at a scope, above it and, unless `atScope()`, below it.
pub(super) fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    let scope = scope_of(path);
    arm::authorize(cx, request, &format!("{KIND}/read"), &scope)?;
    let filter = Filter::parse(request.query("$filter"))?;
    let wanted = |one: &RoleAssignment| {
        let related = below(&one.scope, &scope) || (!filter.at_scope && below(&scope, &one.scope));
        let principal = filter.principal.as_deref();
        related && principal.is_none_or(|id| id.eq_ignore_ascii_case(&one.principal_id))
    };
    let all: Vec<Value> = cx
        .access
        .list()
        .iter()
        .filter(|one| wanted(one))
        .map(|one| shown(one, false))
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": all })))
}

/// One assignment.
pub(super) fn get(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    arm::authorize(cx, request, &format!("{KIND}/read"), &scope_of(path))?;
    let found = find(cx, &id(path, name)).ok_or_else(|| {
        ArmError::new(
            StatusCode::NOT_FOUND,
            "RoleAssignmentNotFound",
            format!("The role assignment '{name}' is not found."),
        )
    })?;
    Ok(Response::json(StatusCode::OK, &shown(&found, false)))
}

/// Gives a role to a principal: 201, with `createdBy` still null (recorded in
/// `test_role_assignment_no_graph`).
pub(super) fn put(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = id(path, name);
    let caller = arm::authorize(cx, request, &format!("{KIND}/write"), &id)?;
    scope_exists(cx, path)?;
    let sent = request.json()?;
    let properties = &sent["properties"];
    let text = |key: &str| properties[key].as_str().filter(|text| !text.is_empty());
    let (role, principal) = match (text("roleDefinitionId"), text("principalId")) {
        (Some(role), Some(principal)) => (role, principal),
        _ => {
            return Err(ArmError::new(
                StatusCode::BAD_REQUEST,
                "InvalidCreateRoleAssignmentRequest",
                "The role assignment request is invalid: roleDefinitionId and principalId are required.",
            ));
        }
    };
    roles::by_id(role).ok_or_else(|| unknown(role))?;
    let principal_type = principal_type(cx, principal, text("principalType"))?;
    let scope = scope_of(path);
    let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_lowercase();
    if cx.access.list().iter().any(|one| {
        one.principal_id.eq_ignore_ascii_case(principal)
            && one.scope.eq_ignore_ascii_case(&scope)
            && last(&one.role_definition_id) == last(role)
    }) {
        return Err(ArmError::new(
            StatusCode::CONFLICT,
            "RoleAssignmentExists",
            "The role assignment already exists.",
        ));
    }
    if find(cx, &id).is_some() {
        return Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        ));
    }
    let made = RoleAssignment {
        id,
        scope,
        role_definition_id: role.to_owned(),
        principal_id: principal.to_owned(),
        principal_type,
        description: text("description").map(str::to_owned),
        condition: text("condition").map(str::to_owned),
        condition_version: text("conditionVersion").map(str::to_owned),
        created_on: arm::seven_digits(cx.clock.now()),
        created_by: caller.object_id,
        holds_from: cx.faults.holds_from(),
    };
    let body = shown(&made, true);
    cx.access.assign(made);
    Ok(Response::json(StatusCode::CREATED, &body))
}

/// 200 with the assignment as it was; 204 if there was none.
pub(super) fn delete(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = id(path, name);
    arm::authorize(cx, request, &format!("{KIND}/delete"), &id)?;
    Ok(match cx.access.remove(&id) {
        Some(old) => Response::json(StatusCode::OK, &shown(&old, false)),
        None => Response::empty(StatusCode::NO_CONTENT),
    })
}

/// A principal that was named with its type is taken unseen; one without must be in the directory,
/// and `az` decides whether to try again by the words " does not exist in the directory " (the
/// text, and the GUID without dashes, are recorded in `test_policy_identity`). Where operations take
/// time, so does the way of a new managed identity into the directory (recorded in
/// `hist_test_container_create_with_msi_scope`).
fn principal_type(cx: &Context, principal: &str, sent: Option<&str>) -> Result<String, ArmError> {
    let known = cx.directory.by_object_id(principal);
    let known = known.filter(|known| {
        let arrived = cx
            .directory
            .added(known)
            .as_second()
            .saturating_add_unsigned(cx.operation_seconds);
        sent.is_some()
            || known.kind != PrincipalKind::ManagedIdentity
            || (cx.is_reached(arrived) && cx.directory.is_everywhere(known))
    });
    let known = known.map(|known| match known.kind {
        PrincipalKind::User => "User",
        PrincipalKind::Application | PrincipalKind::ManagedIdentity => "ServicePrincipal",
    });
    match (known, sent) {
        (None, None) => Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "PrincipalNotFound",
            format!(
                "Principal {} does not exist in the directory {}. Check that you have the correct \
                 principal ID. If you are creating this principal and then immediately assigning a \
                 role, this error might be related to a replication delay. In this case, set the \
                 role assignment principalType property to a value, such as ServicePrincipal, \
                 User, or Group.  See https://aka.ms/docs-principaltype",
                principal.replace('-', ""),
                cx.tenant
            ),
        )),
        (Some(known), Some(sent)) if !known.eq_ignore_ascii_case(sent) => Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "UnmatchedPrincipalType",
            // The misspelling is the service's own.
            format!(
                "The PrincipalId '{}' has type '{known}' , which is different from specified \
                 PrinciaplType '{sent}'.",
                principal.replace('-', "")
            ),
        )),
        (Some(known), _) => Ok(known.to_owned()),
        (None, Some(sent)) => Ok(sent.to_owned()),
    }
}

/// ARM knows no scope in a group or below a resource that is not there.
fn scope_exists(cx: &Context, path: &ArmPath) -> Result<(), ArmError> {
    if path.group.is_none() {
        return Ok(());
    }
    let group = path.group_name();
    arm::require_group(cx, &path.subscription, group)?;
    // /subscriptions/S/resourceGroups/G/providers/N/T/name: the first eight parts are a resource.
    let parts: Vec<&str> = path.scope.split('/').skip(1).take(8).collect();
    match parts.as_slice() {
        // Nobody knows whether there is such a resource.
        [.., namespace, kind, _] if parts.len() == 8 && !arm::is_emulated(namespace) => {
            Err(ArmError::new(
                StatusCode::NOT_IMPLEMENTED,
                "NotEmulated",
                format!(
                    "docproof does not emulate {namespace}/{kind}, so it cannot give roles there. \
                     This says nothing about the article."
                ),
            ))
        }
        [.., namespace, kind, name] if parts.len() == 8 => {
            let known = cx.resources.get(&format!("/{}", parts.join("/")));
            known
                .map(|_| ())
                .ok_or_else(|| arm::not_found(&format!("{namespace}/{kind}"), name, group))
        }
        _ => Ok(()),
    }
}

/// Whether `inner` is `outer` or below it.
fn below(outer: &str, inner: &str) -> bool {
    let (outer, inner) = (
        outer.trim_end_matches('/').to_lowercase(),
        inner.to_lowercase(),
    );
    inner
        .strip_prefix(&outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn shown(one: &RoleAssignment, new: bool) -> Value {
    json!({
        "properties": {
            "roleDefinitionId": one.role_definition_id,
            "principalId": one.principal_id,
            "principalType": one.principal_type,
            "scope": one.scope,
            "condition": one.condition,
            "conditionVersion": one.condition_version,
            "createdOn": one.created_on,
            "updatedOn": one.created_on,
            "createdBy": if new { Value::Null } else { json!(one.created_by) },
            "updatedBy": one.created_by,
            "delegatedManagedIdentityResourceId": null,
            "description": one.description,
        },
        "id": one.id,
        "type": KIND,
        "name": one.id.rsplit('/').next(),
    })
}
