//! Makes the run's certificate authority one that every tool trusts without a setting.
//!
//! OpenSSL looks into a bundle file and into a folder where a certificate's name is a hash of its
//! subject. Python's default context uses both; the websocket client of `az container exec` uses
//! nothing else. The folder is therefore replaced, too.
//!
//! Bundles hold the run's authority and nothing else: in a sealed network nothing is signed by any
//! other, and reading 140 certificates takes 20 to 40 ms for each context that a program makes.

use super::wire::Setup;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Where systems keep the bundle: Debian, Fedora (two), Alpine and OpenSSL's own default, Arch,
/// SUSE, and OpenSSL's default on Debian.
pub(crate) const BUNDLES: [&str; 9] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/cert.pem",
    "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
    "/var/lib/ca-certificates/ca-bundle.pem",
    "/usr/lib/ssl/cert.pem",
    "/usr/local/ssl/cert.pem",
];
/// Where OpenSSL looks certificates up by the hash of their subject.
pub(crate) const FOLDERS: [&str; 3] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/usr/local/ssl/certs",
];

/// A bundle and what it holds inside the sandbox.
pub(super) struct Bundle {
    /// The file, links resolved.
    pub(super) path: PathBuf,
    /// The run's own authority.
    pub(super) content: Vec<u8>,
}

/// A folder and what it holds inside the sandbox.
pub(super) struct Folder {
    /// The folder, links resolved.
    pub(super) path: PathBuf,
    /// Its files.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

/// Every bundle of this machine. One that cannot be read is left out: no tool of the caller reads it
/// either.
pub(super) fn bundles(setup: &Setup) -> Vec<Bundle> {
    let mut seen = BTreeSet::new();
    let named = BUNDLES
        .iter()
        .map(PathBuf::from)
        .chain(setup.ca_bundles.iter().map(PathBuf::from));
    named
        .filter_map(|path| fs::canonicalize(path).ok())
        .filter(|path| seen.insert(path.clone()))
        .filter_map(|path| {
            File::open(&path).ok()?;
            let content = setup.ca_pem.clone().into_bytes();
            Some(Bundle { path, content })
        })
        .collect()
}

/// Every certificate folder of this machine, replaced by one with its bundles and the run's
/// authority under its hash.
pub(super) fn folders(setup: &Setup, bundles: &[Bundle]) -> Vec<Folder> {
    let mut seen = BTreeSet::new();
    let existing = FOLDERS
        .iter()
        .filter_map(|path| fs::canonicalize(path).ok());
    existing
        .filter(|path| path.is_dir() && seen.insert(path.clone()))
        .map(|path| Folder {
            files: contents(setup, bundles, &path),
            path,
        })
        .collect()
}

fn contents(setup: &Setup, bundles: &[Bundle], folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for named in BUNDLES.iter().map(Path::new) {
        let resolved = fs::canonicalize(named).ok();
        let inside = named
            .parent()
            .and_then(|parent| fs::canonicalize(parent).ok());
        let bundle = bundles
            .iter()
            .find(|bundle| resolved.as_ref() == Some(&bundle.path));
        let name = named.file_name().and_then(|name| name.to_str());
        if let (Some(bundle), Some(name)) = (bundle, name)
            && inside.as_deref() == Some(folder)
        {
            files.push((name.to_owned(), bundle.content.clone()));
        }
    }
    if let Some(name) = hashed_name(&setup.ca_pem) {
        files.push((name, setup.ca_pem.clone().into_bytes()));
    }
    files
}

/// The name that OpenSSL looks a certificate up by.
pub(crate) fn hashed_name(pem: &str) -> Option<String> {
    subject_hash(pem).map(|hash| format!("{hash:08x}.0"))
}

/// OpenSSL's `X509_subject_name_hash` of the first certificate in a PEM text: the first four
/// bytes, little end first, of SHA-1 over the subject in its canonical form (`x509_name_canon` in
/// OpenSSL's `crypto/x509/x_name.c`).
fn subject_hash(pem: &str) -> Option<u32> {
    let body = pem.split("-----BEGIN CERTIFICATE-----").nth(1)?;
    let body: String = body.split("-----END").next()?.split_whitespace().collect();
    let der = STANDARD.decode(body).ok()?;
    let certificate = element(&der)?.content;
    let mut rest = element(certificate)?.content;
    if element(rest)?.tag == 0xa0 {
        rest = element(rest)?.rest; // the version, left out in version 1
    }
    for _ in ["serial number", "signature algorithm", "issuer", "validity"] {
        rest = element(rest)?.rest;
    }
    let canonical = canonical_name(element(rest)?.content)?;
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &canonical);
    Some(u32::from_le_bytes(hash.as_ref().get(..4)?.try_into().ok()?))
}

fn canonical_name(mut names: &[u8]) -> Option<Vec<u8>> {
    let mut canonical = Vec::new();
    while !names.is_empty() {
        let set = element(names)?;
        let mut attributes = set.content;
        let mut entries = Vec::new();
        while !attributes.is_empty() {
            let attribute = element(attributes)?;
            let kind = element(attribute.content)?;
            let value = element(kind.rest)?;
            let mut entry = encode(kind.tag, kind.content);
            entry.extend(match value.tag {
                // UTF8String, PrintableString, IA5String: compared without case and spacing.
                0x0c | 0x13 | 0x16 => encode(0x0c, canonical_text(value.content).as_slice()),
                tag => encode(tag, value.content),
            });
            entries.push(encode(0x30, &entry));
            attributes = attribute.rest;
        }
        entries.sort();
        canonical.extend(encode(0x31, &entries.concat()));
        names = set.rest;
    }
    Some(canonical)
}

fn canonical_text(text: &[u8]) -> Vec<u8> {
    let words = text
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    words
        .map(<[u8]>::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join(&b' ')
}

/// One element of DER, and what follows it.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

fn element(der: &[u8]) -> Option<Element<'_>> {
    let (&tag, after) = der.split_first()?;
    let (&first, after) = after.split_first()?;
    let (length, after) = if first < 0x80 {
        (usize::from(first), after)
    } else {
        let count = usize::from(first & 0x7f);
        let bytes = after.get(..count).filter(|_| count <= 4)?;
        let length = bytes
            .iter()
            .fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
        (length, after.get(count..)?)
    };
    Some(Element {
        tag,
        content: after.get(..length)?,
        rest: after.get(length..)?,
    })
}

fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match content.len() {
        short @ 0..0x80 => der.push(short as u8),
        long => {
            let bytes = long.to_be_bytes();
            let used = &bytes[long.leading_zeros() as usize / 8..];
            der.push(0x80 | used.len() as u8);
            der.extend_from_slice(used);
        }
    }
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn no_certificate_has_no_hash() {
        for pem in [
            "",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "x",
        ] {
            assert_eq!(subject_hash(pem), None);
        }
    }

    #[test]
    fn the_hash_is_the_one_that_openssl_computes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        for subject in [
            "/CN=docproof  Test CA",
            "/C=DE/O=A  b/OU=\u{e4}X/CN=Q",
            "/O=A+CN=B",
        ] {
            let made = Command::new("openssl")
                .args([
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                ])
                .args([
                    "-nodes",
                    "-utf8",
                    "-multivalue-rdn",
                    "-subj",
                    subject,
                    "-keyout",
                ])
                .arg(folder.path().join("key.pem"))
                .arg("-out")
                .arg(&file)
                .output();
            let Ok(made) = made else { return }; // no openssl on this machine
            assert!(
                made.status.success(),
                "{}",
                String::from_utf8_lossy(&made.stderr)
            );
            let told = Command::new("openssl")
                .args(["x509", "-noout", "-hash", "-in"])
                .arg(&file)
                .output()
                .unwrap()
                .stdout;
            let ours = subject_hash(&fs::read_to_string(&file).unwrap()).unwrap();
            assert_eq!(format!("{ours:08x}"), String::from_utf8_lossy(&told).trim());
        }
    }
}
