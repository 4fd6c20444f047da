//! Something that a command makes: [`Creation`].

use crate::naming::RunId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// Something that a command makes, or may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// The command: `az keyvault create`.
    pub command: String,
    /// Where the command stands in the text that was read.
    pub range: Range<usize>,
    /// The type of what it makes, as Azure writes it; nothing if it is not known what that is.
    pub resource: Option<String>,
    /// Its name; of what is part of something else the names from the outermost on.
    pub names: Vec<Value>,
    /// The resource group it comes into; [`Value::None`] for what is in no group.
    pub group: Value,
    /// Where it comes to stand.
    pub region: Value,
    /// What it costs, roughly.
    pub cost: Cost,
    /// The quota that it counts against.
    pub quota: Option<String>,
    /// What it takes to be rid of it.
    pub removal: Removal,
    /// It may not be made: the command is in a branch.
    pub conditional: bool,
}

/// What a command gives for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "value")]
pub enum Value {
    /// This text.
    Known(String),
    /// What only running tells; as it is written.
    Written(String),
    /// Nothing: Azure or `az` chooses, or there is nothing to choose.
    None,
}

/// What something costs while it is there, roughly, in its cheapest form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Nothing.
    Free,
    /// Nothing while it is idle.
    ByUse,
    /// Less than a dollar an hour.
    Cents,
    /// A dollar an hour or more.
    Dollars,
    /// Nobody knows.
    Unknown,
}

/// What it takes to be rid of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Removal {
    /// It goes with its resource group.
    Group,
    /// It goes with what it is part of.
    Parent,
    /// It goes with its resource group, and its name stays taken until it is purged.
    Purge,
    /// It is in no group, or is about more than its group: it has to be deleted on its own.
    Apart,
    /// It stays, and harms nobody: a registration.
    Stays,
    /// Nobody knows.
    Unknown,
}

impl Value {
    /// The text, if it is known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::Written(_) | Self::None => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) | Self::Written(text) => f.write_str(text),
            Self::None => f.write_str("-"),
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Free => "free",
            Self::ByUse => "by use",
            Self::Cents => "cents an hour",
            Self::Dollars => "dollars an hour",
            Self::Unknown => "unknown",
        })
    }
}

impl Creation {
    /// Whether it is known what the command makes.
    pub fn is_known(&self) -> bool {
        self.resource.is_some()
    }

    /// The id that it will have, if everything in it is known.
    pub fn id(&self, subscription: &str) -> Option<String> {
        let (provider, types) = self.resource.as_deref()?.split_once('/')?;
        let names: Option<Vec<&str>> = self.names.iter().map(Value::known).collect();
        let names = names?;
        let types: Vec<&str> = types.split('/').collect();
        if types.len() != names.len() {
            return None;
        }
        if types == ["resourceGroups"] {
            return Some(format!(
                "/subscriptions/{subscription}/resourceGroups/{}",
                names.first()?
            ));
        }
        let group = self.group.known()?;
        let mut id =
            format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{provider}");
        for (part, name) in types.iter().zip(names) {
            id.push_str(&format!("/{part}/{name}"));
        }
        Some(id)
    }

    /// Whether nobody else can have something that is called so: it is in a group of this run, or has
    /// the run's id in its name; where a name is taken once in the whole world, it must be there. What
    /// is not must not be made in a subscription that others use, and never be deleted from it.
    pub fn is_of(&self, run: &RunId) -> bool {
        let has = |value: &Value| {
            let text = value.known();
            text.is_some_and(|text| text.to_ascii_lowercase().contains(run.as_str()))
        };
        let kind = self.resource.as_deref().unwrap_or_default();
        let alone = ALONE.iter().any(|one| one.eq_ignore_ascii_case(kind));
        (has(&self.group) && !alone) || self.names.iter().any(has)
    }
}

/// What has a name that nobody else in the world can have.
const ALONE: [&str; 7] = [
    "Microsoft.AppConfiguration/configurationStores",
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.KeyVault/managedHSMs",
    "Microsoft.KeyVault/vaults",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Web/sites",
];
