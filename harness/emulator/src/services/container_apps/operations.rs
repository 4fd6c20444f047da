//! Operations that are polled: `…OperationStatuses` and `…OperationResults` of a location.

use super::names;
use super::state::ContainerApps;
use super::version;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

/// How long a client is told to wait between two looks, where operations take time. Retry-After is
/// not in the recordings; `az` looks every 2 or 3 seconds.
const RETRY_SECONDS: u64 = 3;
/// .NET counts ticks of 100 nanoseconds from the year 1; this is 1970 in them.
const TICKS_1970: i128 = 621_355_968_000_000_000;

/// How an operation ends.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// The resource is there, as changed.
    Done,
    /// The resource is gone.
    Gone,
    /// It failed, with this code and text.
    Failed(&'static str, String),
}

/// One operation.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    resource: String,
    begun: Timestamp,
    until: i64,
    end: End,
}

/// What an operation is called in URLs: `containerapp`, `managedEnvironment`.
pub(super) struct Begun {
    kind: &'static str,
    location: String,
    guid: String,
}

/// Begins an operation on a resource, which is busy until it ends.
pub(super) fn begin(
    all: &ContainerApps,
    cx: &Context,
    kind: &'static str,
    resource: &Value,
    end: End,
) -> Begun {
    let id = resource["id"].as_str().unwrap_or_default();
    let begun = cx.clock.now();
    let until = begun
        .as_second()
        .saturating_add_unsigned(cx.operation_seconds);
    let guid = arm::operation_id();
    let mut state = all.state();
    state.busy.insert(id.to_ascii_lowercase(), until);
    let operation = Operation {
        resource: id.to_owned(),
        begun,
        until,
        end,
    };
    state.operations.insert(guid.clone(), operation);
    Begun {
        kind,
        location: names::plain_location(resource["location"].as_str().unwrap_or_default()),
        guid,
    }
}

impl Begun {
    fn url(&self, cx: &Context, request: &Request, what: &str) -> String {
        let flag = if what == "Statuses" {
            "&azureAsyncOperation=true"
        } else {
            ""
        };
        format!(
            "https://{}/subscriptions/{}/providers/Microsoft.App/locations/{}/{}Operation{what}/{}\
             ?api-version={}{flag}&t={}",
            arm::HOST,
            cx.subscription,
            self.location,
            self.kind,
            self.guid,
            request.query("api-version").unwrap_or_default(),
            ticks(cx),
        )
    }

    /// Adds where the status is to be found.
    pub(super) fn with_status(&self, cx: &Context, request: &Request, to: Response) -> Response {
        to.with_header("azure-asyncoperation", self.url(cx, request, "Statuses"))
    }

    /// Adds where the result is to be found.
    pub(super) fn with_result(&self, cx: &Context, request: &Request, to: Response) -> Response {
        let to = to.with_header("location", self.url(cx, request, "Results"));
        arm::with_retry_after(cx, to, RETRY_SECONDS)
    }
}

/// Ticks of now: signed URLs carry them, so each look has another one.
fn ticks(cx: &Context) -> i128 {
    cx.clock.now().as_nanosecond() / 100 + TICKS_1970
}

/// Whether an operation on the resource still goes on.
pub(super) fn is_busy(all: &ContainerApps, cx: &Context, id: &str) -> bool {
    let state = all.state();
    let until = state.busy.get(&id.to_ascii_lowercase());
    until.is_some_and(|until| !cx.is_reached(*until))
}

/// Answers a look at `{kind}OperationStatuses` or `{kind}OperationResults`.
pub(super) fn poll(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    location: &str,
    what: &str,
    guid: &str,
) -> Result<Response, ArmError> {
    arm::authorize(cx, request, "", "")?;
    // One of these begins like another, which comes after it.
    let known = ["managedEnvironment", "containerappsjob", "containerapp"]
        .into_iter()
        .find_map(|kind| Some((what.strip_prefix(&*kind.to_ascii_lowercase())?, kind)));
    let found = all.state().operations.get(guid).cloned();
    let (Some((what, kind)), Some(operation)) = (known, found) else {
        // The wording is not recorded.
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "OperationNotFound",
            format!("Operation '{guid}' was not found."),
        ));
    };
    let running = !cx.is_reached(operation.until);
    let begun = Begun {
        kind,
        location: location.to_owned(),
        guid: guid.to_owned(),
    };
    match what {
        "operationstatuses" => Ok(status(cx, &operation, &begun, running)),
        "operationresults" if running => {
            let accepted = Response::empty(StatusCode::ACCEPTED);
            Ok(begun.with_result(cx, request, accepted))
        }
        "operationresults" => Ok(result(cx, request, &operation)),
        _ => Err(arm::not_emulated(request)),
    }
}

fn status(cx: &Context, operation: &Operation, begun: &Begun, running: bool) -> Response {
    let mut body = json!({
        "id": format!(
            "/subscriptions/{}/providers/Microsoft.App/locations/{}/{}OperationStatuses/{}",
            cx.subscription, begun.location, begun.kind, begun.guid
        ),
        "name": begun.guid,
        "status": "Succeeded",
        "startTime": names::time(operation.begun),
    });
    if running {
        body["status"] = json!("InProgress");
    } else if let End::Failed(code, message) = &operation.end {
        body["status"] = json!("Failed");
        body["error"] = json!({ "code": code, "message": message });
    }
    arm::with_retry_after(cx, Response::json(StatusCode::OK, &body), RETRY_SECONDS)
}

fn result(cx: &Context, request: &Request, operation: &Operation) -> Response {
    let body = match &operation.end {
        End::Gone => None,
        End::Done | End::Failed(..) => cx.resources.get(&operation.resource),
    };
    match body {
        Some(body) if body["type"] == names::ENVIRONMENT => {
            let body = version::environment(request, body);
            Response::json(StatusCode::OK, &body)
        }
        Some(body) => Response::json(StatusCode::OK, &version::app(request, body, false)),
        None => Response::empty(StatusCode::NO_CONTENT),
    }
}
