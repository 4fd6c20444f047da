//! Uploads of blobs: whole, in parts, or taken over from another repository.

use super::super::error::OciError;
use super::super::host;
use super::super::state::{self, Upload};
use super::{Ask, is_digest};
use crate::arm;
use crate::http::Response;
use ::http::StatusCode;
use bytes::Bytes;

/// Begins an upload (202), or makes a blob at once (201): with `digest` of the body, with `mount`
/// and `from` of a blob that another repository has and the caller may pull.
pub(super) fn begin(ask: &Ask<'_>) -> Result<Response, OciError> {
    ask.allow("push")?;
    if let Some(digest) = ask.request.query("mount").filter(|one| !one.is_empty()) {
        let from = ask.request.query("from").unwrap_or_default();
        if may_pull(ask, from) && mount(ask, digest, from) {
            return Ok(created(ask, digest));
        }
    } else if let Some(digest) = ask.request.query("digest").filter(|one| !one.is_empty()) {
        return finish(ask, ask.request.body.clone(), digest);
    }
    let id = arm::operation_id();
    let upload = Upload {
        repository: ask.name.clone(),
        bytes: Vec::new(),
    };
    ask.all
        .state()
        .contents(&ask.registry.name())
        .uploads
        .insert(id.clone(), upload);
    Ok(accepted(ask, &id, 0))
}

fn may_pull(ask: &Ask<'_>, from: &str) -> bool {
    host::allow(ask.all, ask.cx, ask.registry, ask.request, from, "pull").is_ok()
}

fn mount(ask: &Ask<'_>, digest: &str, from: &str) -> bool {
    let mut state = ask.all.state();
    let contents = state.contents(&ask.registry.name());
    let found = contents.blob(from, digest).is_some();
    if found {
        let repository = contents.repositories.entry(ask.name.clone()).or_default();
        repository.blobs.insert(digest.to_owned());
    }
    found
}

/// `PATCH` adds a part, `PUT` finishes, `GET` tells how far it is, `DELETE` gives it up.
pub(super) fn go_on(ask: &Ask<'_>, id: &str) -> Result<Response, OciError> {
    ask.allow("push")?;
    match ask.request.method.as_str() {
        "GET" => {
            let length = length(ask, id)?;
            Ok(told(
                ask,
                Response::empty(StatusCode::NO_CONTENT),
                id,
                length,
            ))
        }
        "PATCH" => {
            let length = append(ask, id)?;
            Ok(accepted(ask, id, length))
        }
        "PUT" => {
            let digest = ask
                .request
                .query("digest")
                .filter(|digest| is_digest(digest))
                .ok_or_else(|| OciError::wrong_digest(ask.request.query("digest").unwrap_or("")))?
                .to_owned();
            append(ask, id)?;
            let bytes = take(ask, id)?;
            finish(ask, bytes, &digest)
        }
        "DELETE" => take(ask, id).map(|_| Response::empty(StatusCode::NO_CONTENT)),
        _ => Err(OciError::unsupported()),
    }
}

fn length(ask: &Ask<'_>, id: &str) -> Result<usize, OciError> {
    let mut state = ask.all.state();
    let uploads = &state.contents(&ask.registry.name()).uploads;
    uploads
        .get(id)
        .filter(|upload| upload.repository == ask.name)
        .map(|upload| upload.bytes.len())
        .ok_or_else(OciError::no_upload)
}

/// Adds the body. A part says where it belongs, or is taken to follow the last one.
fn append(ask: &Ask<'_>, id: &str) -> Result<usize, OciError> {
    let mut state = ask.all.state();
    let upload = state
        .contents(&ask.registry.name())
        .uploads
        .get_mut(id)
        .filter(|upload| upload.repository == ask.name)
        .ok_or_else(OciError::no_upload)?;
    let begins = ask
        .request
        .header("content-range")
        .and_then(|range| range.trim_start_matches("bytes ").split_once('-'))
        .and_then(|(first, _)| first.trim().parse::<usize>().ok());
    if begins.is_some_and(|first| first != upload.bytes.len()) {
        return Err(OciError::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "RANGE_INVALID",
            "invalid content range",
        ));
    }
    upload.bytes.extend_from_slice(&ask.request.body);
    Ok(upload.bytes.len())
}

fn take(ask: &Ask<'_>, id: &str) -> Result<Bytes, OciError> {
    length(ask, id)?;
    let mut state = ask.all.state();
    let upload = state
        .contents(&ask.registry.name())
        .uploads
        .remove(id)
        .ok_or_else(OciError::no_upload)?;
    Ok(Bytes::from(upload.bytes))
}

/// Keeps a blob if it is what its digest says; the upload is over either way.
fn finish(ask: &Ask<'_>, bytes: Bytes, digest: &str) -> Result<Response, OciError> {
    if state::digest(&bytes) != digest {
        return Err(OciError::wrong_digest(digest));
    }
    ask.all
        .state()
        .contents(&ask.registry.name())
        .keep(&ask.name, bytes);
    Ok(created(ask, digest))
}

fn created(ask: &Ask<'_>, digest: &str) -> Response {
    Response::empty(StatusCode::CREATED)
        .with_header("location", format!("/v2/{}/blobs/{digest}", ask.name))
        .with_header("docker-content-digest", digest)
}

fn accepted(ask: &Ask<'_>, id: &str, length: usize) -> Response {
    let response = Response::empty(StatusCode::ACCEPTED);
    told(ask, response, id, length)
}

/// Where the upload goes on: a path, with a state of the service's own (as in its documentation).
fn told(ask: &Ask<'_>, response: Response, id: &str, length: usize) -> Response {
    let location = format!(
        "/v2/{}/blobs/uploads/{id}?_nouploadcache=false&_state={}",
        ask.name,
        arm::operation_id()
    );
    response
        .with_header("location", location)
        .with_header("range", format!("0-{}", length.saturating_sub(1)))
        .with_header("docker-upload-uuid", id)
}
