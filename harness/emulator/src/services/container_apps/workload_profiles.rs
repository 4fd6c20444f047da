//! Workload profiles: what kinds of machines there are, and what an environment has of them.

use super::names::ENVIRONMENT;
use super::preview;
use super::validate;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// The profile that has no machines of its own.
const CONSUMPTION: &str = "Consumption";
const TYPE: &str = "Microsoft.App/availableManagedEnvironmentsWorkloadProfileTypes";
/// Name, cores, memory in GiB, category (document "Manage workload profiles with the Azure CLI").
const TYPES: [(&str, u32, u32, &str); 9] = [
    ("D4", 4, 16, "GeneralPurpose"),
    ("D8", 8, 32, "GeneralPurpose"),
    ("D16", 16, 64, "GeneralPurpose"),
    ("D32", 32, 128, "GeneralPurpose"),
    ("E4", 4, 32, "MemoryOptimized"),
    ("E8", 8, 64, "MemoryOptimized"),
    ("E16", 16, 128, "MemoryOptimized"),
    ("E32", 32, 256, "MemoryOptimized"),
    (CONSUMPTION, 4, 8, CONSUMPTION),
];

/// The types that a region has. Today's are not recorded: their fields are those of the
/// specification's example.
pub(super) fn types(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    location: &str,
) -> Result<Response, ArmError> {
    let action = "Microsoft.App/locations/availableManagedEnvironmentsWorkloadProfileTypes/read";
    arm::authorize(cx, request, action, &path.scope)?;
    let shown = |name: &str, properties: Value| {
        json!({
            "location": location,
            "properties": properties,
            "id": format!("/subscriptions/{}/providers/{TYPE}/{name}", cx.subscription),
            "name": name,
            "type": TYPE,
        })
    };
    let all: Vec<Value> = if preview::is_asked(request) {
        let types = preview::profile_types().into_iter();
        types
            .map(|(name, properties)| shown(name, properties))
            .collect()
    } else {
        let types = TYPES.iter().map(|(name, cores, memory, category)| {
            let mut properties = json!({
                "displayName": format!("Dedicated-{name}"),
                "category": category,
                "applicability": "LocationDefault",
                "cores": cores,
                "memoryGiB": memory,
            });
            if *name == CONSUMPTION {
                properties["displayName"] = json!(CONSUMPTION);
            }
            shown(name, properties)
        });
        types.collect()
    };
    Ok(Response::json(StatusCode::OK, &json!({ "value": all })))
}

/// The profiles of an environment that is made or changed. What `az` sends is spelled in several
/// ways (`Name`, `MinimumCount`), and numbers may be texts.
///
/// # Errors
/// 400 for what Azure refuses: that all are removed is recorded (`errors.jsonl`), the code and text for
/// the rest are not.
pub(super) fn read(sent: &Value, old: Option<&Value>) -> Result<Value, ArmError> {
    let had = old.map_or(&Value::Null, |old| &old["properties"]["workloadProfiles"]);
    let Some(sent) = sent.as_array().filter(|list| !list.is_empty()) else {
        if had.as_array().is_some_and(|had| !had.is_empty()) {
            return Err(validate::refuse(
                "WorkloadProfileCannotRemoveAll",
                "At least 1 workload profile must be specified.",
            ));
        }
        return Ok(Value::Null);
    };
    sent.iter().map(profile).collect()
}

fn profile(sent: &Value) -> Result<Value, ArmError> {
    let field = |name: &str| {
        let found = sent.as_object().into_iter().flatten();
        let mut found = found.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map_or(Value::Null, |(_, value)| value.clone())
    };
    let kind = field("workloadProfileType");
    let kind = kind.as_str().unwrap_or_default();
    let wrong = |what: String| Err(validate::refuse("InvalidWorkloadProfile", what));
    let today = TYPES
        .iter()
        .map(|(name, ..)| *name)
        .find(|name| name.eq_ignore_ascii_case(kind));
    let Some(kind) = today.or_else(|| preview::profile_type(kind)) else {
        return wrong(format!("'{kind}' is not a type of workload profiles."));
    };
    let name = match field("name") {
        // The first preview told profiles apart by their type.
        Value::Null if today.is_none() => json!(kind),
        Value::String(name) if !name.is_empty() => json!(name),
        _ => {
            return wrong(format!(
                "The workload profile of type '{kind}' has no name."
            ));
        }
    };
    let mut shown = json!({ "workloadProfileType": kind, "name": name });
    if kind != CONSUMPTION {
        let (least, most) = (count(&field("minimumCount")), count(&field("maximumCount")));
        match (least, most) {
            (Some(least), Some(most)) if least <= most => {
                shown["minimumCount"] = json!(least);
                shown["maximumCount"] = json!(most);
            }
            _ => {
                return wrong(format!(
                    "The workload profile {name} must have a minimum and a maximum count, and the \
                     former must not be larger."
                ));
            }
        }
    }
    shown["enableFips"] = json!(field("enableFips") == true);
    Ok(shown)
}

fn count(value: &Value) -> Option<u64> {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_u64().or(text)
}

/// The profile that an app runs on: the one that it names, or Consumption, or else the environment's first;
/// null in an environment that has none.
///
/// # Errors
/// 400 for a name that the environment does not have. Code and text are not recorded.
pub(super) fn of_app<'a>(environment: &'a Value, sent: &Value) -> Result<&'a Value, ArmError> {
    let had = &environment["properties"]["workloadProfiles"];
    let properties = &sent["properties"];
    let named = ["workloadProfileName", "workloadProfileType"];
    let wanted = named.iter().find_map(|key| properties[*key].as_str());
    let mut all = had.as_array().into_iter().flatten();
    let Some(wanted) = wanted.filter(|name| !name.is_empty()) else {
        return Ok(all.find(|one| !is_dedicated(one)).unwrap_or(&had[0]));
    };
    let is = |one: &&Value| {
        let name = one["name"].as_str();
        name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
    };
    match all.find(is) {
        Some(found) => Ok(found),
        // An environment without profiles is all Consumption.
        None if had.is_null() && wanted.eq_ignore_ascii_case(CONSUMPTION) => Ok(had),
        None => Err(validate::refuse(
            "InvalidWorkloadProfileName",
            format!("The workload profile '{wanted}' is not in the environment."),
        )),
    }
}

/// Whether a profile has machines of its own.
pub(super) fn is_dedicated(profile: &Value) -> bool {
    let kind = profile["workloadProfileType"].as_str();
    kind.is_some_and(|kind| kind != CONSUMPTION)
}

/// How many machines each profile of an environment has: as few as it may (recorded in
/// `hist_test_containerapp_env_premium_sku`, once they had started).
pub(super) fn states(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
) -> Result<Response, ArmError> {
    let id = path.id_of(ENVIRONMENT, name);
    let action = format!("{ENVIRONMENT}/workloadProfileStates/read");
    path.allow(cx, request, &action, &id)?;
    let body = validate::existing(cx, ENVIRONMENT, path.group_name(), &id, name)?;
    let profiles = body["properties"]["workloadProfiles"].as_array();
    let states: Vec<Value> = profiles
        .into_iter()
        .flatten()
        .map(|profile| {
            let name = profile["name"].as_str().unwrap_or_default();
            let count = |key: &str| profile[key].as_u64().unwrap_or_default();
            json!({
                "id": format!(
                    "/subscriptions/{}/providers/Microsoft.App/workloadProfileStates/{name}",
                    cx.subscription
                ),
                "name": name,
                "type": "/providers/Microsoft.App/workloadProfileStates",
                "properties": {
                    "currentCount": count("minimumCount"),
                    "minimumCount": count("minimumCount"),
                    "maximumCount": count("maximumCount"),
                },
            })
        })
        .collect();
    Ok(Response::json(StatusCode::OK, &json!({ "value": states })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_without_name_type_or_counts_is_refused() {
        for wrong in [
            json!({"workloadProfileType": "D5", "name": "d"}),
            json!({"workloadProfileType": "D4", "minimumCount": 1, "maximumCount": 2}),
            json!({"workloadProfileType": "D4", "name": "d"}),
            json!({"workloadProfileType": "D4", "name": "d", "minimumCount": 3, "maximumCount": 2}),
        ] {
            assert!(read(&json!([wrong]), None).is_err(), "{wrong}");
        }
        let old = json!({"properties": {"workloadProfiles": [{"name": "Consumption"}]}});
        let error = read(&Value::Null, Some(&old)).unwrap_err();
        assert_eq!(error.code, "WorkloadProfileCannotRemoveAll");
        assert_eq!(read(&Value::Null, None).unwrap(), Value::Null);
    }

    #[test]
    fn what_az_sends_is_understood_however_it_is_spelled() {
        let sent = json!([
            {"workloadProfileType": "consumption", "Name": "Consumption"},
            {"workloadProfileType": "D4", "name": "d", "MinimumCount": "1", "maximumCount": 3},
        ]);
        assert_eq!(
            read(&sent, None).unwrap(),
            json!([
                {"workloadProfileType": "Consumption", "name": "Consumption", "enableFips": false},
                {"workloadProfileType": "D4", "name": "d", "minimumCount": 1, "maximumCount": 3,
                 "enableFips": false},
            ])
        );
    }

    #[test]
    fn an_app_runs_on_a_profile_that_its_environment_has() {
        let environment = json!({"properties": {"workloadProfiles": [
            {"name": "big", "workloadProfileType": "D4"},
            {"name": "Consumption", "workloadProfileType": "Consumption"},
        ]}});
        let app = |name: Value| json!({"properties": {"workloadProfileName": name}});
        let wrong = app(json!("small"));
        assert!(of_app(&environment, &wrong).is_err());
        let big = app(json!("big"));
        assert!(is_dedicated(of_app(&environment, &big).unwrap()));
        let any = app(Value::Null);
        assert!(!is_dedicated(of_app(&environment, &any).unwrap()));
    }
}
