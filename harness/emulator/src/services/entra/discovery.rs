//! What clients read before they sign in: where the endpoints are.

use super::{ALIASES, ANY_TENANT, HOST};
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::{Value, json};

/// Which hosts are one cloud.
pub(super) fn instance(request: &Request) -> Response {
    let tenant = request
        .query("authorization_endpoint")
        .and_then(|endpoint| endpoint.split('/').nth(3))
        .filter(|tenant| !tenant.is_empty())
        .unwrap_or("common");
    let body = json!({
        "tenant_discovery_endpoint":
            format!("https://{HOST}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": clouds(),
    });
    Response::json(StatusCode::OK, &body)
}

/// Every cloud, its preferred names first; the public one is this one.
fn clouds() -> Vec<Value> {
    let cloud = |network: &str, cache: &str, aliases: &[&str]| json!({ "preferred_network": network, "preferred_cache": cache, "aliases": aliases });
    let other = |aliases: &[&str]| cloud(aliases[0], aliases[0], aliases);
    vec![
        cloud(HOST, "login.windows.net", &ALIASES),
        other(&["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"]),
        other(&["login.microsoftonline.de"]),
        other(&["login.microsoftonline.us", "login.usgovcloudapi.net"]),
        other(&["login-us.microsoftonline.com"]),
    ]
}

/// Whether a user signs in here or at a federated service: always here.
pub(super) fn user_realm(user: &str) -> Response {
    let domain = user.split_once('@').map_or("", |(_, domain)| domain);
    let body = json!({
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    });
    Response::json(StatusCode::OK, &body)
}

/// Where a tenant's endpoints are.
pub(super) fn openid_configuration(cx: &Context, tenant: &str, v2: bool) -> Response {
    let base = format!("https://{HOST}/{tenant}");
    let version = if v2 { "/v2.0" } else { "" };
    let issuer = match (v2, ANY_TENANT.contains(&tenant)) {
        (true, true) => format!("https://{HOST}/{{tenantid}}/v2.0"),
        (true, false) => format!("https://{HOST}/{}/v2.0", cx.tenant),
        (false, true) => "https://sts.windows.net/{tenantid}/".to_owned(),
        (false, false) => format!("https://sts.windows.net/{}/", cx.tenant),
    };
    let body = json!({
        "token_endpoint": format!("{base}/oauth2{version}/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery{version}/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": format!("{base}/oauth2{version}/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2{version}/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{base}/oauth2{version}/logout"),
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name",
            "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr",
            "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
        ],
        "kerberos_endpoint": format!("{base}/kerberos"),
        "tenant_region_scope": "NA",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    });
    Response::json(StatusCode::OK, &body)
}
