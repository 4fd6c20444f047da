//! Container groups: `Microsoft.ContainerInstance/containerGroups`, and the websocket of `exec`.
//!
//! The main type is [`ContainerInstances`]. A group is a resource in the store; its containers run
//! in whatever the emulator was given as [`Workloads`](crate::workload::Workloads). Their state is
//! read whenever a group is shown; one that has ended is started again as the group says ([`restart`]).
//! Volumes, init containers, probes and virtual networks are not emulated, and refused by name. Windows
//! containers have no metadata server, but a token endpoint of their own; what runs in them is up to
//! whoever runs containers.

mod exec;
mod groups;
mod identity;
mod image;
mod inside;
mod lifecycle;
mod model;
mod restart;
mod routes;
mod state;
mod validate;
mod view;

pub(crate) use state::ContainerInstances;
