//! Which requests are for virtual networks, and who handles them.

use super::operations::Network;
use super::{handlers, subnets};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use crate::snapshot::Memory;
use ::http::Method;
use futures_util::future::BoxFuture;

impl Service for Network {
    fn owns(&self, request: &Request) -> bool {
        ArmPath::of(request)
            .is_some_and(|path| path.is("Microsoft.Network", &["virtualNetworks", "locations"]))
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move { arm::respond(route(self, cx, request)) })
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![&self.state]
    }
}

fn route(network: &Network, cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    let in_group = path.group.is_some();
    match (request.method.clone(), rest.as_slice(), in_group) {
        (
            Method::GET,
            [
                "locations",
                _,
                what @ ("operations" | "operationresults"),
                guid,
            ],
            false,
        ) => network.poll(cx, request, what, guid),
        (Method::GET, ["virtualnetworks"], _) => handlers::list(network, cx, request, &path),
        (Method::GET, ["virtualnetworks", _], true) => {
            handlers::get(network, cx, request, &path, name)
        }
        (Method::PUT, ["virtualnetworks", _], true) => {
            handlers::put(network, cx, request, &path, name)
        }
        (Method::DELETE, ["virtualnetworks", _], true) => {
            handlers::delete(network, cx, request, &path, name)
        }
        (Method::GET, ["virtualnetworks", _, "subnets"], true) => {
            subnets::list(network, cx, request, &path)
        }
        (Method::GET, ["virtualnetworks", _, "subnets", _], true) => {
            subnets::get(network, cx, request, &path)
        }
        (Method::PUT, ["virtualnetworks", _, "subnets", _], true) => {
            subnets::put(network, cx, request, &path)
        }
        (Method::DELETE, ["virtualnetworks", _, "subnets", _], true) => {
            subnets::delete(network, cx, request, &path)
        }
        _ => Err(arm::not_emulated(request)),
    }
}
