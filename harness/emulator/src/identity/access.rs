//! What principals may do: role assignments, and [`Access::is_allowed`] that weighs them.

use super::roles;
use crate::clock::Clock;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A role given to a principal at a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleAssignment {
    /// The full ARM id, ending in `/providers/Microsoft.Authorization/roleAssignments/{guid}`.
    pub(crate) id: String,
    /// Where it holds: this ARM id and everything below it; `/` for everything.
    pub(crate) scope: String,
    /// The role definition's ARM id, as it was sent; only its last segment counts.
    pub(crate) role_definition_id: String,
    /// The principal's object id.
    pub(crate) principal_id: String,
    /// `User`, `ServicePrincipal` or `Group`.
    pub(crate) principal_type: String,
    /// A description, if one was given.
    pub(crate) description: Option<String>,
    /// A condition, if one was given; kept and shown, not weighed.
    pub(crate) condition: Option<String>,
    /// The condition's version.
    pub(crate) condition_version: Option<String>,
    /// When it was made, seven digits after the point.
    pub(crate) created_on: String,
    /// Object id of who made it.
    pub(crate) created_by: String,
    /// From when on it allows something.
    pub(crate) holds_from: Timestamp,
}

/// The role assignments at some time.
#[derive(Debug)]
pub(crate) struct AccessCopy(Vec<RoleAssignment>);

/// Every role assignment of the tenant.
#[derive(Debug, Default)]
pub(crate) struct Access {
    assignments: Mutex<Vec<RoleAssignment>>,
    clock: Arc<Clock>,
}

impl Access {
    /// No assignments, weighed by the time of this clock.
    pub(crate) fn with_clock(clock: Arc<Clock>) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RoleAssignment>> {
        self.assignments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What is assigned now.
    pub(crate) fn copy(&self) -> AccessCopy {
        AccessCopy(self.list())
    }

    /// Goes back to what was assigned then.
    pub(crate) fn put_back(&self, copied: &AccessCopy) {
        self.lock().clone_from(&copied.0);
    }

    /// Adds an assignment, in place of one with the same id.
    pub(crate) fn assign(&self, assignment: RoleAssignment) {
        let mut assignments = self.lock();
        assignments.retain(|old| !old.id.eq_ignore_ascii_case(&assignment.id));
        assignments.push(assignment);
    }

    /// Removes an assignment.
    pub(crate) fn remove(&self, id: &str) -> Option<RoleAssignment> {
        let mut assignments = self.lock();
        let index = assignments
            .iter()
            .position(|one| one.id.eq_ignore_ascii_case(id))?;
        Some(assignments.remove(index))
    }

    /// Removes every assignment at a scope or below it, as when a resource is deleted.
    pub(crate) fn remove_below(&self, scope: &str) {
        self.lock().retain(|one| !covers(scope, &one.scope));
    }

    /// Every assignment, in the order they were made.
    pub(crate) fn list(&self) -> Vec<RoleAssignment> {
        self.lock().clone()
    }

    /// Whether a principal may do `action` at `scope`: one of its roles there, or above, names the
    /// action (`*` stands for any text, case does not count) and does not except it.
    /// `data_action` asks the roles' data actions in place of their actions.
    pub(crate) fn is_allowed(
        &self,
        object_id: &str,
        action: &str,
        data_action: bool,
        scope: &str,
    ) -> bool {
        let now = self.clock.now();
        self.lock()
            .iter()
            .filter(|one| one.holds_from <= now)
            .filter(|one| one.principal_id.eq_ignore_ascii_case(object_id))
            .filter(|one| covers(&one.scope, scope))
            .filter_map(|one| roles::by_id(&one.role_definition_id))
            .any(|role| role.allows(action, data_action))
    }

    /// Whether a principal has any role at a scope, above it or below it: what makes a
    /// subscription appear in its list.
    pub(crate) fn reaches(&self, object_id: &str, scope: &str) -> bool {
        self.lock().iter().any(|one| {
            one.principal_id.eq_ignore_ascii_case(object_id)
                && (covers(&one.scope, scope) || covers(scope, &one.scope))
        })
    }
}

/// Whether `inner` is `outer` or below it.
fn covers(outer: &str, inner: &str) -> bool {
    let outer = outer.trim_end_matches('/').to_ascii_lowercase();
    let inner = inner.trim_end_matches('/').to_ascii_lowercase();
    inner
        .strip_prefix(&outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

    fn access(scope: &str, role: &str) -> Access {
        let access = Access::default();
        access.assign(RoleAssignment {
            id: "/a".into(),
            scope: scope.into(),
            role_definition_id: format!(
                "/providers/Microsoft.Authorization/roleDefinitions/{role}"
            ),
            principal_id: "P".into(),
            principal_type: "User".into(),
            description: None,
            condition: None,
            condition_version: None,
            created_on: String::new(),
            created_by: String::new(),
            holds_from: Timestamp::UNIX_EPOCH,
        });
        access
    }

    #[test]
    fn a_sibling_whose_name_begins_alike_is_not_below() {
        let access = access("/subscriptions/s/resourceGroups/rg", READER);
        let read = "Microsoft.KeyVault/vaults/read";
        assert!(!access.is_allowed("p", read, false, "/subscriptions/s/resourceGroups/rg2"));
        assert!(!access.is_allowed("p", read, false, "/subscriptions/s"));
        assert!(access.is_allowed("p", read, false, "/SUBSCRIPTIONS/s/resourcegroups/RG/x/y"));
    }

    #[test]
    fn a_reader_cannot_write_and_somebody_else_cannot_read() {
        let access = access("/", READER);
        assert!(!access.is_allowed("p", "Microsoft.KeyVault/vaults/write", false, "/x"));
        assert!(!access.is_allowed("q", "Microsoft.KeyVault/vaults/read", false, "/x"));
    }

    #[test]
    fn data_actions_are_apart_from_actions() {
        let get = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
        assert!(
            !access("/", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635").is_allowed("p", get, true, "/x")
        );
        assert!(access("/", SECRETS_USER).is_allowed("p", get, true, "/x"));
        assert!(!access("/", SECRETS_USER).is_allowed("p", get, false, "/x"));
    }
}
