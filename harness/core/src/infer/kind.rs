//! What a stand-in stands for: [`Kind`], told by its words or by the option that it ends up in.

/// What a reader fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Group,
    Location,
    Subscription,
    Tenant,
    Vault,
    VaultId,
    VaultUri,
    Registry,
    RegistryId,
    LoginServer,
    Identity,
    IdentityId,
    IdentityPrincipal,
    IdentityClient,
    UserId,
    UserName,
    App,
    Environment,
    ContainerGroup,
    Storage,
    StorageId,
    StorageKey,
    Vnet,
    Subnet,
    Workspace,
    WorkspaceId,
    Image,
    Secret,
    Key,
    KeyId,
    Certificate,
    Dns,
    Hsm,
    Cluster,
    /// Any text.
    Text,
}

/// The words of a name in lower case: `<YOUR_KEY-vaultName>` has `key`, `vault` and `name`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut lower_before = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            lower_before = false;
            continue;
        }
        let begins = words.is_empty() || (c.is_ascii_uppercase() && lower_before);
        if begins {
            words.push(String::new());
        }
        lower_before = c.is_ascii_lowercase();
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| {
        !word.is_empty() && !matches!(word.as_str(), "your" | "my" | "the" | "a" | "an" | "unique")
    });
    words
}

/// What the words of a name say.
pub(super) fn by_words(name: &str) -> Option<Kind> {
    let words = words(name);
    let joined = words.concat();
    let has = |word: &str| words.iter().any(|one| one == word);
    let says = |part: &str| joined.contains(part);
    let id = has("id") || joined.ends_with("id");
    Some(match () {
        () if says("subscription") => Kind::Subscription,
        () if says("tenant") => Kind::Tenant,
        () if says("location") || has("region") => Kind::Location,
        () if says("password") || says("token") || has("pat") || has("value") => {
            match says("key1") || says("key2") || says("storagekey") {
                true => Kind::StorageKey,
                false => Kind::Text,
            }
        }
        () if says("serviceprincipal") || has("sp") || has("spn") => Kind::Text,
        () if says("principal") && id => Kind::IdentityPrincipal,
        () if says("object") && id => Kind::UserId,
        () if says("email") || says("principalname") || has("upn") => Kind::UserName,
        () if says("clientid") => Kind::IdentityClient,
        () if says("identity") && id => Kind::IdentityId,
        () if says("identity") => Kind::Identity,
        () if says("loginserver") => Kind::LoginServer,
        () if says("registry") || has("acr") => match id {
            true => Kind::RegistryId,
            false => Kind::Registry,
        },
        () if says("keyid") && !says("vaultid") => Kind::KeyId,
        () if says("vault") || has("akv") || has("kv") => match says("uri") || says("url") {
            true => Kind::VaultUri,
            false if id => Kind::VaultId,
            false => Kind::Vault,
        },
        () if has("hsm") => Kind::Hsm,
        () if says("cluster") || has("aks") => Kind::Cluster,
        () if says("environment") => Kind::Environment,
        () if says("resourcegroup") || has("rg") || has("group") => Kind::Group,
        () if says("storage") => match id {
            true => Kind::StorageId,
            false => Kind::Storage,
        },
        () if says("workspace") => match id {
            true => Kind::WorkspaceId,
            false => Kind::Workspace,
        },
        () if says("containerapp") || has("app") => Kind::App,
        () if has("image") => Kind::Image,
        () if has("dns") => Kind::Dns,
        () if has("vnet") || says("virtualnetwork") => Kind::Vnet,
        () if says("subnet") && !id => Kind::Subnet,
        () if has("secret") => Kind::Secret,
        () if has("certificate") || has("cert") => Kind::Certificate,
        () if has("key") || joined == "keyname" => Kind::Key,
        () if has("container") => Kind::ContainerGroup,
        () => return None,
    })
}

/// What an option of a command takes.
pub(super) fn by_option(path: &str, option: &str) -> Option<Kind> {
    let of = |words: &str| {
        path.strip_prefix(words)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    Some(match option {
        "--resource-group" => Kind::Group,
        "--location" => Kind::Location,
        "--subscription" => Kind::Subscription,
        "--vault-name" => Kind::Vault,
        "--hsm-name" => Kind::Hsm,
        "--registry" => Kind::Registry,
        "--vnet-name" => Kind::Vnet,
        "--subnet" => Kind::Subnet,
        "--environment" if of("containerapp") => Kind::Environment,
        "--assignee" | "--assignee-object-id" | "--object-id" => Kind::UserId,
        "--user-assigned"
        | "--assign-identity"
        | "--acr-identity"
        | "--registry-identity"
        | "--identity"
        | "--identities" => Kind::IdentityId,
        "--dns-name-label" => Kind::Dns,
        "--registry-login-server" | "--registry-server" | "--server" => Kind::LoginServer,
        "--workspace" => Kind::WorkspaceId,
        "--account-name" => Kind::Storage,
        "--cluster-name" => Kind::Cluster,
        "--image" => Kind::Image,
        "--name" => match () {
            () if of("keyvault secret") => Kind::Secret,
            () if of("keyvault key") => Kind::Key,
            () if of("keyvault certificate") => Kind::Certificate,
            () if of("keyvault role") => return None,
            () if of("keyvault") => Kind::Vault,
            () if of("acr cache") || of("acr task") || of("acr token") || of("acr manifest") => {
                return None;
            }
            () if of("acr") => Kind::Registry,
            () if of("containerapp env") => Kind::Environment,
            () if of("containerapp") => Kind::App,
            () if of("container") => Kind::ContainerGroup,
            () if of("identity") => Kind::Identity,
            () if of("group") => Kind::Group,
            () if of("storage account") => Kind::Storage,
            () if of("network vnet subnet") => Kind::Subnet,
            () if of("network vnet") => Kind::Vnet,
            () if of("aks") => Kind::Cluster,
            () => return None,
        },
        _ => return None,
    })
}

impl Kind {
    /// A valid name for one that nothing in the article names.
    pub(super) fn default_name(self) -> Option<&'static str> {
        Some(match self {
            Self::Group => "my-resource-group",
            Self::Location => "eastus",
            Self::Vault => "my-key-vault",
            Self::Registry => "myregistry",
            Self::Identity => "my-identity",
            Self::App => "my-container-app",
            Self::Environment => "my-environment",
            Self::ContainerGroup => "my-container-group",
            Self::Storage => "mystorageaccount",
            Self::Vnet => "my-vnet",
            Self::Subnet => "my-subnet",
            Self::Workspace => "my-workspace",
            Self::Image => "hello",
            Self::Secret => "my-secret",
            Self::Key => "my-key",
            Self::Certificate => "my-certificate",
            Self::Dns => "my-dns-label",
            Self::Hsm => "my-hsm",
            Self::Cluster => "my-cluster",
            _ => return None,
        })
    }

    /// What has its name in an id, a login server, a client id of it.
    pub(super) fn named(self) -> Kind {
        match self {
            Self::VaultId | Self::VaultUri => Self::Vault,
            Self::RegistryId | Self::LoginServer => Self::Registry,
            Self::IdentityId | Self::IdentityPrincipal | Self::IdentityClient => Self::Identity,
            Self::StorageId | Self::StorageKey => Self::Storage,
            Self::WorkspaceId => Self::Workspace,
            Self::KeyId => Self::Key,
            other => other,
        }
    }

    /// As a scenario's `[names]` calls it, if a run on real Azure has to rename it.
    pub(super) fn in_names(self) -> Option<&'static str> {
        Some(match self {
            Self::Group => "resource-group",
            Self::Vault => "key-vault",
            Self::Registry => "container-registry",
            Self::Identity => "managed-identity",
            Self::App => "container-app",
            Self::Environment => "container-app-environment",
            Self::ContainerGroup => "container-group",
            Self::Storage => "storage-account",
            Self::Workspace => "log-analytics-workspace",
            Self::Dns => "dns-label",
            _ => return None,
        })
    }

    /// The same with its article.
    pub(super) fn a(self) -> String {
        let said = self.said();
        let vowel = said.starts_with(['a', 'e', 'i', 'o']);
        format!("{} {said}", if vowel { "an" } else { "a" })
    }

    /// What it is called in a sentence.
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::Group => "resource group",
            Self::Location => "region",
            Self::Subscription => "subscription's id",
            Self::Tenant => "tenant's id",
            Self::Vault => "key vault",
            Self::VaultId => "key vault's id",
            Self::VaultUri => "key vault's address",
            Self::Registry => "container registry",
            Self::RegistryId => "container registry's id",
            Self::LoginServer => "registry's login server",
            Self::Identity => "managed identity",
            Self::IdentityId => "managed identity's resource id",
            Self::IdentityPrincipal => "managed identity's principal id",
            Self::IdentityClient => "managed identity's client id",
            Self::UserId => "object id of the signed-in reader",
            Self::UserName => "name of the signed-in reader",
            Self::App => "container app",
            Self::Environment => "container apps environment",
            Self::ContainerGroup => "container group",
            Self::Storage => "storage account",
            Self::StorageId => "storage account's id",
            Self::StorageKey => "storage account's key",
            Self::Vnet => "virtual network",
            Self::Subnet => "subnet",
            Self::Workspace => "Log Analytics workspace",
            Self::WorkspaceId => "Log Analytics workspace's id",
            Self::Image => "image",
            Self::Secret => "secret",
            Self::Key => "key",
            Self::KeyId => "key's id",
            Self::Certificate => "certificate",
            Self::Dns => "DNS label",
            Self::Hsm => "managed HSM",
            Self::Cluster => "cluster",
            Self::Text => "text of the reader's own",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_name_are_told_apart() {
        assert_eq!(words("YOUR_KEY-vaultName"), ["key", "vault", "name"]);
        assert_eq!(words("userObjectId"), ["user", "object", "id"]);
        assert!(words("my-your").is_empty());
    }

    #[test]
    fn kinds_are_told_by_words() {
        for (name, kind) in [
            ("key-vault-name", Some(Kind::Vault)),
            ("YOUR_RESOURCE_GROUP_NAME", Some(Kind::Group)),
            ("resourceGroup", Some(Kind::Group)),
            ("container-registry-name", Some(Kind::Registry)),
            ("registry-id", Some(Kind::RegistryId)),
            ("loginServer", Some(Kind::LoginServer)),
            ("IDENTITY1_RESOURCE_ID", Some(Kind::IdentityId)),
            ("managed-identity-name", Some(Kind::Identity)),
            ("subscription-id", Some(Kind::Subscription)),
            ("object-id-or-email", Some(Kind::UserId)),
            ("user-principal-name", Some(Kind::UserName)),
            ("email-address-of-user", Some(Kind::UserName)),
            ("service-principal-password", Some(Kind::Text)),
            ("key1-value", Some(Kind::StorageKey)),
            ("storage-account-resource-id", Some(Kind::StorageId)),
            ("log-analytics-workspace-id", Some(Kind::WorkspaceId)),
            ("keyname", Some(Kind::Key)),
            ("key-vault-key-id", Some(Kind::KeyId)),
            ("vault-id", Some(Kind::VaultId)),
            ("cache-rule-name", None),
        ] {
            assert_eq!(by_words(name), kind, "{name}");
        }
    }

    #[test]
    fn a_name_belongs_to_what_its_command_is_about() {
        assert_eq!(
            by_option("keyvault secret set", "--name"),
            Some(Kind::Secret)
        );
        assert_eq!(
            by_option("keyvault set-policy", "--name"),
            Some(Kind::Vault)
        );
        assert_eq!(by_option("acr cache delete", "--name"), None);
        assert_eq!(
            by_option("containerapp env create", "--name"),
            Some(Kind::Environment)
        );
    }
}
