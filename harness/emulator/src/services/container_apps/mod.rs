//! Container Apps: `Microsoft.App/managedEnvironments`, `containerApps` and `jobs`, the endpoints of
//! a region where the logs of an app are read and commands run in it, and the ingress of apps.
//!
//! The main type is [`ContainerApps`]. Apps are resources in the store; their revisions and what
//! runs of them are kept in the service. A replica's containers run in whatever the emulator was
//! given as [`Workloads`](crate::workload::Workloads). Scaling by load, probes, init containers,
//! volumes, Dapr, custom domains and the execution of jobs are not emulated; those that a container
//! could tell are refused by name.

mod apps;
mod containers;
mod environments;
mod exec;
mod identity;
mod image_pull;
mod ingress;
mod jobs;
mod lifecycle;
mod logs;
mod model;
mod names;
mod network;
mod operations;
mod preview;
mod region;
mod revisions;
mod routes;
mod secrets;
mod state;
mod template;
mod validate;
mod version;
mod workload_profiles;

pub(crate) use state::ContainerApps;
