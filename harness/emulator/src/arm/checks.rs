//! What ARM checks before it hands a request to a resource provider.

use super::{ArmError, group_not_found};
use crate::context::Context;
use crate::http::Request;
use ::http::StatusCode;
use serde_json::{Value, json};

/// Providers that a subscription of the emulator is registered for from the start.
const REGISTERED: [&str; 10] = [
    "Microsoft.App",
    "Microsoft.Authorization",
    "Microsoft.ContainerInstance",
    "Microsoft.ContainerRegistry",
    "Microsoft.KeyVault",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Resources",
    "Microsoft.Storage",
];

/// Namespaces that the emulator has resources of.
const EMULATED: [&str; 8] = [
    "Microsoft.App",
    "Microsoft.ContainerInstance",
    "Microsoft.ContainerRegistry",
    "Microsoft.KeyVault",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Storage",
];

/// Whether the emulator has resources of a namespace.
pub(crate) fn is_emulated(namespace: &str) -> bool {
    EMULATED
        .iter()
        .any(|known| known.eq_ignore_ascii_case(namespace))
}

/// The `api-version` of a request.
///
/// # Errors
/// `MissingApiVersionParameter` if there is none.
pub(crate) fn api_version(request: &Request) -> Result<&str, ArmError> {
    request
        .query("api-version")
        .filter(|version| !version.is_empty())
        .ok_or_else(|| {
            ArmError::new(
                StatusCode::BAD_REQUEST,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
            .from_gateway()
        })
}

/// The resource group `name` of the subscription `subscription`.
///
/// # Errors
/// `SubscriptionNotFound` or `ResourceGroupNotFound`.
pub(crate) fn require_group(
    cx: &Context,
    subscription: &str,
    name: &str,
) -> Result<Value, ArmError> {
    if !subscription.eq_ignore_ascii_case(&cx.subscription) {
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "SubscriptionNotFound",
            format!("The subscription '{subscription}' could not be found."),
        )
        .from_gateway());
    }
    cx.resources
        .get(&format!(
            "/subscriptions/{subscription}/resourceGroups/{name}"
        ))
        .ok_or_else(|| group_not_found(name))
}

/// Where the registration of a provider is kept, once somebody changed it.
pub(crate) fn registration_id(cx: &Context, namespace: &str) -> String {
    format!("/subscriptions/{}/providers/{namespace}", cx.subscription)
}

/// Whether the subscription is registered for a provider.
pub(crate) fn is_registered(cx: &Context, namespace: &str) -> bool {
    match cx.resources.get(&registration_id(cx, namespace)) {
        Some(kept) => kept["registered"].as_bool().unwrap_or(false),
        None => REGISTERED
            .iter()
            .any(|known| known.eq_ignore_ascii_case(namespace)),
    }
}

/// Refuses a write to a provider that the subscription is not registered for; `az` then registers
/// and repeats (recorded in `hist_test_tag_update_by_patch`).
///
/// # Errors
/// 409 `MissingSubscriptionRegistration`.
pub(crate) fn require_registered(cx: &Context, namespace: &str) -> Result<(), ArmError> {
    if is_registered(cx, namespace) {
        return Ok(());
    }
    let message = format!(
        "The subscription is not registered to use namespace '{namespace}'. See \
         https://aka.ms/rps-not-found for how to register subscriptions."
    );
    let detail = json!({
        "code": "MissingSubscriptionRegistration", "target": namespace, "message": message,
    });
    Err(ArmError::new(
        StatusCode::CONFLICT,
        "MissingSubscriptionRegistration",
        message,
    )
    .with_detail(detail)
    .from_gateway())
}
