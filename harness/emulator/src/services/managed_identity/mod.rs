//! User-assigned identities: `Microsoft.ManagedIdentity/userAssignedIdentities`.
//!
//! The main type is [`ManagedIdentity`]. An identity's principal is put into the directory when it
//! is made and leaves it when the identity is deleted, so its tokens stop working at once.

mod handlers;
mod model;
mod operations;
mod routes;

pub(crate) use routes::ManagedIdentity;
