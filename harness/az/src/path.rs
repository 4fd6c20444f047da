//! Programs on a PATH.

use nix::unistd::{AccessFlags, access};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where a shell looks that has no PATH.
const USUAL: &str = "/usr/local/bin:/usr/bin:/bin";

/// Every program of this name, in the order in which a shell would find it.
pub(crate) fn programs<'a>(name: &'a str, path: &'a OsStr) -> impl Iterator<Item = PathBuf> + 'a {
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(move |folder| folder.join(name))
        .filter(|program| program.is_file() && access(program, AccessFlags::X_OK).is_ok())
}

/// The first `az` on PATH that is not this program, or else where it usually is.
pub(crate) fn plain_az(path: &OsStr) -> Option<PathBuf> {
    let own = std::env::current_exe().ok();
    let is_own = |program: &Path| program.canonicalize().ok() == own;
    let usual = programs(super::AZ, OsStr::new(USUAL));
    programs(super::AZ, path)
        .chain(usual)
        .find(|program| !is_own(program))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_programs_are_found_in_the_order_of_their_folders() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str, mode: u32| {
            let inside = folder.path().join(name);
            std::fs::create_dir(&inside).unwrap();
            let program = inside.join("az");
            std::fs::write(&program, "").unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(mode)).unwrap();
            program
        };
        let (last, first) = (place("last", 0o755), place("first", 0o755));
        place("text", 0o644);
        std::fs::create_dir_all(folder.path().join("folder/az")).unwrap();
        let names = ["nowhere", "text", "folder", "first", "last"];
        let path = std::env::join_paths(names.map(|name| folder.path().join(name))).unwrap();
        let found: Vec<PathBuf> = programs("az", &path).collect();
        assert_eq!(found, [first.clone(), last]);
        assert_eq!(plain_az(&path), Some(first));
    }
}
