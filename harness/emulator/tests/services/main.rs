//! The services over HTTPS on loopback, as `az` and SDKs reach them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test; clippy excuses only test functions themselves"
)]

mod authorization;
mod bench;
mod cli_extensions;
mod container_apps;
mod container_instances;
mod container_registry;
mod deployments;
mod directory;
mod faults;
mod image_pull;
mod insights;
mod key_vault;
mod managed_identity;
mod network;
mod oci;
mod operational_insights;
mod repository_tokens;
mod restart;
mod secrets;
mod settled;
mod snapshot;
mod stand_in;
mod storage;
mod vault_keys;
