//! Set, get, list, change, delete, recover, purge.

use super::error::VaultError;
use super::gate::{self, Permission};
use super::model::{DeletedSecret, Frame, Secret, Secrets, Version};
use super::paging::page;
use super::{certificates, keys};
use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::key_vault::{KeyVault, model};
use ::http::{Method, StatusCode};
use serde_json::{Value, json};

const SECONDS_A_DAY: i64 = 86_400;

/// Answers a request to the vault `name`.
pub(in super::super) fn answer(
    vaults: &KeyVault,
    cx: &Context,
    request: &Request,
    name: &str,
) -> Response {
    let Some(vault) = model::find(cx, name) else {
        // In Azure the name of a vault that is not there does not resolve at all; the emulator
        // resolves every name, so it has to say it here.
        return VaultError::new(
            StatusCode::NOT_FOUND,
            "VaultNotFound",
            format!(
                "There is no key vault '{name}'. In Azure, the host {} would not be found.",
                request.host
            ),
        )
        .into();
    };
    let response = Exchange {
        cx,
        request,
        vault: &vault,
        frame: Frame::of(&vault, request.query("api-version").unwrap_or_default()),
    }
    .route(vaults);
    response
        .unwrap_or_else(Response::from)
        .with_header(
            "x-ms-keyvault-region",
            vault["location"].as_str().unwrap_or_default(),
        )
        .with_header("x-ms-keyvault-service-version", model::SERVICE_VERSION)
        .with_header(
            "x-ms-keyvault-network-info",
            "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;",
        )
        .with_header(
            "strict-transport-security",
            "max-age=31536000;includeSubDomains",
        )
}

struct Exchange<'a> {
    cx: &'a Context,
    request: &'a Request,
    vault: &'a Value,
    frame: Frame,
}

pub(super) type Answer = Result<Response, VaultError>;

/// Says whether a caller may do something with what has this name.
type Allows<'a> = dyn Fn(Permission, Option<&str>) -> Result<(), VaultError> + 'a;

/// A request about keys or certificates, whose caller is known.
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    pub(super) frame: &'a Frame,
    /// Whether the caller may do something with what has this name.
    pub(super) allow: &'a Allows<'a>,
    pub(super) now: i64,
    /// When an operation that begins now has ended.
    pub(super) later: i64,
}

impl Asked<'_> {
    /// What was sent.
    pub(super) fn body(&self) -> Result<Value, VaultError> {
        serde_json::from_slice(&self.request.body)
            .map_err(|_| VaultError::bad_parameter("Request body is not valid JSON"))
    }
}

/// Whether a secret, key or certificate can be called so.
pub(super) fn check_name(name: &str) -> Result<(), VaultError> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.len() > 127 || !name.chars().all(good) {
        return Err(VaultError::bad_parameter(format!(
            "The request URI contains an invalid name: {name}"
        )));
    }
    Ok(())
}

impl Exchange<'_> {
    fn route(&self, vaults: &KeyVault) -> Answer {
        let segments: Vec<&str> = self.request.segments.iter().map(String::as_str).collect();
        let kind = self.request.segment(0);
        if !["secrets", "deletedsecrets", "keys", "certificates"].contains(&kind.as_str()) {
            return Ok(arm::not_emulated(self.request).into());
        }
        let caller = gate::authenticate(self.cx, self.request)?;
        if self.request.query("api-version").is_none_or(str::is_empty) {
            return Err(VaultError::bad_parameter("api-version must be specified"));
        }
        let allow = |permission: Permission, secret: Option<&str>| {
            gate::authorize(self.cx, self.vault, &caller, permission, secret)
        };
        let now = self.cx.clock.now().as_second();
        let mut state = vaults.state(now);
        let key = self.vault["name"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase();
        let rest = segments.get(1..).unwrap_or_default();
        let asked = Asked {
            request: self.request,
            frame: &self.frame,
            allow: &allow,
            now,
            later: self.later(now),
        };
        match kind.as_str() {
            "keys" => return keys::route(state.keys.entry(key).or_default(), &asked, rest),
            "certificates" => {
                let all = state.certificates.entry(key).or_default();
                return certificates::route(all, &asked, rest);
            }
            _ => {}
        }
        let secrets = state.secrets.entry(key).or_default();
        secrets.deleted.retain(|_, deleted| deleted.purge_at > now);
        let method = self.request.method.clone();
        match (method, kind.as_str(), segments.get(1..).unwrap_or_default()) {
            (Method::GET, "secrets", []) => {
                allow(gate::LIST, None)?;
                self.page(
                    secrets
                        .live
                        .values()
                        .filter(|secret| secret.seen_from <= now)
                        .filter_map(|secret| self.frame.listed(secret)),
                )
            }
            (Method::GET, "secrets", [name, "versions"]) => {
                allow(gate::LIST, Some(name))?;
                let secret = find(secrets, name, now)?;
                // The latest first (recorded in `test_keyvault_secret`).
                self.page(
                    secret
                        .versions
                        .iter()
                        .rev()
                        .map(|v| self.frame.bundle(&secret.name, v, false)),
                )
            }
            (Method::GET, "secrets", [name, version @ ..]) if version.len() < 2 => {
                allow(gate::GET, Some(name))?;
                self.get(find(secrets, name, now)?, version.first().copied())
            }
            (Method::PUT, "secrets", [name]) => {
                allow(gate::SET, Some(name))?;
                self.set(secrets, name, now)
            }
            (Method::PATCH, "secrets", [name, version @ ..]) if version.len() < 2 => {
                allow(gate::UPDATE, Some(name))?;
                self.update(secrets, name, version.first().copied(), now)
            }
            (Method::DELETE, "secrets", [name]) => {
                allow(gate::DELETE, Some(name))?;
                self.delete(secrets, name, now)
            }
            (Method::GET, "deletedsecrets", []) => {
                allow(gate::LIST, None)?;
                self.page(
                    secrets
                        .deleted
                        .values()
                        .filter(|one| one.seen_from <= now)
                        .filter_map(|one| self.frame.deleted(one, true)),
                )
            }
            (Method::GET, "deletedsecrets", [name]) => {
                allow(gate::GET_DELETED, Some(name))?;
                let deleted = secrets.deleted.get(&name.to_lowercase());
                let deleted = deleted.filter(|one| one.seen_from <= now);
                ok(
                    deleted.and_then(|one| self.frame.deleted(one, false)),
                    || VaultError::deleted_not_found(name),
                )
            }
            (Method::POST, "deletedsecrets", [name, "recover"]) => {
                allow(gate::RECOVER, Some(name))?;
                self.recover(secrets, name, now)
            }
            (Method::DELETE, "deletedsecrets", [name]) => {
                allow(gate::PURGE, Some(name))?;
                self.purge(secrets, name, now)
            }
            (Method::POST, "secrets", ["restore"]) => {
                allow(gate::RESTORE, None)?;
                self.restore(secrets, now)
            }
            (Method::POST, "secrets", [name, "backup"]) => {
                allow(gate::BACKUP, Some(name))?;
                let secret = find(secrets, name, now)?.clone();
                let backup = [arm::operation_id(), arm::operation_id()]
                    .concat()
                    .replace('-', "");
                secrets.backups.insert(backup.clone(), secret);
                Ok(Response::json(StatusCode::OK, &json!({ "value": backup })))
            }
            _ => Ok(arm::not_emulated(self.request).into()),
        }
    }

    fn page(&self, items: impl Iterator<Item = Value>) -> Answer {
        page(self.request, items.collect())
    }

    fn get(&self, secret: &Secret, version: Option<&str>) -> Answer {
        let found = match version {
            None => secret.versions.last(),
            Some(id) => secret
                .versions
                .iter()
                .find(|v| v.id.eq_ignore_ascii_case(id)),
        };
        let found = found.ok_or_else(|| VaultError::not_found(&secret.name))?;
        if !found.enabled {
            return Err(VaultError::new(
                StatusCode::FORBIDDEN,
                "Forbidden",
                "Operation get is not allowed on a disabled secret.",
            )
            .inner("SecretDisabled"));
        }
        Ok(Response::json(
            StatusCode::OK,
            &self.frame.bundle(&secret.name, found, true),
        ))
    }

    fn set(&self, secrets: &mut Secrets, name: &str, now: i64) -> Answer {
        check_name(name)?;
        let sent = self.body()?;
        let value = sent["value"].as_str().ok_or_else(|| {
            VaultError::bad_parameter("Property value is required and must be a string")
        })?;
        let key = name.to_lowercase();
        if secrets.deleted.contains_key(&key) {
            return Err(VaultError::new(
                StatusCode::CONFLICT,
                "Conflict",
                format!(
                    "Secret {name} is currently in a deleted but recoverable state, and its name \
                     cannot be reused; in this state, the secret can only be recovered or purged."
                ),
            )
            .inner("ObjectIsDeletedButRecoverable"));
        }
        let mut version = Version {
            id: arm::operation_id().replace('-', ""),
            value: value.to_owned(),
            content_type: None,
            tags: None,
            enabled: true,
            not_before: None,
            expires: None,
            created: now,
            updated: now,
        };
        version.apply(&sent);
        let secret = secrets.live.entry(key).or_insert_with(|| Secret {
            name: name.to_owned(),
            seen_from: now,
            versions: Vec::new(),
        });
        let body = self.frame.bundle(&secret.name, &version, true);
        secret.versions.push(version);
        Ok(Response::json(StatusCode::OK, &body))
    }

    fn update(&self, secrets: &mut Secrets, name: &str, version: Option<&str>, now: i64) -> Answer {
        let sent = self.body()?;
        let missing = || VaultError::not_found(name);
        let secret = secrets
            .live
            .get_mut(&name.to_lowercase())
            .ok_or_else(missing)?;
        let found = match version {
            None => secret.versions.last_mut(),
            Some(id) => secret
                .versions
                .iter_mut()
                .find(|v| v.id.eq_ignore_ascii_case(id)),
        };
        let found = found.ok_or_else(missing)?;
        found.apply(&sent);
        found.updated = now;
        Ok(Response::json(
            StatusCode::OK,
            &self.frame.bundle(&secret.name, found, false),
        ))
    }

    /// Takes as long as operations do, and is not seen as deleted before (recorded in `TestSetGetSecret`
    /// of the Go SDK).
    fn delete(&self, secrets: &mut Secrets, name: &str, now: i64) -> Answer {
        let key = name.to_lowercase();
        let secret = secrets
            .live
            .remove(&key)
            .ok_or_else(|| VaultError::not_found(name))?;
        let purge_at = now + self.frame.retention_days * SECONDS_A_DAY;
        let deleted = DeletedSecret {
            secret,
            deleted_at: now,
            purge_at,
            seen_from: self.later(now),
        };
        let body = self.frame.deleted(&deleted, false);
        secrets.deleted.insert(key, deleted);
        ok(body, || VaultError::not_found(name))
    }

    /// When an operation that begins now has ended.
    fn later(&self, now: i64) -> i64 {
        now.saturating_add_unsigned(self.cx.operation_seconds)
    }

    /// Every version as it was when it was backed up.
    fn restore(&self, secrets: &mut Secrets, now: i64) -> Answer {
        let sent = self.body()?;
        let backup = sent["value"].as_str().unwrap_or_default();
        let Some(secret) = secrets.backups.get(backup).cloned() else {
            return Err(VaultError::bad_parameter(
                "Backup blob is invalid or was made in another vault",
            ));
        };
        let key = secret.name.to_lowercase();
        if secrets.live.contains_key(&key) || secrets.deleted.contains_key(&key) {
            return Err(VaultError::new(
                StatusCode::CONFLICT,
                "Conflict",
                format!("The secret {} already exists in this vault.", secret.name),
            ));
        }
        let body = secret
            .versions
            .last()
            .map(|v| self.frame.bundle(&secret.name, v, false));
        let name = secret.name.clone();
        let seen_from = now;
        secrets.live.insert(
            key,
            Secret {
                seen_from,
                ..secret
            },
        );
        ok(body, || VaultError::not_found(&name))
    }

    fn recover(&self, secrets: &mut Secrets, name: &str, now: i64) -> Answer {
        let key = name.to_lowercase();
        if secrets.live.contains_key(&key) {
            return Err(VaultError::new(
                StatusCode::BAD_REQUEST,
                "MethodNotAllowed",
                format!("Secret exists already: {name}"),
            )
            .inner("RequestNotAllowedOnNonDeletedObject"));
        }
        being_deleted(secrets, name, now)?;
        let deleted = secrets.deleted.remove(&key);
        let mut secret = deleted
            .ok_or_else(|| VaultError::deleted_not_found(name))?
            .secret;
        secret.seen_from = self.later(now);
        let body = secret
            .versions
            .last()
            .map(|v| self.frame.bundle(&secret.name, v, false));
        secrets.live.insert(key, secret);
        ok(body, || VaultError::not_found(name))
    }

    fn purge(&self, secrets: &mut Secrets, name: &str, now: i64) -> Answer {
        if !self.frame.purgeable {
            return Err(VaultError::new(
                StatusCode::FORBIDDEN,
                "Forbidden",
                "Operation \"purge\" is not allowed because purge protection is enabled for this \
                 vault. Key Vault service will automatically purge it after the retention period \
                 has passed.",
            ));
        }
        being_deleted(secrets, name, now)?;
        let purged = secrets.deleted.remove(&name.to_lowercase());
        purged.ok_or_else(|| VaultError::deleted_not_found(name))?;
        Ok(Response::empty(StatusCode::NO_CONTENT))
    }

    fn body(&self) -> Result<Value, VaultError> {
        serde_json::from_slice(&self.request.body)
            .map_err(|_| VaultError::bad_parameter("Request body is not valid JSON"))
    }
}

/// Refuses what cannot be done while a secret is on its way out (recorded in
/// `test_keyvault_softdelete`).
fn being_deleted(secrets: &Secrets, name: &str, now: i64) -> Result<(), VaultError> {
    match secrets.deleted.get(&name.to_lowercase()) {
        Some(deleted) if deleted.seen_from > now => Err(VaultError::new(
            StatusCode::CONFLICT,
            "Conflict",
            format!("Secret {name} is currently being deleted."),
        )
        .inner("ObjectIsBeingDeleted")),
        _ => Ok(()),
    }
}

fn find<'a>(secrets: &'a Secrets, name: &str, now: i64) -> Result<&'a Secret, VaultError> {
    secrets
        .live
        .get(&name.to_lowercase())
        .filter(|secret| secret.seen_from <= now)
        .ok_or_else(|| VaultError::not_found(name))
}

fn ok(body: Option<Value>, missing: impl FnOnce() -> VaultError) -> Answer {
    Ok(Response::json(StatusCode::OK, &body.ok_or_else(missing)?))
}
