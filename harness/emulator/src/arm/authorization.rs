//! Who may ask: the bearer token of a request, and the roles of its holder.

use super::ArmError;
use crate::context::Context;
use crate::http::Request;
use crate::identity::{Caller, TokenError};
use ::http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};

/// The audiences that ARM takes; each with and without the slash at its end.
const AUDIENCES: [&str; 2] = [
    "https://management.azure.com",
    "https://management.core.windows.net",
];

/// Verifies the token of a request, and that its holder may do `action` (such as
/// `Microsoft.KeyVault/vaults/read`) at `scope`. An empty action asks for a valid token only.
///
/// # Errors
/// 401 `AuthenticationFailed`, `InvalidAuthenticationToken`, `InvalidAuthenticationTokenAudience`
/// or `ExpiredAuthenticationToken`; 403 `AuthorizationFailed`.
pub(crate) fn authorize(
    cx: &Context,
    request: &Request,
    action: &str,
    scope: &str,
) -> Result<Caller, ArmError> {
    let authorization = request.header("authorization");
    let caller = cx
        .tokens
        .verify(authorization, &AUDIENCES)
        .map_err(|error| unauthenticated(cx, authorization, &error))?;
    if action.is_empty()
        || cx
            .access
            .is_allowed(&caller.object_id, action, false, scope)
    {
        return Ok(caller);
    }
    let name = cx
        .directory
        .by_object_id(&caller.object_id)
        .and_then(|principal| principal.user_principal_name)
        .unwrap_or_else(|| caller.client_id.clone());
    Err(ArmError::new(
        StatusCode::FORBIDDEN,
        "AuthorizationFailed",
        format!(
            "The client '{name}' with object id '{}' does not have authorization to perform action \
             '{action}' over scope '{scope}' or the scope is invalid. If access was recently \
             granted, please refresh your credentials.",
            caller.object_id
        ),
    )
    .from_gateway())
}

fn unauthenticated(cx: &Context, authorization: Option<&str>, error: &TokenError) -> ArmError {
    let (code, message) = match error {
        TokenError::Missing => (
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.".to_owned(),
        ),
        TokenError::Invalid(_) => (
            "InvalidAuthenticationToken",
            "The access token is invalid.".to_owned(),
        ),
        TokenError::UnknownPrincipal => (
            "InvalidAuthenticationToken",
            "The access token is invalid: its principal no longer exists in the tenant.".to_owned(),
        ),
        TokenError::WrongAudience { got } => (
            "InvalidAuthenticationTokenAudience",
            format!(
                "The access token has been obtained for wrong audience or resource '{got}'. It \
                 should exactly match with one of the allowed audiences \
                 'https://management.core.windows.net/','https://management.core.windows.net',\
                 'https://management.azure.com/','https://management.azure.com'."
            ),
        ),
        TokenError::Expired => {
            let expiry = cx.tokens.expiry(authorization).unwrap_or_default();
            (
                "ExpiredAuthenticationToken",
                format!(
                    "The access token expiry UTC time '{}' is earlier than current UTC time '{}'.",
                    american(Timestamp::from_second(expiry).unwrap_or_default()),
                    american(cx.clock.now())
                ),
            )
        }
    };
    ArmError::new(StatusCode::UNAUTHORIZED, code, message).from_gateway()
}

/// The way ARM writes times into this one message: `7/10/2025 8:02:21 AM`.
fn american(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%-m/%-d/%Y %-I:%M:%S %p")
        .to_string()
}
