//! Which requests are for container apps, and who handles them.

use super::names;
use super::state::{ContainerApps, State};
use super::{
    apps, environments, identity, ingress, jobs, lifecycle, operations, region, revisions,
    workload_profiles,
};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use crate::snapshot::{Copied, Memory};
use ::http::Method;
use futures_util::future::BoxFuture;
use serde_json::Value;

impl Service for ContainerApps {
    fn owns(&self, request: &Request) -> bool {
        region::is_asked(request)
            || ingress::is_asked(request)
            || ArmPath::of(request).is_some_and(|path| {
                let kinds = ["containerApps", "managedEnvironments", "jobs", "locations"];
                path.is("Microsoft.App", &kinds)
            })
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            if region::is_asked(request) {
                return region::answer(self, cx, request);
            }
            if ingress::is_asked(request) {
                return ingress::answer(self, cx, request).await;
            }
            arm::respond(route(self, cx, request).await)
        })
    }

    fn shut_down(&self) {
        // Taken out of the state first: the end of a container is waited for without the lock.
        let apps = std::mem::take(&mut self.state().apps);
        drop(apps);
    }

    fn removed<'a>(&'a self, cx: &'a Context, resource: &'a Value) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let id = resource["id"].as_str().unwrap_or_default();
            if resource["type"] == names::APP {
                let _gate = self.gate.lock().await;
                identity::forget(cx, resource);
                lifecycle::forget(self, cx, id).await;
            } else if resource["type"] == names::ENVIRONMENT {
                identity::forget(cx, resource);
            } else if resource["type"] == names::JOB {
                jobs::forget(self, cx, resource);
            }
        })
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![&self.state]
    }

    fn runs_still(&self, copied: &[Copied]) -> bool {
        let mut states = copied.iter().filter_map(|one| one.downcast_ref());
        states.all(State::runs_still)
    }
}

async fn route(all: &ContainerApps, cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let kind = rest.first().copied().unwrap_or_default();
    if let (true, ["locations", location, what, guid], None) =
        (request.method == Method::GET, rest.as_slice(), &path.group)
    {
        return operations::poll(all, cx, request, location, what, guid);
    }
    if let (true, ["locations", location, what], None) =
        (request.method == Method::GET, rest.as_slice(), &path.group)
        && *what == "availablemanagedenvironmentsworkloadprofiletypes"
    {
        return workload_profiles::types(cx, request, &path, location);
    }
    if request.method != Method::GET && path.group.is_none() {
        return Err(arm::not_emulated(request));
    }
    let tail = rest.get(1..).unwrap_or_default();
    match kind {
        "containerapps" => app(all, cx, request, &path, tail).await,
        "managedenvironments" => environment(all, cx, request, &path, tail),
        "jobs" => job(all, cx, request, &path, tail),
        _ => Err(arm::not_emulated(request)),
    }
}

async fn app(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    tail: &[&str],
) -> Result<Response, ArmError> {
    let at = |index: usize| path.rest.get(index).map(String::as_str).unwrap_or_default();
    let (name, revision, replica) = (at(1), at(3), at(5));
    match (request.method.clone(), tail) {
        (Method::GET, []) => apps::list(all, cx, request, path),
        (Method::GET, [_]) => apps::get(all, cx, request, path, name),
        (Method::PUT, [_]) => apps::put(all, cx, request, path, name).await,
        (Method::PATCH, [_]) => apps::patch(all, cx, request, path, name).await,
        (Method::DELETE, [_]) => apps::delete(all, cx, request, path, name).await,
        (Method::POST, [_, "listsecrets"]) => apps::list_secrets(all, cx, request, path, name),
        (Method::POST, [_, "getauthtoken"]) => apps::auth_token(cx, request, path, name),
        (Method::GET, [_, "revisions"]) => revisions::list(all, cx, request, path, name),
        (Method::GET, [_, "revisions", _]) => {
            revisions::get(all, cx, request, path, name, revision)
        }
        (
            Method::POST,
            [
                _,
                "revisions",
                _,
                verb @ ("activate" | "deactivate" | "restart"),
            ],
        ) => revisions::act(all, cx, request, path, name, revision, verb).await,
        (Method::GET, [_, "revisions", _, "replicas"]) => {
            revisions::replicas(all, cx, request, path, name, revision)
        }
        (Method::GET, [_, "revisions", _, "replicas", _]) => {
            revisions::replica(all, cx, request, path, name, revision, replica)
        }
        _ => Err(arm::not_emulated(request)),
    }
}

fn environment(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    tail: &[&str],
) -> Result<Response, ArmError> {
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    match (request.method.clone(), tail) {
        (Method::GET, []) => environments::list(all, cx, request, path),
        (Method::GET, [_]) => environments::get(all, cx, request, path, name),
        (Method::PUT, [_]) => environments::put(all, cx, request, path, name),
        (Method::PATCH, [_]) => environments::patch(all, cx, request, path, name),
        (Method::DELETE, [_]) => environments::delete(all, cx, request, path, name),
        (Method::GET, [_, "usages"]) => environments::usages(cx, request, path, name),
        (Method::GET, [_, "workloadprofilestates"]) => {
            workload_profiles::states(cx, request, path, name)
        }
        (Method::POST, [_, "checknameavailability"]) => {
            environments::check_name(cx, request, path, name)
        }
        (Method::POST, [_, "getauthtoken"]) => environments::auth_token(cx, request, path, name),
        _ => Err(arm::not_emulated(request)),
    }
}

fn job(
    all: &ContainerApps,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    tail: &[&str],
) -> Result<Response, ArmError> {
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    match (request.method.clone(), tail) {
        (Method::GET, []) => jobs::list(cx, request, path),
        (Method::GET, [_]) => jobs::get(cx, request, path, name),
        (Method::PUT, [_]) => jobs::put(all, cx, request, path, name),
        (Method::PATCH, [_]) => jobs::patch(all, cx, request, path, name),
        (Method::DELETE, [_]) => jobs::delete(all, cx, request, path, name),
        (Method::POST, [_, "listsecrets"]) => jobs::list_secrets(all, cx, request, path, name),
        _ => Err(arm::not_emulated(request)),
    }
}
