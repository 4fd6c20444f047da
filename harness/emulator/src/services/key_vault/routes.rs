//! Which requests are for Key Vault, and who handles them.

use super::{KeyVault, access_policies, deleted, handlers, model, names, secrets};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use crate::snapshot::Memory;
use ::http::{Method, StatusCode};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

const KINDS: [&str; 6] = [
    "vaults",
    "deletedVaults",
    "locations",
    "checkNameAvailability",
    "managedHSMs",
    "deletedManagedHSMs",
];

impl Service for KeyVault {
    fn owns(&self, request: &Request) -> bool {
        secrets::vault_of(&request.host).is_some()
            || ArmPath::of(request).is_some_and(|path| path.is("Microsoft.KeyVault", &KINDS))
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            match secrets::vault_of(&request.host) {
                Some(name) => secrets::answer(self, cx, request, name),
                None => arm::respond(route(self, cx, request))
                    .with_header("x-ms-keyvault-service-version", model::SERVICE_VERSION),
            }
        })
    }

    fn removed<'a>(&'a self, cx: &'a Context, resource: &'a Value) -> BoxFuture<'a, ()> {
        // A vault that goes with its group can be recovered like any other.
        if resource["type"] == model::KIND {
            deleted::soft_delete(self, cx, resource.clone());
        }
        Box::pin(std::future::ready(()))
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![&self.state]
    }
}

fn route(vaults: &KeyVault, cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    let version = arm::api_version(request)?;
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    match (
        request.method.clone(),
        rest.as_slice(),
        path.group.is_some(),
    ) {
        (Method::GET, ["vaults"], _) => handlers::list(vaults, cx, request, &path),
        (Method::GET, ["vaults", _], true) => handlers::get(vaults, cx, request, &path, name),
        (Method::PUT, ["vaults", _], true) => {
            handlers::put(vaults, cx, request, &path, name, version)
        }
        (Method::PATCH, ["vaults", _], true) => handlers::patch(cx, request, &path, name, version),
        (Method::DELETE, ["vaults", _], true) => deleted::delete(vaults, cx, request, &path, name),
        (Method::PUT, ["vaults", _, "accesspolicies", operation], true) => {
            access_policies::put(cx, request, &path, name, operation)
        }
        (Method::GET, ["deletedvaults"], false) => deleted::list(vaults, cx, request, &path),
        (Method::GET, ["locations", _, "deletedvaults", deleted], false) => {
            deleted::get(vaults, cx, request, deleted)
        }
        (Method::POST, ["locations", _, "deletedvaults", deleted, "purge"], false) => {
            deleted::purge(vaults, cx, request, deleted)
        }
        (Method::GET, ["locations", _, "operationresults", id], false) => {
            deleted::purge_result(vaults, cx, request, id)
        }
        (Method::POST, ["checknameavailability"], false) => {
            names::check_availability(vaults, cx, request)
        }
        // Managed HSMs are not emulated, so there are none: `az keyvault list` asks for both.
        (Method::GET, ["managedhsms" | "deletedmanagedhsms"], _) => {
            arm::authorize(cx, request, "", &path.scope)?;
            Ok(Response::json(StatusCode::OK, &json!({ "value": [] })))
        }
        _ => Err(arm::not_emulated(request)),
    }
}
