//! Keys of a vault: made, shown and listed. Their answers are recorded in `test_keyvault_softdelete`.
//! Only RSA keys are made, and nothing is encrypted or signed with them.

use super::error::VaultError;
use super::gate;
use super::handlers::{Answer, Asked, check_name};
use super::model::Frame;
use super::paging::page;
use crate::arm;
use crate::http::Response;
use ::http::{Method, StatusCode};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What can be done with a key, if nothing else is said.
const OPERATIONS: [&str; 6] = [
    "encrypt",
    "decrypt",
    "sign",
    "verify",
    "wrapKey",
    "unwrapKey",
];

/// The keys of one vault, by lower-cased name.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Keys(BTreeMap<String, Key>);

#[derive(Debug, Clone)]
struct Key {
    name: String,
    /// The latest last; never empty.
    versions: Vec<Version>,
}

#[derive(Debug, Clone)]
struct Version {
    id: String,
    kty: String,
    operations: Value,
    modulus: String,
    exponent: String,
    enabled: bool,
    times: Value,
    created: i64,
    tags: Option<Value>,
}

/// Answers a request below `/keys`.
pub(super) fn route(keys: &mut Keys, asked: &Asked<'_>, rest: &[&str]) -> Answer {
    match (asked.request.method.clone(), rest) {
        (Method::POST, [name, "create"]) => {
            (asked.allow)(gate::CREATE_KEY, Some(name))?;
            create(keys, asked, name)
        }
        (Method::GET, []) => {
            (asked.allow)(gate::LIST_KEYS, None)?;
            let listed = |key: &Key| {
                let version = key.versions.last()?;
                Some(json!({
                    "kid": format!("{}/keys/{}", asked.frame.base, key.name),
                    "attributes": attributes(asked.frame, version),
                }))
            };
            page(asked.request, keys.0.values().filter_map(listed).collect())
        }
        (Method::GET, [name, version @ ..]) if version.len() < 2 && version != ["versions"] => {
            (asked.allow)(gate::GET_KEY, Some(name))?;
            let missing = || VaultError::key_not_found(name);
            let key = keys.0.get(&name.to_lowercase()).ok_or_else(missing)?;
            let found = match version.first() {
                None => key.versions.last(),
                Some(id) => {
                    let mut versions = key.versions.iter();
                    versions.find(|one| one.id.eq_ignore_ascii_case(id))
                }
            };
            let found = found.ok_or_else(missing)?;
            let body = bundle(asked.frame, &key.name, found);
            Ok(Response::json(StatusCode::OK, &body))
        }
        _ => Ok(arm::not_emulated(asked.request).into()),
    }
}

fn create(keys: &mut Keys, asked: &Asked<'_>, name: &str) -> Answer {
    check_name(name)?;
    let sent = asked.body()?;
    let kty = sent["kty"].as_str().unwrap_or_default();
    let size = match sent["key_size"].as_u64().unwrap_or(2048) {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        _ => return Err(VaultError::bad_parameter("Key size is not supported")),
    };
    if kty != "RSA" && kty != "RSA-HSM" {
        return Ok(arm::not_emulated(asked.request).into());
    }
    let pair = KeyPair::generate(size).map_err(|_| {
        VaultError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            "no key could be made",
        )
    })?;
    let public = pair.public_key();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let operations = match &sent["key_ops"] {
        Value::Array(given) if !given.is_empty() => json!(given),
        _ => json!(OPERATIONS),
    };
    let version = Version {
        id: arm::operation_id().replace('-', ""),
        kty: kty.to_owned(),
        operations,
        modulus: text(public.modulus().big_endian_without_leading_zero()),
        exponent: text(public.exponent().big_endian_without_leading_zero()),
        enabled: sent["attributes"]["enabled"].as_bool().unwrap_or(true),
        times: sent["attributes"].clone(),
        created: asked.now,
        tags: sent["tags"].is_object().then(|| sent["tags"].clone()),
    };
    let key = keys.0.entry(name.to_lowercase()).or_insert_with(|| Key {
        name: name.to_owned(),
        versions: Vec::new(),
    });
    let body = bundle(asked.frame, &key.name, &version);
    key.versions.push(version);
    Ok(Response::json(StatusCode::OK, &body))
}

fn bundle(frame: &Frame, name: &str, version: &Version) -> Value {
    let mut body = json!({
        "key": {
            "kid": format!("{}/keys/{name}/{}", frame.base, version.id),
            "kty": version.kty,
            "key_ops": version.operations,
            "n": version.modulus,
            "e": version.exponent,
        },
        "attributes": attributes(frame, version),
    });
    if let Some(tags) = &version.tags {
        body["tags"] = tags.clone();
    }
    body
}

fn attributes(frame: &Frame, version: &Version) -> Value {
    let mut attributes = json!({ "enabled": version.enabled });
    for time in ["nbf", "exp"] {
        if version.times[time].is_number() {
            attributes[time] = version.times[time].clone();
        }
    }
    attributes["created"] = json!(version.created);
    attributes["updated"] = json!(version.created);
    attributes["recoveryLevel"] = json!(frame.recovery_level());
    if frame.tells_days {
        attributes["recoverableDays"] = json!(frame.retention_days);
    }
    attributes["exportable"] = json!(false);
    attributes
}
