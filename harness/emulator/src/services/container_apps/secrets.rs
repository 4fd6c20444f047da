//! Secrets of apps and jobs. Their values leave only by `listSecrets`, and into containers.

use super::validate;
use crate::arm::ArmError;
use serde_json::{Value, json};

/// The secrets that were sent; a null list is an empty one.
///
/// # Errors
/// 400 `ContainerAppSecretInvalid` for a secret without a value, 501 for one that refers to a Key
/// Vault.
pub(super) fn read(sent: &Value) -> Result<Vec<Value>, ArmError> {
    let text = |secret: &Value, key: &str| secret[key].as_str().unwrap_or_default().to_owned();
    let mut secrets = Vec::new();
    for secret in sent.as_array().into_iter().flatten() {
        let name = text(secret, "name");
        if !text(secret, "keyVaultUrl").is_empty() {
            return Err(validate::not_emulated("secrets that refer to a Key Vault"));
        }
        if name.is_empty() || text(secret, "value").is_empty() {
            // The wording is not recorded.
            return Err(validate::refuse(
                "ContainerAppSecretInvalid",
                format!(
                    "Invalid Request: Container app secret(s) with name(s) '{name}' are invalid: \
                     value or keyVaultUrl and identity should be provided."
                ),
            ));
        }
        secrets.push(json!({ "name": name, "value": text(secret, "value") }));
    }
    Ok(secrets)
}

/// The value of a secret.
pub(super) fn value<'a>(secrets: &'a [Value], name: &str) -> Option<&'a str> {
    secrets
        .iter()
        .find(|secret| secret["name"].as_str() == Some(name))
        .and_then(|secret| secret["value"].as_str())
}

/// The names alone, as an app shows them; null if there are none.
pub(super) fn shown(secrets: &[Value]) -> Value {
    if secrets.is_empty() {
        return Value::Null;
    }
    secrets
        .iter()
        .map(|secret| json!({ "name": secret["name"] }))
        .collect()
}
