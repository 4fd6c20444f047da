//! Images made here: put together as `docker save` would, and loaded.

use super::error::{DockerError, Doing as _};
use bollard::Docker;
use bollard::query_parameters::ImportImageOptionsBuilder;
use flate2::read::GzDecoder;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::io::{self, Read as _};

/// What an archive begins with that is compressed.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A layer as it is without compression.
pub(super) struct PlainLayer {
    /// Its digest.
    pub(super) diff_id: String,
    bytes: Vec<u8>,
}

impl PlainLayer {
    /// Takes a layer as a registry has it.
    pub(super) fn new(bytes: Vec<u8>) -> io::Result<Self> {
        let bytes = if bytes.starts_with(&GZIP) {
            let mut plain = Vec::new();
            GzDecoder::new(&bytes[..]).read_to_end(&mut plain)?;
            plain
        } else {
            bytes
        };
        Ok(Self {
            diff_id: format!("sha256:{}", hex(&Sha256::digest(&bytes))),
            bytes,
        })
    }

    /// A layer of one program at the root.
    pub(super) fn of_program(name: &str, program: &[u8]) -> io::Result<Self> {
        let mut archive = tar::Builder::new(Vec::new());
        append(&mut archive, name, program, 0o755)?;
        Self::new(archive.into_inner()?)
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Adds a file to an archive.
pub(super) fn append(
    archive: &mut tar::Builder<Vec<u8>>,
    name: &str,
    content: &[u8],
    mode: u32,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(mode);
    header.set_cksum();
    archive.append_data(&mut header, name, content)
}

/// Loads an image under a name. `config` is the part of its configuration that says how it is run.
pub(super) async fn load(
    docker: &Docker,
    name: &str,
    config: Value,
    layers: &[PlainLayer],
) -> Result<(), DockerError> {
    let doing = format!("load the image {name}");
    let archive = archive(name, config, layers).map_err(|error| DockerError::Refused {
        doing: doing.clone(),
        reason: error.to_string(),
    })?;
    let options = ImportImageOptionsBuilder::new().quiet(true).build();
    let mut said = docker.import_image(options, bollard::body_full(archive.into()), None);
    while let Some(part) = said.next().await {
        let part = part.doing(&doing)?;
        if let Some(reason) = part.error_detail.and_then(|error| error.message) {
            return Err(DockerError::Refused { doing, reason });
        }
    }
    Ok(())
}

fn archive(name: &str, config: Value, layers: &[PlainLayer]) -> io::Result<Vec<u8>> {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let diff_ids: Vec<&str> = layers.iter().map(|layer| layer.diff_id.as_str()).collect();
    let config = json!({
        "architecture": architecture, "os": "linux", "config": config,
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": diff_ids.iter().map(|_| json!({})).collect::<Vec<_>>(),
    })
    .to_string();
    let config_name = format!("{}.json", hex(&Sha256::digest(&config)));
    let mut archive = tar::Builder::new(Vec::new());
    let mut names = Vec::new();
    for (number, layer) in layers.iter().enumerate() {
        let name = format!("{number}/layer.tar");
        append(&mut archive, &name, &layer.bytes, 0o644)?;
        names.push(name);
    }
    append(&mut archive, &config_name, config.as_bytes(), 0o644)?;
    let manifest = json!([{ "Config": config_name, "RepoTags": [name], "Layers": names }]);
    append(
        &mut archive,
        "manifest.json",
        manifest.to_string().as_bytes(),
        0o644,
    )?;
    archive.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_known_by_what_it_is_without_compression() {
        let plain = PlainLayer::of_program("x", b"program").unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        io::Write::write_all(&mut gzip, &plain.bytes).unwrap();
        let again = PlainLayer::new(gzip.finish().unwrap()).unwrap();
        assert_eq!(again.diff_id, plain.diff_id);
        assert!(PlainLayer::new(vec![0x1f, 0x8b, 1, 2, 3]).is_err());
    }
}
