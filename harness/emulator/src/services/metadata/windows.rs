//! The token endpoint of Windows container groups: `secret` in place of `Metadata: true`, and a
//! user-assigned identity named by `principalId`.
//!
//! What is public of it: the Container Instances article (header and parameters), that
//! `principalId` is left out for the system-assigned identity (azure-compute-docs 490), and the
//! error of a request that names no user-assigned identity (azure-sdk-for-net 45547). Container
//! Instances runs on Service Fabric, whose documented errors the others are.

use super::identities::{self, Choice};
use crate::context::Context;
use crate::http::{Origin, Request, Response};
use ::http::{Method, StatusCode};
use serde_json::json;

/// The path of tokens.
const PATH: &str = "/metadata/identity/oauth2/token";
/// How long a token is good, in seconds. Not recorded; as on Linux.
const LIFETIME: i64 = 28_800;

/// Whether a request is for this endpoint.
pub(super) fn is_asked(request: &Request) -> bool {
    ["localhost", "127.0.0.1"].contains(&request.host.as_str()) && request.path == PATH
}

/// The answer.
pub(super) fn answer(cx: &Context, request: &Request) -> Response {
    if request.method != Method::GET {
        return Response::empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Some(secret) = request.header("secret") else {
        let message = "Secret is not found in the request headers.";
        return refuse(StatusCode::UNAUTHORIZED, "SecretHeaderNotFound", message);
    };
    let workload = match &request.origin {
        Origin::Workload(workload) if cx.endpoint_secrets.is(&workload.0, secret) => workload,
        // Neither code nor text is recorded.
        _ => {
            let message = "The secret in the request headers is wrong.";
            return refuse(StatusCode::UNAUTHORIZED, "SecretHeaderInvalid", message);
        }
    };
    let resource = request.query("resource").unwrap_or_default();
    if !super::is_resource(resource) {
        let message = "The parameter 'resource' should not be null or empty string.";
        return refuse(StatusCode::BAD_REQUEST, "ArgumentNullOrEmpty", message);
    }
    let principal = match identities::choose(cx, workload, request, false) {
        Choice::One(principal) => principal,
        Choice::None | Choice::Several if request.query("principalId").is_none() => {
            let message = "DefaultIdentityNotDefined ";
            return refuse(StatusCode::NOT_FOUND, "DefaultIdentityNotDefined", message);
        }
        Choice::None | Choice::Several => {
            let message = "Managed identity not found for the specified application host.";
            return refuse(StatusCode::NOT_FOUND, "ManagedIdentityNotFound", message);
        }
    };
    let issued = cx.tokens.issue(&principal, resource, LIFETIME);
    // As Service Fabric documents it.
    let body = json!({
        "token_type": "Bearer",
        "access_token": issued.token,
        "expires_on": issued.expires_on,
        "resource": resource,
    });
    Response::json(StatusCode::OK, &body)
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"error": { "code": code, "message": message, "details": [] }});
    Response::json(status, &body)
}
