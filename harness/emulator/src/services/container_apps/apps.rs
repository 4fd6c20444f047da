//! Create, read, change and delete apps; their secrets; tokens for the endpoints of their region.

use super::identity;
use super::lifecycle;
use super::model::{self, Parts};
use super::names::{self, APP};
use super::operations::{self, End};
use super::preview;
use super::secrets;
use super::state::ContainerApps;
use super::validate;
use super::version;
use super::workload_profiles;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::Caller;
use crate::services::assigned::Holder;
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// How long a token for the endpoints of a region is good, in seconds.
const TOKEN_LIFETIME: i64 = 3600;
/// What operations on apps are called.
const KIND: &str = "containerapp";

/// Checks that the caller may do `verb` at an app; answers the app's id, which is of another casing than
/// its type.
pub(super) fn allow(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    verb: &str,
) -> Result<(Caller, String), ArmError> {
    let id = names::app_id(&path.subscription, path.group_name(), name);
    let caller = path.allow(cx, request, &format!("{APP}/{verb}"), &id)?;
    Ok((caller, id))
}

/// The apps of a resource group or of the subscription.
pub(super) fn list(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let apps = path.list(cx, request, APP)?;
    let apps: Vec<Value> = apps
        .into_iter()
        .map(|app| shown(all, cx, request, app))
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": apps })))
}

/// One app.
pub(super) fn get(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = allow(cx, request, path, name, "read")?;
    let body = validate::existing(cx, APP, path.group_name(), &id, name)?;
    Ok(Response::json(
        StatusCode::OK,
        &shown(all, cx, request, body),
    ))
}

fn shown(all: &ContainerApps, cx: &Context, request: &Request, mut body: Value) -> Value {
    if let Some(former) = all.ready_before(cx, body["id"].as_str().unwrap_or_default()) {
        body["properties"]["latestReadyRevisionName"] = json!(former);
    }
    if operations::is_busy(all, cx, body["id"].as_str().unwrap_or_default()) {
        body["properties"]["provisioningState"] = json!("InProgress");
    }
    version::app(request, body, false)
}

/// Makes an app or replaces one: 201 either way, and an operation to poll.
pub(super) async fn put(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = allow(cx, request, path, name, "write")?;
    arm::require_registered(cx, "Microsoft.App")?;
    let sent = request.json()?;
    let _gate = all.gate.lock().await;
    let made = id.clone();
    let change = Change {
        caller,
        id,
        name,
        secrets: secrets::read(&sent["properties"]["configuration"]["secrets"])?,
        sent,
    };
    let (echoed, begun) = match change.make(all, cx).await? {
        Made::Refused(response) => return Ok(response),
        Made::Begun(echoed, begun) => (echoed, begun),
    };
    let echoed = if preview::is_asked(request) {
        preview::new_app(&cx.resources.get(&made).unwrap_or_default(), &echoed)
    } else {
        version::app(request, echoed, true)
    };
    let response = Response::json(StatusCode::CREATED, &echoed)
        .with_header("x-ms-async-operation-timeout", "PT15M");
    Ok(begun.with_status(cx, request, response))
}

/// Changes an app: 202 without a body, and an operation to poll in both ways.
pub(super) async fn patch(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = allow(cx, request, path, name, "write")?;
    let patch = request.json()?;
    let _gate = all.gate.lock().await;
    let mut sent = validate::existing(cx, APP, path.group_name(), &id, name)?;
    let new = &patch["properties"]["configuration"]["secrets"];
    let secrets = match new {
        Value::Null => all.secrets(&id),
        new => secrets::read(new)?,
    };
    model::merge(&mut sent, &patch);
    let change = Change {
        caller,
        id,
        name,
        secrets,
        sent,
    };
    let begun = match change.make(all, cx).await? {
        Made::Refused(response) => return Ok(response),
        Made::Begun(_, begun) => begun,
    };
    let response = Response::empty(StatusCode::ACCEPTED);
    let response = begun.with_status(cx, request, response);
    Ok(begun.with_result(cx, request, response))
}

/// An app that is to be made or changed.
struct Change<'a> {
    caller: Caller,
    id: String,
    name: &'a str,
    sent: Value,
    secrets: Vec<Value>,
}

enum Made {
    Refused(Response),
    Begun(Value, operations::Begun),
}

impl Change<'_> {
    /// Stores the app and rolls its template out. A revision that cannot be provisioned is the
    /// operation's failure, and the app stays.
    async fn make(self, all: &ContainerApps, cx: &Context) -> Result<Made, ArmError> {
        let environment = match validate::environment(all, cx, &self.sent) {
            Ok(environment) => environment,
            Err(response) => return Ok(Made::Refused(*response)),
        };
        let old = cx.resources.get(&self.id);
        validate::name(self.name)?;
        let profile = workload_profiles::of_app(&environment, &self.sent)?;
        validate::properties(&self.sent, &self.secrets, profile)?;
        lifecycle::check_suffix(
            all,
            &self.id,
            self.name,
            &self.sent["properties"]["template"],
        )?;
        let holder = Holder {
            kind: APP,
            id: &self.id,
            name: self.name,
        };
        let identity = &self.sent["identity"];
        let identity = identity::resolve(cx, &self.caller, &holder, identity, old.as_ref())?;
        let parts = Parts {
            id: &self.id,
            name: self.name,
            sent: &self.sent,
            environment: &environment,
            profile,
            secrets: &self.secrets,
            identity,
            system_data: names::system_data(cx, &self.caller, old.as_ref()),
            is_new: old.is_none(),
        };
        let echoed = model::echoed(cx, &parts);
        let body = model::settled(cx, &parts);
        let key = self.id.to_ascii_lowercase();
        let kept = all.state().secrets.insert(key.clone(), self.secrets);
        let end = match lifecycle::roll_out(all, cx, body, &environment, old.as_ref()).await {
            Ok(None) => End::Done,
            Ok(Some(why)) => End::Failed("ContainerAppOperationError", why),
            Err(error) => {
                // Nothing of it shall stay but what was there before.
                let body = cx.resources.remove(&self.id);
                match (old, kept) {
                    (Some(old), kept) => {
                        cx.resources.put(&self.id, old);
                        let mut state = all.state();
                        state.secrets.insert(key, kept.unwrap_or_default());
                    }
                    (None, _) => {
                        identity::forget(cx, &body.unwrap_or_default());
                        lifecycle::forget(all, cx, &self.id).await;
                    }
                }
                return Err(error);
            }
        };
        let body = cx.resources.get(&self.id).unwrap_or_default();
        let begun = operations::begin(all, cx, KIND, &body, end);
        Ok(Made::Begun(echoed, begun))
    }
}

/// 202 and an operation to poll; 204 if there is no such app. Nothing of it runs afterwards.
pub(super) async fn delete(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = allow(cx, request, path, name, "delete")?;
    let _gate = all.gate.lock().await;
    let Some(body) = cx.resources.remove(&id) else {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    };
    cx.access.remove_below(&id);
    identity::forget(cx, &body);
    lifecycle::forget(all, cx, &id).await;
    let begun = operations::begin(all, cx, KIND, &body, End::Gone);
    Ok(begun.with_result(cx, request, Response::empty(StatusCode::ACCEPTED)))
}

/// The secrets of an app, with their values.
pub(super) fn list_secrets(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = allow(cx, request, path, name, "listSecrets/action")?;
    validate::existing(cx, APP, path.group_name(), &id, name)?;
    let body = json!({ "value": all.secrets(&id) });
    Ok(Response::json(StatusCode::OK, &body))
}

/// A token for the endpoints of the app's region, good for this app alone.
pub(super) fn auth_token(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (caller, id) = allow(cx, request, path, name, "getAuthToken/action")?;
    let body = validate::existing(cx, APP, path.group_name(), &id, name)?;
    let kind = "Microsoft.App/containerApps/accesstoken";
    Ok(token(cx, &caller, &body, kind))
}

/// The answer with a token for one resource.
pub(super) fn token(cx: &Context, caller: &Caller, resource: &Value, kind: &str) -> Response {
    let id = resource["id"].as_str().unwrap_or_default();
    let audience = id.to_ascii_lowercase();
    let principal = cx.directory.by_object_id(&caller.object_id);
    let token = principal
        .map(|principal| cx.tokens.issue(&principal, &audience, TOKEN_LIFETIME).token)
        .unwrap_or_default();
    let expires = cx.clock.now() + jiff::SignedDuration::from_secs(TOKEN_LIFETIME);
    let body = json!({
        "id": id,
        "name": resource["name"],
        "type": kind,
        "location": resource["location"],
        "properties": { "token": token, "expires": arm::seven_digits(expires) },
    });
    Response::json(StatusCode::OK, &body)
}
