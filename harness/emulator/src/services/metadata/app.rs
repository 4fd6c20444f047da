//! The token endpoint of container apps, `http://localhost:42356/msi/token`: a secret header in
//! place of `Metadata: true`, another version, and errors of another shape.

use super::identities::{self, Choice};
use crate::arm;
use crate::context::Context;
use crate::http::{Origin, Request, Response};
use ::http::{Method, StatusCode};
use serde_json::json;

/// Hosts that the endpoint is asked under.
const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];
/// The path of tokens.
const PATH: &str = "/msi/token";
/// The version that the document names.
const VERSION: &str = "2019-08-01";
/// How long a token is good, in seconds: a day, as other endpoints of that kind answer.
const LIFETIME: i64 = 86_400;
/// Parameters that name an identity.
const SELECTORS: [&str; 5] = [
    "client_id",
    "object_id",
    "principal_id",
    "mi_res_id",
    "msi_res_id",
];

/// Whether a request is for this endpoint.
pub(super) fn is_asked(request: &Request) -> bool {
    HOSTS.contains(&request.host.as_str())
}

/// The answer. A missing or wrong header is refused with 403 and no body, another method with 405
/// (both quoted in public issues: microsoft-authentication-library-for-dotnet 5077 and
/// azure-container-apps 502).
pub(super) fn answer(cx: &Context, request: &Request) -> Response {
    if request.path.trim_end_matches('/') != PATH {
        return Response::empty(StatusCode::NOT_FOUND);
    }
    if request.method != Method::GET {
        return Response::empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let secret = request.header("x-identity-header").unwrap_or_default();
    let workload = match &request.origin {
        Origin::Workload(workload) if cx.endpoint_secrets.is(&workload.0, secret) => workload,
        _ => return Response::empty(StatusCode::FORBIDDEN),
    };
    if request.query("api-version") != Some(VERSION) {
        // The wording is not recorded; that an older version is refused is.
        return refuse("The api-version is missing or not supported.");
    }
    let resource = request.query("resource").unwrap_or_default();
    if !super::is_resource(resource) {
        // The wording is not recorded.
        return refuse("The resource is missing or unknown.");
    }
    let principal = match identities::choose(cx, workload, request, false) {
        Choice::One(principal) => principal,
        Choice::None | Choice::Several => {
            let named = SELECTORS
                .iter()
                .any(|name| request.query(name).is_some_and(|value| !value.is_empty()));
            return refuse(if named {
                "No User Assigned or Delegated Managed Identity found for specified \
                 ClientId/ResourceId/PrincipalId."
            } else {
                "Unable to load the proper Managed Identity."
            });
        }
    };
    let issued = cx.tokens.issue(&principal, resource, LIFETIME);
    let body = json!({
        "access_token": issued.token,
        "expires_on": issued.expires_on.to_string(),
        "resource": resource,
        "token_type": "Bearer",
        "client_id": principal.client_id,
    });
    Response::json(StatusCode::OK, &body)
}

fn refuse(message: &str) -> Response {
    let body = json!({
        "statusCode": 400, "message": message, "correlationId": arm::operation_id(),
    });
    Response::json(StatusCode::BAD_REQUEST, &body)
}
