//! What has to be there for a command: [`needs`], and what it leaves behind: [`makes`].

use super::call::Call;
use super::kind::Kind;
use crate::preflight::{Creation, Value};

/// Something that must be there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Thing {
    pub(super) kind: Kind,
    /// Its name, or how the command writes it where only running tells.
    pub(super) name: String,
    /// What it is part of: the vault of a secret, the registry of an image.
    pub(super) of: Option<String>,
    /// The group that the command says it is in.
    pub(super) group: Option<String>,
    /// An image's tag.
    pub(super) tag: Option<String>,
}

impl Thing {
    fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            of: None,
            group: None,
            tag: None,
        }
    }

    fn of(mut self, of: impl Into<String>) -> Self {
        self.of = Some(of.into());
        self
    }

    /// What tells it from others: Azure takes upper and lower case for the same.
    pub(super) fn key(&self) -> (Kind, String) {
        let mut key = self.name.to_ascii_lowercase();
        if let Some(of) = &self.of {
            key = format!("{}/{key}", of.to_ascii_lowercase());
        }
        (self.kind, key)
    }

    /// Whether its name is known before anything runs.
    pub(super) fn is_known(&self) -> bool {
        let plain = |name: &String| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || "-_./".contains(c))
                && !name.contains("..")
        };
        plain(&self.name) && self.of.as_ref().is_none_or(plain)
    }
}

/// What has to be there before this command, the outermost first.
pub(super) fn needs(call: &Call) -> Vec<Thing> {
    let mut things = Vec::new();
    let group = call.key("--resource-group");
    let makes_group = call.path == "group create" || call.path == "containerapp up";
    if let Some(group) = group.as_ref().filter(|_| !makes_group) {
        things.push(Thing::new(Kind::Group, group));
    }
    let mut add = |kind: Kind, name: Option<String>| {
        if let Some(name) = name {
            let group = group.clone();
            things.push(Thing {
                group,
                ..Thing::new(kind, name)
            });
        }
    };
    let name = || call.key("--name");
    let verb = call.verb();
    let creates = matches!(verb, "create" | "recover" | "check-name" | "restore" | "up");
    match () {
        () if call.of("group") && !creates => add(Kind::Group, name()),
        () if call.of("keyvault role") || call.has("--hsm-name") => {}
        () if call.of("keyvault secret")
            || call.of("keyvault key")
            || call.of("keyvault certificate") =>
        {
            add(Kind::Vault, call.key("--vault-name"));
            let kind = match () {
                () if call.of("keyvault secret") => Kind::Secret,
                () if call.of("keyvault key") => Kind::Key,
                () => Kind::Certificate,
            };
            let reads = matches!(verb, "show" | "delete" | "list-versions" | "set-attributes");
            if let (true, Some(vault), Some(name)) = (reads, call.key("--vault-name"), name()) {
                things.push(Thing::new(kind, name).of(vault));
            }
        }
        () if call.of("keyvault") && !creates && verb != "list" && verb != "purge" => {
            add(Kind::Vault, name().or_else(|| call.key("--vault-name")));
        }
        () if call.of("acr repository") || call.of("acr manifest") => {
            let registry = match call.of("acr manifest") {
                true => call.key("--registry"),
                false => name(),
            };
            add(Kind::Registry, registry.clone());
            let named = match call.of("acr manifest") {
                true => name(),
                false => call.key("--repository").or_else(|| call.key("--image")),
            };
            if let Some(registry) = registry {
                let image = named.unwrap_or_else(|| "*".to_owned());
                let (repository, tag) = split_tag(&image);
                things.push(Thing {
                    tag,
                    ..Thing::new(Kind::Image, repository).of(registry)
                });
            }
        }
        () if call.path == "acr create" || call.of("acr check-name") => {}
        () if call.of("acr") => {
            let registry = call.key("--registry");
            let own = ["show", "update", "login", "delete", "import", "list"].contains(&verb)
                || call.of("acr encryption")
                || call.of("acr identity")
                || call.of("acr credential");
            add(Kind::Registry, registry.or_else(|| name().filter(|_| own)));
        }
        () if call.of("containerapp env") && !creates => add(Kind::Environment, name()),
        () if call.path == "containerapp create" => {
            add(Kind::Environment, call.key("--environment"));
        }
        () if call.of("containerapp") && !call.of("containerapp job") && !creates => {
            add(Kind::App, name());
        }
        () if call.of("container") && !creates => add(Kind::ContainerGroup, name()),
        () if call.of("identity") && !creates && !call.of("identity federated-credential") => {
            add(Kind::Identity, name());
        }
        () if call.of("network vnet subnet") => {
            let vnet = call.key("--vnet-name");
            if let (Some(vnet), false) = (&vnet, creates) {
                things.push(Thing {
                    of: Some(vnet.clone()),
                    group: group.clone(),
                    ..Thing::new(Kind::Subnet, name().unwrap_or_default())
                });
            }
        }
        () if call.of("monitor log-analytics workspace") && !creates => {
            add(Kind::Workspace, call.key("--workspace-name"));
        }
        () if call.of("storage account") && !creates => {
            add(Kind::Storage, name().or_else(|| call.key("--account-name")));
        }
        () => {}
    }
    for option in ["--server", "--registry-server", "--registry-login-server"] {
        let server = call
            .text(option)
            .and_then(|server| server.strip_suffix(".azurecr.io"));
        things.extend(server.map(|name| Thing::new(Kind::Registry, name)));
    }
    let runs = matches!(verb, "create" | "update" | "up") && !call.of("acr");
    if let Some(image) = call.text("--image").filter(|_| runs) {
        things.extend(image_of(image));
    }
    things
}

/// `registry.azurecr.io/repository:tag`.
pub(super) fn image_of(image: &str) -> Option<Thing> {
    let (server, path) = image.split_once('/')?;
    let registry = server.strip_suffix(".azurecr.io")?;
    let (repository, tag) = split_tag(path);
    Some(Thing {
        tag: tag.or_else(|| Some("latest".to_owned())),
        ..Thing::new(Kind::Image, repository).of(registry)
    })
}

fn split_tag(image: &str) -> (String, Option<String>) {
    match image.split_once(':') {
        Some((repository, tag)) => (repository.to_owned(), Some(tag.to_owned())),
        None => (image.to_owned(), None),
    }
}

/// What a command leaves behind.
pub(super) fn makes(creation: &Creation) -> Option<Thing> {
    let kind = match creation.resource.as_deref()? {
        "Microsoft.Resources/resourceGroups" => Kind::Group,
        "Microsoft.KeyVault/vaults" => Kind::Vault,
        "Microsoft.KeyVault/vaults/secrets" => Kind::Secret,
        "Microsoft.KeyVault/vaults/keys" => Kind::Key,
        "Microsoft.KeyVault/vaults/certificates" => Kind::Certificate,
        "Microsoft.ContainerRegistry/registries" => Kind::Registry,
        "Microsoft.ManagedIdentity/userAssignedIdentities" => Kind::Identity,
        "Microsoft.App/managedEnvironments" => Kind::Environment,
        "Microsoft.App/containerApps" => Kind::App,
        "Microsoft.ContainerInstance/containerGroups" => Kind::ContainerGroup,
        "Microsoft.Storage/storageAccounts" => Kind::Storage,
        "Microsoft.OperationalInsights/workspaces" => Kind::Workspace,
        "Microsoft.Network/virtualNetworks" => Kind::Vnet,
        "Microsoft.Network/virtualNetworks/subnets" => Kind::Subnet,
        _ => return None,
    };
    let text = |value: &Value| match value {
        Value::Known(text) => Some(text.clone()),
        Value::Written(text) => Some(text.trim_matches('"').to_owned()),
        Value::None => None,
    };
    let names: Vec<String> = creation.names.iter().filter_map(text).collect();
    let (name, of) = match names.as_slice() {
        [name] => (name.clone(), None),
        [of, name] => (name.clone(), Some(of.clone())),
        _ => return None,
    };
    Some(Thing {
        of,
        group: text(&creation.group),
        ..Thing::new(kind, name)
    })
}
