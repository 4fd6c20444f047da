//! `GET …/resources`: everything of a subscription or group, filtered.

use super::subscriptions;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use serde_json::{Map, Value, json};

/// What the list tells of a resource, in this order (recorded in `test_keyvault_mgmt`).
const FIELDS: [&str; 10] = [
    "id",
    "name",
    "type",
    "sku",
    "kind",
    "managedBy",
    "location",
    "identity",
    "tags",
    "systemData",
];

/// The resources that the caller may read and that the filter lets through.
pub(super) fn list(
    cx: &Context,
    request: &Request,
    id: &str,
    group: Option<&str>,
) -> Result<Response, ArmError> {
    subscriptions::require(cx, id)?;
    let mut scope = format!("/subscriptions/{}/resourceGroups", cx.subscription);
    if let Some(group) = group {
        arm::require_group(cx, id, group)?;
        scope = format!("{scope}/{group}");
    }
    let filter = match request
        .query("$filter")
        .filter(|text| !text.trim().is_empty())
    {
        Some(text) => parse(text).ok_or_else(|| arm::not_emulated(request))?,
        None => Vec::new(),
    };
    let caller = arm::authorize(cx, request, "", &scope)?;
    // Recorded with 2024-11-01, and without it with 2015-11-01.
    let with_system_data = arm::api_version(request)? >= "2020";
    let found: Vec<Value> = cx
        .resources
        .list(&scope, None)
        .iter()
        // Groups are no resources, and parts of resources have no location of their own.
        .filter(|one| one["location"].is_string() && is_below_a_provider(one))
        .filter(|one| filter.iter().all(|(field, value)| holds(one, field, value)))
        .filter(|one| {
            let kind = one["type"].as_str().unwrap_or_default();
            let id = one["id"].as_str().unwrap_or_default();
            cx.access
                .is_allowed(&caller.object_id, &format!("{kind}/read"), false, id)
        })
        .map(|one| {
            let told = FIELDS.iter().filter(|field| {
                !one[**field].is_null() && (**field != "systemData" || with_system_data)
            });
            Value::Object(
                told.map(|field| ((*field).to_owned(), as_arm_writes(field, &one[*field])))
                    .collect::<Map<String, Value>>(),
            )
        })
        .collect();
    let body = json!({ "value": found });
    Ok(Response::json(::http::StatusCode::OK, &body))
}

/// The list is ARM's own: it writes times and kinds of identities in its way, whatever the resource's
/// provider does (recorded in `test_acr_identity`).
fn as_arm_writes(field: &str, value: &Value) -> Value {
    let mut value = value.clone();
    match field {
        "systemData" => {
            for time in ["createdAt", "lastModifiedAt"] {
                if let Some(text) = value[time].as_str() {
                    value[time] = json!(text.replace("+00:00", "Z"));
                }
            }
        }
        "identity" => {
            if let Some(kind) = value["type"].as_str() {
                let kind = kind
                    .replace("systemAssigned", "SystemAssigned")
                    .replace("userAssigned", "UserAssigned");
                value["type"] = json!(kind);
            }
        }
        _ => {}
    }
    value
}

fn is_below_a_provider(resource: &Value) -> bool {
    resource["id"]
        .as_str()
        .is_some_and(|id| id.to_ascii_lowercase().contains("/providers/"))
}

/// `field eq 'value' and …`; `None` for anything else.
fn parse(filter: &str) -> Option<Vec<(String, String)>> {
    filter
        .split(" and ")
        .map(|condition| {
            let (field, value) = condition.trim().split_once(" eq ")?;
            let value = value.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            let field = field.trim().to_ascii_lowercase();
            let known = ["resourcetype", "name", "location", "resourcegroup"];
            known
                .contains(&field.as_str())
                .then(|| (field, value.replace("''", "'")))
        })
        .collect()
}

fn holds(resource: &Value, field: &str, value: &str) -> bool {
    let own = match field {
        "resourcetype" => resource["type"].as_str(),
        "resourcegroup" => resource["id"].as_str().and_then(|id| id.split('/').nth(4)),
        field => resource[field].as_str(),
    };
    own.is_some_and(|own| own.eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_no_filter() {
        assert_eq!(parse("substringof('a', name)"), None);
        assert_eq!(parse("color eq 'red'"), None);
        assert_eq!(parse("name eq red"), None);
    }

    #[test]
    fn the_form_that_az_sends_is_understood() {
        let filter = parse("resourceType eq 'A/b' and name eq 'n'").unwrap();
        let resource = json!({ "type": "a/B", "name": "N" });
        assert!(
            filter
                .iter()
                .all(|(field, value)| holds(&resource, field, value))
        );
    }
}
