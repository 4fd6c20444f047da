//! Errors of a registry's own host: `{"errors":[{"code","message","detail"}]}`.

use crate::http::Response;
use ::http::StatusCode;
use serde_json::{Value, json};

/// What ACR says to whoever is not let in (recorded in `test_acr_create_normal_check_health`).
pub(super) const UNAUTHORIZED: &str =
    "authentication required, visit https://aka.ms/acr/authorization for more information.";

/// An error of the OCI distribution protocol.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OciError {
    status: StatusCode,
    code: &'static str,
    message: String,
    detail: Box<Value>,
    /// How to sign in, for a 401.
    challenge: Option<String>,
}

impl OciError {
    /// An error with a code of the distribution specification.
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            detail: Box::default(),
            challenge: None,
        }
    }

    /// 401 without a challenge: the token endpoints' own.
    pub(super) fn refused() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", UNAUTHORIZED)
    }

    /// 401 with where to get a token for what was asked.
    pub(super) fn unauthorized(challenge: String, detail: Value) -> Self {
        Self {
            challenge: Some(challenge),
            ..Self::refused().with_detail(detail)
        }
    }

    /// The same error with more about it.
    #[must_use]
    pub(super) fn with_detail(mut self, detail: Value) -> Self {
        self.detail = Box::new(detail);
        self
    }

    /// A repository without any manifest. The wording is not recorded.
    pub(super) fn no_repository(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NAME_UNKNOWN",
            format!("repository \"{name}\" is not found"),
        )
        .with_detail(json!({ "name": name }))
    }

    /// A manifest that is not there. The text for a tag is quoted in public issues
    /// (Azure-Samples/call-center-voice-agent-accelerator 3), the one for a digest is not.
    pub(super) fn no_manifest(reference: &str) -> Self {
        let (message, detail) = if reference.contains(':') {
            (
                format!("manifest {reference} is not found"),
                json!({ "Digest": reference }),
            )
        } else {
            (
                format!("manifest tagged by \"{reference}\" is not found"),
                json!({ "Tag": reference }),
            )
        };
        Self::new(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", message).with_detail(detail)
    }

    /// A blob that is not in the repository.
    pub(super) fn no_blob(digest: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "BLOB_UNKNOWN",
            "blob unknown to registry",
        )
        .with_detail(json!({ "digest": digest }))
    }

    /// An upload that nobody began, or that is over.
    pub(super) fn no_upload() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "BLOB_UPLOAD_UNKNOWN",
            "blob upload unknown to registry",
        )
    }

    /// Content that is not what its digest says.
    pub(super) fn wrong_digest(said: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
        )
        .with_detail(json!({ "digest": said }))
    }

    /// A manifest that is none.
    pub(super) fn bad_manifest(why: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "MANIFEST_INVALID",
            "manifest invalid",
        )
        .with_detail(Value::String(why.into()))
    }

    /// What the protocol has and this registry has not.
    pub(super) fn unsupported() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "UNSUPPORTED",
            "The operation is unsupported.",
        )
    }
}

impl From<OciError> for Response {
    fn from(error: OciError) -> Self {
        let body = json!({ "errors": [
            { "code": error.code, "message": error.message, "detail": error.detail },
        ]});
        let response = Self::json(error.status, &body);
        match error.challenge {
            Some(challenge) => response.with_header("www-authenticate", challenge),
            None => response,
        }
    }
}
