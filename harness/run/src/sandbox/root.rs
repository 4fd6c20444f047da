//! Another `/` for a sandbox: an image's own files, alone or over those of the machine.
//!
//! Over the machine's means: the image's files win, and what it does not have is the machine's, bound
//! read-only. That needs no overlay file system, which not every kernel grants in a user namespace.

use super::mounts;
use super::wire::{Failure, Root, Step};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// What the kernel makes: the sandbox's own in any case.
const KERNEL: [&str; 3] = ["proc", "sys", "dev"];

/// Makes a folder the root of this mount namespace, once everything else is sealed.
pub(super) fn enter(root: &Root) -> Result<(), Failure> {
    let files = Path::new(&root.files);
    let new = match &root.over_machine {
        Some(merged) => {
            let merged = PathBuf::from(merged);
            mounts::tmpfs(&merged, "mode=0755")?;
            merge(Path::new("/"), files, &merged, true).step("lay the image over the machine")?;
            merged
        }
        None => {
            // Only a mount can become the root.
            bind(files, files).step("bind the image's files")?;
            files.to_owned()
        }
    };
    for name in KERNEL {
        let target = new.join(name);
        let step = || format!("show /{name} in the image");
        if !target.symlink_metadata().is_ok_and(|data| data.is_dir()) {
            let _ = fs::remove_file(&target);
            fs::create_dir(&target).step(step())?;
        }
        bind(&Path::new("/").join(name), &target).step(step())?;
    }
    chdir(&new).step("enter the image")?;
    // The old root ends up on top of the new one, and is let go from there (pivot_root(2)).
    pivot_root(".", ".").step("make the image the root")?;
    umount2(".", MntFlags::MNT_DETACH).step("let the machine's root go")?;
    chdir("/").step("enter the image's root")
}

/// Fills `target`, an empty folder, with what `own` has, and with what else `machine` has.
fn merge(machine: &Path, own: &Path, target: &Path, top: bool) -> io::Result<()> {
    let names = names(machine)?.into_iter().chain(names(own)?);
    let names: BTreeSet<OsString> = names.collect();
    for name in names {
        if top && KERNEL.iter().any(|kernel| name == *kernel) {
            continue;
        }
        let (theirs, mine, place) = (machine.join(&name), own.join(&name), target.join(&name));
        match mine.symlink_metadata() {
            // The machine's may be a link to a folder (`/bin`); its content is what is wanted.
            Ok(data) if data.is_dir() && theirs.is_dir() => {
                fs::create_dir(&place)?;
                merge(&theirs, &mine, &place, false)?;
            }
            Ok(_) => show(&mine, &place)?,
            Err(_) => match show(&theirs, &place) {
                // What the caller may not even look at, the container need not see.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound
                    ) => {}
                done => done?,
            },
        }
    }
    Ok(())
}

fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect()
}

/// Shows a file or folder at another place: a link again as a link, all else bound.
fn show(source: &Path, place: &Path) -> io::Result<()> {
    let data = source.symlink_metadata()?;
    if data.file_type().is_symlink() {
        return symlink(fs::read_link(source)?, place);
    }
    if data.is_dir() {
        fs::create_dir(place)?;
    } else {
        fs::write(place, "")?;
    }
    bind(source, place)
}

fn bind(source: &Path, target: &Path) -> io::Result<()> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    let nothing = None::<&str>;
    Ok(mount(Some(source), target, nothing, flags, nothing)?)
}
