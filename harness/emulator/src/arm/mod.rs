//! What every Azure Resource Manager answer has in common: errors ([`ArmError`]), who may ask
//! ([`authorize`]), the checks made before a provider is reached, and how times are written.

mod authorization;
mod checks;
mod error;
mod format;
mod headers;
pub(crate) mod settled;

pub(crate) use authorization::authorize;
pub(crate) use checks::{
    api_version, is_emulated, is_registered, registration_id, require_group, require_registered,
};
pub(crate) use error::{ArmError, group_not_found, not_emulated, not_found, respond};
pub(crate) use format::{operation_id, seconds, seven_digits};
pub(crate) use headers::{HOST, with_common_headers, with_retry_after};
