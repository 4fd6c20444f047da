//! Paths inside of an image's file system, whose links lead nowhere else: [`RootFs`].
//!
//! The file system is a folder of this machine while it is put together, and an image may hold any
//! link. Each path is therefore taken link by link, as the container itself would see it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};

/// How many links one path may go through: what Linux allows.
const LINKS: usize = 40;

/// A folder that is a container's `/`.
#[derive(Debug)]
pub(super) struct RootFs {
    root: PathBuf,
}

impl RootFs {
    /// The file system in a folder.
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where a path of the container lies on this machine. Its own last part is not followed; the
    /// folders above are, and are made where there are none.
    ///
    /// # Errors
    /// If the path has no last part, or leads through something that is no folder.
    pub(super) fn place(&self, path: &Path) -> io::Result<PathBuf> {
        let mut parts: Vec<OsString> = parts(path)?;
        let last = parts
            .pop()
            .ok_or_else(|| io::Error::other("the path is the root itself"))?;
        Ok(self.walk(parts, true)?.join(last))
    }

    /// The file or folder that a path of the container leads to, every link followed; none if there
    /// is none.
    pub(super) fn find(&self, path: &Path) -> Option<PathBuf> {
        let found = self.walk(parts(path).ok()?, false).ok()?;
        found.symlink_metadata().is_ok().then_some(found)
    }

    /// Makes a folder and those above it; what is there stays.
    pub(super) fn make_folder(&self, path: &Path) -> io::Result<PathBuf> {
        self.walk(parts(path)?, true)
    }

    /// Writes a file in the place of whatever is there.
    pub(super) fn write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let place = self.place(path)?;
        remove(&place)?;
        fs::write(place, content)
    }

    /// Goes from the root through folders, links among them, without ever leaving it.
    fn walk(&self, parts: Vec<OsString>, make: bool) -> io::Result<PathBuf> {
        let mut ahead: Vec<OsString> = parts.into_iter().rev().collect();
        let mut here = self.root.clone();
        let mut links = 0;
        while let Some(part) = ahead.pop() {
            if part == ".." {
                if here != self.root {
                    here.pop();
                }
                continue;
            }
            let next = here.join(&part);
            match next.symlink_metadata() {
                Ok(data) if data.file_type().is_symlink() => {
                    links += 1;
                    if links > LINKS {
                        return Err(io::Error::other("too many links"));
                    }
                    let target = fs::read_link(&next)?;
                    if target.is_absolute() {
                        here.clone_from(&self.root);
                    }
                    ahead.extend(link_parts(&target).into_iter().rev());
                }
                Ok(data) if data.is_dir() || ahead.is_empty() && !make => here = next,
                Ok(_) => {
                    let text = format!("{} is no folder", next.display());
                    return Err(io::Error::other(text));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound && make => {
                    fs::DirBuilder::new().mode(0o755).create(&next)?;
                    here = next;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(here)
    }
}

/// Removes a file, a link, or a folder with all that is in it; nothing is fine.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let gone = match path.symlink_metadata() {
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match gone {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// The parts of a path from the root. A path that climbs is no path of an image.
fn parts(path: &Path) -> io::Result<Vec<OsString>> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_owned()),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => {
                let text = format!("{} leads out of its folder", path.display());
                return Err(io::Error::other(text));
            }
        }
    }
    Ok(parts)
}

/// The parts of a link's target, where climbing is allowed.
fn link_parts(target: &Path) -> Vec<OsString> {
    target
        .as_os_str()
        .as_bytes()
        .split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
        .map(|part| OsStr::from_bytes(part).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn rootfs() -> (tempfile::TempDir, RootFs) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        (folder, RootFs::new(root))
    }

    #[test]
    fn a_path_that_climbs_is_refused() {
        let (_folder, rootfs) = rootfs();
        for path in ["..", "../x", "a/../../x", "/../etc/passwd"] {
            assert!(rootfs.place(Path::new(path)).is_err(), "{path}");
        }
        assert!(rootfs.place(Path::new("/")).is_err());
    }

    #[test]
    fn links_lead_nowhere_else() {
        let (_folder, rootfs) = rootfs();
        let root = rootfs.root().to_owned();
        symlink("/", root.join("top")).unwrap();
        symlink("../../../..", root.join("up")).unwrap();
        symlink("/etc", root.join("absolute")).unwrap();
        for link in ["top", "up"] {
            let place = rootfs.place(&Path::new(link).join("x")).unwrap();
            assert_eq!(place, root.join("x"), "{link}");
        }
        assert_eq!(rootfs.find(Path::new("absolute/passwd")), None);
        rootfs.make_folder(Path::new("etc")).unwrap();
        rootfs.write(Path::new("absolute/passwd"), b"own").unwrap();
        assert_eq!(fs::read(root.join("etc/passwd")).unwrap(), b"own");
        // A link in the last place is replaced, not written through.
        symlink("/etc/passwd", root.join("file")).unwrap();
        rootfs.write(Path::new("file"), b"new").unwrap();
        assert_eq!(fs::read(root.join("etc/passwd")).unwrap(), b"own");
    }

    #[test]
    fn a_loop_ends() {
        let (_folder, rootfs) = rootfs();
        symlink("b", rootfs.root().join("a")).unwrap();
        symlink("a", rootfs.root().join("b")).unwrap();
        assert!(rootfs.place(Path::new("a/x")).is_err());
        assert_eq!(rootfs.find(Path::new("a")), None);
    }
}
