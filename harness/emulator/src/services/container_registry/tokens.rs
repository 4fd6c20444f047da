//! The tokens of a registry: one of Entra's is exchanged for a refresh token, that or a password
//! for an access token, and the access token is good for what it names, here alone.
//!
//! Claims are those of the document "Azure Container Registry integration with Azure Active
//! Directory". Who is told what was refused is decided when an access token is asked for: an
//! exchange only asks who somebody is.

use super::access::{Holder, Scope, granted};
use super::error::OciError;
use super::host::Registry;
use super::{ContainerRegistry, repository_tokens};
use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::sync::Arc;

/// The issuer: no token of Entra's has it.
const ISSUER: &str = "Azure Container Registry";
/// The resource of Entra tokens for registries.
pub(super) const AUDIENCE: &str = "https://containerregistry.azure.net";
/// ARM's, whose tokens are taken, too, unless a policy says otherwise.
const ARM_AUDIENCES: [&str; 2] = [
    "https://management.azure.com",
    "https://management.core.windows.net",
];
/// The user name that goes with a refresh token in the place of a password.
pub(super) const TOKEN_USER: &str = "00000000-0000-0000-0000-000000000000";
/// How long a refresh token is good, in seconds: 3 hours.
const REFRESH_LIFETIME: i64 = 3 * 3600;
/// How long an access token is good, in seconds: 75 minutes.
const ACCESS_LIFETIME: i64 = 75 * 60;

/// `POST /oauth2/exchange`: a token of Entra's for a refresh token.
pub(super) fn exchange(
    cx: &Context,
    registry: &Registry,
    request: &Request,
) -> Result<Response, OciError> {
    let form = request.form();
    let field = |name: &str| value(&form, name);
    check_service(registry, field("service"))?;
    let holder = match field("grant_type") {
        "access_token" | "access_token_refresh_token" => {
            let mut audiences = vec![AUDIENCE];
            if registry.takes_arm_tokens() {
                audiences.extend(ARM_AUDIENCES);
            }
            let bearer = format!("Bearer {}", field("access_token"));
            let caller = cx
                .tokens
                .verify(Some(&bearer), &audiences)
                .map_err(|_| OciError::refused())?;
            Holder::Principal(caller.object_id)
        }
        "refresh_token" => return Ok(arm::not_emulated(request).into()),
        other => return Err(bad_grant(other)),
    };
    let token = refresh_token(cx, registry, &holder);
    Ok(Response::json(
        StatusCode::OK,
        &json!({ "refresh_token": token }),
    ))
}

/// `/oauth2/token`: a refresh token, or a name and password, for an access token.
pub(super) fn token(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    request: &Request,
) -> Result<Response, OciError> {
    let form = if request.method == Method::GET {
        request.query.clone()
    } else {
        request.form()
    };
    let field = |name: &str| value(&form, name);
    check_service(registry, field("service"))?;
    let holder = if request.method == Method::GET {
        match request.header("authorization") {
            Some(header) => {
                let encoded = header.split_once(' ').map_or("", |(_, value)| value);
                basic(all, cx, registry, encoded.trim())
            }
            None => Some(Holder::Anonymous),
        }
    } else {
        match field("grant_type") {
            "refresh_token" => of_refresh_token(cx, registry, field("refresh_token")),
            "password" => sign_in(all, cx, registry, field("username"), field("password")),
            other => return Err(bad_grant(other)),
        }
    };
    let holder = holder.ok_or_else(OciError::refused)?;
    let asked: Vec<Scope> = form
        .iter()
        .filter(|(name, _)| name == "scope")
        .flat_map(|(_, value)| value.split_whitespace())
        .filter_map(Scope::parse)
        .collect();
    let scopes = granted(cx, registry, &holder, &asked);
    // Nobody gets a token that is good for nothing; a sign-in without a scope only tests a password.
    if scopes.is_empty() && (!asked.is_empty() || holder == Holder::Anonymous) {
        return Err(OciError::refused());
    }
    let mut body = json!({ "access_token": access_token(cx, registry, &holder, &scopes) });
    if field("offline_token") == "true" || field("access_type") == "offline" {
        body["refresh_token"] = json!(refresh_token(cx, registry, &holder));
    }
    Ok(Response::json(StatusCode::OK, &body))
}

fn value<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter()
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value.as_str())
}

/// A token is for one registry: whoever asks names it.
fn check_service(registry: &Registry, service: &str) -> Result<(), OciError> {
    if service.eq_ignore_ascii_case(&registry.server()) {
        return Ok(());
    }
    // The wording is not recorded.
    Err(OciError::new(
        StatusCode::BAD_REQUEST,
        "SERVICE_INVALID",
        format!("service '{service}' is not this registry"),
    ))
}

fn bad_grant(grant: &str) -> OciError {
    // The wording is not recorded.
    OciError::new(
        StatusCode::BAD_REQUEST,
        "UNSUPPORTED",
        format!("grant_type '{grant}' is not supported"),
    )
}

/// Who is behind a `Basic` header's value.
pub(super) fn basic(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    encoded: &str,
) -> Option<Holder> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    sign_in(all, cx, registry, user, password)
}

/// The admin user, a repository token, an application with its secret, or a refresh token in the place of
/// a password.
fn sign_in(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    user: &str,
    password: &str,
) -> Option<Holder> {
    if user == TOKEN_USER {
        return of_refresh_token(cx, registry, password);
    }
    if user.eq_ignore_ascii_case(&registry.name()) {
        let passwords = all.state().contents(&registry.name()).passwords.clone();
        let right = registry.admin_enabled() && passwords.iter().any(|own| own == password);
        return right.then_some(Holder::Admin);
    }
    if repository_tokens::signs_in(all, cx, registry, user, password) {
        return Some(Holder::Token(user.to_owned()));
    }
    let application = cx.directory.by_client_id(user)?;
    (application.secret.as_deref() == Some(password))
        .then_some(Holder::Principal(application.object_id))
}

fn refresh_token(cx: &Context, registry: &Registry, holder: &Holder) -> String {
    let mut claims = claims(cx, registry, holder, REFRESH_LIFETIME);
    claims["grant_type"] = json!("refresh_token");
    claims["tenant"] = json!(cx.tenant);
    cx.tokens.sign(&claims).unwrap_or_default()
}

fn access_token(cx: &Context, registry: &Registry, holder: &Holder, scopes: &[Scope]) -> String {
    let access: Vec<Value> = scopes
        .iter()
        .map(|scope| json!({ "type": scope.kind, "name": scope.name, "actions": scope.actions }))
        .collect();
    let mut claims = claims(cx, registry, holder, ACCESS_LIFETIME);
    claims["access"] = json!(access);
    claims["roles"] = json!([]);
    claims["grant_type"] = json!("access_token");
    cx.tokens.sign(&claims).unwrap_or_default()
}

fn claims(cx: &Context, registry: &Registry, holder: &Holder, lifetime: i64) -> Value {
    let now = cx.clock.now().as_second();
    let subject = match holder {
        Holder::Anonymous => String::new(),
        Holder::Admin => registry.name(),
        Holder::Principal(object_id) => object_id.clone(),
        Holder::Token(name) => name.clone(),
    };
    json!({
        "jti": arm::operation_id(),
        "sub": subject,
        "nbf": now - 15 * 60,
        "exp": now + lifetime,
        "iat": now - 15 * 60,
        "iss": ISSUER,
        "aud": registry.server(),
        "version": "1.0",
    })
}

/// The claims of a token of this registry, if it is one and its time is not over.
fn verified(cx: &Context, registry: &Registry, token: &str, grant: &str) -> Option<Arc<Value>> {
    let claims = cx.tokens.claims(token).ok()?;
    let now = cx.clock.now().as_second();
    let good = claims["iss"] == ISSUER
        && claims["aud"] == registry.server().as_str()
        && claims["grant_type"] == grant
        && claims["exp"].as_i64().is_some_and(|end| end > now)
        && claims["nbf"].as_i64().is_some_and(|begin| begin <= now);
    good.then_some(claims)
}

fn of_refresh_token(cx: &Context, registry: &Registry, token: &str) -> Option<Holder> {
    let claims = verified(cx, registry, token, "refresh_token")?;
    let subject = claims["sub"].as_str()?;
    if subject == registry.name() {
        return registry.admin_enabled().then_some(Holder::Admin);
    }
    if repository_tokens::enabled(cx, registry, subject).is_some() {
        return Some(Holder::Token(subject.to_owned()));
    }
    cx.directory
        .by_object_id(subject)
        .map(|principal| Holder::Principal(principal.object_id))
}

/// What an access token is good for; none if it is no access token of this registry.
pub(super) fn access(cx: &Context, registry: &Registry, token: &str) -> Option<Vec<Scope>> {
    let claims = verified(cx, registry, token, "access_token")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let scopes = claims["access"].as_array()?.iter().map(|entry| Scope {
        kind: text(&entry["type"]),
        name: text(&entry["name"]),
        actions: entry["actions"]
            .as_array()
            .into_iter()
            .flatten()
            .map(text)
            .collect(),
    });
    Some(scopes.collect())
}
