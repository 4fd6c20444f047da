//! What an application shows in place of a secret: a token of an issuer that it trusts, or one that it has
//! signed itself with the key of a certificate.

use super::HOST;
use super::error::EntraError;
use crate::context::Context;
use crate::identity::Trusted;
use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use serde_json::Value;

/// Whom tokens of other issuers are for.
const FEDERATED_AUDIENCE: &str = "api://AzureADTokenExchange";

/// Whether an assertion is one that an application is known by.
pub(super) fn check(
    cx: &Context,
    trusted: &Trusted,
    client: &str,
    assertion: &str,
) -> Result<(), EntraError> {
    let claims = match trusted {
        Trusted::Issuer { issuer, subject } => federated(issuer, subject, assertion)?,
        Trusted::Certificate { pem } => signed(cx, pem, client, assertion)?,
    };
    // Microsoft's own library writes fractions of seconds.
    match claims["exp"].as_f64() {
        Some(expiry) if expiry > cx.clock.now().as_second() as f64 => Ok(()),
        _ => Err(EntraError::expired_assertion()),
    }
}

/// The claims of the trusted subject's token. The issuer's keys are on a network that the emulator is not
/// on, so its signature is not verified.
fn federated(issuer: &str, subject: &str, assertion: &str) -> Result<Value, EntraError> {
    let claims = part(assertion, 1);
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    if text("iss") != issuer || text("sub") != subject || text("aud") != FEDERATED_AUDIENCE {
        let (issuer, subject) = (text("iss"), text("sub"));
        return Err(EntraError::untrusted_assertion(
            issuer,
            subject,
            text("aud"),
        ));
    }
    Ok(claims)
}

/// The claims of an assertion that was signed with the certificate's key (document "Microsoft identity
/// platform application authentication certificate credentials").
fn signed(cx: &Context, pem: &str, client: &str, assertion: &str) -> Result<Value, EntraError> {
    let shown = part(assertion, 0);
    let shown = ["x5t#S256", "x5t"].map(|name| shown[name].as_str().unwrap_or_default());
    let unknown =
        || EntraError::unknown_key(shown.iter().find(|one| !one.is_empty()).unwrap_or(&""));
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| unknown())?;
    let thumbprint =
        |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, certificate.as_ref()));
    let own = [
        thumbprint(&digest::SHA256),
        thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY),
    ];
    if !own
        .iter()
        .zip(shown)
        .any(|(own, shown)| own.trim_end_matches('=') == shown.trim_end_matches('='))
    {
        return Err(unknown());
    }
    let key = DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| unknown())?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.algorithms = vec![Algorithm::RS256, Algorithm::PS256];
    // Time comes from the emulator's clock.
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let tenants = [cx.tenant.as_str(), "organizations", "common"];
    let endpoints = tenants.iter().flat_map(|tenant| {
        ["oauth2/v2.0/token", "oauth2/token", "v2.0"]
            .map(|path| format!("https://{HOST}/{tenant}/{path}"))
    });
    validation.set_audience(&endpoints.collect::<Vec<_>>());
    let claims = jsonwebtoken::decode::<Value>(assertion, &key, &validation)
        .map_err(|_| EntraError::bad_signature())?
        .claims;
    match claims["iss"] == client && claims["sub"] == client {
        true => Ok(claims),
        false => Err(EntraError::bad_signature()),
    }
}

/// A part of a token, unverified.
fn part(token: &str, number: usize) -> Value {
    token
        .split('.')
        .nth(number)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .and_then(|part| serde_json::from_slice(&part).ok())
        .unwrap_or_default()
}
