//! Regions.

use super::subscriptions;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use serde_json::{Value, json};

/// Name, display name, geography group, paired region.
const REGIONS: [(&str, &str, &str, &str); 30] = [
    (
        "australiaeast",
        "Australia East",
        "Asia Pacific",
        "australiasoutheast",
    ),
    (
        "australiasoutheast",
        "Australia Southeast",
        "Asia Pacific",
        "australiaeast",
    ),
    (
        "brazilsouth",
        "Brazil South",
        "South America",
        "southcentralus",
    ),
    ("canadacentral", "Canada Central", "Canada", "canadaeast"),
    ("canadaeast", "Canada East", "Canada", "canadacentral"),
    (
        "centralindia",
        "Central India",
        "Asia Pacific",
        "southindia",
    ),
    ("centralus", "Central US", "US", "eastus2"),
    ("eastasia", "East Asia", "Asia Pacific", "southeastasia"),
    ("eastus", "East US", "US", "westus"),
    ("eastus2", "East US 2", "US", "centralus"),
    ("francecentral", "France Central", "Europe", "francesouth"),
    (
        "germanywestcentral",
        "Germany West Central",
        "Europe",
        "germanynorth",
    ),
    ("japaneast", "Japan East", "Asia Pacific", "japanwest"),
    ("japanwest", "Japan West", "Asia Pacific", "japaneast"),
    (
        "koreacentral",
        "Korea Central",
        "Asia Pacific",
        "koreasouth",
    ),
    ("northcentralus", "North Central US", "US", "southcentralus"),
    ("northeurope", "North Europe", "Europe", "westeurope"),
    ("norwayeast", "Norway East", "Europe", "norwaywest"),
    (
        "southafricanorth",
        "South Africa North",
        "Africa",
        "southafricawest",
    ),
    ("southcentralus", "South Central US", "US", "northcentralus"),
    (
        "southeastasia",
        "Southeast Asia",
        "Asia Pacific",
        "eastasia",
    ),
    ("southindia", "South India", "Asia Pacific", "centralindia"),
    (
        "switzerlandnorth",
        "Switzerland North",
        "Europe",
        "switzerlandwest",
    ),
    ("uaenorth", "UAE North", "Middle East", "uaecentral"),
    ("uksouth", "UK South", "Europe", "ukwest"),
    ("ukwest", "UK West", "Europe", "uksouth"),
    ("westcentralus", "West Central US", "US", "westus2"),
    ("westeurope", "West Europe", "Europe", "northeurope"),
    ("westus", "West US", "US", "eastus"),
    ("westus2", "West US 2", "US", "westcentralus"),
];

/// A region's name, from its name or display name in any case; `None` if there is no such region.
pub(super) fn normalize(location: &str) -> Option<&'static str> {
    let plain = location.replace(' ', "").to_ascii_lowercase();
    // West US 3 has no pair in the table's sense, so it stands apart.
    if plain == "westus3" {
        return Some("westus3");
    }
    REGIONS
        .iter()
        .map(|region| region.0)
        .find(|name| *name == plain)
}

/// A region's display name, which some providers answer; the name itself if it is not known.
pub(crate) fn display_name(location: &str) -> String {
    let plain = location.replace(' ', "").to_ascii_lowercase();
    match REGIONS.iter().find(|region| region.0 == plain) {
        Some(region) => region.1.to_owned(),
        None if plain == "westus3" => "West US 3".to_owned(),
        None => location.to_owned(),
    }
}

/// The region that copies of a region's data are kept in; none for an unknown one.
pub(crate) fn paired_region(location: &str) -> Option<&'static str> {
    let region = REGIONS.iter().find(|region| region.0 == location)?;
    Some(region.3)
}

/// The regions' names, as error messages list them.
pub(super) fn names() -> String {
    let names: Vec<&str> = REGIONS.iter().map(|region| region.0).collect();
    names.join(",")
}

/// The regions' display names, as providers list them.
pub(super) fn display_names() -> Vec<&'static str> {
    REGIONS.iter().map(|region| region.1).collect()
}

/// Every region of the subscription.
pub(super) fn list(cx: &Context, request: &Request, id: &str) -> Result<Response, ArmError> {
    subscriptions::require(cx, id)?;
    let scope = format!("/subscriptions/{id}");
    arm::authorize(
        cx,
        request,
        "Microsoft.Resources/subscriptions/locations/read",
        &scope,
    )?;
    let regions: Vec<Value> = REGIONS
        .iter()
        .map(|(name, display, group, paired)| {
            json!({
                "id": format!("/subscriptions/{}/locations/{name}", cx.subscription),
                "name": name,
                "type": "Region",
                "displayName": display,
                "regionalDisplayName": format!("({group}) {display}"),
                "metadata": {
                    "regionType": "Physical",
                    "regionCategory": "Recommended",
                    "geographyGroup": group,
                    "pairedRegion": [{
                        "name": paired,
                        "id": format!("/subscriptions/{}/locations/{paired}", cx.subscription),
                    }],
                },
            })
        })
        .collect();
    Ok(super::page(regions))
}
