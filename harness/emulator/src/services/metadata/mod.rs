//! Tokens for the identities of the workload that asks: the instance metadata endpoint at
//! `169.254.169.254`, the one of container apps (`app`), and that of Windows containers (`windows`). Which workload asks, the socket says.

mod app;
mod identities;
#[cfg(test)]
mod tests;
mod windows;

use crate::context::Context;
use crate::http::{Origin, Request, Response};
use crate::service::Service;
use ::http::{Method, StatusCode};
use futures_util::future::BoxFuture;
use identities::Choice;
use serde_json::json;

/// The address, in place of a name.
const HOST: &str = "169.254.169.254";
/// How long tokens of managed identities are good, in seconds. The answer says one less, as the
/// Container Instances article shows.
const LIFETIME: i64 = 28_800;
/// Ends of the host names that a managed identity gets tokens for.
const RESOURCE_SUFFIXES: [&str; 6] = [
    ".azure.com",
    ".azure.net",
    ".microsoft.com",
    ".windows.net",
    ".azconfig.io",
    ".azurecr.io",
];

/// The service.
#[derive(Debug)]
pub(crate) struct Metadata;

impl Service for Metadata {
    fn owns(&self, request: &Request) -> bool {
        request.host == HOST || app::is_asked(request)
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            if windows::is_asked(request) {
                return windows::answer(cx, request);
            }
            if app::is_asked(request) {
                return app::answer(cx, request);
            }
            route(cx, request)
        })
    }
}

fn route(cx: &Context, request: &Request) -> Response {
    let path: Vec<String> = (0..request.segments.len())
        .map(|i| request.segment(i))
        .collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    // Container groups offer tokens only; a virtual machine's description is not there.
    if path != ["metadata", "identity", "oauth2", "token"] {
        return Response::text(StatusCode::NOT_FOUND, "404 page not found");
    }
    if request.method != Method::GET {
        return Response::text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    }
    if !request
        .header("metadata")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    {
        // The wording of Container Instances, which answers plain text (azure-sdk-for-go's tests).
        return Response::text(
            StatusCode::BAD_REQUEST,
            "Required metadata header not specified or not correct",
        );
    }
    for name in ["api-version", "resource"] {
        if request.query(name).unwrap_or_default().is_empty() {
            return refuse(
                "invalid_request",
                &format!("Required query variable '{name}' is missing"),
            );
        }
    }
    let resource = request.query("resource").unwrap_or_default();
    let Origin::Workload(workload) = &request.origin else {
        return refuse(
            "invalid_request",
            "Identity not found: this machine is no Azure resource and has no managed identity",
        );
    };
    if !is_resource(resource) {
        return refuse(
            "invalid_resource",
            &format!(
                "AADSTS500011: The resource principal named {resource} was not found in the tenant \
                 named {}. This can happen if the application has not been installed by the \
                 administrator of the tenant or consented to by any user in the tenant. You might \
                 have sent your authentication request to the wrong tenant.",
                cx.tenant
            ),
        );
    }
    match identities::choose(cx, workload, request, true) {
        Choice::One(principal) => {
            let issued = cx.tokens.issue(&principal, resource, LIFETIME);
            let slash = if resource.ends_with('/') || !resource.contains("://") {
                ""
            } else {
                "/"
            };
            let body = json!({
                "access_token": issued.token,
                "refresh_token": "",
                "expires_in": (LIFETIME - 1).to_string(),
                "expires_on": issued.expires_on.to_string(),
                "not_before": issued.not_before.to_string(),
                // The answer names the resource with a slash at its end, asked with or without.
                "resource": format!("{resource}{slash}"),
                "token_type": "Bearer",
            });
            Response::json(StatusCode::OK, &body)
        }
        Choice::None => refuse("invalid_request", "Identity not found"),
        Choice::Several => refuse(
            "invalid_request",
            "Multiple user assigned identities exist, please specify the clientId / resourceId of \
             the identity in the token request",
        ),
    }
}

fn refuse(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    Response::json(StatusCode::BAD_REQUEST, &body)
}

/// Whether Entra knows a resource: Azure's own services, or an application's id.
fn is_resource(resource: &str) -> bool {
    if resource.starts_with("api://") || uuid::Uuid::parse_str(resource).is_ok() {
        return true;
    }
    let Some(rest) = resource.strip_prefix("https://") else {
        return false;
    };
    let host = rest
        .split('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    RESOURCE_SUFFIXES
        .iter()
        .any(|suffix| host.ends_with(suffix))
}
