//! What a run has to know of an image: [`look()`]. Found by going through its files, and remembered.

use super::engine::Run;
use super::error::{DockerError, Doing as _};
use super::trust::Trust;
use crate::az::AzEnvironment;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::RemoveContainerOptionsBuilder;
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// What Docker sets where an image sets none.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An image, as far as a run is concerned.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    pub(super) files: ImageFiles,
    /// Where its programs are looked for.
    pub(super) path: String,
}

/// What there is among the files of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ImageFiles {
    pub(super) trust: Trust,
    /// Whether a folder of programs has an `az`.
    pub(super) has_az: bool,
}

/// What there is to know of an image. Its files are looked at once, since all of them have to be gone
/// through.
pub(super) async fn look(run: &Run, image: &str) -> Result<Looked, DockerError> {
    let doing = format!("look into the image {image}");
    let told = run.docker.inspect_image(image).await.doing(&doing)?;
    let variables = told.config.and_then(|config| config.env);
    let path = variables.into_iter().flatten().find_map(|variable| {
        let path = variable.strip_prefix("PATH=")?;
        Some(path.to_owned())
    });
    let id = told.id.unwrap_or_default().replace(':', "-");
    let known = AzEnvironment::from_process()
        .cache
        .join("images")
        .join(format!("{id}.json"));
    let files = match read(&known) {
        Some(files) => files,
        None => {
            let files = go_through(run, image, &doing).await?;
            write(&known, &files);
            files
        }
    };
    Ok(Looked {
        files,
        path: path.unwrap_or_else(|| USUAL_PATH.to_owned()),
    })
}

/// Has the files of an image sent.
async fn go_through(run: &Run, image: &str, doing: &str) -> Result<ImageFiles, DockerError> {
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
        if parts.send(part.doing(doing)?).await.is_err() {
            break;
        }
    }
    drop(parts);
    let refused = |reason: String| DockerError::Refused {
        doing: doing.to_owned(),
        reason,
    };
    let scanned = scanning.await.map_err(|error| refused(error.to_string()))?;
    let files = scanned.map_err(|error| refused(error.to_string()))?;
    let force = RemoveContainerOptionsBuilder::new().force(true).build();
    let _ = run.docker.remove_container(&container, Some(force)).await;
    Ok(files)
}

/// Goes through all files of an image.
fn scan(from: impl Read) -> io::Result<ImageFiles> {
    let mut files = ImageFiles::default();
    let mut archive = tar::Archive::new(from);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let path = path.trim_matches('/').trim_start_matches("./").to_owned();
        let kind = entry.header().entry_type();
        files.has_az |= !kind.is_dir() && is_az(Path::new(&path));
        if kind.is_dir() {
            files.trust.note_folder(path);
        } else if kind.is_file() && Trust::may_be_bundle(&path, entry.size()) {
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            files.trust.note_file(path, &content);
        }
    }
    Ok(files)
}

/// Whether a path is that of a program `az`; which one it is, is seen where it is to run.
fn is_az(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    path.file_name().is_some_and(|name| name == "az") && folder.is_some_and(|name| name == "bin")
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

/// Nothing, too, where another version of docproof remembered something else.
fn read(path: &PathBuf) -> Option<ImageFiles> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// A machine whose cache cannot be written to looks again each time.
fn write(path: &Path, files: &ImageFiles) {
    let Some(folder) = path.parent() else { return };
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&file, files)?;
        file.persist(path)?;
        Ok(())
    };
    let _ = write();
}

#[cfg(test)]
mod tests {
    use super::super::load::append;
    use super::super::trust::{BEGIN, MANY};
    use super::*;

    fn scanned(archive: tar::Builder<Vec<u8>>) -> ImageFiles {
        scan(&archive.into_inner().unwrap()[..]).unwrap()
    }

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
        let trust = scanned(archive).trust;
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

    #[test]
    fn an_az_is_a_program_or_a_link_to_one() {
        for other in ["usr/bin/jaz", "usr/lib/az/x", "usr/share/az", "bin/az.sh"] {
            let mut archive = tar::Builder::new(Vec::new());
            append(&mut archive, other, b"", 0o755).unwrap();
            assert!(!scanned(archive).has_az, "{other}");
        }
        let mut archive = tar::Builder::new(Vec::new());
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        archive
            .append_link(&mut link, "usr/bin/az", "/opt/az/bin/az")
            .unwrap();
        assert!(scanned(archive).has_az);
    }
}
