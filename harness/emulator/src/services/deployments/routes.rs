//! Which requests are for deployments, and who handles them.

use super::{Deployments, handlers};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use crate::snapshot::Memory;
use ::http::Method;
use futures_util::future::BoxFuture;
use serde_json::Value;

impl Service for Deployments {
    fn owns(&self, request: &Request) -> bool {
        ArmPath::of(request).is_some_and(|path| path.is("Microsoft.Resources", &["deployments"]))
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move { arm::respond(route(self, cx, request).await) })
    }

    fn removed<'a>(&'a self, _: &'a Context, resource: &'a Value) -> BoxFuture<'a, ()> {
        // Deployments are no resources; they go with the group that goes.
        if let Some(id) = resource["id"].as_str() {
            let below = format!("{}/", id.to_lowercase());
            self.all().retain(|own, _| !own.starts_with(&below));
        }
        Box::pin(std::future::ready(()))
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![&self.all]
    }
}

async fn route(all: &Deployments, cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    // Of scopes there are groups.
    if path.group.is_none() || path.scope.to_lowercase().contains("/providers/") {
        return Err(arm::not_emulated(request));
    }
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    match (request.method.clone(), rest.as_slice()) {
        (Method::GET, ["deployments"]) => handlers::list(all, cx, request, &path),
        (Method::GET, ["deployments", _]) => handlers::get(all, cx, request, &path, name),
        (Method::HEAD, ["deployments", _]) => handlers::exists(all, cx, request, &path, name),
        (Method::PUT, ["deployments", _]) => handlers::put(all, cx, request, &path, name).await,
        (Method::DELETE, ["deployments", _]) => handlers::delete(all, cx, request, &path, name),
        (Method::POST, ["deployments", _, "validate"]) => {
            handlers::validate(cx, request, &path, name)
        }
        (Method::POST, ["deployments", _, "exporttemplate"]) => {
            handlers::export(all, cx, request, &path, name)
        }
        (Method::GET, ["deployments", _, "operations"]) => {
            handlers::operations(all, cx, request, &path, name)
        }
        (Method::GET, ["deployments", _, "operationstatuses", operation]) => {
            handlers::status(all, cx, request, &path, name, operation)
        }
        _ => Err(arm::not_emulated(request)),
    }
}
