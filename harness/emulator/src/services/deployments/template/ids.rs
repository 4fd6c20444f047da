//! Ids from types and names, and members from values: what `resourceId` and `.name` come to.

use super::document::Place;
use super::evaluate::{Failure, Surroundings};
use serde_json::{Value, json};

/// `resourceId([subscription], [group], type, name…)`.
pub(super) fn resource_id(
    here: &Surroundings,
    values: &[Value],
    place: Place,
) -> Result<Value, Failure> {
    let is_type = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.split('/')
            .next()
            .is_some_and(|first| first.contains('.'))
            && text.contains('/')
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let subscription = text(&here.subscription["subscriptionId"]);
    let group = text(&here.group["name"]);
    let (subscription, group, rest) = match values.iter().position(is_type) {
        Some(0) => (subscription, group, values),
        Some(1) => (
            subscription,
            values.first().map(text).unwrap_or_default(),
            &values[1..],
        ),
        Some(2) => (
            values.first().map(text).unwrap_or_default(),
            values.get(1).map(text).unwrap_or_default(),
            values.get(2..).unwrap_or_default(),
        ),
        _ => return Err(wrong_segments("resourceId", place)),
    };
    let scope = format!("/subscriptions/{subscription}/resourceGroups/{group}");
    id(&scope, rest).ok_or_else(|| wrong_segments("resourceId", place))
}

/// `/subscriptions/…/providers/A.B/types/name` from a type and names.
pub(super) fn id(scope: &str, values: &[Value]) -> Option<Value> {
    let (kind, names) = values.split_first()?;
    let mut segments = kind.as_str()?.split('/');
    let mut id = format!("{scope}/providers/{}", segments.next()?);
    let mut names = names.iter();
    for segment in segments {
        id = format!("{id}/{segment}/{}", names.next()?.as_str()?);
    }
    names.next().is_none().then(|| json!(id))
}

pub(super) fn wrong_segments(function: &str, place: Place) -> Failure {
    let message = format!(
        "Unable to evaluate template language function '{function}': the type of resource must have as \
         many segments as there are names, and one for its provider."
    );
    Failure::at(message, place)
}

/// A member of a value, by its name without case.
pub(super) fn member(of: &Value, name: &str, safe: bool, place: Place) -> Result<Value, Failure> {
    let members = of.as_object();
    let found = members
        .into_iter()
        .flatten()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    match found {
        Some((_, value)) => Ok(value.clone()),
        None if safe => Ok(Value::Null),
        None => {
            let keys: Vec<&str> = members
                .into_iter()
                .flatten()
                .map(|(k, _)| k.as_str())
                .collect();
            let message = format!(
                "The language expression property '{name}' doesn't exist, available properties are \
                 '{}'.",
                keys.join(", ")
            );
            Err(Failure::at(message, place))
        }
    }
}
