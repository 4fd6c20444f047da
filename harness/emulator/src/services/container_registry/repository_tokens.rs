//! Repository tokens: names with passwords that may do what their scope map says, and nothing else.

use super::host::Registry;
use super::model::offset;
use super::parts::{Change, Part, refuse};
use super::state::{TokenPassword, password};
use super::{ContainerRegistry, scope_maps};
use crate::arm::ArmError;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The kind in ids.
pub(super) const KIND: &str = "tokens";

/// Makes a token or changes it: 201, and an operation to poll. A new one has no password yet.
pub(super) fn put(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "write")?;
    part.check_name()?;
    let old = cx.resources.get(&part.id);
    if request.method == ::http::Method::PATCH {
        part.existing(cx)?;
    }
    let body = build(cx, &part, &request.json()?, old.as_ref())?;
    cx.resources.put(&part.id, body.clone());
    let state = if old.is_some() {
        "Updating"
    } else {
        "Creating"
    };
    Ok(part.begun(all, cx, request, body, state))
}

/// 202 and a result to poll; 204 if there was none. Its passwords go with it.
pub(super) fn delete(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "delete")?;
    let mut state = all.state();
    let contents = state.contents(part.registry_name());
    contents.tokens.remove(&part.name.to_ascii_lowercase());
    drop(state);
    Ok(part.remove(all, cx, request))
}

fn build(cx: &Context, part: &Part, sent: &Value, old: Option<&Value>) -> Result<Value, ArmError> {
    let change = Change::of(sent, old);
    let map = change.either("scopeMapId");
    let known = map.as_str();
    if !known.is_some_and(|id| scope_maps::exists(cx, &part.registry, id)) {
        // The code and the text are not recorded.
        let message = format!("The scope map {map} was not found in the registry.");
        return Err(refuse("ScopeMapNotFound", message));
    }
    if change.new["credentials"]["certificates"]
        .as_array()
        .is_some_and(|list| !list.is_empty())
    {
        return Err(ArmError::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotEmulated",
            "docproof does not emulate certificates of repository tokens. This says nothing about \
             the article.",
        ));
    }
    let passwords = match &change.was["credentials"]["passwords"] {
        Value::Null => json!([]),
        passwords => passwords.clone(),
    };
    Ok(part.body(json!({
        "creationDate": change.created(part),
        "provisioningState": "Succeeded",
        "scopeMapId": map,
        "credentials": { "passwords": passwords },
        "status": change.either("status").as_str().unwrap_or("enabled"),
    })))
}

/// Makes passwords of a token: the one that is named, or both. This is the only time that they are
/// shown.
pub(super) fn generate(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    let verb = "generateCredentials/action";
    let (_, registry) = path.allow_at(cx, request, (super::model::KIND, name), verb)?;
    super::handlers::existing(cx, path, &registry, name)?;
    let sent = request.json()?;
    let id = sent["tokenId"].as_str().unwrap_or_default();
    let below = format!("{registry}/{KIND}/").to_ascii_lowercase();
    let token = cx
        .resources
        .get(id)
        .filter(|_| id.to_ascii_lowercase().starts_with(&below));
    // The code and the text are not recorded.
    let token = token.ok_or_else(|| {
        let message = format!("The token '{id}' was not found in the registry.");
        refuse("TokenNotFound", message)
    })?;
    let expiry = match sent["expiry"].as_str() {
        None => None,
        Some(text) => Some(
            text.parse::<Timestamp>()
                .map_err(|_| refuse("ExpiryInvalid", format!("'{text}' is no time of expiry.")))?,
        ),
    };
    let asked = sent["name"].as_str();
    let mut shown: Vec<Value> = Vec::new();
    let user = token["name"].as_str().unwrap_or_default();
    let mut state = all.state();
    let contents = state.contents(name);
    let kept = contents
        .tokens
        .entry(user.to_ascii_lowercase())
        .or_default();
    for name in ["password1", "password2"] {
        if asked.is_some_and(|asked| asked != name) {
            continue;
        }
        let new = TokenPassword {
            name,
            value: password(),
            created: cx.clock.now(),
            expiry,
        };
        let mut told = told(&new);
        told["value"] = json!(new.value);
        shown.push(told);
        kept.retain(|one| one.name != name);
        kept.push(new);
    }
    kept.sort_by_key(|one| one.name);
    let passwords: Vec<Value> = kept.iter().map(told).collect();
    drop(state);
    cx.resources.update(id, |token| {
        token["properties"]["credentials"]["passwords"] = json!(passwords);
    });
    let body = json!({ "username": user, "passwords": shown });
    Ok(Response::json(StatusCode::OK, &body))
}

/// What is told of a password afterwards.
fn told(password: &TokenPassword) -> Value {
    let mut told = json!({ "creationTime": offset(password.created) });
    if let Some(expiry) = password.expiry {
        told["expiry"] = json!(offset(expiry));
    }
    told["name"] = json!(password.name);
    told
}

/// A token of a registry that is enabled.
pub(super) fn enabled(cx: &Context, registry: &Registry, name: &str) -> Option<Value> {
    let token = cx
        .resources
        .get(&format!("{}/{KIND}/{name}", registry.id()))?;
    (token["properties"]["status"] == "enabled").then_some(token)
}

/// Whether this is the password of a token that is enabled.
pub(super) fn signs_in(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    name: &str,
    password: &str,
) -> bool {
    if enabled(cx, registry, name).is_none() {
        return false;
    }
    let mut state = all.state();
    let contents = state.contents(&registry.name());
    let passwords = contents.tokens.get(&name.to_ascii_lowercase());
    let now = cx.clock.now();
    passwords
        .into_iter()
        .flatten()
        .any(|own| own.value == password && own.expiry.is_none_or(|expiry| expiry > now))
}

/// Whether a token may do something in a repository.
pub(super) fn may(
    cx: &Context,
    registry: &Registry,
    name: &str,
    repository: &str,
    action: &str,
) -> bool {
    let verb = match action {
        "pull" => "content/read",
        "push" => "content/write",
        "delete" => "content/delete",
        "metadata_read" => "metadata/read",
        _ => "metadata/write",
    };
    enabled(cx, registry, name).is_some_and(|token| {
        let map = token["properties"]["scopeMapId"].as_str();
        let registry = json!({ "id": registry.id() });
        map.is_some_and(|map| scope_maps::allows(cx, &registry, map, repository, verb))
    })
}
