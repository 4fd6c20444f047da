//! Virtual networks: `Microsoft.Network/virtualNetworks` and their subnets.
//!
//! The main type is [`Network`]. Networks are kept and shown; no traffic runs through them. Subnets
//! are part of their network's resource, as they are in its answers. [`find_subnet`] is for services
//! whose resources stand in one.

mod handlers;
mod model;
mod operations;
mod ranges;
mod routes;
mod subnets;

pub(crate) use model::{delegated_to, find_subnet, user_of};
pub(crate) use operations::Network;
pub(crate) use ranges::prefix_length;
