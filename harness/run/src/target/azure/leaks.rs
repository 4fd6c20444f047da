//! What is in a subscription, for a comparison before and after: [`Inventory`].

use super::cloud::Cloud;
use crate::environment::EnvironmentError;
use std::collections::BTreeSet;

/// What is listed: groups, resources, deleted vaults, role assignments.
const LISTS: [&str; 4] = [
    "/resourcegroups?api-version=2024-11-01",
    "/resources?api-version=2021-04-01",
    "/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01",
    "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01",
];

/// The ids of everything that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inventory {
    ids: BTreeSet<String>,
}

impl Inventory {
    /// What is there now.
    pub(super) fn take(cloud: &Cloud) -> Result<Self, EnvironmentError> {
        let mut ids = BTreeSet::new();
        for list in LISTS {
            for one in cloud.list(&cloud.below(list))? {
                ids.extend(one["id"].as_str().map(str::to_ascii_lowercase));
            }
        }
        Ok(Self { ids })
    }

    /// What is in this one and was not in that.
    pub(super) fn since(&self, before: &Self) -> Vec<String> {
        self.ids.difference(&before.ids).cloned().collect()
    }
}
