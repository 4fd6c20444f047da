//! The virtual network of an environment.

use super::preview;
use super::validate;
use crate::arm::ArmError;
use crate::context::Context;
use crate::http::Request;
use crate::services::network;
use serde_json::{Value, json};

/// What a subnet of an environment with workload profiles must be delegated to.
const DELEGATE: &str = "Microsoft.App/environments";
/// How many bits the subnet may leave the same for all of its addresses, without workload profiles and
/// with them (documented).
const LONGEST: u32 = 23;
const LONGEST_WITH_PROFILES: u32 = 27;

/// The network of an environment that is made or changed; null for none. Texts of refusals are quoted
/// in public (azure-container-apps 1220, azure-docs 119379), not recorded, but for those of the size and
/// of a subnet in use, which are from memory, and of the region, which is the emulator's own.
/// `environment` is its id and its region.
///
/// # Errors
/// 400 for a subnet that cannot be used, 501 for an environment without a public address.
pub(super) fn read(
    cx: &Context,
    request: &Request,
    environment: (&str, &str),
    sent: &Value,
    profiles: &Value,
) -> Result<Value, ArmError> {
    if !sent.is_object() {
        return Ok(Value::Null);
    }
    if sent["internal"] == true {
        // Its apps would be reached here, where nobody can reach them in Azure.
        return Err(validate::not_emulated("internal environments"));
    }
    let id = &sent["infrastructureSubnetId"];
    if let Some(id) = id.as_str() {
        check(cx, request, environment, id, profiles)?;
    }
    Ok(json!({
        "internal": false,
        "infrastructureSubnetId": id,
        "dockerBridgeCidr": sent["dockerBridgeCidr"],
        "platformReservedCidr": sent["platformReservedCidr"],
        "platformReservedDnsIP": sent["platformReservedDnsIP"],
    }))
}

fn check(
    cx: &Context,
    request: &Request,
    (own, location): (&str, &str),
    id: &str,
    profiles: &Value,
) -> Result<(), ArmError> {
    let invalid = |why: &str| {
        Err(validate::refuse(
            "ManagedEnvironmentInvalidNetworkConfiguration",
            format!("The environment network configuration is invalid: {why}"),
        ))
    };
    let Some((subnet, vnet)) = network::find_subnet(cx, id) else {
        return invalid("The subnet and its addressPrefix could not be found.");
    };
    if network::user_of(cx, id).is_some_and(|user| !user.eq_ignore_ascii_case(own)) {
        return Err(validate::refuse(
            "ManagedEnvironmentSubnetInUse",
            format!("The subnet '{id}' is in use by another environment."),
        ));
    }
    let plain = location.replace(' ', "");
    let region = vnet["location"].as_str().unwrap_or_default();
    if !region.eq_ignore_ascii_case(&plain) {
        return invalid("The virtual network must be in the region of the environment.");
    }
    // The first preview asked for no delegation (recorded in `hist_test_containerapp_env_premium_sku`).
    let with_profiles = !profiles.is_null() && !preview::is_asked(request);
    let delegates = network::delegated_to(&subnet);
    let delegated = delegates
        .iter()
        .any(|one| one.eq_ignore_ascii_case(DELEGATE));
    if with_profiles && !delegated {
        return Err(validate::refuse(
            "ManagedEnvironmentSubnetDelegationError",
            format!("The subnet of the environment must be delegated to the service '{DELEGATE}'."),
        ));
    }
    if !with_profiles && !delegates.is_empty() {
        return Err(validate::refuse(
            "ManagedEnvironmentSubnetIsDelegated",
            format!("The subnet '{id}' of the environment must not be delegated to a service."),
        ));
    }
    let longest = if with_profiles {
        LONGEST_WITH_PROFILES
    } else {
        LONGEST
    };
    match network::prefix_length(&subnet) {
        Some(length) if length <= longest => Ok(()),
        _ => invalid(&format!(
            "Provided subnet must have a size of at least /{longest}."
        )),
    }
}

/// The group of the machines behind an environment with workload profiles in a network, unless it was
/// given one (recorded in `test_container_acr`).
pub(super) fn infrastructure_group(id: &str, name: &str, location: &str) -> String {
    let group = id.split('/').nth(4).unwrap_or_default();
    let location = super::names::plain_location(location);
    format!("ME_{name}_{group}_{location}")
}
