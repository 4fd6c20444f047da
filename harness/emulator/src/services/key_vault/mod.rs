//! Key Vault: vaults by ARM, secrets by each vault's own host.
//!
//! The main type is [`KeyVault`]. A live vault is a resource in the store; deleted vaults and the
//! secrets of both are kept here. Keys, certificates and managed HSMs are not emulated.

mod access_policies;
mod deleted;
mod handlers;
mod model;
mod names;
mod routes;
mod secrets;
mod state;

pub(crate) use state::KeyVault;
