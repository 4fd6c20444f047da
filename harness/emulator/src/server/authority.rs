//! The emulator's own certificate authority: a leaf certificate for each name that is asked for.

use crate::emulator::StartError;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The host that a client which names none asks for: the metadata endpoint has no name.
const NAMELESS: &str = "169.254.169.254";

/// A certificate authority that lives as long as its emulator.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    leaf_key: KeyPair,
    leaves: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Authority {
    /// A new authority with a key of its own.
    ///
    /// # Errors
    /// If this machine cannot make a key or sign with it.
    pub(crate) fn new() -> Result<Self, StartError> {
        let key = KeyPair::generate().map_err(certificate)?;
        let mut params = CertificateParams::default();
        // A name of its own, so that two emulators' authorities in one bundle are not mixed up.
        params.distinguished_name.push(
            DnType::CommonName,
            format!("docproof emulator {}", uuid::Uuid::new_v4().simple()),
        );
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2120, 1, 1);
        let pem = params.self_signed(&key).map_err(certificate)?.pem();
        Ok(Self {
            pem,
            issuer: Issuer::new(params, key),
            leaf_key: KeyPair::generate().map_err(certificate)?,
            leaves: Mutex::default(),
        })
    }

    /// The authority's certificate, to be trusted by clients.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    fn leaf(&self, name: &str) -> Result<Arc<CertifiedKey>, StartError> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = leaves.get(name) {
            return Ok(Arc::clone(leaf));
        }
        let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(certificate)?;
        // A common name holds 64 characters at most; clients read the alternative name anyway.
        if name.len() <= 64 {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2120, 1, 1);
        let signed = params
            .signed_by(&self.leaf_key, &self.issuer)
            .map_err(certificate)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.leaf_key.serialize_der()));
        let signer = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&key).map_err(certificate)?;
        let leaf = Arc::new(CertifiedKey::new(vec![signed.der().clone()], signer));
        leaves.insert(name.to_owned(), Arc::clone(&leaf));
        Ok(leaf)
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.leaf(&hello.server_name().unwrap_or(NAMELESS).to_ascii_lowercase())
            .ok()
    }
}

fn certificate(error: impl std::fmt::Display) -> StartError {
    StartError::Certificate(error.to_string())
}
