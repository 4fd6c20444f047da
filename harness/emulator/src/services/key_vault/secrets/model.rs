//! Secrets, their versions, and how they are shown.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The secrets of one vault, by lower-cased name.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Secrets {
    /// Those that are there.
    pub(super) live: BTreeMap<String, Secret>,
    /// Those that can be recovered.
    pub(super) deleted: BTreeMap<String, DeletedSecret>,
    /// Those that were backed up, by what stands for each. A backup holds no secret: it is good in
    /// its vault only, where Azure takes it in any vault of the same subscription and geography.
    pub(super) backups: BTreeMap<String, Secret>,
}

/// One secret: its versions, the latest last; never empty.
#[derive(Debug, Clone)]
pub(super) struct Secret {
    /// The name as it was first written.
    pub(super) name: String,
    /// From when on it is seen, in seconds since 1970: recovering takes time.
    pub(super) seen_from: i64,
    /// The versions.
    pub(super) versions: Vec<Version>,
}

/// A secret that was deleted.
#[derive(Debug, Clone)]
pub(super) struct DeletedSecret {
    /// The secret as it was.
    pub(super) secret: Secret,
    /// When it was deleted, in seconds since 1970.
    pub(super) deleted_at: i64,
    /// When it goes for good, in seconds since 1970.
    pub(super) purge_at: i64,
    /// From when on it is seen, in seconds since 1970: deleting takes time.
    pub(super) seen_from: i64,
}

/// One version.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// 32 hexadecimal digits.
    pub(super) id: String,
    /// The value.
    pub(super) value: String,
    /// What kind of content it is, if that was said.
    pub(super) content_type: Option<String>,
    /// Tags; absent in answers if none were ever sent.
    pub(super) tags: Option<Value>,
    /// Whether the value may be read.
    pub(super) enabled: bool,
    /// Not before, in seconds since 1970.
    pub(super) not_before: Option<i64>,
    /// Expires, in seconds since 1970. An expired secret can still be read.
    pub(super) expires: Option<i64>,
    /// When it was made, in seconds since 1970.
    pub(super) created: i64,
    /// When it was last changed, in seconds since 1970.
    pub(super) updated: i64,
}

impl Version {
    /// Takes over what is sent of attributes, tags and content type.
    pub(super) fn apply(&mut self, sent: &Value) {
        let attributes = &sent["attributes"];
        self.enabled = attributes["enabled"].as_bool().unwrap_or(self.enabled);
        self.not_before = attributes["nbf"].as_i64().or(self.not_before);
        self.expires = attributes["exp"].as_i64().or(self.expires);
        if let Some(kind) = sent["contentType"].as_str() {
            self.content_type = Some(kind.to_owned());
        }
        if sent["tags"].is_object() {
            self.tags = Some(sent["tags"].clone());
        }
    }
}

/// What a vault adds to each secret it shows.
pub(super) struct Frame {
    /// `https://{vault}.vault.azure.net`.
    pub(super) base: String,
    /// How long deleted secrets are kept.
    pub(super) retention_days: i64,
    /// Whether they can be purged before.
    pub(super) purgeable: bool,
    /// Whether the api-version tells for how long (not before 7.1).
    pub(super) tells_days: bool,
}

impl Frame {
    /// How a vault is shown by its secrets, in an api-version.
    pub(super) fn of(vault: &Value, api_version: &str) -> Self {
        let name = vault["name"].as_str().unwrap_or_default().to_lowercase();
        let properties = &vault["properties"];
        Self {
            base: format!("https://{name}.vault.azure.net"),
            retention_days: properties["softDeleteRetentionInDays"]
                .as_i64()
                .unwrap_or(90),
            purgeable: properties["enablePurgeProtection"] != true,
            tells_days: !["2015-06-01", "2016-10-01", "7.0"].contains(&api_version),
        }
    }

    /// `CustomizedRecoverable+Purgeable` for 7 to 89 days (recorded in `test_keyvault_secret`).
    pub(super) fn recovery_level(&self) -> String {
        let kind = if self.retention_days < 90 {
            "CustomizedRecoverable"
        } else {
            "Recoverable"
        };
        format!("{kind}{}", if self.purgeable { "+Purgeable" } else { "" })
    }

    /// A version, with or without its value; keys in recorded order.
    pub(super) fn bundle(&self, name: &str, version: &Version, with_value: bool) -> Value {
        let id = format!("{}/secrets/{name}/{}", self.base, version.id);
        let value = with_value.then_some(version.value.as_str());
        Value::Object(self.item(Map::new(), id, version, value))
    }

    /// A secret in a list: without value, its id without version.
    pub(super) fn listed(&self, secret: &Secret) -> Option<Value> {
        let id = format!("{}/secrets/{}", self.base, secret.name);
        Some(Value::Object(self.item(
            Map::new(),
            id,
            secret.versions.last()?,
            None,
        )))
    }

    /// A deleted secret; in a list its id has no version.
    pub(super) fn deleted(&self, deleted: &DeletedSecret, in_list: bool) -> Option<Value> {
        let (name, version) = (&deleted.secret.name, deleted.secret.versions.last()?);
        let mut body = Map::new();
        body.insert(
            "recoveryId".into(),
            json!(format!("{}/deletedsecrets/{name}", self.base)),
        );
        body.insert("deletedDate".into(), json!(deleted.deleted_at));
        body.insert("scheduledPurgeDate".into(), json!(deleted.purge_at));
        let mut id = format!("{}/secrets/{name}", self.base);
        if !in_list {
            id = format!("{id}/{}", version.id);
        }
        Some(Value::Object(self.item(body, id, version, None)))
    }

    fn item(
        &self,
        mut body: Map<String, Value>,
        id: String,
        version: &Version,
        value: Option<&str>,
    ) -> Map<String, Value> {
        if let Some(value) = value {
            body.insert("value".into(), json!(value));
        }
        if let Some(kind) = &version.content_type {
            body.insert("contentType".into(), json!(kind));
        }
        body.insert("id".into(), json!(id));
        let mut attributes = Map::new();
        attributes.insert("enabled".into(), json!(version.enabled));
        if let Some(time) = version.not_before {
            attributes.insert("nbf".into(), json!(time));
        }
        if let Some(time) = version.expires {
            attributes.insert("exp".into(), json!(time));
        }
        attributes.insert("created".into(), json!(version.created));
        attributes.insert("updated".into(), json!(version.updated));
        attributes.insert("recoveryLevel".into(), json!(self.recovery_level()));
        if self.tells_days {
            attributes.insert("recoverableDays".into(), json!(self.retention_days));
        }
        body.insert("attributes".into(), Value::Object(attributes));
        if let Some(tags) = &version.tags {
            body.insert("tags".into(), tags.clone());
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recovery_level_follows_retention_and_purge_protection() {
        let level = |days, purgeable| {
            Frame {
                base: String::new(),
                retention_days: days,
                purgeable,
                tells_days: true,
            }
            .recovery_level()
        };
        assert_eq!(level(7, true), "CustomizedRecoverable+Purgeable");
        assert_eq!(level(7, false), "CustomizedRecoverable");
        assert_eq!(level(90, true), "Recoverable+Purgeable");
        assert_eq!(level(90, false), "Recoverable");
    }
}
