//! Deployments of templates to resource groups: `Microsoft.Resources/deployments`.
//!
//! The main type is [`Deployments`]. A template is worked out ([`template`]), and each of its resources
//! is made by a request to the emulator's own front door, with the caller's token: what another
//! service refuses, a deployment fails with. Of modes there is `Incremental`; linked templates,
//! parameters from key vaults, and deployments to subscriptions are refused by name.

mod client;
mod deploy;
mod handlers;
mod routes;
mod state;
mod template;
mod view;

pub(crate) use state::Deployments;
