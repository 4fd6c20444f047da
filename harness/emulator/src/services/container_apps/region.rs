//! The endpoint of a region, `{location}.azurecontainerapps.dev`: who asks there, and for which
//! container.

use super::names;
use super::state::{ContainerApps, Running};
use super::{exec, logs};
use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;

/// What ends the host names of regions.
const SUFFIX: &str = ".azurecontainerapps.dev";

/// A container that somebody asks for.
pub(super) struct Place {
    /// The revision's name.
    pub(super) revision: String,
    /// The replica's name.
    pub(super) replica: String,
    /// The container.
    pub(super) running: Running,
}

/// Whether a request is for a region's endpoint.
pub(super) fn is_asked(request: &Request) -> bool {
    request.host.ends_with(SUFFIX)
}

/// Answers `…/containers/{container}/exec` and `…/logstream`. The token is the one of
/// `getAuthToken`; a wrong one is refused with 401 (azure-cli 23387).
pub(super) fn answer(all: &ContainerApps, cx: &Context, request: &Request) -> Response {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let lower: Vec<String> = (0..segments.len()).map(|i| request.segment(i)).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let [
        "subscriptions",
        _,
        "resourcegroups",
        _,
        "containerapps",
        _,
        "revisions",
        _,
        "replicas",
        _,
        "containers",
        _,
        what @ ("exec" | "logstream"),
    ] = lower.as_slice()
    else {
        return arm::not_emulated(request).into();
    };
    let id = names::app_id(segments[1], segments[3], segments[5]);
    let audience = id.to_ascii_lowercase();
    if cx
        .tokens
        .verify(request.header("authorization"), &[&audience])
        .is_err()
    {
        return Response::empty(StatusCode::UNAUTHORIZED);
    }
    let Some(place) = find(all, &id, segments[7], segments[9], segments[11]) else {
        // The wording is not recorded.
        return Response::text(StatusCode::NOT_FOUND, "There is no such container.");
    };
    if *what == "exec" {
        exec::open(request, place)
    } else {
        logs::read(request, &place)
    }
}

fn find(
    all: &ContainerApps,
    id: &str,
    revision: &str,
    replica: &str,
    container: &str,
) -> Option<Place> {
    let revision = all
        .revisions(id)
        .into_iter()
        .find(|one| one.name.eq_ignore_ascii_case(revision))?;
    let replica = revision
        .replicas
        .into_iter()
        .find(|one| one.name.eq_ignore_ascii_case(replica))?;
    let running = replica
        .containers
        .into_iter()
        .find(|one| one.name.eq_ignore_ascii_case(container))?;
    Some(Place {
        revision: revision.name,
        replica: replica.name,
        running,
    })
}
