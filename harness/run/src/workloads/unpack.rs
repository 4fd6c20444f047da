//! The layers of a pulled image, unpacked into a folder.
//!
//! Nobody may change ownership in a namespace with one user, and nobody may make devices there: files
//! belong to whoever runs docproof, who is user 0 inside, and devices are left out. That user can read
//! and write every file, as root can in a real container.

use super::rootfs::{RootFs, remove};
use docproof_emulator::workload::{ImageLayer, PulledImage};
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use tar::{Archive, Entry, EntryType};

/// The first bytes of what gzip made.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The first bytes of what zstd made.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What an image may take on disk, in bytes: more than that is no image for a walkthrough.
const LIMIT: u64 = 4 * 1024 * 1024 * 1024;
/// A name that takes something of a lower layer away begins so.
const WHITEOUT: &[u8] = b".wh.";
/// A name that takes all of a folder's lower layers away.
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Unpacks an image.
///
/// # Errors
/// If a layer is not what the image's configuration says, leads out of the folder, or cannot be
/// written.
pub(super) fn unpack(image: &PulledImage, rootfs: &RootFs) -> io::Result<()> {
    let mut left = LIMIT;
    for (index, layer) in image.layers.iter().enumerate() {
        let digest = unpack_layer(layer, rootfs, &mut left)
            .map_err(|error| io::Error::other(format!("layer {}: {error}", layer.digest)))?;
        if let Some(wanted) = image.config.diff_ids.get(index)
            && *wanted != digest
        {
            return Err(io::Error::other(format!(
                "layer {} unpacks to {digest} and not to {wanted}",
                layer.digest
            )));
        }
    }
    Ok(())
}

/// Unpacks one layer; answers the digest of its archive without compression.
fn unpack_layer(layer: &ImageLayer, rootfs: &RootFs, left: &mut u64) -> io::Result<String> {
    let bytes = layer.bytes.as_ref();
    if bytes.starts_with(&ZSTD) {
        return Err(io::Error::other("zstd is not supported"));
    }
    let reader: Box<dyn Read + '_> = if bytes.starts_with(&GZIP) {
        Box::new(MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    };
    let mut archive = Archive::new(Hashing {
        reader,
        hash: Sha256::new(),
    });
    let mut own = HashSet::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        *left = left
            .checked_sub(entry.size())
            .ok_or_else(|| io::Error::other("the image is larger than 4 GB"))?;
        let path = PathBuf::from(OsStr::from_bytes(&entry.path_bytes()));
        put(&mut entry, &path, rootfs, &mut own)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
    }
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink())?;
    let hash = rest.hash.finalize();
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("sha256:{hex}"))
}

/// `own` holds what this layer has put so far: only what is below is taken away.
fn put(
    entry: &mut Entry<'_, impl Read>,
    path: &Path,
    rootfs: &RootFs,
    own: &mut HashSet<PathBuf>,
) -> io::Result<()> {
    let name = match path.file_name() {
        Some(name) => name.as_bytes(),
        // `./`: the root is there already.
        None if path.components().all(|part| part.as_os_str() == ".") => return Ok(()),
        None => return rootfs.place(path).map(drop),
    };
    if name == OPAQUE {
        let folder = rootfs.make_folder(path.parent().unwrap_or(Path::new("")))?;
        return clear(&folder, own);
    }
    if let Some(hidden) = name.strip_prefix(WHITEOUT) {
        let hidden = path.with_file_name(OsStr::from_bytes(hidden));
        return remove(&rootfs.place(&hidden)?);
    }
    let place = rootfs.place(path)?;
    let mode = entry.header().mode().unwrap_or(0o644) & 0o777;
    let kind = entry.header().entry_type();
    let is_folder = place.symlink_metadata().is_ok_and(|data| data.is_dir());
    if !(kind == EntryType::Directory && is_folder) {
        remove(&place)?;
    }
    match kind {
        EntryType::Directory => {
            if !is_folder {
                fs::create_dir(&place)?;
            }
            fs::set_permissions(&place, fs::Permissions::from_mode(mode | 0o700))?;
        }
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            let mut file = fs::File::create_new(&place)?;
            io::copy(entry, &mut file)?;
            file.set_permissions(fs::Permissions::from_mode(mode | 0o600))?;
        }
        EntryType::Symlink => symlink(target(entry)?, &place)?,
        EntryType::Link => {
            let source = rootfs.place(&target(entry)?)?;
            fs::hard_link(source, &place)?;
        }
        // Devices and pipes.
        _ => return Ok(()),
    }
    own.insert(place);
    Ok(())
}

fn target(entry: &Entry<'_, impl Read>) -> io::Result<PathBuf> {
    let name = entry.link_name_bytes();
    let name = name.ok_or_else(|| io::Error::other("the link leads nowhere"))?;
    Ok(PathBuf::from(OsStr::from_bytes(&name)))
}

/// Removes everything in a folder that this layer did not put there.
fn clear(folder: &Path, own: &HashSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !own.iter().any(|kept| kept.starts_with(&path)) {
            remove(&path)?;
        } else if path.symlink_metadata()?.is_dir() {
            clear(&path, own)?;
        }
    }
    Ok(())
}

/// Hashes what is read.
struct Hashing<R> {
    reader: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    /// An archive of (name, kind, link or content). Names are written raw: `tar` itself refuses
    /// those that climb.
    fn archive(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind, text) in entries {
            let mut header = tar::Header::new_gnu();
            let linked = [EntryType::Symlink, EntryType::Link].contains(kind);
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            if linked {
                header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
            }
            let content = if linked { "" } else { text };
            header.set_entry_type(*kind);
            header.set_mode(0o4555);
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, content.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn image(layers: &[Vec<u8>]) -> PulledImage {
        let layer = |bytes: &Vec<u8>| ImageLayer {
            media_type: String::new(),
            digest: "layer".to_owned(),
            bytes: bytes.clone().into(),
        };
        PulledImage {
            layers: layers.iter().map(layer).collect(),
            ..PulledImage::default()
        }
    }

    fn unpacked(layers: &[Vec<u8>]) -> (tempfile::TempDir, io::Result<()>) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        fs::write(folder.path().join("secret"), "outside").unwrap();
        let result = unpack(&image(layers), &RootFs::new(root));
        (folder, result)
    }

    const FILE: EntryType = EntryType::Regular;
    const LINK: EntryType = EntryType::Symlink;

    #[test]
    fn nothing_leaves_the_root() {
        for bad in [
            archive(&[("../secret", FILE, "changed")]),
            archive(&[("a/../../secret", FILE, "changed")]),
            archive(&[("..", EntryType::Directory, "")]),
            archive(&[("stolen", EntryType::Link, "../secret")]),
        ] {
            let (folder, result) = unpacked(&[bad]);
            assert!(result.is_err());
            let secret = fs::read_to_string(folder.path().join("secret")).unwrap();
            assert_eq!(secret, "outside");
        }
        let through_links = archive(&[
            ("up", LINK, "../.."),
            ("up/secret", FILE, "inside"),
            ("top", LINK, "/"),
            ("top/other", FILE, "inside"),
            ("file", LINK, "/secret"),
            ("file", FILE, "replaced"),
        ]);
        let (folder, result) = unpacked(&[through_links]);
        result.unwrap();
        let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
        assert_eq!(read("secret"), "outside");
        assert_eq!(read("root/secret"), "inside");
        assert_eq!(read("root/other"), "inside");
        assert_eq!(read("root/file"), "replaced");
    }

    #[test]
    fn a_layer_that_is_not_what_the_configuration_says_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut image = image(&[archive(&[("a", FILE, "1")])]);
        image.config.diff_ids = vec!["sha256:00".to_owned()];
        let error = unpack(&image, &RootFs::new(folder.path().to_owned())).unwrap_err();
        assert!(
            error.to_string().contains("and not to sha256:00"),
            "{error}"
        );
        let (_folder, result) = unpacked(&[b"no archive at all, but long enough".repeat(40)]);
        assert!(result.is_err());
    }

    #[test]
    fn whiteouts_take_away_what_is_below() {
        let lower = archive(&[
            ("a", FILE, "1"),
            ("folder/b", FILE, "2"),
            ("folder/c", FILE, "3"),
            ("kept/d", FILE, "4"),
        ]);
        let upper = archive(&[
            (".wh.a", FILE, ""),
            ("folder/new", FILE, "5"),
            ("folder/.wh..wh..opq", FILE, ""),
            ("kept/.wh.gone", FILE, ""),
        ]);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&upper).unwrap();
        let (folder, result) = unpacked(&[lower, gzip.finish().unwrap()]);
        result.unwrap();
        let root = folder.path().join("root");
        for gone in ["a", "folder/b", "folder/c", ".wh.a", "folder/.wh..wh..opq"] {
            assert!(!root.join(gone).exists(), "{gone}");
        }
        assert_eq!(fs::read_to_string(root.join("folder/new")).unwrap(), "5");
        assert_eq!(fs::read_to_string(root.join("kept/d")).unwrap(), "4");
        // Readable and writable for its owner, and without the bits that change the user.
        let mode = fs::metadata(root.join("kept/d"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o755);
    }
}
