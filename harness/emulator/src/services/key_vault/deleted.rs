//! Soft delete of vaults: delete, list, recover, purge.

use super::state::DeletedVault;
use super::{KeyVault, handlers, model};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

const SECONDS_A_DAY: i64 = 86_400;
/// Recorded in `test_keyvault_mgmt`.
const RETRY_SECONDS: u64 = 5;

/// Deletes a vault: at once, with an empty 200; 204 if there is none.
pub(super) fn delete(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = path.id_of(model::KIND, name);
    handlers::allow(cx, request, path, "delete", &id)?;
    let Some(body) = cx.resources.remove(&id) else {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    };
    cx.access.remove_below(&id);
    soft_delete(vaults, cx, body);
    Ok(Response::empty(StatusCode::OK))
}

/// Keeps a vault that left the store, so that it can be recovered.
pub(super) fn soft_delete(vaults: &KeyVault, cx: &Context, body: Value) {
    let now = cx.clock.now().as_second();
    let name = body["name"].as_str().unwrap_or_default().to_lowercase();
    let days = body["properties"]["softDeleteRetentionInDays"]
        .as_i64()
        .unwrap_or(90);
    let mut state = vaults.state(now);
    state.ready_at.remove(&name);
    let purge_at = now + days * SECONDS_A_DAY;
    state.deleted.insert(
        name,
        DeletedVault {
            body,
            deleted_at: now,
            purge_at,
        },
    );
}

/// Brings a deleted vault back with its secrets and access policies, under the id it had.
pub(super) fn recover(
    vaults: &KeyVault,
    cx: &Context,
    id: &str,
    name: &str,
) -> Result<Value, ArmError> {
    let mut state = vaults.state(cx.clock.now().as_second());
    let key = name.to_lowercase();
    match state.deleted.get(&key) {
        Some(vault)
            if vault.body["id"]
                .as_str()
                .is_some_and(|own| own.eq_ignore_ascii_case(id)) => {}
        // Azure looks for the deleted vault by its whole id; the wording is not recorded.
        _ => return Err(missing(name)),
    }
    state
        .deleted
        .remove(&key)
        .map(|vault| vault.body)
        .ok_or_else(|| missing(name))
}

/// The deleted vaults of the subscription.
pub(super) fn list(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    arm::authorize(
        cx,
        request,
        "Microsoft.KeyVault/deletedVaults/read",
        &path.scope,
    )?;
    let state = vaults.state(cx.clock.now().as_second());
    let all: Vec<Value> = state
        .deleted
        .values()
        .map(|vault| shown(cx, vault))
        .collect();
    Ok(handlers::page(request, all))
}

/// One deleted vault.
pub(super) fn get(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    name: &str,
) -> Result<Response, ArmError> {
    let scope = format!("/subscriptions/{}", cx.subscription);
    arm::authorize(
        cx,
        request,
        "Microsoft.KeyVault/locations/deletedVaults/read",
        &scope,
    )?;
    let state = vaults.state(cx.clock.now().as_second());
    let vault = state.deleted.get(name).ok_or_else(|| missing(name))?;
    Ok(Response::json(StatusCode::OK, &shown(cx, vault)))
}

/// Purges a deleted vault: 202 with a `Location` to poll (recorded in `test_keyvault_mgmt`).
pub(super) fn purge(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    name: &str,
) -> Result<Response, ArmError> {
    let scope = format!("/subscriptions/{}", cx.subscription);
    arm::authorize(
        cx,
        request,
        "Microsoft.KeyVault/locations/deletedVaults/purge/action",
        &scope,
    )?;
    let now = cx.clock.now().as_second();
    let mut state = vaults.state(now);
    let vault = state.deleted.get(name).ok_or_else(|| missing(name))?;
    if vault.body["properties"]["enablePurgeProtection"] == true {
        return Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "MethodNotAllowed",
            "Operation 'DeletedVaultPurge' is not allowed.",
        ));
    }
    let location = vault.body["location"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    state.purge(name);
    let operation = arm::operation_id().replace('-', "");
    state.purges.insert(
        operation.clone(),
        (now, now.saturating_add_unsigned(cx.operation_seconds)),
    );
    Ok(pending(
        cx,
        request,
        Response::empty(StatusCode::ACCEPTED),
        &location,
        &operation,
    ))
}

/// How a purge stands: 202 `NotStarted`, then 200 `Succeeded`; times with a space and no `T`.
pub(super) fn purge_result(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    operation: &str,
) -> Result<Response, ArmError> {
    arm::authorize(cx, request, "", "")?;
    let now = cx.clock.now().as_second();
    let state = vaults.state(now);
    let (begun, done) = *state
        .purges
        .get(operation)
        .ok_or_else(|| missing(operation))?;
    if now < done {
        let body = json!({ "createdDateTime": spaced(begun), "status": "NotStarted" });
        let location = request.segments.get(5).cloned().unwrap_or_default();
        return Ok(pending(
            cx,
            request,
            Response::json(StatusCode::ACCEPTED, &body),
            &location,
            operation,
        ));
    }
    Ok(Response::json(
        StatusCode::OK,
        &json!({
            "createdDateTime": spaced(begun), "lastActionDateTime": spaced(done), "status": "Succeeded",
        }),
    ))
}

fn pending(
    cx: &Context,
    request: &Request,
    response: Response,
    location: &str,
    operation: &str,
) -> Response {
    let version = request.query("api-version").unwrap_or_default();
    let ticks = cx.clock.now().as_microsecond();
    let url = format!(
        "https://management.azure.com/subscriptions/{}/providers/Microsoft.KeyVault/locations/\
         {location}/operationResults/{operation}?api-version={version}&t={ticks}",
        cx.subscription
    );
    arm::with_retry_after(cx, response.with_header("location", url), RETRY_SECONDS)
}

fn missing(name: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_FOUND,
        "DeletedVaultNotFound",
        format!("The specified deleted vault '{name}' does not exist."),
    )
}

fn shown(cx: &Context, vault: &DeletedVault) -> Value {
    let (name, location) = (&vault.body["name"], &vault.body["location"]);
    let at = |second: i64| arm::seconds(Timestamp::from_second(second).unwrap_or_default());
    let id = format!(
        "/subscriptions/{}/providers/Microsoft.KeyVault/locations/{}/deletedVaults/{}",
        cx.subscription,
        location.as_str().unwrap_or_default(),
        name.as_str().unwrap_or_default()
    );
    let mut properties = json!({
        "vaultId": vault.body["id"],
        "location": location,
        "tags": vault.body["tags"],
        "deletionDate": at(vault.deleted_at),
        "scheduledPurgeDate": at(vault.purge_at),
    });
    if vault.body["properties"]["enablePurgeProtection"] == true {
        properties["purgeProtectionEnabled"] = json!(true);
    }
    json!({ "id": id, "name": name, "type": "Microsoft.KeyVault/deletedVaults", "properties": properties })
}

fn spaced(second: i64) -> String {
    let time = Timestamp::from_second(second)
        .unwrap_or_default()
        .to_zoned(TimeZone::UTC);
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}
