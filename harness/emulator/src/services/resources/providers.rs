//! Resource providers, and whether the subscription is registered for them.

use super::{locations, subscriptions};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::{Value, json};

/// Namespaces with their resource types; each type with an API version.
const PROVIDERS: [(&str, &[(&str, &str)]); 10] = [
    (
        "Microsoft.App",
        &[
            ("containerApps", "2025-07-01"),
            ("managedEnvironments", "2025-07-01"),
        ],
    ),
    (
        "Microsoft.Authorization",
        &[
            ("roleAssignments", "2022-04-01"),
            ("roleDefinitions", "2022-05-01-preview"),
        ],
    ),
    (
        "Microsoft.ContainerInstance",
        &[("containerGroups", "2024-05-01-preview")],
    ),
    (
        "Microsoft.ContainerRegistry",
        &[("registries", "2023-07-01")],
    ),
    (
        "Microsoft.KeyVault",
        &[("vaults", "2026-02-01"), ("deletedVaults", "2026-02-01")],
    ),
    (
        "Microsoft.ManagedIdentity",
        &[("userAssignedIdentities", "2023-01-31")],
    ),
    ("Microsoft.Network", &[("virtualNetworks", "2024-05-01")]),
    (
        "Microsoft.OperationalInsights",
        &[("workspaces", "2023-09-01")],
    ),
    (
        "Microsoft.Resources",
        &[
            ("resourceGroups", "2024-11-01"),
            ("subscriptions", "2022-12-01"),
        ],
    ),
    ("Microsoft.Storage", &[("storageAccounts", "2024-01-01")]),
];

/// Every provider.
pub(super) fn list(cx: &Context, request: &Request, id: &str) -> Result<Response, ArmError> {
    allow(cx, request, id, "read")?;
    let all = PROVIDERS.iter().map(|(namespace, _)| *namespace);
    Ok(super::page(
        all.filter_map(|namespace| describe(cx, namespace))
            .collect(),
    ))
}

/// One provider.
pub(super) fn show(
    cx: &Context,
    request: &Request,
    id: &str,
    namespace: &str,
) -> Result<Response, ArmError> {
    allow(cx, request, id, "read")?;
    let body = describe(cx, namespace).ok_or_else(|| unknown(namespace))?;
    Ok(Response::json(StatusCode::OK, &body))
}

/// Registers or unregisters. The answer says that it has begun, and the next look that it is done
/// (recorded in `test_provider_registration`).
pub(super) fn register(
    cx: &Context,
    request: &Request,
    id: &str,
    namespace: &str,
    verb: &str,
) -> Result<Response, ArmError> {
    let verb = verb.to_ascii_lowercase();
    allow(cx, request, id, &format!("{verb}/action"))?;
    let registered = verb == "register";
    let was = arm::is_registered(cx, namespace);
    let mut body = describe(cx, namespace).ok_or_else(|| unknown(namespace))?;
    cx.resources.put(
        &arm::registration_id(cx, namespace),
        json!({ "registered": registered }),
    );
    if was != registered {
        let begun = if registered {
            "Registering"
        } else {
            "Unregistering"
        };
        body["registrationState"] = json!(begun);
    }
    Ok(Response::json(StatusCode::OK, &body))
}

fn allow(cx: &Context, request: &Request, id: &str, verb: &str) -> Result<(), ArmError> {
    subscriptions::require(cx, id)?;
    let action = match verb {
        "read" => "Microsoft.Resources/subscriptions/providers/read".to_owned(),
        // Each provider has its own right to register; whoever may write everything has it.
        verb => format!("Microsoft.Resources/{verb}"),
    };
    arm::authorize(cx, request, &action, &format!("/subscriptions/{id}")).map(drop)
}

fn unknown(namespace: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_FOUND,
        "InvalidResourceNamespace",
        format!("The resource namespace '{namespace}' is invalid."),
    )
    .from_gateway()
}

fn describe(cx: &Context, namespace: &str) -> Option<Value> {
    let (namespace, types) = PROVIDERS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(namespace))?;
    let types: Vec<Value> = types
        .iter()
        .map(|(name, version)| {
            json!({
                "resourceType": name,
                "locations": locations::display_names(),
                "apiVersions": [version],
                "defaultApiVersion": version,
                "capabilities": "SupportsTags, SupportsLocation",
            })
        })
        .collect();
    let state = if arm::is_registered(cx, namespace) {
        "Registered"
    } else {
        "NotRegistered"
    };
    Some(json!({
        "id": format!("/subscriptions/{}/providers/{namespace}", cx.subscription),
        "namespace": namespace,
        "resourceTypes": types,
        "registrationState": state,
        "registrationPolicy": "RegistrationRequired",
    }))
}
