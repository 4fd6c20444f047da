//! Errors as Entra writes them: OAuth's two fields, and AADSTS texts with their trace.

use crate::arm;
use crate::context::Context;
use crate::http::Response;
use ::http::StatusCode;
use jiff::tz::TimeZone;
use serde_json::json;

/// A refusal of a sign-in endpoint. The shape was recorded in
/// `TestClientSecretCredential_InvalidSecretLive`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntraError {
    status: StatusCode,
    error: &'static str,
    number: u32,
    text: String,
}

impl EntraError {
    fn new(status: StatusCode, error: &'static str, number: u32, text: String) -> Self {
        Self {
            status,
            error,
            number,
            text,
        }
    }

    fn bad_request(error: &'static str, number: u32, text: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, number, text)
    }

    /// The path's tenant is not there.
    pub(super) fn unknown_tenant(tenant: &str) -> Self {
        Self::bad_request(
            "invalid_tenant",
            90002,
            format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID \
                 and are signing into the correct cloud. Check with your subscription \
                 administrator, this may happen if there are no active subscriptions for the tenant."
            ),
        )
    }

    /// A field of the form is missing.
    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::bad_request(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{name}'."),
        )
    }

    /// A grant type that does not exist.
    pub(super) fn unsupported_grant(grant: &str) -> Self {
        Self::bad_request(
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{grant}'."),
        )
    }

    /// No application has this client id.
    pub(super) fn unknown_application(cx: &Context, client: &str) -> Self {
        Self::bad_request(
            "unauthorized_client",
            700_016,
            format!(
                "Application with identifier '{client}' was not found in the directory '{}'. This \
                 can happen if the application has not been installed by the administrator of the \
                 tenant or consented to by any user in the tenant. You may have sent your \
                 authentication request to the wrong tenant.",
                cx.tenant
            ),
        )
    }

    /// The secret is another.
    pub(super) fn wrong_secret(client: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is \
                 the client secret value, not the client secret ID, for a secret added to app \
                 '{client}'."
            ),
        )
    }

    /// Neither secret nor assertion was sent.
    pub(super) fn missing_secret() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or \
             'client_secret'."
                .to_owned(),
        )
    }

    /// The application trusts another issuer or subject; the text is documented.
    pub(super) fn untrusted_assertion(issuer: &str, subject: &str, audience: &str) -> Self {
        Self::bad_request(
            "invalid_client",
            70021,
            format!(
                "No matching federated identity record found for presented assertion. Assertion \
                 Issuer: '{issuer}'. Assertion Subject: '{subject}'. Assertion Audience: \
                 '{audience}'. https://docs.microsoft.com/azure/active-directory/develop/\
                 workload-identity-federation"
            ),
        )
    }

    /// The token of the other issuer is over; the wording is not recorded.
    pub(super) fn expired_assertion() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            700_024,
            "Client assertion is not within its valid time range.".to_owned(),
        )
    }

    /// No certificate of the application has this thumbprint; the text is documented.
    pub(super) fn unknown_key(thumbprint: &str) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            700_027,
            format!(
                "The certificate with identifier used to sign the client assertion is not registered on \
                 application. [Reason - The key was not found., Thumbprint of key used by client: \
                 '{thumbprint}']"
            ),
        )
    }

    /// The assertion is not the application's own; the wording is not recorded.
    pub(super) fn bad_signature() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            700_027,
            "Client assertion failed signature validation.".to_owned(),
        )
    }

    /// The user's password is wrong: nobody here has one.
    pub(super) fn wrong_password() -> Self {
        Self::bad_request(
            "invalid_grant",
            50126,
            "Error validating credentials due to invalid username or password.".to_owned(),
        )
    }

    /// The device code was redeemed, or never given out.
    pub(super) fn bad_device_code() -> Self {
        Self::bad_request(
            "bad_verification_code",
            70008,
            "The provided device code is not valid: it was redeemed, or never issued.".to_owned(),
        )
    }

    /// The authorization code was redeemed, or never given out (recorded in
    /// `TestAuthorizationCodeCredential_PublicInvalidCodeLive`).
    pub(super) fn redeemed_code() -> Self {
        Self::bad_request(
            "invalid_grant",
            54005,
            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or \
             use an existing refresh token."
                .to_owned(),
        )
    }

    /// The refresh token is over, forged, or of a deleted user.
    pub(super) fn bad_refresh_token() -> Self {
        Self::bad_request(
            "invalid_grant",
            9_002_313,
            "Invalid request. Request is malformed or invalid.".to_owned(),
        )
    }

    /// The answer, with a trace of its own.
    pub(super) fn answer(&self, cx: &Context) -> Response {
        let (trace, correlation) = (arm::operation_id(), arm::operation_id());
        let time = cx
            .clock
            .now()
            .to_zoned(TimeZone::UTC)
            .strftime("%Y-%m-%d %H:%M:%SZ")
            .to_string();
        let body = json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\n\
                 Timestamp: {time}",
                self.number, self.text
            ),
            "error_codes": [self.number],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
        });
        // Entra links a page for errors that people can do something about; not for codes.
        let mut body = body;
        if self.number != 54005 {
            body["error_uri"] = json!(format!(
                "https://login.microsoftonline.com/error?code={}",
                self.number
            ));
        }
        Response::json(self.status, &body)
    }
}
