//! Resource groups, and [`Deletions`] that take everything in a group with it.

use super::{locations, subscriptions};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::snapshot::Memory;
use ::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

const KIND: &str = "Microsoft.Resources/resourceGroups";

fn group_id(cx: &Context, name: &str) -> String {
    format!("/subscriptions/{}/resourceGroups/{name}", cx.subscription)
}

fn allow(cx: &Context, request: &Request, verb: &str, scope: &str) -> Result<(), ArmError> {
    let action = format!("Microsoft.Resources/subscriptions/resourceGroups/{verb}");
    arm::authorize(cx, request, &action, scope).map(drop)
}

/// Every group of the subscription that the caller may read.
pub(super) fn list(cx: &Context, request: &Request, id: &str) -> Result<Response, ArmError> {
    subscriptions::require(cx, id)?;
    let scope = format!("/subscriptions/{}", cx.subscription);
    let groups = cx.resources.list(&scope, Some(KIND)).into_iter();
    let seen = groups.filter(|group| {
        allow(
            cx,
            request,
            "read",
            group["id"].as_str().unwrap_or_default(),
        )
        .is_ok()
    });
    Ok(super::page(seen.collect()))
}

/// One group.
pub(super) fn show(
    cx: &Context,
    request: &Request,
    id: &str,
    name: &str,
) -> Result<Response, ArmError> {
    allow(cx, request, "read", &group_id(cx, name))?;
    let group = arm::require_group(cx, id, name)?;
    Ok(Response::json(StatusCode::OK, &group))
}

/// Whether a group is there: 204 or 404, neither with a body (recorded in `test_resource_group`).
pub(super) fn exists(
    cx: &Context,
    request: &Request,
    id: &str,
    name: &str,
) -> Result<Response, ArmError> {
    allow(cx, request, "read", &group_id(cx, name))?;
    Ok(match arm::require_group(cx, id, name) {
        Ok(_) => Response::empty(StatusCode::NO_CONTENT),
        Err(_) => {
            Response::empty(StatusCode::NOT_FOUND).with_header("x-ms-failure-cause", "gateway")
        }
    })
}

/// Creates a group, or replaces its tags: 201 or 200.
pub(super) fn create(
    cx: &Context,
    request: &Request,
    id: &str,
    name: &str,
) -> Result<Response, ArmError> {
    subscriptions::require(cx, id)?;
    let group = group_id(cx, name);
    allow(cx, request, "write", &group)?;
    check_name(name)?;
    let sent = request.json()?;
    let Some(asked) = sent["location"]
        .as_str()
        .filter(|location| !location.is_empty())
    else {
        return Err(bad_request(
            "LocationRequired",
            "The location property is required for this definition.",
        ));
    };
    let Some(location) = locations::normalize(asked) else {
        return Err(bad_request(
            "LocationNotAvailableForResourceGroup",
            &format!(
                "The provided location '{asked}' is not available for resource group. List of \
                 available regions is '{}'.",
                locations::names()
            ),
        ));
    };
    let old = cx.resources.get(&group);
    if let Some(old) = old
        .as_ref()
        .filter(|old| old["location"].as_str() != Some(location))
    {
        return Err(ArmError::new(
            StatusCode::CONFLICT,
            "InvalidResourceGroupLocation",
            format!(
                "Invalid resource group location '{location}'. The Resource group already exists \
                 in location '{}'.",
                old["location"].as_str().unwrap_or_default()
            ),
        )
        .from_gateway());
    }
    let mut body = json!({
        "id": old.as_ref().map_or_else(|| json!(group), |old| old["id"].clone()),
        "name": old.as_ref().map_or_else(|| json!(name), |old| old["name"].clone()),
        "type": KIND,
        "location": location,
    });
    if let Some(owner) = sent["managedBy"].as_str() {
        body["managedBy"] = json!(owner);
    }
    // Tags are absent until they were set once, and empty after they were all removed.
    let kept = old.as_ref().map_or(&Value::Null, |old| &old["tags"]);
    match (&sent["tags"], kept) {
        (Value::Object(tags), _) => body["tags"] = json!(tags),
        (_, Value::Object(_)) => body["tags"] = json!({}),
        _ => {}
    }
    body["properties"] = json!({ "provisioningState": "Succeeded" });
    cx.resources.put(&group, body.clone());
    let status = if old.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok(Response::json(status, &body))
}

/// Changes a group's tags.
pub(super) fn update(
    cx: &Context,
    request: &Request,
    id: &str,
    name: &str,
) -> Result<Response, ArmError> {
    let group = group_id(cx, name);
    allow(cx, request, "write", &group)?;
    let mut body = arm::require_group(cx, id, name)?;
    if let Value::Object(tags) = &request.json()?["tags"] {
        body["tags"] = json!(tags);
    }
    cx.resources.put(&group, body.clone());
    Ok(Response::json(StatusCode::OK, &body))
}

fn check_name(name: &str) -> Result<(), ArmError> {
    let allowed = |c: char| c.is_alphanumeric() || "-_().".contains(c);
    if name.len() <= 90 && name.chars().all(allowed) && !name.ends_with('.') {
        return Ok(());
    }
    Err(bad_request(
        "InvalidResourceGroup",
        &format!(
            "The provided resource group name '{name}' has these invalid characters or a wrong \
             length. The name can only be a letter, digit, '-', '.', '(', ')' or '_', can not end \
             with '.', and is of 90 characters at most."
        ),
    ))
}

fn bad_request(code: &str, message: &str) -> ArmError {
    ArmError::new(StatusCode::BAD_REQUEST, code, message).from_gateway()
}

/// Groups on their way out, and those that are gone.
#[derive(Debug, Default)]
pub(super) struct Deletions {
    by_operation: Mutex<HashMap<String, Deletion>>,
}

#[derive(Debug, Clone)]
struct Deletion {
    /// The group's id.
    scope: String,
    /// When it is gone.
    due: Timestamp,
    gone: bool,
}

impl Deletions {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Deletion>> {
        self.by_operation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Where they are kept.
    pub(super) fn memory(&self) -> &dyn Memory {
        &self.by_operation
    }

    /// Begins to delete a group. What is in it goes at once; the group itself answers "Deleting"
    /// until the operation's time is over.
    pub(super) async fn delete(
        &self,
        cx: &Context,
        request: &Request,
        id: &str,
        name: &str,
    ) -> Result<Response, ArmError> {
        let scope = group_id(cx, name);
        allow(cx, request, "delete", &scope)?;
        let group = arm::require_group(cx, id, name)?;
        let inside = cx.resources.list(&scope, None);
        for resource in &inside {
            cx.resources
                .remove(resource["id"].as_str().unwrap_or_default());
        }
        cx.resources.update(&scope, |group| {
            group["properties"]["provisioningState"] = json!("Deleting");
        });
        let emulator = cx.emulator();
        let services = emulator.map(|emulator| emulator.services());
        for resource in &inside {
            for service in services.iter().flat_map(|services| services.iter()) {
                service.removed(cx, resource).await;
            }
        }
        cx.access.remove_below(&scope);
        let location = group["location"].as_str().unwrap_or_default();
        let job = json!({
            "jobId": format!(
                "RESOURCEGROUPDELETIONJOB-{}-{}-{location}",
                name.to_uppercase(),
                &arm::operation_id()[..8]
            ),
            "jobLocation": location,
        });
        let operation = STANDARD_NO_PAD.encode(job.to_string()).replace('/', "_");
        let seconds = i64::try_from(cx.operation_seconds).unwrap_or(i64::MAX);
        let due = cx
            .clock
            .now()
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap_or(Timestamp::MAX);
        let deletion = Deletion {
            scope,
            due,
            gone: false,
        };
        self.lock().insert(operation.clone(), deletion);
        Ok(accepted(cx, request, &operation))
    }

    /// Takes the groups away whose time is over. Called before every request.
    pub(super) fn finish(&self, cx: &Context) {
        let now = cx.clock.now();
        for deletion in self.lock().values_mut() {
            if !deletion.gone && deletion.due <= now {
                cx.resources.remove(&deletion.scope);
                deletion.gone = true;
            }
        }
    }

    /// 202 until it is done, then 200, never with a body.
    pub(super) fn poll(
        &self,
        cx: &Context,
        request: &Request,
        operation: &str,
    ) -> Result<Response, ArmError> {
        let known = self
            .lock()
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(operation))
            .map(|(known, deletion)| (known.clone(), deletion.gone));
        match known {
            Some((_, true)) => Ok(Response::empty(StatusCode::OK)),
            Some((operation, false)) => Ok(accepted(cx, request, &operation)),
            // The wording is not recorded.
            None => Err(ArmError::new(
                StatusCode::NOT_FOUND,
                "ResourceNotFound",
                format!("Operation '{operation}' was not found."),
            )),
        }
    }
}

fn accepted(cx: &Context, request: &Request, operation: &str) -> Response {
    let location = format!(
        "https://{}/subscriptions/{}/operationresults/{operation}?api-version={}",
        arm::HOST,
        cx.subscription,
        request.query("api-version").unwrap_or_default()
    );
    let response = Response::empty(StatusCode::ACCEPTED).with_header("location", location);
    arm::with_retry_after(cx, response, 15)
}
