//! Operations on networks, and how long they take ([`Network`]).

use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a client is told to wait between two looks, where operations take time. Retry-After is
/// not in the recordings.
const RETRY_SECONDS: u64 = 10;

/// The service of virtual networks.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(super) state: Mutex<State>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Until when each operation goes on, in seconds since 1970, by GUID.
    operations: BTreeMap<String, i64>,
    /// Until when a network or subnet changes, by lower-cased id.
    busy: BTreeMap<String, i64>,
}

impl Network {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an operation on a network or subnet, and adds to the answer where to look for its end.
    /// `gone` says where to find the result, too, as for what is deleted.
    pub(super) fn begin(
        &self,
        cx: &Context,
        request: &Request,
        vnet: &Value,
        id: &str,
        gone: bool,
        to: Response,
    ) -> Response {
        let until = cx.operation_end();
        let guid = arm::operation_id();
        {
            let mut state = self.state();
            state.busy.insert(id.to_ascii_lowercase(), until);
            state.operations.insert(guid.clone(), until);
        }
        let url = |what: &str| {
            format!(
                "https://{}/subscriptions/{}/providers/Microsoft.Network/locations/{}/{what}/{guid}\
                 ?api-version={}",
                arm::HOST,
                cx.subscription,
                vnet["location"].as_str().unwrap_or_default(),
                request.query("api-version").unwrap_or_default(),
            )
        };
        let mut to = to
            .with_header("azure-asyncnotification", "Enabled")
            .with_header("azure-asyncoperation", url("operations"));
        if gone {
            to = to.with_header("location", url("operationResults"));
        }
        arm::with_retry_after(cx, to, RETRY_SECONDS)
    }

    /// Whether a network or subnet is changing.
    pub(super) fn is_busy(&self, cx: &Context, id: &str) -> bool {
        let state = self.state();
        let until = state.busy.get(&id.to_ascii_lowercase());
        until.is_some_and(|until| !cx.is_reached(*until))
    }

    /// Answers a look at an operation: its status, or the result that it leaves.
    pub(super) fn poll(
        &self,
        cx: &Context,
        request: &Request,
        what: &str,
        guid: &str,
    ) -> Result<Response, ArmError> {
        arm::authorize(cx, request, "", "")?;
        let until = self.state().operations.get(guid).copied();
        let Some(until) = until else {
            // The wording is not recorded.
            return Err(ArmError::new(
                StatusCode::NOT_FOUND,
                "OperationNotFound",
                format!("Operation {guid} not found."),
            ));
        };
        let running = !cx.is_reached(until);
        let response = match (what, running) {
            ("operations", true) => {
                Response::json(StatusCode::OK, &json!({ "status": "InProgress" }))
            }
            ("operations", false) => {
                return Ok(Response::json(
                    StatusCode::OK,
                    &json!({ "status": "Succeeded" }),
                ));
            }
            (_, true) => Response::empty(StatusCode::ACCEPTED),
            (_, false) => return Ok(Response::empty(StatusCode::NO_CONTENT)),
        };
        Ok(arm::with_retry_after(cx, response, RETRY_SECONDS))
    }
}
