//! Who somebody is and what they may do: Entra, tokens, roles, and the metadata endpoint.

mod access;
mod directory;
mod endpoint;
pub(crate) mod roles;
mod tokens;

pub(crate) use access::{Access, AccessCopy, RoleAssignment};
pub(crate) use directory::{Directory, DirectoryCopy, Trusted};
pub use directory::{Principal, PrincipalKind};
pub(crate) use endpoint::EndpointSecrets;
pub(crate) use tokens::{Caller, TokenError, Tokens};
