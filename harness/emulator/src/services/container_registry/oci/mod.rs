//! The OCI distribution protocol, below `/v2/`.

mod blobs;
mod lists;
mod manifests;
mod uploads;

use super::ContainerRegistry;
use super::error::OciError;
use super::host::Registry;
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::{Method, StatusCode};

pub(in crate::services::container_registry) use lists::{linked, names, page};

/// What every handler gets: the service, who is asked, and what.
pub(super) struct Ask<'a> {
    pub(super) all: &'a ContainerRegistry,
    pub(super) cx: &'a Context,
    pub(super) registry: &'a Registry,
    pub(super) request: &'a Request,
    /// The repository.
    pub(super) name: String,
}

impl Ask<'_> {
    /// Lets the request pass if it may do `action` with the repository.
    pub(super) fn allow(&self, action: &str) -> Result<(), OciError> {
        super::host::allow(
            self.all,
            self.cx,
            self.registry,
            self.request,
            &self.name,
            action,
        )
    }
}

/// Answers a request below `/v2/`.
pub(super) fn answer(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    request: &Request,
    rest: &[&str],
) -> Result<Response, OciError> {
    let ask = |name: &[&str]| {
        let name = name.join("/");
        if !is_name(&name) {
            return Err(OciError::new(
                StatusCode::BAD_REQUEST,
                "NAME_INVALID",
                "invalid repository name",
            ));
        }
        Ok(Ask {
            all,
            cx,
            registry,
            request,
            name,
        })
    };
    match (request.method.as_str(), rest) {
        ("GET", ["_catalog"]) => lists::catalog(all, cx, registry, request),
        ("GET", [name @ .., "tags", "list"]) => lists::tags(&ask(name)?),
        ("GET" | "HEAD", [name @ .., "manifests", reference]) => {
            manifests::get(&ask(name)?, reference)
        }
        ("PUT", [name @ .., "manifests", reference]) => manifests::put(&ask(name)?, reference),
        ("DELETE", [name @ .., "manifests", reference]) => {
            manifests::delete(&ask(name)?, reference)
        }
        ("GET", [name @ .., "referrers", digest]) => lists::referrers(&ask(name)?, digest),
        ("POST", [name @ .., "blobs", "uploads"]) => uploads::begin(&ask(name)?),
        (_, [name @ .., "blobs", "uploads", id]) => uploads::go_on(&ask(name)?, id),
        ("GET" | "HEAD", [name @ .., "blobs", digest]) => blobs::get(&ask(name)?, digest),
        ("DELETE", [name @ .., "blobs", digest]) => blobs::delete(&ask(name)?, digest),
        _ => Err(OciError::unsupported()),
    }
}

/// Whether the request wants the head alone: the server leaves the body out then.
fn is_head(request: &Request) -> bool {
    request.method == Method::HEAD
}

/// A repository's name: parts of small letters and digits, separators between them.
fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(ends)
            && part.ends_with(ends)
            && part.chars().all(|c| ends(c) || "._-".contains(c))
    };
    name.len() <= 255 && name.split('/').all(part)
}

/// A digest that content can be compared with.
fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64
            && hex
                .chars()
                .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_digests() {
        for bad in ["", "A", "a//b", "-a", "a/", "a b", "a/_b"] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(is_name("team/my-app_2/x.y"));
        let hex = "0".repeat(64);
        assert!(is_digest(&format!("sha256:{hex}")));
        assert!(!is_digest(&format!("sha512:{hex}")));
        assert!(!is_digest(&format!("sha256:{}", "A".repeat(64))));
    }
}
