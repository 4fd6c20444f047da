//! The `accessPolicies` sub-resource: `add`, `replace` and `remove` entries of a vault's list.
//!
//! `az` does not use it (it sends the whole vault), PowerShell and Terraform do.

use super::{handlers, model};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// `PUT …/vaults/{name}/accessPolicies/{operation}`.
pub(super) fn put(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    operation: &str,
) -> Result<Response, ArmError> {
    let id = path.id_of(model::KIND, name);
    handlers::allow(cx, request, path, "accessPolicies/write", &id)?;
    if !["add", "replace", "remove"].contains(&operation) {
        return Err(arm::not_emulated(request));
    }
    let sent = model::policies(&request.json()?["properties"]["accessPolicies"], false)?;
    let before = cx.resources.get(&id).unwrap_or_default();
    let changed = cx.resources.update(&id, |vault| {
        let old = vault["properties"]["accessPolicies"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let new = merge(
            operation,
            old,
            sent.as_array().map_or(&[][..], Vec::as_slice),
        );
        vault["properties"]["accessPolicies"] = json!(new);
        new
    });
    let policies = changed.ok_or_else(|| arm::not_found(model::KIND, name, path.group_name()))?;
    let after = cx.resources.get(&id).unwrap_or_default();
    handlers::policies_changed(cx, &id, &before, &after);
    Ok(Response::json(
        StatusCode::OK,
        &json!({
            "id": format!("{id}/accessPolicies/"),
            "type": "Microsoft.KeyVault/vaults/accessPolicies",
            "properties": { "accessPolicies": policies },
        }),
    ))
}

fn merge(operation: &str, old: Vec<Value>, sent: &[Value]) -> Vec<Value> {
    let same = |a: &Value, b: &Value| {
        let text = |value: &Value| {
            value["objectId"]
                .as_str()
                .unwrap_or_default()
                .to_lowercase()
        };
        text(a) == text(b)
    };
    let mut list = old;
    for policy in sent {
        let at = list.iter().position(|one| same(one, policy));
        match (operation, at) {
            ("remove", Some(at)) => drop(list.remove(at)),
            ("remove", None) => {}
            ("add", Some(at)) => add_permissions(&mut list[at], policy),
            (_, Some(at)) => list[at] = policy.clone(),
            (_, None) => list.push(policy.clone()),
        }
    }
    list
}

fn add_permissions(old: &mut Value, new: &Value) {
    for (kind, names) in new["permissions"].as_object().into_iter().flatten() {
        let mut all = old["permissions"][kind]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for name in names.as_array().into_iter().flatten() {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        old["permissions"][kind] = json!(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_nobody_changes_nothing_and_adding_unites() {
        let a = json!({"objectId": "A", "permissions": {"secrets": ["get"]}});
        let b = json!({"objectId": "b", "permissions": {}});
        assert_eq!(
            merge("remove", vec![a.clone()], &[b]),
            std::slice::from_ref(&a)
        );
        let more = json!({"objectId": "a", "permissions": {"secrets": ["get", "list"]}});
        let united = merge("add", vec![a.clone()], std::slice::from_ref(&more));
        assert_eq!(united[0]["permissions"]["secrets"], json!(["get", "list"]));
        assert_eq!(merge("remove", vec![a], &[more]), Vec::<Value>::new());
    }
}
