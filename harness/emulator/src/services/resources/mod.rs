//! Azure Resource Manager's own: tenants, subscriptions, locations, resource groups, providers,
//! and the list of all resources.

mod groups;
mod listing;
mod locations;
mod names;
mod providers;
mod subscriptions;

use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::snapshot::Memory;
use ::http::{Method, StatusCode};
use futures_util::future::BoxFuture;
use groups::Deletions;

pub(crate) use locations::{display_name, paired_region};

/// The service.
#[derive(Debug, Default)]
pub(crate) struct ResourceManager {
    deletions: Deletions,
}

impl Service for ResourceManager {
    fn owns(&self, request: &Request) -> bool {
        request.host == arm::HOST && Route::of(request).is_some()
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            self.deletions.finish(cx);
            arm::respond(self.route(cx, request).await)
        })
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![self.deletions.memory()]
    }
}

/// What a path names, ids as written.
enum Route<'a> {
    Tenants,
    CheckName,
    Subscriptions,
    Subscription(&'a str),
    Locations(&'a str),
    Groups(&'a str),
    Group(&'a str, &'a str),
    Resources(&'a str, Option<&'a str>),
    Providers(&'a str),
    Provider(&'a str, &'a str, Option<&'a str>),
    Operation(&'a str),
}

impl<'a> Route<'a> {
    fn of(request: &'a Request) -> Option<Self> {
        let lower: Vec<String> = (0..request.segments.len())
            .map(|i| request.segment(i))
            .collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let at = |index: usize| request.segments[index].as_str();
        Some(match lower.as_slice() {
            ["tenants"] => Self::Tenants,
            ["providers", "microsoft.resources", "checkresourcename"] => Self::CheckName,
            ["subscriptions"] => Self::Subscriptions,
            ["subscriptions", _] => Self::Subscription(at(1)),
            ["subscriptions", _, "locations"] => Self::Locations(at(1)),
            ["subscriptions", _, "resourcegroups"] => Self::Groups(at(1)),
            ["subscriptions", _, "resourcegroups", _] => Self::Group(at(1), at(3)),
            ["subscriptions", _, "resourcegroups", _, "resources"] => {
                Self::Resources(at(1), Some(at(3)))
            }
            ["subscriptions", _, "resources"] => Self::Resources(at(1), None),
            ["subscriptions", _, "providers"] => Self::Providers(at(1)),
            ["subscriptions", _, "providers", _] => Self::Provider(at(1), at(3), None),
            [
                "subscriptions",
                _,
                "providers",
                _,
                "register" | "unregister",
            ] => Self::Provider(at(1), at(3), Some(at(4))),
            ["subscriptions", _, "operationresults", _] => Self::Operation(at(3)),
            _ => return None,
        })
    }
}

impl ResourceManager {
    async fn route(&self, cx: &Context, request: &Request) -> Result<Response, ArmError> {
        let Some(route) = Route::of(request) else {
            return Err(arm::not_emulated(request));
        };
        // A token comes before everything else, as with Azure: 401 is never hidden by a 400 or 404.
        let caller = arm::authorize(cx, request, "", "/")?;
        arm::api_version(request)?;
        let get = request.method == Method::GET;
        match route {
            Route::CheckName if request.method == Method::POST => names::check(request),
            Route::Tenants if get => Ok(subscriptions::tenants(cx)),
            Route::Subscriptions if get => Ok(subscriptions::list(cx, &caller)),
            Route::Subscription(id) if get => subscriptions::show(cx, request, id),
            Route::Locations(id) if get => locations::list(cx, request, id),
            Route::Groups(id) if get => groups::list(cx, request, id),
            Route::Resources(id, group) if get => listing::list(cx, request, id, group),
            Route::Providers(id) if get => providers::list(cx, request, id),
            Route::Provider(id, namespace, None) if get => {
                providers::show(cx, request, id, namespace)
            }
            Route::Provider(id, namespace, Some(verb)) if request.method == Method::POST => {
                providers::register(cx, request, id, namespace, verb)
            }
            Route::Operation(id) if get => self.deletions.poll(cx, request, id),
            Route::Group(id, name) => match request.method {
                Method::GET => groups::show(cx, request, id, name),
                Method::HEAD => groups::exists(cx, request, id, name),
                Method::PUT => groups::create(cx, request, id, name),
                Method::PATCH => groups::update(cx, request, id, name),
                Method::DELETE => self.deletions.delete(cx, request, id, name).await,
                _ => Err(arm::not_emulated(request)),
            },
            _ => Err(arm::not_emulated(request)),
        }
    }
}

/// A list as ARM answers it.
fn page(items: Vec<serde_json::Value>) -> Response {
    Response::json(StatusCode::OK, &serde_json::json!({ "value": items }))
}
