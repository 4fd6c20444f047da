//! The emulated services: one folder and one line of registration each.

mod assigned;
mod authorization;
pub(crate) mod cli_extensions;
mod container_apps;
mod container_instances;
mod container_registry;
mod deployments;
mod entra;
mod graph;
mod insights;
mod key_vault;
mod managed_identity;
mod metadata;
mod network;
mod operational_insights;
mod resources;
mod route;
mod storage;

use crate::service::Service;

/// Every service, asked in this order.
pub(crate) fn all() -> Vec<Box<dyn Service>> {
    vec![
        Box::new(entra::Entra::default()),
        Box::new(graph::Graph::default()),
        Box::new(metadata::Metadata),
        Box::new(authorization::Authorization),
        Box::new(insights::Insights),
        Box::new(cli_extensions::CliExtensions::default()),
        Box::new(container_apps::ContainerApps::default()),
        Box::new(container_instances::ContainerInstances::default()),
        Box::new(container_registry::ContainerRegistry::default()),
        Box::new(deployments::Deployments::default()),
        Box::new(key_vault::KeyVault::default()),
        Box::new(managed_identity::ManagedIdentity),
        Box::new(network::Network::default()),
        Box::new(operational_insights::OperationalInsights),
        Box::new(resources::ResourceManager::default()),
        Box::new(storage::Storage::default()),
    ]
}
