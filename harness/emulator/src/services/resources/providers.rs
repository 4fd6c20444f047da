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
            ("jobs", "2025-07-01"),
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

/// Other namespaces of Microsoft's, without `Microsoft.`: a name that is none of them is refused as one
/// that does not exist.
const NAMES: [&str; 68] = [
    "AAD",
    "Addons",
    "Advisor",
    "AlertsManagement",
    "AnalysisServices",
    "ApiManagement",
    "AppConfiguration",
    "AppPlatform",
    "Attestation",
    "Automation",
    "Batch",
    "BotService",
    "Cache",
    "Cdn",
    "ClassicInfrastructureMigrate",
    "CognitiveServices",
    "Compute",
    "Consumption",
    "ContainerService",
    "CostManagement",
    "DBforMySQL",
    "DBforPostgreSQL",
    "DataFactory",
    "DataProtection",
    "Databricks",
    "DesktopVirtualization",
    "Devices",
    "DocumentDB",
    "EventGrid",
    "EventHub",
    "Features",
    "GuestConfiguration",
    "HealthcareApis",
    "Insights",
    "Kubernetes",
    "KubernetesConfiguration",
    "LoadTestService",
    "Logic",
    "MachineLearningServices",
    "Maintenance",
    "ManagedServices",
    "Management",
    "Maps",
    "Migrate",
    "Monitor",
    "NetApp",
    "NotificationHubs",
    "OperationsManagement",
    "PolicyInsights",
    "PowerBIDedicated",
    "Purview",
    "RecoveryServices",
    "RedHatOpenShift",
    "Relay",
    "ResourceGraph",
    "ResourceHealth",
    "Search",
    "Security",
    "SecurityInsights",
    "ServiceBus",
    "ServiceFabric",
    "ServiceLinker",
    "SignalRService",
    "Sql",
    "StorageSync",
    "StreamAnalytics",
    "Synapse",
    "Web",
];

/// Types whose resources can have an identity of their own (recorded with `az containerapp`).
const OWN_IDENTITY: [&str; 5] = [
    "containerApps",
    "containerGroups",
    "managedEnvironments",
    "registries",
    "workspaces",
];

/// Every provider.
pub(super) fn list(cx: &Context, request: &Request, id: &str) -> Result<Response, ArmError> {
    allow(cx, request, id, "read")?;
    let version = arm::api_version(request)?;
    let all = PROVIDERS.iter().map(|(namespace, _)| *namespace);
    Ok(super::page(
        all.filter_map(|namespace| describe(cx, namespace, version))
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
    let version = arm::api_version(request)?;
    let body = describe(cx, namespace, version).ok_or_else(|| unknown(namespace))?;
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
    let done = cx.operation_end();
    let version = arm::api_version(request)?;
    let mut body = describe(cx, namespace, version).ok_or_else(|| unknown(namespace))?;
    cx.resources.put(
        &arm::registration_id(cx, namespace),
        json!({ "registered": registered, "done": done }),
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

/// The provider. Which applications may act for it (`authorizations`) is left out, the list being
/// Azure's own.
fn describe(cx: &Context, namespace: &str, api_version: &str) -> Option<Value> {
    let emulated = PROVIDERS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(namespace));
    let (namespace, types) = match emulated {
        Some((namespace, types)) => (*namespace, *types),
        // A subscription can be registered for what the emulator has nothing of.
        None => {
            let known = NAMES.iter().map(|name| format!("Microsoft.{name}"));
            let name = known
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(namespace))?;
            return Some(shown(cx, &name, Vec::new()));
        }
    };
    let types: Vec<Value> = types
        .iter()
        .map(|(name, version)| {
            let mut shown = json!({
                "resourceType": name,
                "locations": locations::display_names(),
                "apiVersions": [version],
            });
            // Recorded in 2022 without it, with an api-version of 2021, and since then with it.
            if api_version >= "2022" {
                shown["defaultApiVersion"] = json!(version);
            }
            let identity = if OWN_IDENTITY.contains(name) {
                "SystemAssignedResourceIdentity, "
            } else {
                ""
            };
            shown["capabilities"] = json!(format!(
                "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, \
                 {identity}SupportsTags, SupportsLocation"
            ));
            shown
        })
        .collect();
    Some(shown(cx, namespace, types))
}

fn shown(cx: &Context, namespace: &str, types: Vec<Value>) -> Value {
    let kept = cx.resources.get(&arm::registration_id(cx, namespace));
    let done = kept.as_ref().and_then(|kept| kept["done"].as_i64());
    let under_way = done.is_some_and(|done| !cx.is_reached(done));
    let state = match (arm::is_registered(cx, namespace), kept) {
        (true, _) if under_way => "Registering",
        (false, _) if under_way => "Unregistering",
        (true, _) => "Registered",
        // Somebody unregistered it (recorded in `test_provider_registration`).
        (false, Some(_)) => "Unregistered",
        (false, None) => "NotRegistered",
    };
    json!({
        "id": format!("/subscriptions/{}/providers/{namespace}", cx.subscription),
        "namespace": namespace,
        "resourceTypes": types,
        "registrationState": state,
        "registrationPolicy": "RegistrationRequired",
    })
}
