//! Access tokens: signed with RS256 and verified by every service ([`Tokens`]).

use super::{Directory, Principal, PrincipalKind};
use crate::clock::Clock;
use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

/// How far `nbf` lies before the time of issue, as Entra sets it.
const BACKDATE_SECONDS: i64 = 300;
/// How many tokens are kept whose signature was found good. A walkthrough has a handful.
const KNOWN_TOKENS: usize = 256;

/// A token with the times that endpoints answer beside it.
#[derive(Debug, Clone)]
pub(crate) struct IssuedToken {
    /// The signed token.
    pub(crate) token: String,
    /// When it ends, in seconds since 1970.
    pub(crate) expires_on: i64,
    /// From when on it is good, in seconds since 1970.
    pub(crate) not_before: i64,
}

/// Who holds a verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The principal's object id.
    pub(crate) object_id: String,
    /// The application's client id.
    pub(crate) client_id: String,
    /// The tenant's id.
    pub(crate) tenant: String,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// There is none.
    #[error("request has no bearer token")]
    Missing,
    /// It is no token of this tenant.
    #[error("token is invalid: {0}")]
    Invalid(String),
    /// Its time is over.
    #[error("token has expired")]
    Expired,
    /// It was issued for another service.
    #[error("token is for audience '{got}'")]
    WrongAudience {
        /// The audience it is for.
        got: String,
    },
    /// Its holder was deleted.
    #[error("principal of the token no longer exists")]
    UnknownPrincipal,
}

/// Signs and verifies the tokens of one tenant.
pub(crate) struct Tokens {
    tenant: String,
    clock: Arc<Clock>,
    directory: Arc<Directory>,
    // Making an RSA key takes longer than an emulator may take to start, so a thread makes it.
    making: Mutex<Option<JoinHandle<Option<Keys>>>>,
    keys: OnceLock<Option<Keys>>,
    /// Claims of tokens whose signature was found good. A client sends the same token with each of its
    /// requests, and the signature is most of what a small request costs.
    known: Mutex<HashMap<String, Arc<Value>>>,
}

struct Keys {
    id: String,
    modulus: String,
    exponent: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Keys {
    fn generate() -> Option<Self> {
        use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
        use aws_lc_rs::rsa::{KeyPair, KeySize};
        use aws_lc_rs::signature::KeyPair as _;
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let public = pair.public_key();
        let modulus = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let exponent = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        Some(Self {
            id: URL_SAFE_NO_PAD.encode(uuid::Uuid::new_v4().as_bytes()),
            encoding: EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?,
            decoding: DecodingKey::from_rsa_components(&modulus, &exponent).ok()?,
            modulus,
            exponent,
        })
    }
}

impl Tokens {
    /// A tenant's tokens, under a key of its own.
    pub(crate) fn new(tenant: &str, clock: Arc<Clock>, directory: Arc<Directory>) -> Self {
        let making = std::thread::Builder::new()
            .name("docproof-token-key".to_owned())
            .spawn(Keys::generate)
            .ok();
        Self {
            tenant: tenant.to_owned(),
            clock,
            directory,
            making: Mutex::new(making),
            keys: OnceLock::new(),
            known: Mutex::default(),
        }
    }

    fn keys(&self) -> Option<&Keys> {
        self.keys
            .get_or_init(|| {
                let making = self
                    .making
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take();
                making
                    .and_then(|thread| thread.join().ok())
                    .flatten()
                    .or_else(Keys::generate)
            })
            .as_ref()
    }

    /// A token for `principal` to use at `audience`, good for `lifetime_seconds`.
    ///
    /// The token is empty, and refused everywhere, if this machine cannot make an RSA key.
    pub(crate) fn issue(
        &self,
        principal: &Principal,
        audience: &str,
        lifetime_seconds: i64,
    ) -> IssuedToken {
        let now = self.clock.now().as_second();
        let (not_before, expires_on) = (now - BACKDATE_SECONDS, now + lifetime_seconds);
        let mut claims = json!({
            "aud": audience,
            "iss": self.issuer(),
            "iat": not_before,
            "nbf": not_before,
            "exp": expires_on,
            "appid": principal.client_id,
            "oid": principal.object_id,
            "sub": principal.object_id,
            "tid": self.tenant,
            "uti": URL_SAFE_NO_PAD.encode(uuid::Uuid::new_v4().as_bytes()),
            "ver": "1.0",
        });
        claims["idtyp"] = json!(if principal.kind == PrincipalKind::User {
            "user"
        } else {
            "app"
        });
        if let Some(upn) = &principal.user_principal_name {
            claims["upn"] = json!(upn);
            claims["unique_name"] = json!(upn);
            claims["name"] = json!(principal.display_name);
            claims["scp"] = json!("user_impersonation");
        }
        if let Some(id) = &principal.resource_id {
            claims["xms_mirid"] = json!(id);
        }
        IssuedToken {
            token: self.sign(&claims).unwrap_or_default(),
            expires_on,
            not_before,
        }
    }

    /// Signs claims as they are: for tokens that are not access tokens.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let keys = self.keys()?;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(keys.id.clone());
        header.x5t = Some(keys.id.clone());
        jsonwebtoken::encode(&header, claims, &keys.encoding).ok()
    }

    /// Who holds the token of an `Authorization` header. `audiences` are compared without a slash
    /// at their end, as Azure's services do.
    ///
    /// # Errors
    /// [`TokenError`] says why it is refused.
    pub(crate) fn verify(
        &self,
        authorization: Option<&str>,
        audiences: &[&str],
    ) -> Result<Caller, TokenError> {
        let claims = self.claims(bearer(authorization).ok_or(TokenError::Missing)?)?;
        let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
        if text("iss") != self.issuer() || text("tid") != self.tenant {
            return Err(TokenError::Invalid(format!(
                "issuer '{}' is another tenant",
                text("iss")
            )));
        }
        let now = self.clock.now().as_second();
        if claims["exp"].as_i64().unwrap_or(0) <= now {
            return Err(TokenError::Expired);
        }
        if claims["nbf"].as_i64().unwrap_or(0) > now {
            return Err(TokenError::Invalid("token is not good yet".to_owned()));
        }
        let got = text("aud");
        let plain = |audience: &str| audience.trim_end_matches('/').to_ascii_lowercase();
        if !audiences.iter().any(|wanted| plain(wanted) == plain(&got)) {
            return Err(TokenError::WrongAudience { got });
        }
        let object_id = text("oid");
        if self.directory.by_object_id(&object_id).is_none() {
            return Err(TokenError::UnknownPrincipal);
        }
        Ok(Caller {
            object_id,
            client_id: text("appid"),
            tenant: self.tenant.clone(),
        })
    }

    /// When the token of an `Authorization` header ends or ended, in seconds since 1970, if this
    /// tenant signed it.
    pub(crate) fn expiry(&self, authorization: Option<&str>) -> Option<i64> {
        self.claims(bearer(authorization)?).ok()?["exp"].as_i64()
    }

    /// The claims of a token that this tenant signed; nothing but the signature is checked.
    pub(crate) fn claims(&self, token: &str) -> Result<Arc<Value>, TokenError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(claims) = known().get(token) {
            return Ok(Arc::clone(claims));
        }
        let claims = Arc::new(self.signed_claims(token)?);
        let mut known = known();
        if known.len() >= KNOWN_TOKENS {
            known.clear();
        }
        known.insert(token.to_owned(), Arc::clone(&claims));
        Ok(claims)
    }

    fn signed_claims(&self, token: &str) -> Result<Value, TokenError> {
        let keys = self
            .keys()
            .ok_or_else(|| TokenError::Invalid("tenant has no signing key".to_owned()))?;
        let mut validation = Validation::new(Algorithm::RS256);
        // Time comes from the emulator's clock, and audiences have their own rules: both above.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode::<Value>(token, &keys.decoding, &validation)
            .map(|data| data.claims)
            .map_err(|error| TokenError::Invalid(error.to_string().to_lowercase()))
    }

    /// The public keys, as the tenant's `keys` endpoint answers.
    pub(crate) fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .keys()
            .map(|keys| {
                json!({
                    "kty": "RSA", "use": "sig", "kid": keys.id, "x5t": keys.id, "alg": "RS256",
                    "n": keys.modulus, "e": keys.exponent, "issuer": self.issuer(),
                })
            })
            .into_iter()
            .collect();
        json!({ "keys": keys })
    }

    fn issuer(&self) -> String {
        format!("https://sts.windows.net/{}/", self.tenant)
    }
}

fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: &[&str] = &["https://vault.azure.net"];

    fn tokens() -> (Tokens, Principal, Arc<Clock>) {
        let (clock, directory) = (Arc::new(Clock::default()), Arc::new(Directory::default()));
        let principal = Principal {
            object_id: "o".into(),
            client_id: "c".into(),
            display_name: "n".into(),
            user_principal_name: None,
            resource_id: None,
            secret: None,
            kind: PrincipalKind::ManagedIdentity,
        };
        directory.add(principal.clone());
        (
            Tokens::new("t", Arc::clone(&clock), directory),
            principal,
            clock,
        )
    }

    fn header(issued: &IssuedToken) -> String {
        format!("Bearer {}", issued.token)
    }

    #[test]
    fn no_token_and_no_jwt_are_refused() {
        let (tokens, _, _) = tokens();
        assert_eq!(tokens.verify(None, VAULT), Err(TokenError::Missing));
        assert_eq!(
            tokens.verify(Some("Basic abc"), VAULT),
            Err(TokenError::Missing)
        );
        assert!(matches!(
            tokens.verify(Some("Bearer a.b.c"), VAULT),
            Err(TokenError::Invalid(_))
        ));
    }

    #[test]
    fn a_token_of_another_tenant_is_refused() {
        let (mine, _, _) = tokens();
        let (theirs, principal, _) = tokens();
        let issued = theirs.issue(&principal, VAULT[0], 60);
        assert!(matches!(
            mine.verify(Some(&header(&issued)), VAULT),
            Err(TokenError::Invalid(_))
        ));
    }

    #[test]
    fn a_changed_token_is_refused() {
        let (tokens, principal, _) = tokens();
        let issued = tokens.issue(&principal, VAULT[0], 60);
        let parts: Vec<&str> = issued.token.split('.').collect();
        let claims = URL_SAFE_NO_PAD.encode(
            String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap())
                .unwrap()
                .replace("vault.azure.net", "graph.microsoft.com"),
        );
        let forged = format!("Bearer {}.{claims}.{}", parts[0], parts[2]);
        assert!(matches!(
            tokens.verify(Some(&forged), &["https://graph.microsoft.com"]),
            Err(TokenError::Invalid(_))
        ));
    }

    #[test]
    fn only_so_many_tokens_are_kept() {
        let (tokens, principal, _) = tokens();
        for _ in 0..=KNOWN_TOKENS {
            let issued = tokens.issue(&principal, VAULT[0], 60);
            assert!(tokens.verify(Some(&header(&issued)), VAULT).is_ok());
        }
        assert_eq!(tokens.known.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_token_expires_by_the_emulators_clock() {
        let (tokens, principal, clock) = tokens();
        let authorization = header(&tokens.issue(&principal, VAULT[0], 60));
        assert!(tokens.verify(Some(&authorization), VAULT).is_ok());
        clock.advance(61);
        // The signature is not looked at again; the time is.
        assert_eq!(
            tokens.verify(Some(&authorization), VAULT),
            Err(TokenError::Expired)
        );
    }

    #[test]
    fn the_audience_counts_but_not_its_slash() {
        let (tokens, principal, _) = tokens();
        let authorization = header(&tokens.issue(&principal, "https://vault.azure.net/", 60));
        assert!(tokens.verify(Some(&authorization), VAULT).is_ok());
        assert_eq!(
            tokens.verify(Some(&authorization), &["https://management.azure.com/"]),
            Err(TokenError::WrongAudience {
                got: "https://vault.azure.net/".into()
            })
        );
    }

    #[test]
    fn a_deleted_principals_token_is_refused() {
        let (tokens, principal, _) = tokens();
        let authorization = header(&tokens.issue(&principal, VAULT[0], 60));
        tokens.directory.remove("O");
        assert_eq!(
            tokens.verify(Some(&authorization), VAULT),
            Err(TokenError::UnknownPrincipal)
        );
    }
}
