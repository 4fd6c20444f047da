//! A registry's own host, `*.azurecr.io`: which registry it is, and which part of it is asked.

use super::access::{self, Holder, Scope};
use super::error::OciError;
use super::{ContainerRegistry, attributes, model, oci, tokens};
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::{Method, StatusCode};
use serde_json::Value;

const SUFFIX: &str = ".azurecr.io";

/// The registry that a host belongs to.
pub(super) struct Registry {
    resource: Value,
}

impl Registry {
    /// The registry behind a host.
    pub(super) fn of(cx: &Context, host: &str) -> Option<Self> {
        let registry = Self {
            resource: model::find(cx, name_of(host)?)?,
        };
        // With a hash in its label a registry is not found without it.
        registry
            .server()
            .eq_ignore_ascii_case(host)
            .then_some(registry)
    }

    fn text(&self, pointer: &str) -> String {
        let value = self.resource.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    }

    fn flag(&self, name: &str) -> bool {
        self.resource["properties"][name] == true
    }

    /// Its name.
    pub(super) fn name(&self) -> String {
        self.text("/name")
    }

    /// Its ARM id.
    pub(super) fn id(&self) -> String {
        self.text("/id")
    }

    /// Its host, by which tokens know it.
    pub(super) fn server(&self) -> String {
        self.text("/properties/loginServer")
    }

    /// Whether the admin user may sign in.
    pub(super) fn admin_enabled(&self) -> bool {
        self.flag("adminUserEnabled")
    }

    /// Whether everybody may pull: Basic has no such thing.
    pub(super) fn anonymous_pull(&self) -> bool {
        self.flag("anonymousPullEnabled") && self.text("/sku/name") != "Basic"
    }

    /// Whether roles on repositories decide, and not those on the registry.
    pub(super) fn uses_abac(&self) -> bool {
        self.text("/properties/roleAssignmentMode") == "AbacRepositoryPermissions"
    }

    /// Whether a token for ARM may be exchanged.
    pub(super) fn takes_arm_tokens(&self) -> bool {
        self.text("/properties/policies/azureADAuthenticationAsArmPolicy/status") != "disabled"
    }

    /// Where to get a token. `az` takes it apart at spaces and commas: there is no space behind one.
    pub(super) fn challenge(&self) -> String {
        let server = self.server();
        format!("Bearer realm=\"https://{server}/oauth2/token\",service=\"{server}\"")
    }
}

/// The name of the registry that a host is for.
pub(super) fn name_of(host: &str) -> Option<&str> {
    let label = host.strip_suffix(SUFFIX)?;
    // Names have no hyphen; what follows one is the label's hash.
    let name = label.split('-').next().unwrap_or(label);
    (!name.is_empty() && !label.contains('.')).then_some(name)
}

/// Answers a request to a registry's host.
pub(super) fn answer(all: &ContainerRegistry, cx: &Context, request: &Request) -> Response {
    let Some(registry) = Registry::of(cx, &request.host) else {
        // Azure has no such host at all: a client's name lookup fails there.
        return OciError::new(
            StatusCode::NOT_FOUND,
            "NAME_UNKNOWN",
            format!("there is no registry at {}", request.host),
        )
        .into();
    };
    route(all, cx, &registry, request)
        .unwrap_or_else(Response::from)
        .with_header("docker-distribution-api-version", "registry/2.0")
        .with_header(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        )
        .with_header("x-ms-correlation-request-id", crate::arm::operation_id())
}

fn route(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    request: &Request,
) -> Result<Response, OciError> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match (&request.method, segments.as_slice()) {
        (&Method::POST, ["oauth2", "exchange"]) => tokens::exchange(cx, registry, request),
        (&Method::POST | &Method::GET, ["oauth2", "token"]) => {
            tokens::token(all, cx, registry, request)
        }
        (&Method::GET | &Method::HEAD, ["v2"]) => ping(all, cx, registry, request),
        (_, ["v2", rest @ ..]) => oci::answer(all, cx, registry, request, rest),
        (_, ["acr", "v1", rest @ ..]) => attributes::answer(all, cx, registry, request, rest),
        _ => Ok(crate::arm::not_emulated(request).into()),
    }
}

/// Whether the protocol is spoken here, to whoever has any token of this registry; to all others
/// how to get one.
fn ping(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    request: &Request,
) -> Result<Response, OciError> {
    let header = request.header("authorization").unwrap_or_default();
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    let known = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => tokens::access(cx, registry, value.trim()).is_some(),
        "basic" => tokens::basic(all, cx, registry, value.trim())
            .is_some_and(|holder| holder != Holder::Anonymous),
        _ => false,
    };
    if known {
        return Ok(Response::json(StatusCode::OK, &serde_json::json!({})));
    }
    Err(OciError::unauthorized(registry.challenge(), Value::Null))
}

/// Lets a request pass that may do `action` with a repository.
pub(super) fn allow(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    request: &Request,
    repository: &str,
    action: &str,
) -> Result<(), OciError> {
    let wanted = Scope::repository(repository, action);
    access::authorize(all, cx, registry, request, &wanted)
}
