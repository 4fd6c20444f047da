//! Errors as Azure Resource Manager writes them.

use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::{Value, json};

/// An error answer: `{"error":{"code":…,"message":…}}`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArmError {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The code that clients decide by.
    pub(crate) code: String,
    /// The text that people read.
    pub(crate) message: String,
    /// More errors below this one; left out of the answer when there are none.
    pub(crate) details: Vec<Value>,
    /// More about it, such as where a template is wrong; left out when there is nothing.
    pub(crate) additional_info: Vec<Value>,
    /// Whether ARM itself refused, and not the resource provider behind it. ARM's own errors carry
    /// `x-ms-failure-cause: gateway` (recorded in `test_keyvault_mgmt`).
    pub(crate) gateway: bool,
}

impl ArmError {
    /// An error of a resource provider.
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            details: Vec::new(),
            additional_info: Vec::new(),
            gateway: false,
        }
    }

    /// The same error, made by ARM itself.
    #[must_use]
    #[expect(
        clippy::wrong_self_convention,
        reason = "it reads as what it says: an error from the gateway"
    )]
    pub(crate) fn from_gateway(mut self) -> Self {
        self.gateway = true;
        self
    }

    /// The same error with one more error below it.
    #[must_use]
    pub(crate) fn with_detail(mut self, detail: Value) -> Self {
        self.details.push(detail);
        self
    }

    /// The same error with something more about it.
    #[must_use]
    pub(crate) fn with_additional_info(mut self, info: Value) -> Self {
        self.additional_info.push(info);
        self
    }

    /// What stands in the envelope.
    pub(crate) fn to_json(&self) -> Value {
        let mut body = json!({ "code": self.code, "message": self.message });
        if !self.details.is_empty() {
            body["details"] = json!(self.details);
        }
        if !self.additional_info.is_empty() {
            body["additionalInfo"] = json!(self.additional_info);
        }
        body
    }
}

impl From<ArmError> for Response {
    fn from(error: ArmError) -> Self {
        let mut response = Response::json(error.status, &json!({ "error": error.to_json() }));
        if error.gateway {
            response = response.with_header("x-ms-failure-cause", "gateway");
        }
        // ARM tells how to sign in with every 401 (documented for challenge-based clients).
        if error.status == StatusCode::UNAUTHORIZED {
            response = response.with_header(
                "www-authenticate",
                "Bearer authorization_uri=\"https://login.microsoftonline.com/\", \
                 error=\"invalid_token\", error_description=\"The access token is missing or invalid.\"",
            );
        }
        response
    }
}

/// The answer, or the error as an answer.
pub(crate) fn respond(result: Result<Response, ArmError>) -> Response {
    result.unwrap_or_else(Response::from)
}

/// A resource that is not in an existing group (recorded in `test_keyvault_mgmt`).
///
/// `kind` is the full type, such as `Microsoft.KeyVault/vaults`.
pub(crate) fn not_found(kind: &str, name: &str, group: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_FOUND,
        "ResourceNotFound",
        format!(
            "The Resource '{kind}/{name}' under resource group '{group}' was not found. For more \
             details please go to https://aka.ms/ARMResourceNotFoundFix"
        ),
    )
    .from_gateway()
}

/// A resource group that is not there (recorded in `test_resource_group`).
pub(crate) fn group_not_found(name: &str) -> ArmError {
    ArmError::new(
        StatusCode::NOT_FOUND,
        "ResourceGroupNotFound",
        format!("Resource group '{name}' could not be found."),
    )
    .from_gateway()
}

/// What the emulator does not have. Azure has no such answer; clients print it and do not repeat
/// the request (501 is not among the codes that azure-core retries). The request log recognises it
/// by its code.
pub(crate) fn not_emulated(request: &Request) -> ArmError {
    ArmError::new(
        StatusCode::NOT_IMPLEMENTED,
        "NotEmulated",
        format!(
            "docproof does not emulate {} https://{}{}. This says nothing about the article.",
            request.method, request.host, request.path
        ),
    )
}
