//! What is known of the options of `az` where its command is not looked at.

use crate::command_table::is_option;

/// Whether `name`, without dashes, is a long option of any command.
pub(super) fn is_known(name: &str) -> bool {
    is_option(&format!("--{name}"))
}

/// Whether `name`, without dashes, is a long option that many commands have.
pub(super) fn is_common(name: &str) -> bool {
    COMMON.contains(&name)
}

const COMMON: &[&str] = &[
    "account-name",
    "assign-identity",
    "assignee",
    "attach-acr",
    "cluster-name",
    "command-line",
    "connection-string",
    "enable-addons",
    "environment",
    "generate-ssh-keys",
    "image",
    "ip-address",
    "kubernetes-version",
    "location",
    "name",
    "namespace",
    "network-plugin",
    "no-wait",
    "node-count",
    "node-vm-size",
    "object-id",
    "os-type",
    "output",
    "parameters",
    "query",
    "registry",
    "resource-group",
    "role",
    "scope",
    "sku",
    "subnet-name",
    "subscription",
    "tags",
    "template-file",
    "value",
    "vault-name",
    "version",
    "vnet-name",
    "vnet-subnet-id",
    "workspace-name",
];
