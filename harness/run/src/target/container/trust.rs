//! Makes a container trust the run's authority, wherever its image trusts any.

use super::engine::Run;
use super::error::{DockerError, Doing as _};
use super::load::append;
use crate::az::AzEnvironment;
use crate::sandbox::{FOLDERS, hashed_name};
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{RemoveContainerOptionsBuilder, UploadToContainerOptionsBuilder};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// What every certificate in a bundle begins with.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
/// A file with so many certificates is one that decides whom to trust.
const MANY: usize = 20;
/// Bundles are smaller.
const LIMIT: u64 = 8 * 1024 * 1024;

/// Where an image keeps the authorities that it trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trust {
    /// Bundles, by path.
    bundles: BTreeMap<String, String>,
    /// Folders in which OpenSSL looks.
    folders: BTreeSet<String>,
}

/// What an image trusts; looked for once, since all its files have to be gone through.
pub(super) async fn of(run: &Run, image: &str) -> Result<Trust, DockerError> {
    let doing = format!("look into the image {image}");
    let id = run.docker.inspect_image(image).await.doing(&doing)?.id;
    let id = id.unwrap_or_default().replace(':', "-");
    let known = AzEnvironment::from_process()
        .cache
        .join("images")
        .join(format!("{id}.json"));
    if let Some(trust) = read(&known) {
        return Ok(trust);
    }
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        entrypoint: Some(vec!["/never-run".to_owned()]),
        ..ContainerCreateBody::default()
    };
    let name = format!("look-{}", uuid::Uuid::new_v4().simple());
    let container = run.create(&name, body).await?;
    let (parts, received) = mpsc::channel::<Bytes>(16);
    let scanning = tokio::task::spawn_blocking(move || {
        let parts = Parts {
            received,
            part: Bytes::new(),
        };
        scan(parts)
    });
    let mut exported = run.docker.export_container(&container);
    while let Some(part) = exported.next().await {
        // Who scans has failed, and says so.
        if parts.send(part.doing(&doing)?).await.is_err() {
            break;
        }
    }
    drop(parts);
    let refused = |reason: String| DockerError::Refused {
        doing: doing.clone(),
        reason,
    };
    let scanned = scanning.await.map_err(|error| refused(error.to_string()))?;
    let trust = scanned.map_err(|error| refused(error.to_string()))?;
    let force = RemoveContainerOptionsBuilder::new().force(true).build();
    let _ = run.docker.remove_container(&container, Some(force)).await;
    write(&known, &trust);
    Ok(trust)
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

/// Goes through all files of an image.
fn scan(from: impl Read) -> io::Result<Trust> {
    let mut trust = Trust::default();
    let mut archive = tar::Archive::new(from);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let path = path.trim_matches('/').trim_start_matches("./").to_owned();
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            if FOLDERS.iter().any(|folder| folder[1..] == path) {
                trust.folders.insert(path);
            }
            continue;
        }
        let may_be = matches!(
            Path::new(&path).extension().and_then(|end| end.to_str()),
            Some("pem" | "crt" | "cer" | "bundle")
        );
        if !kind.is_file() || !may_be || entry.size() > LIMIT {
            continue;
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        // Some bundles name authorities in other encodings.
        let content = String::from_utf8_lossy(&content);
        if content.matches(BEGIN).count() >= MANY {
            trust.bundles.insert(path, content.into_owned());
        }
    }
    Ok(trust)
}

/// What comes in parts, to be read where it may block.
struct Parts {
    received: mpsc::Receiver<Bytes>,
    part: Bytes,
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() {
            match self.received.blocking_recv() {
                Some(part) => self.part = part,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.part.len());
        buffer[..length].copy_from_slice(&self.part.split_to(length));
        Ok(length)
    }
}

fn read(path: &PathBuf) -> Option<Trust> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// A machine whose cache cannot be written to looks again each time.
fn write(path: &Path, trust: &Trust) {
    let Some(folder) = path.parent() else { return };
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&file, trust)?;
        file.persist(path)?;
        Ok(())
    };
    let _ = write();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trusts_many_is_a_bundle() {
        let one = format!("{BEGIN}\nAAAA\n-----END CERTIFICATE-----\n");
        let many = one.repeat(MANY);
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in [
            ("etc/ssl/certs/one.pem", &one),
            ("etc/ssl/certs/ca-certificates.crt", &many),
            ("opt/python/certifi/cacert.pem", &many),
            ("usr/share/story.txt", &many),
        ] {
            append(&mut archive, name, content.as_bytes(), 0o644).unwrap();
        }
        let mut folder = tar::Header::new_gnu();
        folder.set_entry_type(tar::EntryType::Directory);
        folder.set_size(0);
        folder.set_cksum();
        archive
            .append_data(&mut folder, "etc/ssl/certs/", io::empty())
            .unwrap();
        let trust = scan(&archive.into_inner().unwrap()[..]).unwrap();
        let paths: Vec<&String> = trust.bundles.keys().collect();
        assert_eq!(
            paths,
            [
                "etc/ssl/certs/ca-certificates.crt",
                "opt/python/certifi/cacert.pem"
            ]
        );
        assert!(trust.folders.contains("etc/ssl/certs"));
    }
}
