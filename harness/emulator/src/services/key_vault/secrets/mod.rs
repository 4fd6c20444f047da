//! The data plane of a vault, at `https://{name}.vault.azure.net`: secrets, and the basics of keys and
//! certificates.
//!
//! Each request passes [`gate`] first (token, then permission); [`model`] keeps the secrets and
//! [`handlers`] answers; [`keys`] and [`certificates`] do both for theirs.

mod certificates;
mod error;
mod gate;
mod handlers;
mod keys;
mod model;
mod paging;

pub(super) use certificates::Certificates;
pub(super) use handlers::answer;
pub(super) use keys::Keys;
pub(super) use model::Secrets;

/// The vault that a host belongs to.
pub(super) fn vault_of(host: &str) -> Option<&str> {
    host.strip_suffix(".vault.azure.net")
        .filter(|name| !name.is_empty() && !name.contains('.'))
}
