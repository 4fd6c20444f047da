//! Certificates of a vault that sign themselves: made and shown. How a certificate is shown is recorded
//! for imported ones in `test_keyvault_softdelete`; how one is made follows the specification's
//! examples. Others than those that sign themselves with RSA are not made.

use super::error::VaultError;
use super::gate;
use super::handlers::{Answer, Asked, check_name};
use crate::arm;
use crate::http::Response;
use ::http::{Method, StatusCode};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SECONDS_A_DAY: i64 = 86_400;

/// The certificates of one vault, by lower-cased name.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Certificates(BTreeMap<String, Certificate>);

#[derive(Debug, Clone)]
struct Certificate {
    name: String,
    /// As it is shown, the latest last; never empty.
    versions: Vec<Value>,
    /// How the making of the latest began: as it is shown.
    pending: Value,
    /// When it is made, in seconds since 1970.
    ready_at: i64,
}

/// Answers a request below `/certificates`.
pub(super) fn route(all: &mut Certificates, asked: &Asked<'_>, rest: &[&str]) -> Answer {
    let missing = |name: &str| VaultError::certificate_not_found(name);
    match (asked.request.method.clone(), rest) {
        (Method::POST, [name, "create"]) => {
            (asked.allow)(gate::CREATE_CERTIFICATE, Some(name))?;
            create(all, asked, name)
        }
        (Method::GET, [name, "pending"]) => {
            (asked.allow)(gate::GET_CERTIFICATE, Some(name))?;
            let found = all.0.get(&name.to_lowercase());
            let found = found.ok_or_else(|| missing(name))?;
            let mut body = found.pending.clone();
            if found.ready_at <= asked.now {
                body["status"] = json!("completed");
                let target = format!("{}/certificates/{}", asked.frame.base, found.name);
                let body = body.as_object_mut();
                let body = body.ok_or_else(|| missing(name))?;
                body.remove("status_details");
                let request = body.remove("request_id").unwrap_or_default();
                body.insert("target".into(), json!(target));
                body.insert("request_id".into(), request);
                return Ok(Response::json(StatusCode::OK, &json!(body)));
            }
            Ok(Response::json(StatusCode::OK, &body))
        }
        (Method::GET, [name, version @ ..])
            if version.len() < 2 && !matches!(version, ["versions" | "policy"]) =>
        {
            (asked.allow)(gate::GET_CERTIFICATE, Some(name))?;
            let found = all.0.get(&name.to_lowercase());
            let found = found.filter(|one| one.ready_at <= asked.now);
            let found = found.ok_or_else(|| missing(name))?;
            let is = |body: &&Value, id: &str| {
                body["id"]
                    .as_str()
                    .is_some_and(|own| own.ends_with(&format!("/{id}")))
            };
            let body = match version.first() {
                None => found.versions.last(),
                Some(id) => found.versions.iter().find(|body| is(body, id)),
            };
            let body = body.ok_or_else(|| missing(name))?;
            Ok(Response::json(StatusCode::OK, body))
        }
        _ => Ok(arm::not_emulated(asked.request).into()),
    }
}

fn create(all: &mut Certificates, asked: &Asked<'_>, name: &str) -> Answer {
    check_name(name)?;
    let sent = asked.body()?;
    let policy = &sent["policy"];
    let is_own = policy["issuer"]["name"] == "Self";
    let size = policy["key_props"]["key_size"].as_u64().unwrap_or(2048);
    if !is_own || policy["key_props"]["kty"].as_str().unwrap_or("RSA") != "RSA" || size != 2048 {
        return Ok(arm::not_emulated(asked.request).into());
    }
    let made = make(policy, asked.now)
        .map_err(|_| VaultError::bad_parameter("Property policy has invalid value"))?;
    let (base, id) = (&asked.frame.base, arm::operation_id().replace('-', ""));
    let mut attributes = json!({
        "enabled": sent["attributes"]["enabled"].as_bool().unwrap_or(true),
        "nbf": made.from,
        "exp": made.until,
        "created": asked.now,
        "updated": asked.now,
        "recoveryLevel": asked.frame.recovery_level(),
    });
    if asked.frame.tells_days {
        attributes["recoverableDays"] = json!(asked.frame.retention_days);
    }
    let mut shown_policy = json!({ "id": format!("{base}/certificates/{name}/policy") });
    for key in [
        "key_props",
        "secret_props",
        "x509_props",
        "lifetime_actions",
        "issuer",
    ] {
        if !policy[key].is_null() {
            shown_policy[key] = policy[key].clone();
        }
    }
    shown_policy["attributes"] = json!({
        "enabled": true, "created": asked.now, "updated": asked.now,
    });
    let mut body = json!({
        "id": format!("{base}/certificates/{name}/{id}"),
        "kid": format!("{base}/keys/{name}/{id}"),
        "sid": format!("{base}/secrets/{name}/{id}"),
        "x5t": made.thumbprint,
        "cer": made.certificate,
        "attributes": attributes,
        "policy": shown_policy,
    });
    if sent["tags"].is_object() {
        body["tags"] = sent["tags"].clone();
    }
    let request_id = arm::operation_id().replace('-', "");
    let pending = json!({
        "id": format!("{base}/certificates/{name}/pending"),
        "issuer": policy["issuer"],
        "csr": made.request,
        "cancellation_requested": false,
        "status": "inProgress",
        "status_details": "Pending certificate created. Certificate request is in progress. This may \
            take some time based on the issuer provider. Please check again later.",
        "request_id": request_id,
    });
    let entry = all
        .0
        .entry(name.to_lowercase())
        .or_insert_with(|| Certificate {
            name: name.to_owned(),
            versions: Vec::new(),
            pending: Value::Null,
            ready_at: 0,
        });
    entry.versions.push(body);
    entry.pending = pending.clone();
    entry.ready_at = asked.later;
    let version = asked.request.query("api-version").unwrap_or_default();
    let location =
        format!("{base}/certificates/{name}/pending?api-version={version}&request_id={request_id}");
    Ok(Response::json(StatusCode::ACCEPTED, &pending)
        .with_header("location", location)
        .with_header("retry-after", "1"))
}

/// A certificate and the request for it.
struct Made {
    certificate: String,
    request: String,
    thumbprint: String,
    from: i64,
    until: i64,
}

fn make(policy: &Value, now: i64) -> Result<Made, rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
    let x509 = &policy["x509_props"];
    let names = x509["sans"]["dns_names"].as_array();
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let mut params = CertificateParams::new(names.map(str::to_owned).collect::<Vec<_>>())?;
    let mut subject = DistinguishedName::new();
    let parts = x509["subject"].as_str().unwrap_or_default().split(',');
    for (kind, value) in parts.filter_map(|part| part.trim().split_once('=')) {
        let kind = match kind.to_ascii_uppercase().as_str() {
            "CN" => DnType::CommonName,
            "O" => DnType::OrganizationName,
            "OU" => DnType::OrganizationalUnitName,
            "C" => DnType::CountryName,
            "L" => DnType::LocalityName,
            "S" | "ST" => DnType::StateOrProvinceName,
            _ => continue,
        };
        subject.push(kind, value.trim());
    }
    params.distinguished_name = subject;
    let months = x509["validity_months"]
        .as_i64()
        .unwrap_or(12)
        .clamp(1, 1200);
    // It holds from ten minutes ago, so that clocks that are behind take it.
    let from = now - 600;
    let until = from + months * 365 * SECONDS_A_DAY / 12;
    let day = |at: i64| {
        let date = Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = date.to_zoned(jiff::tz::TimeZone::UTC).date();
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    params.not_before = day(from);
    params.not_after = day(until);
    let request = params.serialize_request(&key)?;
    let certificate = params.self_signed(&key)?;
    let der = certificate.der().as_ref();
    Ok(Made {
        thumbprint: URL_SAFE_NO_PAD.encode(thumbprint(der)),
        request: STANDARD.encode(request.der().as_ref()),
        certificate: STANDARD.encode(der),
        from: params.not_before.unix_timestamp(),
        until: params.not_after.unix_timestamp(),
    })
}

/// SHA-1, as `x5t` is.
fn thumbprint(der: &[u8]) -> Vec<u8> {
    let digest = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
    aws_lc_rs::digest::digest(digest, der).as_ref().to_vec()
}
