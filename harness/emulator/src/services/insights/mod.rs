//! Diagnostic settings of resources (`Microsoft.Insights`): which logs go where. From documentation, not
//! recorded. No log is ever sent.

use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use ::http::{Method, StatusCode};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

const KIND: &str = "Microsoft.Insights/diagnosticSettings";

/// The service.
#[derive(Debug)]
pub(crate) struct Insights;

/// The resource that a path is about, and the name of its setting.
fn parts(path: &str) -> Option<(&str, Option<&str>)> {
    const MARK: &str = "/providers/microsoft.insights/diagnosticsettings";
    let lower = path.to_ascii_lowercase();
    let at = lower.find(MARK)?;
    let rest = path.get(at + MARK.len()..)?.trim_matches('/');
    if rest.contains('/') {
        return None;
    }
    let resource = path.get(..at)?;
    Some((resource, Some(rest).filter(|name| !name.is_empty())))
}

impl Service for Insights {
    fn owns(&self, request: &Request) -> bool {
        request.host == arm::HOST && parts(&request.path).is_some()
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move { arm::respond(route(cx, request)) })
    }
}

fn route(cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let missing = || arm::not_emulated(request);
    let (resource, name) = parts(&request.path).ok_or_else(missing)?;
    arm::api_version(request)?;
    let verb = match request.method {
        Method::GET => "read",
        Method::PUT => "write",
        Method::DELETE => "delete",
        _ => return Err(missing()),
    };
    arm::authorize(cx, request, &format!("{KIND}/{verb}"), resource)?;
    let of = cx.resources.get(resource).ok_or_else(|| {
        let parts: Vec<&str> = resource.split('/').collect();
        let at = |from_end: usize| {
            let index = parts.len().checked_sub(from_end);
            index
                .and_then(|index| parts.get(index))
                .copied()
                .unwrap_or_default()
        };
        let group = parts.get(4).copied().unwrap_or_default();
        arm::not_found(&format!("{}/{}", at(3), at(2)), at(1), group)
    })?;
    let Some(name) = name else {
        if request.method != Method::GET {
            return Err(missing());
        }
        let all = cx.resources.list(resource, Some(KIND));
        return Ok(Response::json(StatusCode::OK, &json!({ "value": all })));
    };
    let id = format!(
        "{}/providers/microsoft.insights/diagnosticSettings/{name}",
        of["id"].as_str().unwrap_or(resource)
    );
    match request.method {
        Method::PUT => {
            let body = build(cx, &id, name, &request.json()?["properties"])?;
            cx.resources.put(&id, body.clone());
            Ok(Response::json(StatusCode::OK, &body))
        }
        Method::DELETE => Ok(Response::empty(match cx.resources.remove(&id) {
            Some(_) => StatusCode::OK,
            None => StatusCode::NO_CONTENT,
        })),
        _ => {
            let found = cx.resources.get(&id);
            // The text is not recorded.
            let found = found.ok_or_else(|| {
                let message = format!("The diagnostic setting '{name}' doesn't exist.");
                ArmError::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
            })?;
            Ok(Response::json(StatusCode::OK, &found))
        }
    }
}

/// A setting as it is kept; where it sends to must be there.
fn build(cx: &Context, id: &str, name: &str, sent: &Value) -> Result<Value, ArmError> {
    let places = [
        "workspaceId",
        "storageAccountId",
        "eventHubAuthorizationRuleId",
    ];
    let mut properties = json!({});
    let mut any = false;
    for key in places {
        properties[key] = sent[key].clone();
        let Some(place) = sent[key].as_str() else {
            continue;
        };
        any = true;
        if key != "eventHubAuthorizationRuleId" && cx.resources.get(place).is_none() {
            // The code and the text are not recorded.
            let message = format!("The resource '{place}' of {key} was not found.");
            return Err(ArmError::new(
                StatusCode::NOT_FOUND,
                "ResourceNotFound",
                message,
            ));
        }
    }
    if !any {
        // The code and the text are not recorded.
        let message = "At least one data sink needs to be specified.";
        return Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            message,
        ));
    }
    properties["eventHubName"] = sent["eventHubName"].clone();
    properties["logAnalyticsDestinationType"] = sent["logAnalyticsDestinationType"].clone();
    for key in ["metrics", "logs"] {
        properties[key] = match &sent[key] {
            Value::Array(given) => json!(given),
            _ => json!([]),
        };
    }
    Ok(json!({
        "id": id,
        "type": KIND,
        "name": name,
        "location": null,
        "kind": null,
        "tags": null,
        "properties": properties,
        "identity": null,
    }))
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_setting_belongs_to_a_resource() {
        let resource = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v";
        assert_eq!(parts(resource), None);
        let path = format!("{resource}/providers/microsoft.insights/diagnosticSettings");
        assert_eq!(parts(&path), Some((resource, None)));
        assert_eq!(
            parts(&format!("{path}/logs")),
            Some((resource, Some("logs")))
        );
        assert_eq!(parts(&format!("{path}/logs/more")), None);
    }
}
