//! Microsoft Entra: the sign-in endpoints that `az` and the SDKs use.

mod assertion;
mod discovery;
mod error;
mod grant;

use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::snapshot::Memory;
use ::http::{Method, StatusCode};
use error::EntraError;
use futures_util::future::BoxFuture;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// The host that every endpoint is announced at.
const HOST: &str = "login.microsoftonline.com";
/// The names that mean the same service, as instance discovery answers.
const ALIASES: [&str; 4] = [
    HOST,
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
];
/// Tenants in a path that stand for whichever tenant the user is of.
const ANY_TENANT: [&str; 2] = ["common", "organizations"];

/// The service.
#[derive(Debug, Default)]
pub(crate) struct Entra {
    /// Device codes that nobody has redeemed yet.
    device_codes: Mutex<HashSet<String>>,
    /// Authorization codes that nobody has redeemed yet, with where they may be brought back.
    codes: Mutex<HashMap<String, String>>,
}

impl Service for Entra {
    fn owns(&self, request: &Request) -> bool {
        ALIASES.contains(&request.host.as_str())
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            let response = self
                .route(cx, request)
                .unwrap_or_else(|error| error.answer(cx));
            response
                .with_header("cache-control", "no-store, no-cache")
                .with_header("x-ms-request-id", arm::operation_id())
        })
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![&self.device_codes, &self.codes]
    }
}

impl Entra {
    fn route(&self, cx: &Context, request: &Request) -> Result<Response, EntraError> {
        let tenant = request.segment(0);
        let rest: Vec<String> = (1..request.segments.len())
            .map(|i| request.segment(i))
            .collect();
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        if rest == ["discovery", "instance"] {
            return Ok(discovery::instance(request));
        }
        if rest.first() == Some(&"userrealm") {
            return Ok(discovery::user_realm(
                rest.get(1).copied().unwrap_or_default(),
            ));
        }
        if !is_known(cx, &tenant) {
            return Err(EntraError::unknown_tenant(&tenant));
        }
        let get = request.method == Method::GET;
        let post = request.method == Method::POST;
        Ok(match rest.as_slice() {
            [".well-known", "openid-configuration"] if get => {
                discovery::openid_configuration(cx, &tenant, false)
            }
            ["v2.0", ".well-known", "openid-configuration"] if get => {
                discovery::openid_configuration(cx, &tenant, true)
            }
            ["discovery", "keys"] | ["discovery", "v2.0", "keys"] if get => {
                Response::json(StatusCode::OK, &cx.tokens.jwks())
            }
            ["oauth2", "v2.0", "authorize"] | ["oauth2", "authorize"] if get => {
                self.authorize(request)?
            }
            ["oauth2", "v2.0", "devicecode"] if post => self.device_code(request)?,
            ["oauth2", "v2.0", "token"] if post => grant::redeem(self, cx, request, true)?,
            ["oauth2", "token"] if post => grant::redeem(self, cx, request, false)?,
            _ => arm::not_emulated(request).into(),
        })
    }

    /// Begins the flow that `az login` falls back to where there is no browser.
    fn device_code(&self, request: &Request) -> Result<Response, EntraError> {
        grant::form(request)
            .get("client_id")
            .filter(|id| !id.is_empty())
            .ok_or_else(|| EntraError::missing_parameter("client_id"))?;
        let code = arm::operation_id();
        let user_code = code.replace('-', "").to_ascii_uppercase()[..9].to_owned();
        let page = "https://login.microsoft.com/device";
        let body = json!({
            "user_code": user_code,
            "device_code": code,
            "verification_uri": page,
            "expires_in": 900,
            "interval": 5,
            "message": format!(
                "To sign in, use a web browser to open the page {page} and enter the code \
                 {user_code} to authenticate."
            ),
        });
        self.device_codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(code);
        Ok(Response::json(StatusCode::OK, &body))
    }

    /// Where a browser signs in: nobody has a password here, so it comes back at once with a code.
    fn authorize(&self, request: &Request) -> Result<Response, EntraError> {
        let need = |name: &'static str| {
            let value = request.query(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| EntraError::missing_parameter(name))
        };
        need("client_id")?;
        let redirect = need("redirect_uri")?;
        if !need("response_type")?.split(' ').any(|kind| kind == "code")
            || request.query("response_mode") == Some("form_post")
        {
            return Ok(arm::not_emulated(request).into());
        }
        let code = format!("{}{}", arm::operation_id(), arm::operation_id()).replace('-', "");
        let sign = if redirect.contains('?') { '&' } else { '?' };
        let mut back = format!("{redirect}{sign}code={code}");
        if let Some(state) = request.query("state") {
            let state = utf8_percent_encode(state, NON_ALPHANUMERIC);
            back = format!("{back}&state={state}");
        }
        self.codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(code, redirect.to_owned());
        Ok(Response::empty(StatusCode::FOUND).with_header("location", back))
    }

    /// Whether this code was given out for this address; it is good once.
    fn take_code(&self, code: &str, redirect: &str) -> bool {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.remove(code).is_some_and(|known| known == redirect)
    }

    /// Whether this device code was given out; it is good once.
    fn take_device_code(&self, code: &str) -> bool {
        self.device_codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(code)
    }
}

/// Whether a path's tenant is this emulator's: by id, by domain, or any.
fn is_known(cx: &Context, tenant: &str) -> bool {
    ANY_TENANT.contains(&tenant)
        || tenant == cx.tenant
        || cx
            .directory
            .find(|principal| {
                principal
                    .user_principal_name
                    .as_deref()
                    .and_then(|upn| upn.split_once('@'))
                    .is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(tenant))
            })
            .is_some()
}
