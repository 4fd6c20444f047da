//! Scope maps: what a repository token may do, and where.

use super::ContainerRegistry;
use super::parts::{Change, Part, refuse};
use crate::arm::ArmError;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// The kind in ids.
pub(super) const KIND: &str = "scopeMaps";
/// What can be done in a repository.
const VERBS: [&str; 5] = [
    "content/read",
    "content/write",
    "content/delete",
    "metadata/read",
    "metadata/write",
];
/// Those that every registry has: name, description, verbs (recorded in
/// `TestContainerregistryTestSuite`; Azure has more since then).
const OWN: [(&str, &str, &[&str]); 3] = [
    (
        "_repositories_admin",
        "Can perform all read, write and delete operations on the registry",
        &[
            "metadata/read",
            "metadata/write",
            "content/read",
            "content/write",
            "content/delete",
        ],
    ),
    (
        "_repositories_pull",
        "Can pull any repository of the registry",
        &["content/read"],
    ),
    (
        "_repositories_push",
        "Can push to any repository of the registry",
        &["content/read", "content/write"],
    ),
];

/// Every scope map of a registry, the service's own first.
pub(super) fn list(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "read")?;
    let mut all: Vec<Value> = OWN.iter().map(|(name, ..)| own(&part, name)).collect();
    all.extend(part.all(cx));
    Ok(Response::json(StatusCode::OK, &json!({ "value": all })))
}

/// One of the service's own; null for another name.
fn own(part: &Part, wanted: &str) -> Value {
    let found = OWN
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(wanted));
    let Some((name, description, verbs)) = found else {
        return Value::Null;
    };
    let registry = &part.registry;
    let created = registry["properties"]["creationDate"].as_str();
    let created = created.unwrap_or_default().replace('Z', "+00:00");
    let actions = verbs.iter().map(|verb| format!("repositories/*/{verb}"));
    json!({
        "type": part.full_kind(),
        "id": format!("{}/{KIND}/{name}", registry["id"].as_str().unwrap_or_default()),
        "name": name,
        "properties": {
            "description": description,
            "type": "SystemDefined",
            "creationDate": created,
            "provisioningState": "Succeeded",
            "actions": actions.collect::<Vec<String>>(),
        },
    })
}

/// One scope map.
pub(super) fn get(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "read")?;
    let body = match own(&part, &part.name) {
        Value::Null => part.existing(cx)?,
        own => own,
    };
    Ok(Response::json(StatusCode::OK, &body))
}

/// Makes a scope map, or replaces it: 200, at once.
pub(super) fn put(cx: &Context, request: &Request, path: &ArmPath) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "write")?;
    part.check_name()?;
    let old = cx.resources.get(&part.id);
    let body = build(&part, &request.json()?, old.as_ref())?;
    cx.resources.put(&part.id, body.clone());
    Ok(Response::json(StatusCode::OK, &body))
}

/// Changes a scope map: 201, and an operation to poll.
pub(super) fn patch(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "write")?;
    let old = part.existing(cx)?;
    let body = build(&part, &request.json()?, Some(&old))?;
    cx.resources.put(&part.id, body.clone());
    Ok(part.begun(all, cx, request, body, "Updating"))
}

/// 202 and a result to poll; 204 if there was none.
pub(super) fn delete(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, KIND, "delete")?;
    Ok(part.remove(all, cx, request))
}

fn build(part: &Part, sent: &Value, old: Option<&Value>) -> Result<Value, ArmError> {
    let change = Change::of(sent, old);
    let actions = change.either("actions");
    let listed = actions.as_array().filter(|list| !list.is_empty());
    let wrong = |action: &Value| {
        // The code and the text are not recorded.
        let message = format!("The action {action} is not one of a repository.");
        refuse("ScopeMapActionInvalid", message)
    };
    for action in listed.ok_or_else(|| wrong(&Value::Null))? {
        let parts = action.as_str().and_then(repository_and_verb);
        parts.ok_or_else(|| wrong(action))?;
    }
    let mut properties = json!({});
    let description = change.either("description");
    if !description.is_null() {
        properties["description"] = description.clone();
    }
    properties["type"] = json!("UserDefined");
    properties["creationDate"] = json!(change.created(part));
    properties["provisioningState"] = json!("Succeeded");
    properties["actions"] = actions.clone();
    Ok(part.body(properties))
}

/// `repositories/team/app/content/read`, taken apart.
fn repository_and_verb(action: &str) -> Option<(&str, &str)> {
    let rest = action.strip_prefix("repositories/")?;
    let verb = VERBS
        .iter()
        .find(|verb| rest.ends_with(&format!("/{verb}")))?;
    let repository = rest.strip_suffix(verb)?.strip_suffix('/')?;
    (!repository.is_empty()).then_some((repository, verb))
}

/// Whether the scope map with this id allows something in a repository. A star at the end of a name
/// stands for anything.
pub(super) fn allows(
    cx: &Context,
    registry: &Value,
    id: &str,
    repository: &str,
    verb: &str,
) -> bool {
    let name = id.rsplit('/').next().unwrap_or_default();
    let verbs = OWN.iter().find(|(own, ..)| own.eq_ignore_ascii_case(name));
    let below = registry["id"].as_str().unwrap_or_default();
    if let Some((.., verbs)) = verbs {
        return verbs.contains(&verb);
    }
    let Some(map) = cx.resources.get(&format!("{below}/{KIND}/{name}")) else {
        return false;
    };
    let actions = map["properties"]["actions"].as_array();
    let actions = actions.into_iter().flatten().filter_map(Value::as_str);
    actions
        .filter_map(repository_and_verb)
        .any(|(own, allowed)| {
            let fits = match own.strip_suffix('*') {
                Some(start) => repository.starts_with(start),
                None => own == repository,
            };
            fits && allowed == verb
        })
}

/// Whether there is such a scope map in a registry.
pub(super) fn exists(cx: &Context, registry: &Value, id: &str) -> bool {
    let below = format!("{}/{KIND}/", registry["id"].as_str().unwrap_or_default());
    let name = id.rsplit('/').next().unwrap_or_default();
    let own = OWN.iter().any(|(own, ..)| own.eq_ignore_ascii_case(name));
    id.to_ascii_lowercase()
        .starts_with(&below.to_ascii_lowercase())
        && (own || cx.resources.get(id).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_names_a_repository_and_what_is_done_there() {
        for wrong in [
            "content/read",
            "repositories/content/read",
            "repositories/a/content/look",
            "gateway/g/config/read",
        ] {
            assert_eq!(repository_and_verb(wrong), None, "{wrong}");
        }
        assert_eq!(
            repository_and_verb("repositories/team/app/content/read"),
            Some(("team/app", "content/read"))
        );
    }
}
