//! What ACR tells beyond the protocol, below `/acr/v1/`: repositories, tags and manifests with their
//! times and sizes. `az acr repository` and `az acr manifest` ask here. Attributes cannot be changed
//! in the emulator.

use super::access::{self, Scope};
use super::error::OciError;
use super::host::Registry;
use super::oci::{linked, names, page};
use super::state::{Contents, Manifest, Repository, Tag};
use super::{ContainerRegistry, host};
use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::{Value, json};

/// Answers a request below `/acr/v1/`.
pub(super) fn answer(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    request: &Request,
    rest: &[&str],
) -> Result<Response, OciError> {
    let allow = |name: &[&str], action: &str| {
        let name = name.join("/");
        host::allow(all, cx, registry, request, &name, action).map(|()| name)
    };
    let method = request.method.as_str();
    match (method, rest) {
        ("GET", ["_catalog"]) => {
            access::authorize(all, cx, registry, request, &Scope::catalog())?;
            let (names, next) = page(request, names(all, registry));
            let body = json!({ "repositories": names });
            Ok(linked(
                Response::json(StatusCode::OK, &body),
                "/acr/v1/_catalog",
                next,
            ))
        }
        ("GET", [name @ .., "_tags"]) => {
            let name = allow(name, "metadata_read")?;
            with(all, registry, &name, |_, repository| {
                let (shown, next) = page(request, repository.tags.keys().cloned().collect());
                let tags: Vec<Value> = shown
                    .iter()
                    .filter_map(|tag| Some(tag_shown(tag, repository.tags.get(tag)?)))
                    .collect();
                let mut body = whose(registry, &name);
                body["tags"] = json!(tags);
                let path = format!("/acr/v1/{name}/_tags");
                Ok(linked(Response::json(StatusCode::OK, &body), &path, next))
            })
        }
        ("GET", [name @ .., "_tags", tag]) => {
            let name = allow(name, "metadata_read")?;
            with(all, registry, &name, |_, repository| {
                let known = repository.tags.get(*tag).ok_or_else(|| no_tag(tag))?;
                let mut body = whose(registry, &name);
                body["tag"] = tag_shown(tag, known);
                Ok(Response::json(StatusCode::OK, &body))
            })
        }
        ("DELETE", [name @ .., "_tags", tag]) => {
            let name = allow(name, "delete")?;
            let mut state = all.state();
            let repository = state.contents(&registry.name()).repositories.get_mut(&name);
            repository
                .and_then(|repository| repository.tags.remove(*tag))
                .ok_or_else(|| no_tag(tag))?;
            Ok(Response::empty(StatusCode::ACCEPTED))
        }
        ("GET", [name @ .., "_manifests"]) => {
            let name = allow(name, "metadata_read")?;
            with(all, registry, &name, |contents, repository| {
                let (shown, next) = page(request, repository.manifests.keys().cloned().collect());
                let manifests: Vec<Value> = shown
                    .iter()
                    .filter_map(|digest| {
                        let manifest = repository.manifests.get(digest)?;
                        Some(manifest_shown(contents, repository, digest, manifest))
                    })
                    .collect();
                let mut body = whose(registry, &name);
                body["manifests"] = json!(manifests);
                let path = format!("/acr/v1/{name}/_manifests");
                Ok(linked(Response::json(StatusCode::OK, &body), &path, next))
            })
        }
        ("GET", [name @ .., "_manifests", digest]) => {
            let name = allow(name, "metadata_read")?;
            with(all, registry, &name, |contents, repository| {
                let manifest = repository.manifests.get(*digest);
                let manifest = manifest.ok_or_else(|| OciError::no_manifest(digest))?;
                let mut body = whose(registry, &name);
                body["manifest"] = manifest_shown(contents, repository, digest, manifest);
                Ok(Response::json(StatusCode::OK, &body))
            })
        }
        ("GET", name) => {
            let name = allow(name, "metadata_read")?;
            with(all, registry, &name, |_, repository| {
                let mut times: Vec<_> = repository.manifests.values().map(|m| m.created).collect();
                times.extend(repository.tags.values().map(|tag| tag.updated));
                let mut body = whose(registry, &name);
                body["createdTime"] = json!(times.iter().min().map(|at| arm::seven_digits(*at)));
                body["lastUpdateTime"] = json!(times.iter().max().map(|at| arm::seven_digits(*at)));
                body["manifestCount"] = json!(repository.manifests.len());
                body["tagCount"] = json!(repository.tags.len());
                body["changeableAttributes"] = attributes();
                Ok(Response::json(StatusCode::OK, &body))
            })
        }
        ("DELETE", name) => {
            let name = allow(name, "delete")?;
            let mut state = all.state();
            let contents = state.contents(&registry.name());
            if contents.repository(&name).is_none() {
                return Err(OciError::no_repository(&name));
            }
            let gone = contents.repositories.remove(&name).unwrap_or_default();
            let body = json!({
                "manifestsDeleted": gone.manifests.keys().collect::<Vec<_>>(),
                "tagsDeleted": gone.tags.keys().collect::<Vec<_>>(),
            });
            Ok(Response::json(StatusCode::ACCEPTED, &body))
        }
        _ => Ok(arm::not_emulated(request).into()),
    }
}

/// Looks into a repository that must be there.
fn with(
    all: &ContainerRegistry,
    registry: &Registry,
    name: &str,
    look: impl FnOnce(&Contents, &Repository) -> Result<Response, OciError>,
) -> Result<Response, OciError> {
    let mut state = all.state();
    let contents = &*state.contents(&registry.name());
    let repository = contents
        .repository(name)
        .ok_or_else(|| OciError::no_repository(name))?;
    look(contents, repository)
}

/// The wording is not recorded.
fn no_tag(tag: &str) -> OciError {
    OciError::new(
        StatusCode::NOT_FOUND,
        "TAG_UNKNOWN",
        "the specified tag does not exist",
    )
    .with_detail(json!({ "name": tag }))
}

fn whose(registry: &Registry, name: &str) -> Value {
    json!({ "registry": registry.server(), "imageName": name })
}

fn attributes() -> Value {
    json!({
        "deleteEnabled": true, "writeEnabled": true, "readEnabled": true, "listEnabled": true,
    })
}

fn tag_shown(name: &str, tag: &Tag) -> Value {
    json!({
        "name": name,
        "digest": tag.digest,
        "createdTime": arm::seven_digits(tag.created),
        "lastUpdateTime": arm::seven_digits(tag.updated),
        "signed": false,
        "changeableAttributes": attributes(),
    })
}

/// The size is that of the manifest and of all that it names; platform and kind of configuration
/// are read from there.
fn manifest_shown(
    contents: &Contents,
    repository: &Repository,
    digest: &str,
    manifest: &Manifest,
) -> Value {
    let body: Value = serde_json::from_slice(&manifest.bytes).unwrap_or_default();
    let parts = body["layers"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(Some(&body["config"]));
    let size: u64 = parts.filter_map(|part| part["size"].as_u64()).sum();
    let config: Value = body["config"]["digest"]
        .as_str()
        .and_then(|digest| contents.blobs.get(digest))
        .and_then(|blob| serde_json::from_slice(blob).ok())
        .unwrap_or_default();
    let tags = repository.tags.iter();
    let tags: Vec<&String> = tags
        .filter(|(_, tag)| tag.digest == digest)
        .map(|(name, _)| name)
        .collect();
    let at = arm::seven_digits(manifest.created);
    let mut shown = json!({
        "digest": digest,
        "imageSize": size + manifest.bytes.len() as u64,
        "createdTime": at,
        "lastUpdateTime": at,
    });
    for key in ["architecture", "os"] {
        if config[key].is_string() {
            shown[key] = config[key].clone();
        }
    }
    shown["mediaType"] = json!(manifest.media_type);
    if body["config"]["mediaType"].is_string() {
        shown["configMediaType"] = body["config"]["mediaType"].clone();
    }
    if !tags.is_empty() {
        shown["tags"] = json!(tags);
    }
    shown["changeableAttributes"] = attributes();
    shown
}
