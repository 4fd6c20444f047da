//! The admin user's passwords, and what a registry uses of its tier.

use super::handlers::existing;
use super::{ContainerRegistry, model, state};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

const GIB: i64 = 1024 * 1024 * 1024;

/// Both passwords. `az` does not ask while the admin user is disabled; what the service says then is
/// not recorded.
pub(super) fn list(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), "listCredentials/action")?;
    let registry = enabled(existing(cx, path, &id, name)?)?;
    Ok(shown(all, &registry))
}

/// A new value for `password` or `password2`.
pub(super) fn regenerate(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(
        cx,
        request,
        (model::KIND, name),
        "regenerateCredential/action",
    )?;
    let registry = enabled(existing(cx, path, &id, name)?)?;
    let index = match request.json()?["name"].as_str() {
        Some("password") => 0,
        Some("password2") => 1,
        other => {
            return Err(ArmError::new(
                StatusCode::BAD_REQUEST,
                "InvalidPasswordName",
                format!(
                    "The password name '{}' is invalid. It must be 'password' or 'password2'.",
                    other.unwrap_or_default()
                ),
            ));
        }
    };
    all.state().contents(name).passwords[index] = state::password();
    Ok(shown(all, &registry))
}

fn enabled(registry: Value) -> Result<Value, ArmError> {
    if registry["properties"]["adminUserEnabled"] == true {
        return Ok(registry);
    }
    Err(ArmError::new(
        StatusCode::BAD_REQUEST,
        "AdminUserDisabled",
        "The admin user of the registry is disabled.",
    ))
}

fn shown(all: &ContainerRegistry, registry: &Value) -> Response {
    let name = registry["name"].as_str().unwrap_or_default();
    let passwords = all.state().contents(name).passwords.clone();
    let body = json!({
        "username": name,
        "passwords": [
            { "name": "password", "value": passwords[0] },
            { "name": "password2", "value": passwords[1] },
        ],
    });
    Response::json(StatusCode::OK, &body)
}

/// What is used of what the tier has. Premium is recorded in `test_acr_create_with_managed_registry`;
/// Basic and Standard are after the document "Azure Container Registry service tiers".
pub(super) fn usages(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let (_, id) = path.allow_at(cx, request, (model::KIND, name), "listUsages/read")?;
    let registry = existing(cx, path, &id, name)?;
    debug_assert_eq!(registry["type"], model::KIND);
    let tier = registry["sku"]["name"].as_str().unwrap_or_default();
    let size: usize = all
        .state()
        .contents(name)
        .blobs
        .values()
        .map(bytes::Bytes::len)
        .sum();
    let usage = |name: &str, limit: i64, value: usize, unit: &str| json!({ "name": name, "limit": limit, "currentValue": value, "unit": unit });
    let count = |name: &str, limit: i64| usage(name, limit, 0, "Count");
    let (space, webhooks) = match tier {
        "Premium" => (500, 500),
        "Standard" => (100, 10),
        _ => (10, 2),
    };
    let mut value = vec![
        usage("Size", space * GIB, size, "Bytes"),
        count("Webhooks", webhooks),
    ];
    if tier == "Premium" {
        value.extend([
            count("Geo-replications", -1),
            count("IPRules", 100),
            count("VNetRules", 100),
            count("PrivateEndpointConnections", 200),
        ]);
    }
    // Recorded without them with 2022-02-01-preview.
    if arm::api_version(request)? >= "2023" {
        value.extend([count("ScopeMaps", 50_000), count("Tokens", 50_000)]);
    }
    Ok(Response::json(StatusCode::OK, &json!({ "value": value })))
}
