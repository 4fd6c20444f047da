//! What a container's runtime adds to an image: names, certificates, the folder it starts in.

use super::rootfs::RootFs;
use crate::sandbox::{BUNDLES, FOLDERS, hashed_name};
use docproof_emulator::workload::PulledImage;
use std::fs;
use std::io;
use std::path::Path;

/// How deep `certifi` is looked for below the root.
const DEPTH: usize = 12;

/// Makes an image that stands alone ready to run: it asks the emulator for names, and trusts the
/// run's authority wherever it trusts any.
pub(super) fn alone(rootfs: &RootFs, ca_pem: &str, hostname: &str) -> io::Result<()> {
    let hosts = format!("127.0.0.1 localhost {hostname}\n::1 localhost\n");
    rootfs.write(Path::new("etc/resolv.conf"), b"nameserver 127.0.0.1\n")?;
    rootfs.write(Path::new("etc/hosts"), hosts.as_bytes())?;
    rootfs.write(
        Path::new("etc/hostname"),
        format!("{hostname}\n").as_bytes(),
    )?;
    for folder in ["tmp", "root"] {
        rootfs.make_folder(Path::new(folder))?;
    }
    for bundle in BUNDLES {
        if let Some(file) = rootfs.find(Path::new(bundle)) {
            add(&file, ca_pem)?;
        }
    }
    if let Some(name) = hashed_name(ca_pem) {
        for folder in FOLDERS {
            if rootfs.find(Path::new(folder)).is_some_and(|at| at.is_dir()) {
                rootfs.write(&Path::new(folder).join(&name), ca_pem.as_bytes())?;
            }
        }
    }
    certifi(rootfs.root(), ca_pem, DEPTH)
}

/// Makes the folder that the image starts in; a runtime does so, too.
pub(super) fn working_folder(rootfs: &RootFs, image: &PulledImage) -> io::Result<()> {
    match image.config.working_folder.as_str() {
        "" | "/" => Ok(()),
        folder => rootfs.make_folder(Path::new(folder)).map(drop),
    }
}

/// Python brings a bundle of its own in each of its environments.
fn certifi(folder: &Path, ca_pem: &str, depth: usize) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if depth > 0 {
                certifi(&path, ca_pem, depth - 1)?;
            }
        } else if path.ends_with("certifi/cacert.pem") {
            add(&path, ca_pem)?;
        }
    }
    Ok(())
}

/// Adds the authority to a bundle; anything but a file is left alone. Both were resolved within the
/// image before.
fn add(file: &Path, ca_pem: &str) -> io::Result<()> {
    if !file.symlink_metadata()?.is_file() {
        return Ok(());
    }
    let mut content = fs::read(file)?;
    content.push(b'\n');
    content.extend_from_slice(ca_pem.as_bytes());
    fs::write(file, content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_an_image_does_not_trust_is_not_added_and_nothing_outside_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("etc/ssl")).unwrap();
        fs::create_dir_all(root.join("opt/certifi")).unwrap();
        fs::write(root.join("opt/certifi/cacert.pem"), "theirs").unwrap();
        // Links that lead out of the image on this machine, but not in the container.
        let outside = folder.path().join("outside");
        fs::write(&outside, "outside").unwrap();
        symlink(&outside, root.join("etc/ssl/cert.pem")).unwrap();
        symlink(&outside, root.join("etc/resolv.conf")).unwrap();
        alone(&RootFs::new(root.clone()), "own authority", "me").unwrap();
        assert_eq!(fs::read_to_string(&outside).unwrap(), "outside");
        let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        assert_eq!(read("etc/resolv.conf"), "nameserver 127.0.0.1\n");
        assert_eq!(read("opt/certifi/cacert.pem"), "theirs\nown authority");
        assert!(!root.join("etc/ssl/certs").exists());
    }
}
