//! Manifests and indexes: pushed, read, deleted; by tag or by digest.

use super::super::error::OciError;
use super::super::state::{self, Contents, Manifest, Tag};
use super::{Ask, is_digest};
use crate::http::Response;
use ::http::StatusCode;
use serde_json::Value;

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// The largest manifest, in bytes: what registries have to take (distribution specification).
const LIMIT: usize = 4 * 1024 * 1024;

/// The digest that a tag or a digest stands for in a repository.
pub(super) fn resolve(
    contents: &Contents,
    name: &str,
    reference: &str,
) -> Option<(String, Manifest)> {
    let repository = contents.repository(name)?;
    let digest = match repository.tags.get(reference) {
        Some(tag) => tag.digest.clone(),
        None => reference.to_owned(),
    };
    let manifest = repository.manifests.get(&digest)?.clone();
    Some((digest, manifest))
}

/// A manifest. One of OCI's own kinds goes only to who says to read it.
pub(super) fn get(ask: &Ask<'_>, reference: &str) -> Result<Response, OciError> {
    ask.allow("pull")?;
    let found = {
        let mut state = ask.all.state();
        let contents = state.contents(&ask.registry.name());
        resolve(contents, &ask.name, reference)
    };
    let (digest, manifest) = found.ok_or_else(|| OciError::no_manifest(reference))?;
    let accepted = ask.request.header("accept").unwrap_or("*/*");
    let takes = |kind: &str| accepted.contains(kind) || accepted.contains("*/*");
    for (kind, what) in [(OCI_MANIFEST, "manifest"), (OCI_INDEX, "index")] {
        if manifest.media_type == kind && !takes(kind) {
            return Err(OciError::new(
                StatusCode::NOT_FOUND,
                "MANIFEST_UNKNOWN",
                format!("OCI {what} found, but accept header does not support OCI {what}s"),
            ));
        }
    }
    Ok(Response::empty(StatusCode::OK)
        .with_bytes(&manifest.media_type, manifest.bytes)
        .with_header("docker-content-digest", &digest)
        .with_header("etag", format!("\"{digest}\"")))
}

/// Keeps a manifest whose parts are all there.
pub(super) fn put(ask: &Ask<'_>, reference: &str) -> Result<Response, OciError> {
    ask.allow("push")?;
    let bytes = ask.request.body.clone();
    if bytes.len() > LIMIT {
        return Err(OciError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "SIZE_INVALID",
            "manifest is too large",
        ));
    }
    let digest = state::digest(&bytes);
    let tag = match reference.contains(':') {
        true if reference == digest => None,
        true => return Err(OciError::wrong_digest(reference)),
        false if is_tag(reference) => Some(reference.to_owned()),
        false => {
            return Err(OciError::new(
                StatusCode::BAD_REQUEST,
                "TAG_INVALID",
                "manifest tag did not match URI",
            ));
        }
    };
    let body: Value = serde_json::from_slice(&bytes)
        .map_err(|error| OciError::bad_manifest(error.to_string()))?;
    let media_type = media_type(ask, &body)?;
    let now = ask.cx.clock.now();
    let mut state = ask.all.state();
    let contents = state.contents(&ask.registry.name());
    check_parts(contents, &ask.name, &body)?;
    let repository = contents.repositories.entry(ask.name.clone()).or_default();
    repository
        .manifests
        .entry(digest.clone())
        .or_insert(Manifest {
            media_type,
            bytes,
            created: now,
        });
    if let Some(tag) = tag {
        let known = repository.tags.entry(tag).or_insert(Tag {
            digest: digest.clone(),
            created: now,
            updated: now,
        });
        if known.digest != digest {
            known.digest.clone_from(&digest);
            known.updated = now;
        }
    }
    let mut response = Response::empty(StatusCode::CREATED)
        .with_header("location", format!("/v2/{}/manifests/{digest}", ask.name))
        .with_header("docker-content-digest", &digest);
    if let Some(subject) = body["subject"]["digest"].as_str() {
        response = response.with_header("oci-subject", subject);
    }
    Ok(response)
}

/// What the header says, or else the manifest itself; both must agree.
fn media_type(ask: &Ask<'_>, body: &Value) -> Result<String, OciError> {
    let own = body["mediaType"].as_str();
    let sent = ask
        .request
        .header("content-type")
        .and_then(|kind| kind.split(';').next())
        .map(str::trim);
    let kind = sent.or(own).unwrap_or_default();
    if let (Some(own), Some(sent)) = (own, sent)
        && own != sent
    {
        return Err(OciError::bad_manifest(format!(
            "if present, mediaType in manifest should be '{sent}' not '{own}'"
        )));
    }
    if [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST].contains(&kind) {
        return Ok(kind.to_owned());
    }
    Err(OciError::bad_manifest(format!(
        "media type '{kind}' is not supported"
    )))
}

/// Every blob and every manifest that is named must have been pushed before.
fn check_parts(contents: &Contents, name: &str, body: &Value) -> Result<(), OciError> {
    let list = |key: &str| body[key].as_array().cloned().unwrap_or_default();
    let mut blobs = list("layers");
    if body["config"].is_object() {
        blobs.push(body["config"].clone());
    }
    let manifests = list("manifests");
    if blobs.is_empty() && manifests.is_empty() && !body["manifests"].is_array() {
        return Err(OciError::bad_manifest(
            "it names neither blobs nor manifests",
        ));
    }
    for part in &blobs {
        let digest = part["digest"].as_str().unwrap_or_default();
        // A layer with addresses of its own is elsewhere.
        let elsewhere = part["urls"].as_array().is_some_and(|urls| !urls.is_empty());
        if !elsewhere && contents.blob(name, digest).is_none() {
            return Err(OciError::new(
                StatusCode::NOT_FOUND,
                "MANIFEST_BLOB_UNKNOWN",
                "blob unknown to registry",
            )
            .with_detail(serde_json::json!({ "digest": digest })));
        }
    }
    for part in &manifests {
        let digest = part["digest"].as_str().unwrap_or_default();
        let known = contents
            .repository(name)
            .is_some_and(|repository| repository.manifests.contains_key(digest));
        if !known {
            return Err(OciError::no_manifest(digest));
        }
    }
    Ok(())
}

/// Deletes a manifest with its tags. A tag alone is taken off by `acr/v1`.
pub(super) fn delete(ask: &Ask<'_>, reference: &str) -> Result<Response, OciError> {
    ask.allow("delete")?;
    if !is_digest(reference) {
        return Err(OciError::unsupported());
    }
    let mut state = ask.all.state();
    let contents = state.contents(&ask.registry.name());
    let removed = contents
        .repositories
        .get_mut(&ask.name)
        .and_then(|repository| {
            repository.manifests.remove(reference)?;
            repository.tags.retain(|_, tag| tag.digest != reference);
            Some(())
        });
    removed.ok_or_else(|| OciError::no_manifest(reference))?;
    Ok(Response::empty(StatusCode::ACCEPTED))
}

/// A tag: letters, digits, `_`, `.` and `-`, 128 at most.
fn is_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128
        && text.starts_with(word)
        && text.chars().all(|c| word(c) || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::is_tag;

    #[test]
    fn tags() {
        for bad in ["", ".a", "-a", "a b", "a/b", &"x".repeat(129)] {
            assert!(!is_tag(bad), "{bad}");
        }
        for good in ["latest", "_x", "1.2.3-rc.1"] {
            assert!(is_tag(good), "{good}");
        }
    }
}
