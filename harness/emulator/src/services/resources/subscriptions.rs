//! The tenant and its one subscription.

use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::Caller;
use ::http::StatusCode;
use serde_json::{Value, json};

/// Every tenant that the caller is in: the one.
pub(super) fn tenants(cx: &Context) -> Response {
    let domain = cx
        .directory
        .find(|principal| principal.user_principal_name.is_some())
        .and_then(|user| user.user_principal_name)
        .and_then(|upn| upn.split_once('@').map(|(_, domain)| domain.to_owned()))
        .unwrap_or_default();
    super::page(vec![json!({
        "id": format!("/tenants/{}", cx.tenant),
        "tenantId": cx.tenant,
        "countryCode": "US",
        "displayName": "Contoso",
        "domains": [domain],
        "tenantCategory": "Home",
        "defaultDomain": domain,
        "tenantType": "AAD",
    })])
}

/// The subscription, if the caller has any role in it: an identity without one sees an empty list.
pub(super) fn list(cx: &Context, caller: &Caller) -> Response {
    let id = format!("/subscriptions/{}", cx.subscription);
    let seen: Vec<Value> = cx
        .access
        .reaches(&caller.object_id, &id)
        .then(|| describe(cx))
        .into_iter()
        .collect();
    let count = json!({ "type": "Total", "value": seen.len() });
    Response::json(StatusCode::OK, &json!({ "value": seen, "count": count }))
}

/// One subscription.
pub(super) fn show(cx: &Context, request: &Request, id: &str) -> Result<Response, ArmError> {
    require(cx, id)?;
    let scope = format!("/subscriptions/{id}");
    arm::authorize(
        cx,
        request,
        "Microsoft.Resources/subscriptions/read",
        &scope,
    )?;
    Ok(Response::json(StatusCode::OK, &describe(cx)))
}

/// Refuses a subscription that is not the emulator's.
pub(super) fn require(cx: &Context, id: &str) -> Result<(), ArmError> {
    if id.eq_ignore_ascii_case(&cx.subscription) {
        return Ok(());
    }
    Err(ArmError::new(
        StatusCode::NOT_FOUND,
        "SubscriptionNotFound",
        format!("The subscription '{id}' could not be found."),
    )
    .from_gateway())
}

fn describe(cx: &Context) -> Value {
    json!({
        "id": format!("/subscriptions/{}", cx.subscription),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": cx.subscription,
        "tenantId": cx.tenant,
        "displayName": "docproof",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}
