//! Requests to the emulator's own front door, as the caller: [`Client`].

use super::template::{Need, Resource};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Origin, Request};
use ::http::{Method, StatusCode, header};
use bytes::Bytes;
use serde_json::{Value, json};

/// How often an operation is asked for its end, with a second between, before it counts as stuck.
const MOST_POLLS: usize = 600;

/// Asks the emulator's own front door, as the caller.
pub(super) struct Client<'a> {
    pub(super) cx: &'a Context,
    pub(super) request: &'a Request,
}

impl Client<'_> {
    async fn send(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, ::http::HeaderMap, Value), ArmError> {
        let broken = |message: String| {
            ArmError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                message,
            )
        };
        let emulator = self.cx.emulator();
        let emulator = emulator.ok_or_else(|| broken("the emulator is shutting down".into()))?;
        let mut request = ::http::Request::builder()
            .method(method)
            .uri(url)
            .header(header::HOST, arm::HOST);
        if let Some(authorization) = self.request.headers.get(header::AUTHORIZATION) {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = request
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|error| broken(error.to_string()))?;
        let answer = emulator.send(&Origin::Azure, request).await;
        let (parts, body) = answer.into_parts();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok((parts.status, parts.headers, body))
    }

    /// Makes a resource and waits for its end; answers the status, and the error if there is one.
    pub(super) async fn make(
        &self,
        id: &str,
        version: &str,
        body: &Value,
    ) -> Result<(u16, Option<Value>), ArmError> {
        let url = url(id, version);
        let (status, headers, answer) = self.send(Method::PUT, &url, Some(body)).await?;
        if !status.is_success() {
            if answer["error"]["code"] == "NotEmulated" {
                let message = answer["error"]["message"].as_str().unwrap_or_default();
                return Err(ArmError::new(status, "NotEmulated", message));
            }
            return Ok((status.as_u16(), Some(error_of(&answer))));
        }
        let operation = headers.get("azure-asyncoperation");
        let operation = operation
            .and_then(|url| url.to_str().ok())
            .map(str::to_owned);
        let Some(operation) = operation else {
            return Ok((status.as_u16(), None));
        };
        for _ in 0..MOST_POLLS {
            let (_, _, answer) = self.send(Method::GET, &operation, None).await?;
            match answer["status"].as_str().unwrap_or_default() {
                "Succeeded" => return Ok((status.as_u16(), None)),
                "Failed" | "Canceled" => return Ok((409, Some(error_of(&answer)))),
                _ => {}
            }
            // Only where operations are told to take time; polling is how that is waited for.
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        let stuck =
            json!({ "code": "DeploymentTimeout", "message": format!("'{id}' did not end.") });
        Ok((409, Some(stuck)))
    }

    /// Finds out what a template asks of what is deployed.
    pub(super) async fn need(
        &self,
        need: &Need,
        resources: &[Resource<'_>],
    ) -> Result<Value, Value> {
        let (method, url) = match need {
            Need::Reference { id, version } => {
                let own = resources.iter().find(|one| one.id.eq_ignore_ascii_case(id));
                let version = version.as_deref().or(own.map(|own| own.version.as_str()));
                (Method::GET, url(id, version.unwrap_or_default()))
            }
            Need::List {
                id,
                function,
                version,
            } => (Method::POST, url(&format!("{id}/{function}"), version)),
        };
        let answer = self.send(method, &url, None).await;
        let (status, _, answer) = answer.map_err(|error| error.to_json())?;
        if status.is_success() {
            Ok(answer)
        } else {
            Err(error_of(&answer))
        }
    }
}

fn url(id: &str, version: &str) -> String {
    let id = percent_encoding::utf8_percent_encode(id, PATH);
    format!("https://{}{id}?api-version={version}", arm::HOST)
}

/// What a path may not have as it is.
const PATH: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'?');

/// The error in an answer, with or without the envelope.
fn error_of(answer: &Value) -> Value {
    match answer.get("error") {
        Some(error) => error.clone(),
        None => answer.clone(),
    }
}
