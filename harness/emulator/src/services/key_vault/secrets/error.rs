//! Errors as the data plane of Key Vault writes them.

use crate::http::Response;
use ::http::StatusCode;
use serde_json::json;

/// `{"error":{"code":…,"message":…,"innererror":{"code":…}}}`.
#[derive(Debug)]
pub(super) struct VaultError {
    status: StatusCode,
    code: &'static str,
    message: String,
    inner: Option<&'static str>,
    challenge: Option<String>,
}

impl VaultError {
    /// An error without an inner one.
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            inner: None,
            challenge: None,
        }
    }

    /// The same error with an inner code.
    #[must_use]
    pub(super) fn inner(mut self, code: &'static str) -> Self {
        self.inner = Some(code);
        self
    }

    /// A 401, which tells where tokens come from: the tenant's authority (recorded in
    /// `test_keyvault_secret`).
    pub(super) fn unauthorized(tenant: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", message);
        error.challenge = Some(format!(
            "Bearer authorization=\"https://login.microsoftonline.com/{tenant}\", \
             resource=\"https://vault.azure.net\""
        ));
        error
    }

    /// 404 for a secret. The text is today's; older services wrote `Secret not found: {name}`.
    pub(super) fn not_found(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "SecretNotFound",
            format!(
                "A secret with (name/id) {name} was not found in this key vault. If you recently \
                 deleted this secret you may be able to recover it using the correct recovery \
                 command. For help resolving this issue, please see \
                 https://go.microsoft.com/fwlink/?linkid=2125182"
            ),
        )
    }

    /// 404 for a key.
    pub(super) fn key_not_found(name: &str) -> Self {
        Self::missing("KeyNotFound", "key", name)
    }

    /// 404 for a certificate.
    pub(super) fn certificate_not_found(name: &str) -> Self {
        Self::missing("CertificateNotFound", "certificate", name)
    }

    /// Worded as for secrets; not recorded.
    fn missing(code: &'static str, what: &str, name: &str) -> Self {
        let message = format!(
            "A {what} with (name/id) {name} was not found in this key vault. If you recently deleted \
             this {what} you may be able to recover it using the correct recovery command. For help \
             resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"
        );
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 404 for a deleted secret (recorded in `TestSetGetSecret` of the Go SDK).
    pub(super) fn deleted_not_found(name: &str) -> Self {
        let message = format!("Deleted Secret not found: {name}");
        Self::new(StatusCode::NOT_FOUND, "SecretNotFound", message)
    }

    /// 400 for what cannot be taken.
    pub(super) fn bad_parameter(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadParameter", message)
    }
}

impl From<VaultError> for Response {
    fn from(error: VaultError) -> Self {
        let mut body = json!({ "code": error.code, "message": error.message });
        if let Some(inner) = error.inner {
            body["innererror"] = json!({ "code": inner });
        }
        let response = Response::json(error.status, &json!({ "error": body }));
        match error.challenge {
            Some(challenge) => response.with_header("www-authenticate", challenge),
            None => response,
        }
    }
}
