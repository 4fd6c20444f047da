//! The commands that make what an article takes for granted: [`Maker`].

use super::kind::Kind;
use super::need::Thing;
use super::world::World;
use crate::naming::NameKind;

/// Puts an image into `$registry`, as `$repository:$tag`.
const PUSH: &str = include_str!("push-image.bash");

/// Makes things.
pub(super) struct Maker<'a> {
    pub(super) world: &'a World,
    /// A vault is asked for its access policies, so it must have such.
    pub(super) policies: bool,
    /// The article makes a group, which what it takes for granted must not be in.
    pub(super) makes_group: bool,
}

/// What has to be done for a thing.
pub(super) struct Made {
    pub(super) command: String,
    /// The name that it gets, where no thing can have the article's.
    pub(super) renamed: Option<String>,
}

impl Maker<'_> {
    /// The group that a thing is in.
    pub(super) fn group(&self, thing: &Thing) -> String {
        let group = thing.group.clone().filter(|group| !group.contains('$'));
        group.unwrap_or_else(|| match self.makes_group {
            true => "my-prerequisites".to_owned(),
            false => self.world.group(),
        })
    }

    /// What else has to be there first.
    pub(super) fn parts(&self, thing: &Thing) -> Vec<Thing> {
        let group = Thing {
            kind: Kind::Group,
            name: self.group(thing),
            of: None,
            group: None,
            tag: None,
        };
        let of = |kind: Kind| {
            thing.of.clone().map(|name| Thing {
                kind,
                name,
                of: None,
                group: thing.group.clone(),
                tag: None,
            })
        };
        match thing.kind {
            Kind::Group => Vec::new(),
            Kind::Secret | Kind::Key | Kind::Certificate => of(Kind::Vault).into_iter().collect(),
            Kind::Image => of(Kind::Registry).into_iter().collect(),
            Kind::App => vec![
                group.clone(),
                Thing {
                    kind: Kind::Environment,
                    name: self.world.name(Kind::Environment),
                    group: Some(group.name.clone()),
                    ..group
                },
            ],
            _ => vec![group],
        }
    }

    /// How the thing is made; nothing where nobody knows.
    pub(super) fn make(&self, thing: &Thing) -> Option<Made> {
        let (name, renamed) = match valid(thing) {
            Some(name) if name == thing.name => (name, None),
            Some(name) => (name.clone(), Some(name)),
            None => return None,
        };
        let group = self.group(thing);
        let location = self.world.location();
        let of = thing.of.clone().unwrap_or_default();
        let command = match thing.kind {
            Kind::Group => {
                format!("az group create --name {name} --location {location} --output none")
            }
            Kind::Vault => format!(
                "az keyvault create --name {name} --resource-group {group} --location {location}{} --output none",
                if self.policies {
                    " --enable-rbac-authorization false"
                } else {
                    ""
                }
            ),
            Kind::Secret => format!(
                "az keyvault secret set --vault-name {of} --name {name} --value docproof --output none"
            ),
            Kind::Key => format!(
                "az keyvault key create --vault-name {of} --name {name} --protection software --output none"
            ),
            Kind::Certificate => format!(
                "az keyvault certificate create --vault-name {of} --name {name} \\\n  --policy \"$(az keyvault certificate get-default-policy)\" --output none"
            ),
            Kind::Registry => format!(
                "az acr create --name {name} --resource-group {group} --sku Premium --output none"
            ),
            Kind::Image => format!(
                "(\nregistry={of} repository={name} tag={}\n{PUSH})",
                thing.tag.as_deref().unwrap_or("latest")
            ),
            Kind::Identity => {
                format!("az identity create --name {name} --resource-group {group} --output none")
            }
            Kind::Environment => format!(
                "az containerapp env create --name {name} --resource-group {group} --location {location} \\\n  --logs-destination none --output none"
            ),
            Kind::App => format!(
                "az containerapp create --name {name} --resource-group {group} --environment {} \\\n  --image mcr.microsoft.com/azure-cli --command sleep infinity --output none",
                self.world.name(Kind::Environment)
            ),
            Kind::ContainerGroup => format!(
                "az container create --name {name} --resource-group {group} --image mcr.microsoft.com/azure-cli \\\n  --os-type Linux --cpu 1 --memory 1.5 --command-line \"tail -f /dev/null\" --output none"
            ),
            Kind::Storage => format!(
                "az storage account create --name {name} --resource-group {group} --location {location} \\\n  --sku Standard_LRS --output none"
            ),
            Kind::Subnet => format!(
                "az network vnet create --name {of} --resource-group {group} --location {location} \\\n  --address-prefixes 10.1.0.0/16 --subnet-name {name} --subnet-prefixes 10.1.0.0/24 --output none"
            ),
            Kind::Workspace => format!(
                "az monitor log-analytics workspace create --workspace-name {name} --resource-group {group} \\\n  --location {location} --output none"
            ),
            _ => return None,
        };
        Some(Made { command, renamed })
    }
}

/// The name, or one like it that Azure takes.
fn valid(thing: &Thing) -> Option<String> {
    if thing.kind == Kind::Registry {
        // `az acr create` takes no others, and Azure takes the two for the same.
        return Some(thing.name.to_ascii_lowercase());
    }
    let kind = thing.kind.in_names().and_then(NameKind::named);
    let Some(kind) = kind else {
        return Some(thing.name.clone());
    };
    if kind.allows(&thing.name) {
        return Some(thing.name.clone());
    }
    let lower = thing.name.to_ascii_lowercase();
    kind.allows(&lower).then_some(lower)
}
