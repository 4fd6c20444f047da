//! ARM paths, taken apart: which provider is asked for what, at which scope.

use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::Request;
use crate::identity::Caller;
use serde_json::Value;

/// The host of Azure Resource Manager.
pub(crate) const ARM_HOST: &str = "management.azure.com";

/// An ARM path. The *last* `providers` segment decides: what stands before it is the scope, so
/// that a role assignment at a vault belongs to `Microsoft.Authorization`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArmPath {
    /// What stands before the last `providers`, with a slash at the start; empty for the tenant.
    pub(crate) scope: String,
    /// The subscription, as written; empty if the path has none.
    pub(crate) subscription: String,
    /// The resource group, as written, if there is one.
    pub(crate) group: Option<String>,
    /// The provider's namespace, lower case.
    pub(crate) namespace: String,
    /// What follows the namespace, as written.
    pub(crate) rest: Vec<String>,
}

impl ArmPath {
    /// Takes a request to ARM apart; `None` if it names no provider.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        if request.host != ARM_HOST {
            return None;
        }
        let segments = &request.segments;
        let index = segments
            .iter()
            .rposition(|s| s.eq_ignore_ascii_case("providers"))?;
        let namespace = segments.get(index + 1)?.to_ascii_lowercase();
        let before = &segments[..index];
        let after = |name: &str| {
            let at = before.iter().position(|s| s.eq_ignore_ascii_case(name))?;
            before.get(at + 1).cloned()
        };
        Some(Self {
            scope: before.iter().map(|segment| format!("/{segment}")).collect(),
            subscription: after("subscriptions").unwrap_or_default(),
            group: after("resourceGroups"),
            namespace,
            rest: segments[index + 2..].to_vec(),
        })
    }

    /// Whether this is about a provider's resources: `kind` is the first segment behind the
    /// namespace, compared without case.
    pub(crate) fn is(&self, namespace: &str, kinds: &[&str]) -> bool {
        self.namespace.eq_ignore_ascii_case(namespace)
            && self
                .rest
                .first()
                .is_some_and(|k| kinds.iter().any(|one| one.eq_ignore_ascii_case(k)))
    }

    /// What follows the namespace, lower case, to match against.
    pub(crate) fn lower(&self) -> Vec<String> {
        self.rest
            .iter()
            .map(|segment| segment.to_ascii_lowercase())
            .collect()
    }

    /// Checks that the caller may do `action` at the resource `id` in the path's group, which must be
    /// there.
    ///
    /// # Errors
    /// Those of [`arm::authorize`] and [`arm::require_group`].
    pub(crate) fn allow(
        &self,
        cx: &Context,
        request: &Request,
        action: &str,
        id: &str,
    ) -> Result<Caller, ArmError> {
        let caller = arm::authorize(cx, request, action, id)?;
        arm::require_group(cx, &self.subscription, self.group_name())?;
        Ok(caller)
    }

    /// The id of a resource in the path's group: `kind` with its namespace, such as
    /// `Microsoft.KeyVault/vaults`.
    pub(crate) fn id_of(&self, kind: &str, name: &str) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/{kind}/{name}",
            self.subscription,
            self.group_name()
        )
    }

    /// Checks that the caller may do `verb` at a resource of the path's group, which must be there;
    /// answers the caller and the resource's id.
    ///
    /// # Errors
    /// As [`ArmPath::allow`].
    pub(crate) fn allow_at(
        &self,
        cx: &Context,
        request: &Request,
        (kind, name): (&str, &str),
        verb: &str,
    ) -> Result<(Caller, String), ArmError> {
        let id = self.id_of(kind, name);
        let caller = self.allow(cx, request, &format!("{kind}/{verb}"), &id)?;
        Ok((caller, id))
    }

    /// The resources of a type in the path's group, or in its subscription if it names no group.
    ///
    /// # Errors
    /// As [`ArmPath::allow`].
    pub(crate) fn list(
        &self,
        cx: &Context,
        request: &Request,
        kind: &str,
    ) -> Result<Vec<Value>, ArmError> {
        arm::authorize(cx, request, &format!("{kind}/read"), &self.scope)?;
        if self.group.is_some() {
            arm::require_group(cx, &self.subscription, self.group_name())?;
        }
        Ok(cx.resources.list(&self.scope, Some(kind)))
    }

    /// The group's name, or nothing.
    pub(crate) fn group_name(&self) -> &str {
        self.group.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Origin;

    fn path(host: &str, path: &str) -> Option<ArmPath> {
        ArmPath::of(&Request {
            method: http::Method::GET,
            host: host.to_owned(),
            path: path.to_owned(),
            segments: path
                .split('/')
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
            query: Vec::new(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            origin: Origin::Caller,
        })
    }

    #[test]
    fn other_hosts_and_paths_without_provider_are_not_arm_paths() {
        assert_eq!(
            path("v.vault.azure.net", "/subscriptions/s/providers/A.B"),
            None
        );
        assert_eq!(path(ARM_HOST, "/subscriptions/s/resourceGroups/g"), None);
        assert_eq!(path(ARM_HOST, "/subscriptions/s/providers"), None);
    }

    #[test]
    fn the_last_provider_decides() {
        let at_vault = path(
            ARM_HOST,
            "/subscriptions/S/resourcegroups/G/providers/Microsoft.KeyVault/vaults/v/providers/\
             Microsoft.Authorization/roleAssignments/r",
        )
        .unwrap();
        assert!(at_vault.is("Microsoft.Authorization", &["roleassignments"]));
        assert_eq!(at_vault.group_name(), "G");
        assert!(at_vault.scope.ends_with("/vaults/v"));
    }
}
