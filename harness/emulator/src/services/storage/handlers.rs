//! Create, read and delete storage accounts.

use super::model::{self, KIND};
use super::routes::Storage;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// How long a client is told to wait for a new account; not recorded.
const RETRY_SECONDS: u64 = 17;

/// An account as an answer, which names no character set (recorded in
/// `hist_test_container_create_with_msi_scope`).
fn shown(body: &Value) -> Response {
    Response::json(StatusCode::OK, body).with_header("content-type", "application/json")
}

/// The accounts of a resource group or of the subscription.
pub(super) fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    let found = path.list(cx, request, KIND)?;
    Ok(shown(&json!({ "value": found })))
}

/// One account.
pub(super) fn get(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (KIND, name), "read")?;
    let body = cx.resources.get(&id);
    Ok(shown(&body.ok_or_else(|| {
        arm::not_found(KIND, name, path.group_name())
    })?))
}

/// Both keys of an account; nothing is stored there that they would open. From the specification, not
/// recorded.
pub(super) fn keys(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (KIND, name), "listKeys/action")?;
    let body = cx.resources.get(&id);
    let body = body.ok_or_else(|| arm::not_found(KIND, name, path.group_name()))?;
    let created = &body["properties"]["creationTime"];
    let key = |number: u8| {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        use sha2::{Digest, Sha512};
        let seed = format!("{id}/{created}/{number}");
        json!({
            "creationTime": created,
            "keyName": format!("key{number}"),
            "value": STANDARD.encode(Sha512::digest(seed)),
            "permissions": "FULL",
        })
    };
    Ok(shown(&json!({ "keys": [key(1), key(2)] })))
}

/// Whether a name is good and free. From the specification, not recorded.
pub(super) fn check_name(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let action = "Microsoft.Storage/checknameavailability/read";
    arm::authorize(cx, request, action, &path.scope)?;
    let sent = request.json()?;
    let name = sent["name"].as_str().unwrap_or_default();
    let refusal = match model::check_name(name) {
        Err(invalid) => Some(("AccountNameInvalid", invalid.message)),
        Ok(()) => is_taken(cx, name).then(|| ("AlreadyExists", taken(name))),
    };
    let body = match refusal {
        None => json!({ "nameAvailable": true }),
        Some((reason, message)) => {
            json!({ "nameAvailable": false, "reason": reason, "message": message })
        }
    };
    Ok(shown(&body))
}

fn is_taken(cx: &Context, name: &str) -> bool {
    let all = cx.resources.list("", Some(KIND));
    all.iter().any(|one| one["name"] == name)
}

/// The text is from memory.
fn taken(name: &str) -> String {
    format!("The storage account named {name} is already taken.")
}

/// 202 without a body for a new account, which is where the answer says once it is made; 200 for one
/// that was there. Names are unique in all of Azure.
pub(super) fn put(
    storage: &Storage,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (KIND, name), "write")?;
    arm::require_registered(cx, "Microsoft.Storage")?;
    model::check_name(name)?;
    let old = cx.resources.get(&id);
    if old.is_none() && is_taken(cx, name) {
        let code = "StorageAccountAlreadyTaken";
        return Err(ArmError::new(StatusCode::CONFLICT, code, taken(name)));
    }
    let version = arm::api_version(request)?;
    let body = model::account(cx, &id, name, &request.json()?, old.as_ref(), version)?;
    cx.resources.put(&id, body.clone());
    if old.is_some() {
        return Ok(shown(&body));
    }
    let guid = storage.begin(cx, &id);
    let url = format!(
        "https://{}/subscriptions/{}/providers/Microsoft.Storage/locations/{}/asyncoperations/{guid}\
         ?monitor=true&api-version={version}",
        arm::HOST,
        cx.subscription,
        body["location"].as_str().unwrap_or_default(),
    );
    let response = Response::text(StatusCode::ACCEPTED, "").with_header("location", url);
    Ok(arm::with_retry_after(cx, response, RETRY_SECONDS))
}

/// Answers a look for a new account: 202 until it is made, and then the account.
pub(super) fn poll(
    storage: &Storage,
    cx: &Context,
    request: &Request,
    guid: &str,
) -> Result<Response, ArmError> {
    arm::authorize(cx, request, "", "")?;
    let Some((id, until)) = storage.operation(guid) else {
        // The wording is not recorded.
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "OperationNotFound",
            format!("The operation {guid} was not found."),
        ));
    };
    if !cx.is_reached(until) {
        let url = format!("https://{}{}?{}", arm::HOST, request.path, again(request));
        let response = Response::text(StatusCode::ACCEPTED, "").with_header("location", url);
        return Ok(arm::with_retry_after(cx, response, RETRY_SECONDS));
    }
    Ok(match cx.resources.get(&id) {
        Some(body) => shown(&body),
        None => Response::empty(StatusCode::NO_CONTENT),
    })
}

fn again(request: &Request) -> String {
    let version = request.query("api-version").unwrap_or_default();
    format!("monitor=true&api-version={version}")
}

/// 200, or 204 if there was none.
pub(super) fn delete(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (KIND, name), "delete")?;
    cx.access.remove_below(&id);
    Ok(Response::empty(match cx.resources.remove(&id) {
        Some(_) => StatusCode::OK,
        None => StatusCode::NO_CONTENT,
    }))
}
