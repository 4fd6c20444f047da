//! What a request to a token endpoint must carry, where the header `Metadata: true` is not enough.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The secret of each resource whose containers ask with one (`IDENTITY_HEADER`).
#[derive(Debug, Default)]
pub(crate) struct EndpointSecrets {
    by_resource: Mutex<BTreeMap<String, String>>,
}

impl EndpointSecrets {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.by_resource
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The secret of a resource; made when it is asked for first.
    pub(crate) fn of(&self, resource: &str) -> String {
        self.lock()
            .entry(resource.to_ascii_lowercase())
            .or_insert_with(|| uuid::Uuid::new_v4().to_string())
            .clone()
    }

    /// Whether a resource, or one that it is a part of, has this secret.
    pub(crate) fn is(&self, part: &str, secret: &str) -> bool {
        let secrets = self.lock();
        let part = part.to_ascii_lowercase();
        let mut id = part.as_str();
        loop {
            if let Some(own) = secrets.get(id) {
                return own == secret;
            }
            match id.rsplit_once('/') {
                Some((above, _)) => id = above,
                None => return false,
            }
        }
    }

    /// Every secret, as it is now.
    pub(crate) fn copy(&self) -> BTreeMap<String, String> {
        self.lock().clone()
    }

    /// Knows these secrets and no others.
    pub(crate) fn put_back(&self, copied: &BTreeMap<String, String>) {
        self.lock().clone_from(copied);
    }

    /// Forgets a resource's secret.
    pub(crate) fn forget(&self, resource: &str) {
        self.lock().remove(&resource.to_ascii_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_resources_secret_is_wrong() {
        let secrets = EndpointSecrets::default();
        let (one, two) = (secrets.of("/Apps/One"), secrets.of("/apps/two"));
        assert!(!secrets.is("/apps/one/revisions/r", &two));
        assert!(!secrets.is("/apps/three", &one));
        assert!(secrets.is("/apps/ONE/revisions/r", &one));
        assert_eq!(secrets.of("/apps/one"), one);
        secrets.forget("/Apps/one");
        assert!(!secrets.is("/apps/one", &one));
    }
}
