//! The token endpoints: what is redeemed, and what comes of it.

use super::{Entra, HOST, assertion, error::EntraError};
use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::{Principal, PrincipalKind};
use ::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::HashMap;

/// How long access tokens are good, in seconds; Entra's own vary between 60 and 90 minutes.
const LIFETIME: i64 = 4799;
/// How long refresh tokens are good, in seconds: 90 days.
const REFRESH_LIFETIME: i64 = 90 * 24 * 3600;
/// The audience of a refresh token: nobody's but this endpoint's.
const REFRESH_AUDIENCE: &str = "urn:docproof:refresh-token";
/// The audience of a token for no named resource: Microsoft Graph.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
/// The client id of the Azure CLI.
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// Scopes that name no resource.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The fields of a form.
pub(super) fn form(request: &Request) -> HashMap<String, String> {
    request.form().into_iter().collect()
}

/// Answers a token request; `v2` says which of the two endpoints it came to.
pub(super) fn redeem(
    entra: &Entra,
    cx: &Context,
    request: &Request,
    v2: bool,
) -> Result<Response, EntraError> {
    let form = form(request);
    let field = |name: &str| {
        form.get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    };
    let need = |name: &'static str| field(name).ok_or_else(|| EntraError::missing_parameter(name));
    let client = need("client_id")?;
    let principal = match need("grant_type")? {
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            let code = field("device_code")
                .or_else(|| field("code"))
                .unwrap_or_default();
            if !entra.take_device_code(code) {
                return Err(EntraError::bad_device_code());
            }
            user(cx, client)?
        }
        "refresh_token" => {
            let bearer = format!("Bearer {}", need("refresh_token")?);
            let holder = cx
                .tokens
                .verify(Some(&bearer), &[REFRESH_AUDIENCE])
                .map_err(|_| EntraError::bad_refresh_token())?;
            let mut user = cx
                .directory
                .by_object_id(&holder.object_id)
                .ok_or_else(EntraError::bad_refresh_token)?;
            client.clone_into(&mut user.client_id);
            user
        }
        "client_credentials" => {
            let application = cx
                .directory
                .by_client_id(client)
                .filter(|principal| principal.kind == PrincipalKind::Application)
                .ok_or_else(|| EntraError::unknown_application(cx, client))?;
            if let Some(assertion) = field("client_assertion") {
                let Some(trusted) = cx.directory.trusted(client) else {
                    // A certificate's, and nobody can register one through Graph here.
                    return Ok(arm::not_emulated(request).into());
                };
                assertion::check(cx, &trusted, client, assertion)?;
                let scope = field("scope").unwrap_or_default();
                let audience = field("resource").map_or_else(|| audience(scope), str::to_owned);
                let body = tokens(cx, &application, &audience, scope, v2);
                return Ok(Response::json(StatusCode::OK, &body));
            }
            let secret = field("client_secret").ok_or_else(EntraError::missing_secret)?;
            if application.secret.as_deref() != Some(secret) {
                return Err(EntraError::wrong_secret(client));
            }
            application
        }
        "password" => return Err(EntraError::wrong_password()),
        "authorization_code" => {
            let redirect = field("redirect_uri").unwrap_or_default();
            if !entra.take_code(need("code")?, redirect) {
                return Err(EntraError::redeemed_code());
            }
            user(cx, client)?
        }
        grant => return Err(EntraError::unsupported_grant(grant)),
    };
    let scope = field("scope").unwrap_or_default();
    let audience = field("resource").map_or_else(|| audience(scope), str::to_owned);
    Ok(Response::json(
        StatusCode::OK,
        &tokens(cx, &principal, &audience, scope, v2),
    ))
}

/// The tenant's one user, signed in through an application.
fn user(cx: &Context, client: &str) -> Result<Principal, EntraError> {
    let mut user = cx
        .directory
        .find(|principal| principal.kind == PrincipalKind::User)
        .ok_or_else(EntraError::bad_device_code)?;
    client.clone_into(&mut user.client_id);
    Ok(user)
}

/// The resource that scopes are of: `https://vault.azure.net/.default` is of
/// `https://vault.azure.net`. A double slash before `.default` keeps the audience's own slash.
fn audience(scope: &str) -> String {
    scope
        .split_whitespace()
        .find(|scope| !OPENID_SCOPES.contains(scope))
        .and_then(|scope| scope.rsplit_once('/'))
        .map_or_else(|| GRAPH.to_owned(), |(resource, _)| resource.to_owned())
}

fn tokens(cx: &Context, principal: &Principal, audience: &str, scope: &str, v2: bool) -> Value {
    let access = cx.tokens.issue(principal, audience, LIFETIME);
    let mut body = if v2 {
        json!({ "token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME })
    } else {
        json!({
            "token_type": "Bearer",
            "expires_in": LIFETIME.to_string(),
            "ext_expires_in": LIFETIME.to_string(),
            "expires_on": access.expires_on.to_string(),
            "not_before": access.not_before.to_string(),
            "resource": audience,
        })
    };
    body["access_token"] = json!(access.token);
    if principal.kind != PrincipalKind::User {
        return body;
    }
    body["scope"] = json!(granted(audience, scope));
    body["refresh_token"] = json!(
        cx.tokens
            .issue(principal, REFRESH_AUDIENCE, REFRESH_LIFETIME)
            .token
    );
    // Clients of one family share refresh tokens; other applications are in none.
    if principal.client_id == AZURE_CLI {
        body["foci"] = json!("1");
    }
    body["id_token"] = json!(id_token(
        cx,
        principal,
        access.not_before,
        access.expires_on,
        v2
    ));
    let info = json!({ "uid": principal.object_id, "utid": cx.tenant });
    body["client_info"] = json!(URL_SAFE_NO_PAD.encode(info.to_string()));
    body
}

/// The scopes that were granted, in the words of the resource.
fn granted(audience: &str, scope: &str) -> String {
    match scope
        .split_whitespace()
        .find(|one| one.ends_with("/.default"))
    {
        Some(default) => format!("{audience}/user_impersonation {default}"),
        None => scope.to_owned(),
    }
}

/// Who signed in, for the client itself; MSAL makes its account of it.
fn id_token(
    cx: &Context,
    principal: &Principal,
    not_before: i64,
    expires_on: i64,
    v2: bool,
) -> String {
    let issuer = if v2 {
        format!("https://{HOST}/{}/v2.0", cx.tenant)
    } else {
        format!("https://sts.windows.net/{}/", cx.tenant)
    };
    let claims = json!({
        "aud": principal.client_id,
        "iss": issuer,
        "iat": not_before,
        "nbf": not_before,
        "exp": expires_on,
        "name": principal.display_name,
        "oid": principal.object_id,
        "preferred_username": principal.user_principal_name,
        "sub": principal.object_id,
        "tid": cx.tenant,
        "ver": if v2 { "2.0" } else { "1.0" },
    });
    cx.tokens.sign(&claims).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::audience;

    #[test]
    fn the_audience_is_the_resource_of_the_scope() {
        assert_eq!(audience("openid profile"), super::GRAPH);
        assert_eq!(
            audience("https://vault.azure.net/.default"),
            "https://vault.azure.net"
        );
        assert_eq!(
            audience("openid https://management.core.windows.net//.default profile"),
            "https://management.core.windows.net/"
        );
    }
}
