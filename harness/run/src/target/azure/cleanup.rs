//! Removing what a run has made: [`Remains::remove`]. The same whether the run has ended well, failed,
//! was interrupted, or was killed and is swept up later.

use super::cloud::Cloud;
use super::ledger::{Entry, Ledger, hash};
use crate::environment::EnvironmentError;
use docproof_core::naming::RunId;
use serde_json::Value;
use std::collections::BTreeSet;

/// The tag of a resource group that a run has made: the run's id.
pub(super) const RUN_TAG: &str = "docproof-run";
/// When it may be swept up without its ledger, in seconds since 1970.
pub(super) const EXPIRY_TAG: &str = "docproof-expires";
/// Who ran it.
pub(super) const OWNER_TAG: &str = "docproof-owner";

const GROUPS: &str = "2024-11-01";
const IDENTITIES: &str = "2023-01-31";
const VAULTS: &str = "2023-07-01";
const ASSIGNMENTS: &str = "2022-04-01";

/// What a run may have left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Remains {
    pub(super) run: String,
    /// Names of resource groups that the run may have made; all end with its id.
    pub(super) groups: BTreeSet<String>,
    /// Hashes of its identities' principals.
    pub(super) principals: BTreeSet<String>,
    /// Whether they were left on purpose.
    pub(super) kept: bool,
}

/// One thing that is to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remnant {
    Group(String),
    /// A deleted vault's name and region.
    Vault(String, String),
    /// The name of a role assignment, and its scope below the subscription.
    Assignment(String),
}

impl Remnant {
    pub(super) fn told(&self) -> String {
        match self {
            Self::Group(name) => format!("resource group {name}, with everything in it"),
            Self::Vault(name, location) => format!("deleted vault {name} in {location}, for good"),
            Self::Assignment(_) => "a role assignment of an identity of the run".to_owned(),
        }
    }
}

impl Remains {
    /// What a ledger says.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut remains = Self::default();
        for entry in entries {
            match entry {
                Entry::Run { run, .. } => remains.run.clone_from(run),
                Entry::Name { kind, name } if kind == "resource-group" => {
                    remains.groups.insert(name.clone());
                }
                Entry::Group { name } => drop(remains.groups.insert(name.clone())),
                Entry::Principal { hash } => drop(remains.principals.insert(hash.clone())),
                Entry::Kept => remains.kept = true,
                Entry::Resumed => remains.kept = false,
                Entry::Name { .. } | Entry::Before { .. } => {}
            }
        }
        // Whatever a ledger says, nothing is the run's that does not have its id.
        let run = RunId::parse(&remains.run);
        let own = |name: &String| run.as_ref().is_some_and(|run| name.ends_with(run.as_str()));
        remains.groups.retain(own);
        remains
    }

    /// What of it is there.
    pub(super) fn look(&self, cloud: &Cloud) -> Result<Vec<Remnant>, EnvironmentError> {
        let mut found = Vec::new();
        for name in &self.groups {
            let path = cloud.below(&format!("/resourcegroups/{name}?api-version={GROUPS}"));
            let group = cloud.get(&path)?;
            // Somebody else's tag on it: it is theirs now.
            let tag = group.as_ref().map(|group| group["tags"][RUN_TAG].as_str());
            if tag.is_some_and(|tag| tag.is_none_or(|run| run == self.run)) {
                found.push(Remnant::Group(name.clone()));
            }
        }
        let path = format!("/providers/Microsoft.KeyVault/deletedVaults?api-version={VAULTS}");
        for vault in cloud.list(&cloud.below(&path))? {
            let id = vault["properties"]["vaultId"].as_str().unwrap_or_default();
            if group_of(id).is_some_and(|group| self.has_group(group)) {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let location = text(&vault["properties"]["location"]);
                found.push(Remnant::Vault(text(&vault["name"]), location));
            }
        }
        if !self.principals.is_empty() {
            let kind = "/providers/Microsoft.Authorization/roleAssignments";
            let path = format!("{kind}?api-version={ASSIGNMENTS}");
            for one in cloud.list(&cloud.below(&path))? {
                let principal = one["properties"]["principalId"].as_str();
                let own = principal.is_some_and(|id| self.principals.contains(&hash(id)));
                let id = one["id"].as_str().unwrap_or_default();
                // What is in a group of the run goes with it.
                if own && !group_of(id).is_some_and(|group| self.has_group(group)) {
                    found.push(Remnant::Assignment(id.to_owned()));
                }
            }
        }
        Ok(found)
    }

    fn has_group(&self, name: &str) -> bool {
        self.groups.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Removes everything of it, and then its ledger.
    ///
    /// # Errors
    /// What could not be removed; the ledger stays.
    pub(super) fn remove(
        &mut self,
        cloud: &Cloud,
        ledger: Option<&Ledger>,
    ) -> Result<usize, EnvironmentError> {
        let mut removed = 0;
        // Whose assignments to look for is known only while the identities are there.
        for group in self.groups.clone() {
            for principal in principals(cloud, &group)? {
                let hash = hash(&principal);
                let is_new = self.principals.insert(hash.clone());
                if let (true, Some(ledger)) = (is_new, ledger) {
                    written(ledger.write(&Entry::Principal { hash }))?;
                }
            }
        }
        let found = self.look(cloud)?;
        for one in &found {
            match one {
                Remnant::Assignment(id) => {
                    cloud.send("delete", &format!("{id}?api-version={ASSIGNMENTS}"), None)?;
                }
                Remnant::Group(name) => {
                    let path = cloud.below(&format!("/resourcegroups/{name}?api-version={GROUPS}"));
                    cloud.send("delete", &path, None)?;
                }
                Remnant::Vault(..) => continue,
            }
            removed += 1;
        }
        for one in &found {
            if let Remnant::Group(name) = one {
                let path = cloud.below(&format!("/resourcegroups/{name}?api-version={GROUPS}"));
                cloud.wait_until_gone(&path, &format!("the resource group {name}"))?;
            }
        }
        // The vaults of groups that have just been deleted are among the deleted ones now.
        for one in self.look(cloud)? {
            if let Remnant::Vault(name, location) = one {
                let at = format!(
                    "/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{name}"
                );
                let purge = format!("{at}/purge?api-version={VAULTS}");
                cloud.send("post", &cloud.below(&purge), None)?;
                let path = cloud.below(&format!("{at}?api-version={VAULTS}"));
                cloud.wait_until_gone(&path, &format!("the deleted vault {name}"))?;
                removed += 1;
            }
        }
        if let Some(ledger) = ledger {
            written(ledger.close())?;
        }
        Ok(removed)
    }
}

/// The principals of identities in a group: user-assigned ones, and those that resources have of
/// their own. None if there is no such group.
fn principals(cloud: &Cloud, group: &str) -> Result<Vec<String>, EnvironmentError> {
    let in_group = |rest: &str| cloud.below(&format!("/resourceGroups/{group}{rest}"));
    let resources = cloud.list(&in_group("/resources?api-version=2021-04-01"))?;
    let kind = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities";
    let identities = match resources.is_empty() {
        true => Vec::new(),
        false => cloud.list(&in_group(&format!("{kind}?api-version={IDENTITIES}")))?,
    };
    let of_resources = resources.iter().map(|one| &one["identity"]["principalId"]);
    let of_identities = identities
        .iter()
        .map(|one| &one["properties"]["principalId"]);
    let all = of_resources.chain(of_identities);
    Ok(all.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The resource group in an id.
fn group_of(id: &str) -> Option<&str> {
    let mut parts = id.split('/');
    parts.find(|part| part.eq_ignore_ascii_case("resourceGroups"))?;
    parts.next()
}

fn written(result: std::io::Result<()>) -> Result<(), EnvironmentError> {
    result.map_err(|error| EnvironmentError::new(format!("the ledger cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_cannot_make_somebody_elses_group_the_runs() {
        let name = |name: &str| Entry::Name {
            kind: "resource-group".into(),
            name: name.into(),
        };
        let run = Entry::Run {
            run: "k3v9q2x7ma".into(),
            subscription: String::new(),
            scenario: String::new(),
            begun: 0,
        };
        let foreign = Entry::Group {
            name: "theirs".into(),
        };
        let own = name("rg-k3v9q2x7ma");
        let remains = Remains::of(&[run, own.clone(), foreign.clone(), name("theirs-too")]);
        assert_eq!(remains.groups, BTreeSet::from(["rg-k3v9q2x7ma".to_owned()]));
        // Without its first line nothing is known to be the run's.
        assert!(Remains::of(&[own, foreign]).groups.is_empty());
    }

    #[test]
    fn the_group_of_an_id_is_found_in_any_case() {
        assert_eq!(
            group_of("/subscriptions/s/resourcegroups/RG/providers/x"),
            Some("RG")
        );
        assert_eq!(group_of("/subscriptions/s/providers/x"), None);
    }
}
