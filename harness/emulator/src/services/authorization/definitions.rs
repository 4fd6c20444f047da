//! Role definitions: the built-in ones that the emulator knows, readable at every scope.

use super::filter::Filter;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::roles::{self, RoleDefinition};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

const READ: &str = "Microsoft.Authorization/roleDefinitions/read";

/// A role that the emulator does not know. Azure has hundreds of built-in roles, so an unknown one
/// must not be reported as one that does not exist.
pub(super) fn unknown(role: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_IMPLEMENTED,
        "NotEmulated",
        format!(
            "docproof does not emulate the role '{role}'. This says nothing about the article."
        ),
    )
}

/// The definitions, narrowed by `roleName eq '…'`.
pub(super) fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    arm::authorize(cx, request, READ, &scope_of(path))?;
    let filter = Filter::parse(request.query("$filter"))?;
    let custom = filter
        .kind
        .as_deref()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("CustomRole"));
    let found: Vec<Value> = match &filter.role_name {
        _ if custom => Vec::new(),
        Some(name) => vec![shown(
            path,
            roles::by_name(name).ok_or_else(|| unknown(name))?,
        )],
        None => roles::all().iter().map(|role| shown(path, role)).collect(),
    };
    Ok(Response::json(StatusCode::OK, &json!({ "value": found })))
}

/// One definition.
pub(super) fn get(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    arm::authorize(cx, request, READ, &scope_of(path))?;
    let role = roles::by_id(name).ok_or_else(|| unknown(name))?;
    Ok(Response::json(StatusCode::OK, &shown(path, role)))
}

/// The scope of a path; `/` for the tenant.
pub(super) fn scope_of(path: &ArmPath) -> String {
    if path.scope.is_empty() {
        "/".to_owned()
    } else {
        path.scope.clone()
    }
}

/// Keys in the order recorded in `test_built_in_role_definition_scenario`. The id names the
/// subscription, whatever the scope below it. Times are those of the recording.
fn shown(path: &ArmPath, role: &RoleDefinition) -> Value {
    let mut id = format!(
        "/providers/Microsoft.Authorization/roleDefinitions/{}",
        role.id
    );
    if !path.subscription.is_empty() {
        id = format!("/subscriptions/{}{id}", path.subscription);
    }
    json!({
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": role.description,
            "assignableScopes": ["/"],
            "permissions": [{
                "actions": role.actions,
                "notActions": role.not_actions,
                "dataActions": role.data_actions,
                "notDataActions": role.not_data_actions,
            }],
            "createdOn": "2015-02-02T21:55:09.8806423Z",
            "updatedOn": "2021-11-11T20:13:47.8628684Z",
            "createdBy": null,
            "updatedBy": null,
        },
        "id": id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": role.id,
    })
}
