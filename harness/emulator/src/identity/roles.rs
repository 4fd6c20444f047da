//! Built-in roles: the ones that walkthroughs use, with Azure's ids and permissions after the
//! document "Azure built-in roles". Most are from memory and were not compared with a recording.

/// A built-in role. Names of actions may have `*` for any text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RoleDefinition {
    /// The definition's GUID: its name in ARM.
    pub(crate) id: &'static str,
    /// What people call it.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) description: &'static str,
    /// What it allows on the management plane.
    pub(crate) actions: &'static [&'static str],
    /// What is excepted from `actions`.
    pub(crate) not_actions: &'static [&'static str],
    /// What it allows on the data plane.
    pub(crate) data_actions: &'static [&'static str],
    /// What is excepted from `data_actions`.
    pub(crate) not_data_actions: &'static [&'static str],
}

impl RoleDefinition {
    /// Whether the role allows an action, on the data plane if `data_action`.
    pub(crate) fn allows(&self, action: &str, data_action: bool) -> bool {
        let (allowed, excepted) = if data_action {
            (self.data_actions, self.not_data_actions)
        } else {
            (self.actions, self.not_actions)
        };
        let names = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, action));
        names(allowed) && !names(excepted)
    }
}

/// Every built-in role that the emulator knows.
pub(crate) fn all() -> &'static [RoleDefinition] {
    &ROLES
}

/// A role by its GUID or by an ARM id that ends in it, whatever the case.
pub(crate) fn by_id(id: &str) -> Option<&'static RoleDefinition> {
    let guid = id
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    ROLES.iter().find(|role| role.id.eq_ignore_ascii_case(guid))
}

/// A role by its name, whatever the case, as ARM's `roleName eq` filter compares.
pub(crate) fn by_name(name: &str) -> Option<&'static RoleDefinition> {
    ROLES
        .iter()
        .find(|role| role.name.eq_ignore_ascii_case(name))
}

/// Whether `text` is `pattern` with each `*` standing for any text, case aside.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

const NONE: &[&str] = &[];

/// What every Key Vault data role may read on the management plane.
const VAULT_READS: &[&str] = &[
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
    "Microsoft.KeyVault/checkNameAvailability/read",
    "Microsoft.KeyVault/deletedVaults/read",
    "Microsoft.KeyVault/locations/*/read",
    "Microsoft.KeyVault/vaults/*/read",
    "Microsoft.KeyVault/operations/read",
];

static ROLES: [RoleDefinition; 22] = [
    RoleDefinition {
        id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        name: "Owner",
        description: "Grants full access to manage all resources, including the ability to assign \
                      roles in Azure RBAC.",
        actions: &["*"],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
        name: "Contributor",
        description: "Grants full access to manage all resources, but does not allow you to assign \
                      roles in Azure RBAC, manage assignments in Azure Blueprints, or share image \
                      galleries.",
        actions: &["*"],
        not_actions: &[
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
            "Microsoft.Purview/consents/write",
            "Microsoft.Purview/consents/delete",
            "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            "Microsoft.Subscription/cancel/action",
            "Microsoft.Subscription/enable/action",
        ],
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        name: "Reader",
        description: "View all resources, but does not allow you to make any changes.",
        actions: &["*/read"],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        name: "User Access Administrator",
        description: "Lets you manage user access to Azure resources.",
        actions: &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        name: "Role Based Access Control Administrator",
        description: "Manage access to Azure resources by assigning roles using Azure RBAC. This \
                      role does not allow you to manage access using other ways, such as Azure \
                      Policy.",
        actions: &[
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "00482a5a-887f-4fb3-b363-3b7fe8e74483",
        name: "Key Vault Administrator",
        description: "Perform all data plane operations on a key vault and all objects in it, \
                      including certificates, keys, and secrets. Cannot manage key vault resources \
                      or manage role assignments. Only works for key vaults that use the 'Azure \
                      role-based access control' permission model.",
        actions: VAULT_READS,
        not_actions: NONE,
        data_actions: &["Microsoft.KeyVault/vaults/*"],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        name: "Key Vault Secrets Officer",
        description: "Perform any action on the secrets of a key vault, except manage permissions. \
                      Only works for key vaults that use the 'Azure role-based access control' \
                      permission model.",
        actions: VAULT_READS,
        not_actions: NONE,
        data_actions: &["Microsoft.KeyVault/vaults/secrets/*"],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "4633458b-17de-408a-b874-0445c86b69e6",
        name: "Key Vault Secrets User",
        description: "Read secret contents. Only works for key vaults that use the 'Azure \
                      role-based access control' permission model.",
        actions: NONE,
        not_actions: NONE,
        data_actions: &[
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "21090545-7ca7-4776-b22c-e363652d74d2",
        name: "Key Vault Reader",
        description: "Read metadata of key vaults and its certificates, keys, and secrets. Cannot \
                      read sensitive values such as secret contents or key material. Only works \
                      for key vaults that use the 'Azure role-based access control' permission \
                      model.",
        actions: VAULT_READS,
        not_actions: NONE,
        data_actions: &[
            "Microsoft.KeyVault/vaults/*/read",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "f25e0fa2-a7c8-4377-a976-54943a77a395",
        name: "Key Vault Contributor",
        description: "Lets you manage key vaults, but not access to them.",
        actions: &[
            "Microsoft.Authorization/*/read",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.KeyVault/*",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Support/*",
        ],
        not_actions: &[
            "Microsoft.KeyVault/locations/deletedVaults/purge/action",
            "Microsoft.KeyVault/hsmPools/*",
            "Microsoft.KeyVault/managedHsms/*",
        ],
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "a4417e6f-fecd-4de8-b567-7b0420556985",
        name: "Key Vault Certificates Officer",
        description: "Perform any action on the certificates of a key vault, except manage \
                      permissions. Only works for key vaults that use the 'Azure role-based access \
                      control' permission model.",
        actions: VAULT_READS,
        not_actions: NONE,
        data_actions: &[
            "Microsoft.KeyVault/vaults/certificatecas/*",
            "Microsoft.KeyVault/vaults/certificates/*",
            "Microsoft.KeyVault/vaults/certificatecontacts/write",
        ],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
        name: "Key Vault Crypto Officer",
        description: "Perform any action on the keys of a key vault, except manage permissions. \
                      Only works for key vaults that use the 'Azure role-based access control' \
                      permission model.",
        actions: VAULT_READS,
        not_actions: NONE,
        data_actions: &[
            "Microsoft.KeyVault/vaults/keys/*",
            "Microsoft.KeyVault/vaults/keyrotationpolicies/*",
        ],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
        name: "Key Vault Certificate User",
        description: "Read certificate contents. Only works for key vaults that use the 'Azure \
                      role-based access control' permission model.",
        actions: NONE,
        not_actions: NONE,
        data_actions: &[
            "Microsoft.KeyVault/vaults/certificates/read",
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
            "Microsoft.KeyVault/vaults/keys/read",
        ],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        name: "AcrPull",
        description: "acr pull",
        actions: &["Microsoft.ContainerRegistry/registries/pull/read"],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "8311e382-0749-4cb8-b61a-304f252e45ec",
        name: "AcrPush",
        description: "acr push",
        actions: &[
            "Microsoft.ContainerRegistry/registries/pull/read",
            "Microsoft.ContainerRegistry/registries/push/write",
        ],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "b93aa761-3e63-49ed-ac28-beffa264f7ac",
        name: "Container Registry Repository Reader",
        description: "Allows for read access to Azure Container Registry repositories, but excluding \
                      catalog listing.",
        actions: NONE,
        not_actions: NONE,
        data_actions: &[
            "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
            "Microsoft.ContainerRegistry/registries/repositories/content/read",
        ],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "2a1e307c-b015-4ebd-883e-5b7698a07328",
        name: "Container Registry Repository Writer",
        description: "Allows for read and write access to Azure Container Registry repositories, but \
                      excluding catalog listing.",
        actions: NONE,
        not_actions: NONE,
        data_actions: &[
            "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
            "Microsoft.ContainerRegistry/registries/repositories/content/read",
            "Microsoft.ContainerRegistry/registries/repositories/metadata/write",
            "Microsoft.ContainerRegistry/registries/repositories/content/write",
        ],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        name: "Container Registry Repository Contributor",
        description: "Allows for read, write, and delete access to Azure Container Registry \
                      repositories, but excluding catalog listing.",
        actions: NONE,
        not_actions: NONE,
        data_actions: &[
            "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
            "Microsoft.ContainerRegistry/registries/repositories/content/read",
            "Microsoft.ContainerRegistry/registries/repositories/metadata/write",
            "Microsoft.ContainerRegistry/registries/repositories/content/write",
            "Microsoft.ContainerRegistry/registries/repositories/metadata/delete",
            "Microsoft.ContainerRegistry/registries/repositories/content/delete",
        ],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7",
        name: "Container Registry Repository Catalog Lister",
        description: "Allows for listing all repositories in an Azure Container Registry.",
        actions: NONE,
        not_actions: NONE,
        data_actions: &["Microsoft.ContainerRegistry/registries/catalog/read"],
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "f1a07417-d97a-45cb-824c-7a7467783830",
        name: "Managed Identity Operator",
        description: "Read and Assign User Assigned Identity",
        actions: &[
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
            "Microsoft.Authorization/*/read",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Support/*",
        ],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
        name: "Managed Identity Contributor",
        description: "Create, Read, Update, and Delete User Assigned Identity",
        actions: &[
            "Microsoft.ManagedIdentity/userAssignedIdentities/read",
            "Microsoft.ManagedIdentity/userAssignedIdentities/write",
            "Microsoft.ManagedIdentity/userAssignedIdentities/delete",
            "Microsoft.Authorization/*/read",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Support/*",
        ],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
    RoleDefinition {
        id: "5d977122-f97e-4b4d-a52f-6b43003ddb4d",
        name: "Azure Container Instances Contributor Role",
        description: "Grants read/write access to container groups provided by Azure Container \
                      Instances",
        actions: &[
            "Microsoft.Authorization/*/read",
            "Microsoft.ContainerInstance/containerGroups/*",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Support/*",
        ],
        not_actions: NONE,
        data_actions: NONE,
        not_data_actions: NONE,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_nothing_else_does() {
        assert!(!matches("*/read", "Microsoft.KeyVault/vaults/write"));
        assert!(!matches(
            "Microsoft.Authorization/*/Write",
            "Microsoft.KeyVault/vaults/write"
        ));
        assert!(!matches("a/*/b*c", "a/x/b"));
        assert!(!matches("a", "ab"));
        assert!(matches("*", "anything"));
        assert!(matches("*/read", "Microsoft.KeyVault/vaults/READ"));
        assert!(matches("a/*/b*c", "a/x/y/b--c"));
    }

    #[test]
    fn a_contributor_cannot_assign_roles() {
        let role = by_name("contributor").unwrap();
        assert!(!role.allows("Microsoft.Authorization/roleAssignments/write", false));
        assert!(role.allows("Microsoft.ContainerInstance/containerGroups/write", false));
    }

    #[test]
    fn ids_and_names_are_unique() {
        for role in all() {
            assert_eq!(
                by_id(&format!("/x/{}", role.id.to_uppercase())).unwrap(),
                role
            );
            assert_eq!(by_name(role.name).unwrap(), role);
        }
    }
}
