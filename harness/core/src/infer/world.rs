//! What an article names and where the things that it names are: [`World`].

use super::call::{Call, Seen, read};
use super::kind::{Kind, by_option};
use super::piece::Piece;
use crate::lint::facts::resources::is_name;
use crate::preflight::Known;
use std::collections::HashMap;

/// The names that the commands of a way write out, by kind.
#[derive(Debug, Default)]
pub(super) struct World {
    /// What a command makes comes first.
    names: HashMap<Kind, Vec<String>>,
    made: HashMap<Kind, Vec<String>>,
    /// Where commands make things.
    location: Option<String>,
}

impl World {
    /// Looks at the commands of all pieces.
    pub(super) fn of(pieces: &[Piece<'_>]) -> Self {
        let mut world = Self::default();
        let mut known = Known::default();
        for piece in pieces.iter().filter(|piece| piece.is_typed()) {
            read(piece, &piece.text, &mut known, &mut |seen, _| {
                if let Seen::Az(call, _) = seen {
                    world.learn(call);
                }
            });
        }
        world
    }

    fn learn(&mut self, call: &Call) {
        for (option, _) in call.written() {
            let Some(kind) = by_option(&call.path, option) else {
                continue;
            };
            let Some(name) = call.text(option).filter(|name| is_name(name)) else {
                continue;
            };
            if kind == Kind::Location {
                self.location.get_or_insert_with(|| name.to_owned());
                continue;
            }
            let makes = option == "--name" && call.verb() == "create";
            let into = if makes {
                &mut self.made
            } else {
                &mut self.names
            };
            let names = into.entry(kind).or_default();
            if !names.iter().any(|one| one == name) {
                names.push(name.to_owned());
            }
        }
    }

    /// The name of a thing of this kind: one that the article makes or names, else a valid one.
    pub(super) fn name(&self, kind: Kind) -> String {
        let first = |from: &HashMap<Kind, Vec<String>>| from.get(&kind)?.first().cloned();
        first(&self.made)
            .or_else(|| first(&self.names))
            .or_else(|| kind.default_name().map(str::to_owned))
            .unwrap_or_else(|| "docproof".to_owned())
    }

    /// Where things are made.
    pub(super) fn location(&self) -> String {
        self.location.clone().unwrap_or_else(|| "eastus".to_owned())
    }

    /// The group that things are in which no command says a group of.
    pub(super) fn group(&self) -> String {
        self.name(Kind::Group)
    }

    /// The value that a reader gives something of this kind; what only Azure knows is looked up as
    /// the command runs.
    pub(super) fn value(&self, kind: Kind, words: &[String]) -> String {
        let name = self.name(kind.named());
        let show = |what: &str, query: &str| format!("$({what} --query {query} --output tsv)");
        let group = self.group();
        match kind {
            Kind::Location => self.location(),
            Kind::Subscription => show("az account show", "id"),
            Kind::Tenant => show("az account show", "tenantId"),
            Kind::UserId => show("az ad signed-in-user show", "id"),
            Kind::UserName => show("az ad signed-in-user show", "userPrincipalName"),
            Kind::VaultId => show(&format!("az keyvault show --name {name}"), "id"),
            Kind::VaultUri => format!("https://{name}.vault.azure.net"),
            Kind::RegistryId => show(&format!("az acr show --name {name}"), "id"),
            Kind::LoginServer => format!("{}.azurecr.io", name.to_ascii_lowercase()),
            Kind::IdentityId | Kind::IdentityPrincipal | Kind::IdentityClient => {
                let query = match kind {
                    Kind::IdentityId => "id",
                    Kind::IdentityPrincipal => "principalId",
                    _ => "clientId",
                };
                show(
                    &format!("az identity show --name {name} --resource-group {group}"),
                    query,
                )
            }
            Kind::StorageId => show(&format!("az storage account show --name {name}"), "id"),
            Kind::StorageKey => show(
                &format!("az storage account keys list --account-name {name}"),
                "'[0].value'",
            ),
            Kind::WorkspaceId => show(
                &format!(
                    "az monitor log-analytics workspace show --workspace-name {name} --resource-group {group}"
                ),
                "id",
            ),
            Kind::KeyId => show(
                &format!(
                    "az keyvault key show --name {name} --vault-name {}",
                    self.name(Kind::Vault)
                ),
                "key.kid",
            ),
            Kind::Text => words.join("-"),
            _ => name,
        }
    }
}
