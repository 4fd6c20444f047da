//! Makes a container trust the run's authority, wherever its image trusts any.

use super::engine::Run;
use super::error::{DockerError, Doing as _};
use super::load::append;
use crate::sandbox::{FOLDERS, hashed_name};
use bollard::query_parameters::UploadToContainerOptionsBuilder;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// What every certificate in a bundle begins with.
pub(super) const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
/// A file with so many certificates is one that decides whom to trust.
pub(super) const MANY: usize = 20;
/// Bundles are smaller.
const LIMIT: u64 = 8 * 1024 * 1024;

/// Where an image keeps the authorities that it trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trust {
    /// Bundles, by path.
    pub(super) bundles: BTreeMap<String, String>,
    /// Folders in which OpenSSL looks.
    pub(super) folders: BTreeSet<String>,
}

impl Trust {
    /// Puts the authority into a container that has not started.
    pub(super) async fn extend(
        &self,
        run: &Run,
        container: &str,
        ca_pem: &str,
        files: &[(String, Vec<u8>)],
    ) -> Result<(), DockerError> {
        let doing = "put certificates into a container";
        let archive = self.archive(ca_pem, files);
        let archive = archive.map_err(|error| DockerError::Refused {
            doing: doing.to_owned(),
            reason: error.to_string(),
        })?;
        let options = UploadToContainerOptionsBuilder::new().path("/").build();
        let body = bollard::body_full(archive.into());
        let uploaded = run
            .docker
            .upload_to_container(container, Some(options), body);
        uploaded.await.doing(doing)
    }

    /// Whether a file has to be read ([`note_file`](Self::note_file)).
    pub(super) fn may_be_bundle(path: &str, size: u64) -> bool {
        let end = Path::new(path).extension().and_then(|end| end.to_str());
        size <= LIMIT && matches!(end, Some("pem" | "crt" | "cer" | "bundle"))
    }

    /// Looks at a file of an image.
    pub(super) fn note_file(&mut self, path: String, content: &[u8]) {
        // Some bundles name authorities in other encodings.
        let content = String::from_utf8_lossy(content);
        if content.matches(BEGIN).count() >= MANY {
            self.bundles.insert(path, content.into_owned());
        }
    }

    /// Looks at a folder of an image.
    pub(super) fn note_folder(&mut self, path: String) {
        if FOLDERS.iter().any(|folder| folder[1..] == path) {
            self.folders.insert(path);
        }
    }

    fn archive(&self, ca_pem: &str, files: &[(String, Vec<u8>)]) -> io::Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, content) in &self.bundles {
            let content = format!("{content}\n{ca_pem}");
            append(&mut archive, path, content.as_bytes(), 0o644)?;
        }
        if let Some(name) = hashed_name(ca_pem) {
            for folder in &self.folders {
                let path = format!("{folder}/{name}");
                append(&mut archive, &path, ca_pem.as_bytes(), 0o644)?;
            }
        }
        for (path, content) in files {
            append(&mut archive, path.trim_start_matches('/'), content, 0o644)?;
        }
        archive.into_inner()
    }
}
