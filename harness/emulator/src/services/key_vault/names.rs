//! Names of vaults: which are good, which are taken.

use super::{KeyVault, model};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::json;

/// A vault's name: 3 to 24 letters, digits and single dashes, from a letter to no dash.
///
/// # Errors
/// 400 `VaultNameNotValid`.
pub(super) fn check(name: &str) -> Result<(), ArmError> {
    if is_valid(name) {
        Ok(())
    } else {
        Err(ArmError::new(
            StatusCode::BAD_REQUEST,
            "VaultNameNotValid",
            invalid(name),
        ))
    }
}

fn is_valid(name: &str) -> bool {
    (3..=24).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !name.ends_with('-')
        && !name.contains("--")
}

fn invalid(name: &str) -> String {
    format!(
        "The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric \
         characters. The name must begin with a letter, end with a letter or digit, and not \
         contain consecutive hyphens. Follow this link for more information: \
         https://go.microsoft.com/fwlink/?linkid=2147742"
    )
}

/// 409 for a name that a live vault has.
pub(super) fn taken(name: &str) -> ArmError {
    ArmError::new(
        StatusCode::CONFLICT,
        "VaultAlreadyExists",
        format!(
            "The vault name '{name}' is already in use. Vault names are globally unique so it is \
             possible that the name is already taken. If you are sure that the vault name was not \
             taken then it is possible that a vault with the same name was recently deleted but \
             not purged after being placed in a recoverable state. If the vault is in a \
             recoverable state then the vault will need to be purged before reusing the name. For \
             more information about VaultAlreadyExists, soft delete and purging a vault follow \
             this link https://go.microsoft.com/fwlink/?linkid=2147740."
        ),
    )
}

/// 409 for a name that a deleted vault of this subscription still has.
pub(super) fn soft_deleted() -> ArmError {
    ArmError::new(
        StatusCode::CONFLICT,
        "ConflictError",
        "A vault with the same name already exists in deleted state. You need to either recover or \
         purge existing key vault. Follow this link \
         https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.",
    )
}

/// `checkNameAvailability`: 200 whatever the answer.
pub(super) fn check_availability(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
) -> Result<Response, ArmError> {
    let scope = format!("/subscriptions/{}", cx.subscription);
    arm::authorize(
        cx,
        request,
        "Microsoft.KeyVault/checkNameAvailability/read",
        &scope,
    )?;
    let sent = request.json()?;
    let name = sent["name"].as_str().unwrap_or_default();
    let used = model::find(cx, name).is_some()
        || vaults
            .state(cx.clock.now().as_second())
            .deleted
            .contains_key(&name.to_lowercase());
    let answer = if !is_valid(name) {
        json!({ "nameAvailable": false, "reason": "AccountNameInvalid", "message": invalid(name) })
    } else if used {
        json!({ "nameAvailable": false, "reason": "AlreadyExists", "message": taken(name).message })
    } else {
        json!({ "nameAvailable": true })
    };
    Ok(Response::json(StatusCode::OK, &answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_names_are_refused() {
        for bad in [
            "",
            "ab",
            "1vault",
            "vault-",
            "my--vault",
            "my_vault",
            &"v".repeat(25),
        ] {
            assert_eq!(check(bad).expect_err(bad).code, "VaultNameNotValid");
        }
        assert!(check("mykeyvault").is_ok() && check("My-Vault-1").is_ok());
    }
}
