//! What a Resource Manager template makes, as far as it says so without being evaluated.

use super::creation::{Cost, Creation, Removal, Value};
use super::creator::creators;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The resources of a template, each as if a command made it where `deployment` stands. A name or a
/// region that is a parameter has the value given, or its default.
pub(super) fn resources(
    template: &str,
    given: &HashMap<String, String>,
    deployment: &Creation,
) -> Option<Vec<Creation>> {
    let template: Json = serde_json::from_str(template).ok()?;
    let parameters = template.get("parameters").and_then(Json::as_object);
    let text = |value: &Json| -> Value {
        let Some(text) = value.as_str() else {
            return Value::None;
        };
        let Some(expression) = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
        else {
            return Value::Known(text.to_owned());
        };
        parameter(expression, given, parameters)
            .map_or_else(|| Value::Written(text.to_owned()), Value::Known)
    };
    let found = match template.get("resources")? {
        Json::Array(all) => all.iter().collect::<Vec<_>>(),
        Json::Object(all) => all.values().collect(),
        _ => return None,
    };
    let creation = |resource: &Json| -> Option<Creation> {
        let kind = resource.get("type")?.as_str()?;
        let known = creators().iter().find(|one| {
            one.resource
                .is_some_and(|known| known.eq_ignore_ascii_case(kind))
        });
        let names = match text(resource.get("name")?) {
            Value::Known(name) => name
                .split('/')
                .map(|part| Value::Known(part.to_owned()))
                .collect(),
            name => vec![name],
        };
        let region = match resource.get("location").map_or(Value::None, &text) {
            Value::Written(_) => deployment.region.clone(),
            region => region,
        };
        Some(Creation {
            resource: Some(kind.to_owned()),
            names,
            region,
            cost: known.map_or(Cost::Unknown, |one| one.cost),
            quota: known.and_then(|one| one.quota).map(str::to_owned),
            removal: known.map_or(Removal::Group, |one| one.removal),
            conditional: deployment.conditional || resource.get("condition").is_some(),
            ..deployment.clone()
        })
    };
    Some(found.into_iter().filter_map(creation).collect())
}

/// What `parameters('name')` is.
fn parameter(
    expression: &str,
    given: &HashMap<String, String>,
    parameters: Option<&Map<String, Json>>,
) -> Option<String> {
    let name = expression
        .strip_prefix("parameters('")?
        .strip_suffix("')")?;
    if let Some(value) = given.get(name) {
        return Some(value.clone());
    }
    let default = parameters?.get(name)?.get("defaultValue")?.as_str()?;
    (!default.starts_with('[')).then(|| default.to_owned())
}
