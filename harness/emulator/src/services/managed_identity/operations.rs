//! What can be done with identities, as `az identity list-operations` shows it.

use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::{Value, json};

/// Name, kind of resource, what it does, and the same in a sentence. The emulator has these; Azure
/// has more, for federated credentials.
const OPERATIONS: [[&str; 4]; 5] = [
    [
        "operations/read",
        "Managed Identity operations",
        "List Managed Identity operations",
        "Lists operations available on Microsoft.ManagedIdentity resource provider",
    ],
    [
        "userAssignedIdentities/assign/action",
        "User Assigned Identities",
        "Assign User Assigned Identity",
        "RBAC action for assigning an existing user assigned identity to a resource",
    ],
    [
        "userAssignedIdentities/delete",
        "User Assigned Identities",
        "Delete User Assigned Identity",
        "Deletes an existing user assigned identity",
    ],
    [
        "userAssignedIdentities/read",
        "User Assigned Identities",
        "Get User Assigned Identity",
        "Gets an existing user assigned identity",
    ],
    [
        "userAssignedIdentities/write",
        "User Assigned Identities",
        "Create/Update User Assigned Identity",
        "Creates a new user assigned identity or updates the tags associated with an existing user \
         assigned identity",
    ],
];

/// Every operation (recorded in `test_identity_management`).
pub(super) fn list(cx: &Context, request: &Request) -> Result<Response, ArmError> {
    arm::authorize(cx, request, "", "/")?;
    let all: Vec<Value> = OPERATIONS
        .iter()
        .map(|[name, resource, operation, description]| {
            json!({
                "name": format!("Microsoft.ManagedIdentity/{name}"),
                "display": {
                    "provider": "Microsoft Managed Identity",
                    "resource": resource,
                    "operation": operation,
                    "description": description,
                },
            })
        })
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": all })))
}
