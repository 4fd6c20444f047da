//! Create, read and change vaults.

use super::model::{self, Stamp};
use super::{KeyVault, deleted, names};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::Caller;
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// How long a client is told to wait before it looks at a new vault again, where that takes time.
const RETRY_SECONDS: u64 = 5;

/// Who asks, allowed to do `verb` at this vault, with the group known to exist.
pub(super) fn allow(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    verb: &str,
    scope: &str,
) -> Result<Caller, ArmError> {
    let caller = arm::authorize(cx, request, &format!("{}/{verb}", model::KIND), scope)?;
    if path.group.is_some() {
        arm::require_group(cx, &path.subscription, path.group_name())?;
    }
    Ok(caller)
}

/// The caller as `systemData` names it.
pub(super) fn stamp(cx: &Context, caller: &Caller) -> Stamp {
    let upn = cx
        .directory
        .by_object_id(&caller.object_id)
        .and_then(|p| p.user_principal_name);
    Stamp {
        kind: if upn.is_some() { "User" } else { "Application" },
        who: upn.unwrap_or_else(|| caller.client_id.clone()),
        at: cx.clock.now(),
    }
}

/// The vault as it is shown now: still registering its name, or done.
fn shown(vaults: &KeyVault, cx: &Context, vault: Value) -> Value {
    let now = cx.clock.now().as_second();
    let name = vault["name"].as_str().unwrap_or_default().to_lowercase();
    match vaults.state(now).ready_at.get(&name) {
        Some(ready) if *ready > now => model::registering(vault, false),
        _ => vault,
    }
}

/// The vaults of a group or of the subscription.
pub(super) fn list(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    allow(cx, request, path, "read", &path.scope)?;
    let all = cx.resources.list(&path.scope, Some(model::KIND));
    let all: Vec<Value> = all
        .into_iter()
        .map(|vault| shown(vaults, cx, vault))
        .collect();
    Ok(page(request, all))
}

/// A list that is followed by an empty page, as Key Vault's are unless they are empty themselves
/// (recorded in `test_keyvault_mgmt`).
pub(super) fn page(request: &Request, items: Vec<Value>) -> Response {
    const LAST: &str = "$skiptoken";
    if items.is_empty() || request.query(LAST).is_some() {
        return Response::json(StatusCode::OK, &json!({ "value": [] }));
    }
    let next = format!(
        "https://{}{}?api-version={}&%24skiptoken=Zm9sbG93ZWQtYnktbm90aGluZw",
        arm::HOST,
        request.path,
        request.query("api-version").unwrap_or_default()
    );
    Response::json(StatusCode::OK, &json!({ "value": items, "nextLink": next }))
}

/// One vault.
pub(super) fn get(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = path.id_of(model::KIND, name);
    allow(cx, request, path, "read", &id)?;
    let vault = cx
        .resources
        .get(&id)
        .ok_or_else(|| arm::not_found(model::KIND, name, path.group_name()))?;
    Ok(Response::json(StatusCode::OK, &shown(vaults, cx, vault)))
}

/// Makes a vault, or replaces one: 200 in both cases, without an operation to poll; a new vault is
/// `RegisteringDns` at first (recorded in `test_keyvault_mgmt`).
pub(super) fn put(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    api_version: &str,
) -> Result<Response, ArmError> {
    let id = path.id_of(model::KIND, name);
    let caller = allow(cx, request, path, "write", &id)?;
    arm::require_registered(cx, "Microsoft.KeyVault")?;
    names::check(name)?;
    let sent = request.json()?;
    let old = cx.resources.get(&id);
    let stamp = stamp(cx, &caller);
    let recover = sent["properties"]["createMode"]
        .as_str()
        .is_some_and(|mode| mode.eq_ignore_ascii_case("recover"));
    let vault = if let (Some(old), false) = (&old, recover) {
        model::vault(&id, name, &sent, Some(old), api_version, &stamp)?
    } else if model::find(cx, name).is_some() {
        return Err(names::taken(name));
    } else if recover {
        let mut vault = deleted::recover(vaults, cx, &id, name)?;
        if vault["systemData"].is_object() {
            vault["systemData"] = stamp.system_data(Some(&vault));
        }
        vault
    } else if vaults
        .state(cx.clock.now().as_second())
        .deleted
        .contains_key(&name.to_lowercase())
    {
        return Err(names::soft_deleted());
    } else {
        model::vault(&id, name, &sent, None, api_version, &stamp)?
    };
    if let Some(old) = &old {
        policies_changed(cx, &id, old, &vault);
    }
    cx.resources.put(&id, vault.clone());
    // A recovered vault still has its name (recorded in `test_keyvault_softdelete`).
    if old.is_some() || recover {
        return Ok(Response::json(StatusCode::OK, &vault));
    }
    let now = cx.clock.now().as_second();
    let ready = now.saturating_add_unsigned(cx.operation_seconds);
    vaults
        .state(now)
        .ready_at
        .insert(name.to_lowercase(), ready);
    let response = Response::json(StatusCode::OK, &model::registering(vault, true));
    Ok(arm::with_retry_after(cx, response, RETRY_SECONDS))
}

/// Changes what is sent and keeps the rest.
pub(super) fn patch(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    api_version: &str,
) -> Result<Response, ArmError> {
    let id = path.id_of(model::KIND, name);
    let caller = allow(cx, request, path, "write", &id)?;
    let old = cx
        .resources
        .get(&id)
        .ok_or_else(|| arm::not_found(model::KIND, name, path.group_name()))?;
    let sent = request.json()?;
    let mut merged = old.clone();
    if sent["tags"].is_object() {
        merged["tags"] = sent["tags"].clone();
    }
    for (key, value) in sent["properties"].as_object().into_iter().flatten() {
        merged["properties"][key] = value.clone();
    }
    let vault = model::vault(
        &id,
        name,
        &merged,
        Some(&old),
        api_version,
        &stamp(cx, &caller),
    )?;
    policies_changed(cx, &id, &old, &vault);
    cx.resources.put(&id, vault.clone());
    Ok(Response::json(StatusCode::OK, &vault))
}

/// New access policies take time until they hold.
pub(super) fn policies_changed(cx: &Context, id: &str, old: &Value, new: &Value) {
    let policies = |vault: &Value| vault["properties"]["accessPolicies"].clone();
    if policies(old) != policies(new) {
        cx.faults.policies_changed(id, policies(old));
    }
}
