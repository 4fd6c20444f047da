//! What clients ask on their own account: telemetry, update checks, the index of extensions.
//!
//! They get an answer that keeps them quiet, and no walkthrough is judged by it.

use crate::http::{Request, Response};
use crate::services::cli_extensions;
use ::http::StatusCode;
use serde_json::json;

/// Hosts that take telemetry.
const TELEMETRY: [&str; 3] = [
    "dc.services.visualstudio.com",
    ".in.applicationinsights.azure.com",
    ".monitor.azure.com",
];
/// Hosts of update checks and of the index of extensions.
const UPDATES: [&str; 6] = [
    "aka.ms",
    "azcliextensionsync.blob.core.windows.net",
    "azcliprod.blob.core.windows.net",
    "azurecliprod.blob.core.windows.net",
    "pypi.org",
    "raw.githubusercontent.com",
];

/// The answer to a request that a client makes on its own account; `None` if its user made it.
///
/// `aka.ms` and its like serve downloads as well: one that a walkthrough asks for with `curl` or
/// `wget` is the walkthrough's own.
pub(crate) fn answer(request: &Request) -> Option<Response> {
    let agent = request
        .header("user-agent")
        .unwrap_or_default()
        .to_ascii_lowercase();
    if agent.starts_with("curl/") || agent.starts_with("wget/") || cli_extensions::is_asked(request)
    {
        return None;
    }
    let at = |hosts: &[&str]| {
        hosts.iter().any(|host| {
            request.host == *host || (host.starts_with('.') && request.host.ends_with(host))
        })
    };
    if at(&TELEMETRY) {
        let body = json!({ "itemsReceived": 1, "itemsAccepted": 1, "errors": [] });
        return Some(Response::json(StatusCode::OK, &body));
    }
    at(&UPDATES).then(|| Response::text(StatusCode::NOT_FOUND, "not found"))
}
