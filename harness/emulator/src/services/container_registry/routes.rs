//! Which requests are for Container Registry, and who handles them.

use super::{
    ContainerRegistry, cache_rules, credentials, handlers, host, model, names, parts,
    repository_tokens, scope_maps,
};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use crate::snapshot::Memory;
use ::http::Method;
use futures_util::future::BoxFuture;
use serde_json::Value;

impl Service for ContainerRegistry {
    fn owns(&self, request: &Request) -> bool {
        host::name_of(&request.host).is_some()
            || ArmPath::of(request).is_some_and(|path| {
                path.is(
                    "Microsoft.ContainerRegistry",
                    &["registries", "checkNameAvailability", "locations"],
                )
            })
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            if host::name_of(&request.host).is_some() {
                return host::answer(self, cx, request);
            }
            arm::respond(route(self, cx, request))
        })
    }

    fn removed<'a>(&'a self, cx: &'a Context, resource: &'a Value) -> BoxFuture<'a, ()> {
        if resource["type"] == model::KIND {
            handlers::forget(self, cx, resource);
        }
        Box::pin(std::future::ready(()))
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![&self.state]
    }
}

fn route(all: &ContainerRegistry, cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    match (
        request.method.clone(),
        rest.as_slice(),
        path.group.is_some(),
    ) {
        (Method::GET, ["registries"], _) => handlers::list(cx, request, &path),
        (Method::GET, ["registries", _], true) => handlers::get(cx, request, &path, name),
        (Method::PUT, ["registries", _], true) => handlers::put(all, cx, request, &path, name),
        (Method::PATCH, ["registries", _], true) => handlers::patch(all, cx, request, &path, name),
        (Method::DELETE, ["registries", _], true) => {
            handlers::delete(all, cx, request, &path, name)
        }
        (Method::GET, ["registries", _, "operationstatuses", operation], true) => {
            handlers::operation(all, cx, request, &path, name, operation)
        }
        (Method::POST, ["registries", _, "listcredentials"], true) => {
            credentials::list(all, cx, request, &path, name)
        }
        (Method::POST, ["registries", _, "regeneratecredential"], true) => {
            credentials::regenerate(all, cx, request, &path, name)
        }
        (Method::GET, ["registries", _, "listusages"], true) => {
            credentials::usages(all, cx, request, &path, name)
        }
        (Method::POST, ["registries", _, "generatecredentials"], true) => {
            repository_tokens::generate(all, cx, request, &path)
        }
        (_, ["registries", _, "scopemaps", ..], true) => scope_map(all, cx, request, &path, &rest),
        (_, ["registries", _, "cacherules", ..], true) => {
            cache_rule(all, cx, request, &path, &rest)
        }
        (_, ["registries", _, "tokens", ..], true) => token(all, cx, request, &path, &rest),
        (Method::GET, ["locations", _, "operationresults", operation], false) => {
            parts::result(all, cx, request, operation)
        }
        (Method::POST, ["checknameavailability"], false) => names::check_availability(cx, request),
        _ => Err(arm::not_emulated(request)),
    }
}

fn scope_map(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    rest: &[&str],
) -> Result<Response, ArmError> {
    match (request.method.clone(), rest.get(3..).unwrap_or_default()) {
        (Method::GET, []) => scope_maps::list(cx, request, path),
        (Method::GET, [_]) => scope_maps::get(cx, request, path),
        (Method::PUT, [_]) => scope_maps::put(cx, request, path),
        (Method::PATCH, [_]) => scope_maps::patch(all, cx, request, path),
        (Method::DELETE, [_]) => scope_maps::delete(all, cx, request, path),
        (Method::GET, [_, "operationstatuses", operation]) => {
            parts::status(all, cx, request, path, scope_maps::KIND, operation)
        }
        _ => Err(arm::not_emulated(request)),
    }
}

fn cache_rule(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    rest: &[&str],
) -> Result<Response, ArmError> {
    match (request.method.clone(), rest.get(3..).unwrap_or_default()) {
        (Method::GET, []) => parts::list(cx, request, path, cache_rules::KIND),
        (Method::GET, [_]) => parts::get(cx, request, path, cache_rules::KIND),
        (Method::PUT, [_]) => cache_rules::put(all, cx, request, path),
        (Method::DELETE, [_]) => cache_rules::delete(all, cx, request, path),
        (Method::GET, [_, "operationstatuses", operation]) => {
            parts::status(all, cx, request, path, cache_rules::KIND, operation)
        }
        _ => Err(arm::not_emulated(request)),
    }
}

fn token(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    rest: &[&str],
) -> Result<Response, ArmError> {
    match (request.method.clone(), rest.get(3..).unwrap_or_default()) {
        (Method::GET, []) => parts::list(cx, request, path, repository_tokens::KIND),
        (Method::GET, [_]) => parts::get(cx, request, path, repository_tokens::KIND),
        (Method::PUT | Method::PATCH, [_]) => repository_tokens::put(all, cx, request, path),
        (Method::DELETE, [_]) => repository_tokens::delete(all, cx, request, path),
        (Method::GET, [_, "operationstatuses", operation]) => {
            parts::status(all, cx, request, path, repository_tokens::KIND, operation)
        }
        _ => Err(arm::not_emulated(request)),
    }
}
