//! Which requests are for container groups, and who handles them.

use super::state::{ContainerInstances, State};
use super::{exec, groups, inside, lifecycle, model};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use crate::snapshot::{Copied, Memory};
use ::http::Method;
use futures_util::future::BoxFuture;
use serde_json::Value;

impl Service for ContainerInstances {
    fn owns(&self, request: &Request) -> bool {
        exec::is_stream(request)
            || ArmPath::of(request).is_some_and(|path| {
                path.is(
                    "Microsoft.ContainerInstance",
                    &["containerGroups", "locations"],
                )
            })
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            if exec::is_stream(request) {
                return exec::stream(self, request).await;
            }
            arm::respond(route(self, cx, request).await)
        })
    }

    fn shut_down(&self) {
        // Taken out of the state first: the end of a container is waited for without the lock.
        let groups = std::mem::take(&mut self.state().groups);
        drop(groups);
    }

    fn removed<'a>(&'a self, cx: &'a Context, resource: &'a Value) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if resource["type"] == model::KIND {
                lifecycle::remove(self, cx, resource).await;
            }
        })
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![self.state.as_ref()]
    }

    fn runs_still(&self, copied: &[Copied]) -> bool {
        let mut states = copied.iter().filter_map(|one| one.downcast_ref());
        states.all(State::runs_still)
    }
}

async fn route(
    all: &ContainerInstances,
    cx: &Context,
    request: &Request,
) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    let container = path.rest.get(3).map(String::as_str).unwrap_or_default();
    match (
        request.method.clone(),
        rest.as_slice(),
        path.group.is_some(),
    ) {
        (Method::GET, ["containergroups"], _) => groups::list(cx, request, &path),
        (Method::GET, ["containergroups", _], true) => groups::get(all, cx, request, &path, name),
        (Method::PUT, ["containergroups", _], true) => {
            groups::put(all, cx, request, &path, name).await
        }
        (Method::PATCH, ["containergroups", _], true) => {
            groups::patch(all, cx, request, &path, name)
        }
        (Method::DELETE, ["containergroups", _], true) => {
            groups::delete(all, cx, request, &path, name).await
        }
        (Method::POST, ["containergroups", _, verb @ ("start" | "stop" | "restart")], true) => {
            groups::act(all, cx, request, &path, name, verb).await
        }
        (Method::GET, ["containergroups", _, "containers", _, "logs"], true) => {
            inside::logs(all, cx, request, &path, name, container)
        }
        (Method::POST, ["containergroups", _, "containers", _, "exec"], true) => {
            inside::exec(all, cx, request, &path, name, container)
        }
        (Method::GET, ["locations", _, "operations", operation], false) => {
            groups::operation(all, cx, request, operation)
        }
        _ => Err(arm::not_emulated(request)),
    }
}
