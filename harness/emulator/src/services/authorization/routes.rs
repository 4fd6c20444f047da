//! Which requests are about roles, and who handles them.

use super::{assignments, definitions};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use ::http::Method;
use futures_util::future::BoxFuture;

/// The service of roles.
pub(crate) struct Authorization;

impl Service for Authorization {
    fn owns(&self, request: &Request) -> bool {
        ArmPath::of(request).is_some_and(|path| {
            path.is(
                "Microsoft.Authorization",
                &["roleAssignments", "roleDefinitions"],
            )
        })
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move { arm::respond(route(cx, request)) })
    }
}

fn route(cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    match (request.method.clone(), rest.as_slice()) {
        (Method::GET, ["roledefinitions"]) => definitions::list(cx, request, &path),
        (Method::GET, ["roledefinitions", _]) => definitions::get(cx, request, &path, name),
        (Method::GET, ["roleassignments"]) => assignments::list(cx, request, &path),
        (Method::GET, ["roleassignments", _]) => assignments::get(cx, request, &path, name),
        (Method::PUT, ["roleassignments", _]) => assignments::put(cx, request, &path, name),
        (Method::DELETE, ["roleassignments", _]) => assignments::delete(cx, request, &path, name),
        _ => Err(arm::not_emulated(request)),
    }
}
