//! Which requests are about user-assigned identities, and who handles them.

use super::{handlers, operations};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use ::http::Method;
use futures_util::future::BoxFuture;
use serde_json::Value;

/// The service of user-assigned identities.
pub(crate) struct ManagedIdentity;

impl Service for ManagedIdentity {
    fn owns(&self, request: &Request) -> bool {
        ArmPath::of(request).is_some_and(|path| {
            path.is(
                "Microsoft.ManagedIdentity",
                &["userAssignedIdentities", "operations"],
            )
        })
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move { arm::respond(route(cx, request)) })
    }

    fn removed<'a>(&'a self, cx: &'a Context, resource: &'a Value) -> BoxFuture<'a, ()> {
        handlers::forget(cx, resource);
        Box::pin(std::future::ready(()))
    }
}

fn route(cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    let rest: Vec<&str> = path.rest.iter().map(String::as_str).collect();
    match (
        request.method.clone(),
        rest.as_slice(),
        path.group.is_some(),
    ) {
        (Method::GET, [kind], false) if kind.eq_ignore_ascii_case("operations") => {
            operations::list(cx, request)
        }
        (Method::POST, [_, name, verb], true)
            if verb.eq_ignore_ascii_case("listAssociatedResources") =>
        {
            handlers::associated(cx, request, &path, name)
        }
        (Method::GET, [_], _) => handlers::list(cx, request, &path),
        (Method::GET, [_, name], true) => handlers::get(cx, request, &path, name),
        (Method::PUT, [_, name], true) => handlers::put(cx, request, &path, name),
        (Method::PATCH, [_, name], true) => handlers::patch(cx, request, &path, name),
        (Method::DELETE, [_, name], true) => handlers::delete(cx, request, &path, name),
        _ => Err(arm::not_emulated(request)),
    }
}
