//! Container Registry: registries by ARM, images by each registry's own host.
//!
//! The main type is [`ContainerRegistry`]. A registry is a resource in the store; its passwords and
//! what was pushed to it are kept here. `*.azurecr.io` serves tokens (`tokens`), the OCI
//! distribution protocol (`oci`) and the lists of `az acr repository` (`attributes`). [`pull()`] is how
//! the emulator's other services get an image: as any client does, through the same handlers.
//!
//! Blobs are answered by the registry's own host; Azure redirects to a data endpoint or to a storage
//! account. Replications, webhooks, tasks, imports and cache rules are not emulated.

mod access;
mod attributes;
mod cache_rules;
mod credentials;
mod error;
mod handlers;
mod host;
mod identity;
mod model;
mod names;
mod oci;
mod parts;
mod pull;
mod repository_tokens;
mod routes;
mod scope_maps;
mod state;
mod tokens;

pub(crate) use pull::{Credential, PullError, pull};
pub(crate) use state::ContainerRegistry;
