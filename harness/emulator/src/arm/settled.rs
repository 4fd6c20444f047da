//! Operations that have ended in the answer that begins them.
//!
//! A client that is told of an operation looks for its end, and sleeps before it does: `az` for half a
//! second, `az containerapp` for as long as `Retry-After` says, twice. Where operations take no time
//! (`operation_seconds` is 0) that is waiting for nothing, and ARM lets a provider answer at once: a
//! PUT or PATCH with 200 and the resource as it is in the end, a POST with its result, a DELETE with
//! nothing (Microsoft's `azure-resource-manager-rpc`, `async-api-reference.md`).

use crate::http::{Request, Response, pairs, segments};
use ::http::{Method, StatusCode};
use bytes::Bytes;
use serde_json::Value;

/// Where a service says that an operation can be looked at.
const STATUS: &str = "azure-asyncoperation";
/// Where a service says that the result will be.
const RESULT: &str = "location";
/// States of a resource that are not its last.
const CHANGING: [&str; 6] = [
    "accepted",
    "creating",
    "inprogress",
    "pending",
    "registeringdns",
    "updating",
];

/// What an answer leaves to be looked at, in this order; nothing if it is the last.
pub(crate) struct Begun {
    /// The operation's status.
    pub(crate) status: Option<Request>,
    /// What the client shows in the end.
    pub(crate) last: Option<Request>,
}

/// What is to be asked before `response` can be settled. `None` if it begins no operation, or if the
/// client wants to see how it begins (`--no-wait`, which `az` tells with each request).
pub(crate) fn begun(request: &Request, response: &Response) -> Option<Begun> {
    let changes = [Method::PUT, Method::PATCH, Method::POST, Method::DELETE];
    if !changes.contains(&request.method) || !response.status.is_success() || no_wait(request) {
        return None;
    }
    let url = |name: &str| {
        let url = response.headers.get(name)?.to_str().ok()?;
        look(request, url)
    };
    let (status, result) = (url(STATUS), url(RESULT));
    let resource = matches!(request.method, Method::PUT | Method::PATCH);
    if status.is_none() && result.is_none() && !(resource && is_changing(response)) {
        return None;
    }
    let last = match resource && (status.is_some() || result.is_none()) {
        true => Some(again(request)),
        false => result,
    };
    Some(Begun { status, last })
}

/// Whether an operation's status says that it ended well. One that failed is left to be polled, so
/// that the client tells of it as it does on Azure.
pub(crate) fn has_succeeded(status: &Response) -> bool {
    let body: Value = serde_json::from_slice(&status.body).unwrap_or_default();
    let state = body["status"].as_str().unwrap_or_default();
    status.status == StatusCode::OK && state.eq_ignore_ascii_case("Succeeded")
}

/// The answer that takes the place of the first, if what was looked at last is there already.
pub(crate) fn settled(first: &Response, last: Response) -> Option<Response> {
    let pending = last.status == StatusCode::ACCEPTED || last.headers.contains_key(STATUS);
    if pending || !last.status.is_success() || is_changing(&last) {
        return None;
    }
    // What a service says beside (marks, what stood in) it said in its first answer.
    let mut headers = first.headers.clone();
    for name in [STATUS, RESULT, "retry-after", "azure-asyncnotification"] {
        headers.remove(name);
    }
    headers.extend(last.headers);
    Some(Response { headers, ..last })
}

fn is_changing(response: &Response) -> bool {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let state = body["properties"]["provisioningState"].as_str();
    state.is_some_and(|state| CHANGING.contains(&state.to_ascii_lowercase().as_str()))
}

fn no_wait(request: &Request) -> bool {
    request
        .header("parametersetname")
        .is_some_and(|options| options.split(' ').any(|option| option == "--no-wait"))
}

/// The same place, to be read.
fn again(request: &Request) -> Request {
    Request {
        method: Method::GET,
        body: Bytes::new(),
        ..request.clone()
    }
}

/// A request for a URL by who sent this one. `None` for another host: only ARM's operations are
/// settled.
fn look(request: &Request, url: &str) -> Option<Request> {
    let rest = url.strip_prefix("https://")?;
    let (host, rest) = rest.split_once('/')?;
    if host != request.host || host != crate::arm::HOST {
        return None;
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Some(Request {
        path: format!("/{path}"),
        segments: segments(path),
        query: pairs(query),
        ..again(request)
    })
}
