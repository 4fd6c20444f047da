//! Lists: repositories, tags, and what refers to a manifest.

use super::super::ContainerRegistry;
use super::super::access::{self, Scope};
use super::super::error::OciError;
use super::super::host::Registry;
use super::Ask;
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::{Value, json};

/// How many entries a page has if it is not asked for another number.
const PAGE: usize = 100;

/// The names of the repositories.
pub(super) fn catalog(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    request: &Request,
) -> Result<Response, OciError> {
    access::authorize(all, cx, registry, request, &Scope::catalog())?;
    let names = names(all, registry);
    let (names, next) = page(request, names);
    let body = json!({ "repositories": names });
    Ok(linked(
        Response::json(StatusCode::OK, &body),
        "/v2/_catalog",
        next,
    ))
}

/// The repositories that hold a manifest.
pub(in crate::services::container_registry) fn names(
    all: &ContainerRegistry,
    registry: &Registry,
) -> Vec<String> {
    let mut state = all.state();
    let contents = state.contents(&registry.name());
    let names = contents.repositories.keys().cloned().collect::<Vec<_>>();
    names
        .into_iter()
        .filter(|name| contents.repository(name).is_some())
        .collect()
}

/// The tags of a repository.
pub(super) fn tags(ask: &Ask<'_>) -> Result<Response, OciError> {
    ask.allow("pull")?;
    let tags: Vec<String> = {
        let mut state = ask.all.state();
        let contents = state.contents(&ask.registry.name());
        let repository = contents
            .repository(&ask.name)
            .ok_or_else(|| OciError::no_repository(&ask.name))?;
        repository.tags.keys().cloned().collect()
    };
    let (tags, next) = page(ask.request, tags);
    let body = json!({ "name": ask.name, "tags": tags });
    let path = format!("/v2/{}/tags/list", ask.name);
    Ok(linked(Response::json(StatusCode::OK, &body), &path, next))
}

/// The manifests whose subject is this one, as an index.
pub(super) fn referrers(ask: &Ask<'_>, digest: &str) -> Result<Response, OciError> {
    ask.allow("pull")?;
    let mut state = ask.all.state();
    let contents = state.contents(&ask.registry.name());
    let manifests: Vec<Value> = contents
        .repository(&ask.name)
        .into_iter()
        .flat_map(|repository| &repository.manifests)
        .filter_map(|(own, manifest)| {
            let body: Value = serde_json::from_slice(&manifest.bytes).ok()?;
            (body["subject"]["digest"] == digest).then(|| {
                json!({
                    "mediaType": manifest.media_type,
                    "digest": own,
                    "size": manifest.bytes.len(),
                    "artifactType": body["artifactType"],
                    "annotations": body["annotations"],
                })
            })
        })
        .collect();
    let kind = "application/vnd.oci.image.index.v1+json";
    let body = json!({ "schemaVersion": 2, "mediaType": kind, "manifests": manifests });
    Ok(Response::json(StatusCode::OK, &body).with_header("content-type", kind))
}

/// A page of a sorted list, by `n` and `last`, and how to ask for the next one.
pub(in crate::services::container_registry) fn page(
    request: &Request,
    all: Vec<String>,
) -> (Vec<String>, Option<String>) {
    let count = request
        .query("n")
        .and_then(|n| n.parse().ok())
        .unwrap_or(PAGE);
    let last = request.query("last").unwrap_or_default();
    let mut rest: Vec<String> = all
        .into_iter()
        .filter(|name| last.is_empty() || name.as_str() > last)
        .collect();
    let more = rest.len() > count;
    rest.truncate(count);
    let next = rest
        .last()
        .filter(|_| more)
        .map(|last| format!("last={}&n={count}&orderby=", encode(last)));
    (rest, next)
}

/// Adds the link to the next page.
pub(in crate::services::container_registry) fn linked(
    response: Response,
    path: &str,
    next: Option<String>,
) -> Response {
    match next {
        Some(query) => response.with_header("link", format!("<{path}?{query}>; rel=\"next\"")),
        None => response,
    }
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
