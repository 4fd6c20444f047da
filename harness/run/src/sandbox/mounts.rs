//! The file system of a sandbox: the machine's own, read-only, with a few folders replaced.
//!
//! Device nodes are not protected by a read-only mount, and a caller who is root keeps root's
//! ownership of files after the capabilities are gone; so `/dev` is made anew with harmless nodes
//! only, and `/proc` and `/sys` are mounted read-only.

use super::wire::{Failure, Setup, Step};
use super::{root, trust};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::{Mode, fstat, stat};
use nix::sys::statvfs::{FsFlags, statvfs};
use std::ffi::{CString, OsStr};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Replaced by an empty folder: what programs write to, and where services keep their sockets
/// (Docker's, systemd-resolved's, nscd's), which no network namespace shuts off.
const REPLACED: [(&str, &str); 3] = [
    ("/tmp", "mode=1777"),
    ("/var/tmp", "mode=1777"),
    ("/run", "mode=0755"),
];
/// Devices that do no harm.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
/// Where NixOS keeps every program, under a folder that is replaced.
const KEPT: [&str; 1] = ["/run/current-system"];
/// Where files that cover others are prepared, in the new `/run`.
const STAGE: &str = "/run/.docproof";

/// Seals the mount namespace of this process.
pub(super) fn seal(setup: &Setup) -> Result<(), Failure> {
    let nothing = None::<&str>;
    mount(
        nothing,
        "/",
        nothing,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        nothing,
    )
    .step("make the mounts private")?;
    let writable = Path::new(&setup.writable);
    let writable_fd = open_path(writable).step(format!("open {}", writable.display()))?;
    let kept: Vec<(PathBuf, OwnedFd)> = setup
        .visible
        .iter()
        .map(OsStr::new)
        .chain(KEPT.iter().map(OsStr::new))
        .filter_map(|path| Some((PathBuf::from(path), open_path(Path::new(path)).ok()?)))
        .collect();
    // Read before anything is hidden: a bundle may lie in a folder that is.
    let bundles = trust::bundles(setup);

    read_only_tree().step("make the file system read-only")?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC | MsFlags::MS_RDONLY;
    mount(Some("proc"), "/proc", Some("proc"), flags, nothing).step("mount a new /proc")?;
    // Shows this network namespace's interfaces instead of the machine's. Refused where the
    // machine's own is partly covered; then that one stays, read-only.
    let _ = mount(Some("sysfs"), "/sys", Some("sysfs"), flags, nothing);
    devices()?;
    for (path, mode) in REPLACED {
        if Path::new(path).is_dir() {
            tmpfs(Path::new(path), mode)?;
        }
    }
    let mut covered = Vec::new();
    for path in &setup.hidden {
        hide(Path::new(path), &mut covered)?;
    }
    for (path, fd) in &kept {
        uncover(path, fd)?;
    }
    // Bound even where it is not covered: only a mount of its own can be writable again.
    bind_fd(&writable_fd, writable).step(format!("bind {}", writable.display()))?;
    set_read_only(writable, false).step(format!("make {} writable", writable.display()))?;
    for path in covered {
        // Only now, when the folders that show through have their mount points.
        set_read_only(&path, true).step(format!("make {} read-only", path.display()))?;
    }
    cover(setup, bundles)?;
    match &setup.root {
        Some(other) => root::enter(other),
        None => Ok(()),
    }
}

/// An open handle of a file or folder that stays good when something is mounted over it.
fn open_path(path: &Path) -> nix::Result<OwnedFd> {
    open(path, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())
}

/// Mounts an empty file system in memory.
pub(super) fn tmpfs(path: &Path, options: &str) -> Result<(), Failure> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), path, Some("tmpfs"), flags, Some(options)).step(format!(
        "mount a temporary file system on {}",
        path.display()
    ))
}

/// A `/dev` of its own.
fn devices() -> Result<(), Failure> {
    let dev = Path::new("/dev");
    let nodes: Vec<_> = DEVICES
        .iter()
        .filter_map(|name| Some((*name, open_path(&dev.join(name)).ok()?)))
        .collect();
    tmpfs(dev, "mode=0755")?;
    let step = "make a new /dev";
    for (name, fd) in nodes {
        let path = dev.join(name);
        fs::write(&path, "").step(step)?;
        bind_fd(&fd, &path).step(step)?;
    }
    for (link, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("ptmx", "pts/ptmx"),
    ] {
        symlink(target, dev.join(link)).step(step)?;
    }
    for folder in ["pts", "shm"] {
        fs::create_dir(dev.join(folder)).step(step)?;
    }
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    let options = Some("newinstance,ptmxmode=0666,mode=620");
    mount(
        Some("devpts"),
        &dev.join("pts"),
        Some("devpts"),
        flags,
        options,
    )
    .step("mount a new /dev/pts")?;
    tmpfs(&dev.join("shm"), "mode=1777")?;
    set_read_only(dev, true).step(step)
}

/// Hides a path; what does not exist needs no hiding.
fn hide(path: &Path, covered: &mut Vec<PathBuf>) -> Result<(), Failure> {
    // A link is hidden by hiding what it leads to.
    let Ok(path) = fs::canonicalize(path) else {
        return Ok(());
    };
    if path == Path::new("/") {
        return Err(Failure {
            step: "hide /".into(),
            errno: libc::EINVAL,
        });
    }
    if path.is_dir() {
        tmpfs(&path, "mode=0755")?;
        covered.push(path);
        return Ok(());
    }
    let step = format!("hide {}", path.display());
    mount(
        Some("/dev/null"),
        &path,
        None::<&str>,
        MsFlags::MS_BIND,
        None::<&str>,
    )
    .step(step)
}

/// Shows a folder again, at its own path, if something hides it.
fn uncover(path: &Path, fd: &OwnedFd) -> Result<(), Failure> {
    let step = || format!("keep {} visible", path.display());
    let wanted = fstat(fd).step(step())?;
    if stat(path).is_ok_and(|now| (now.st_dev, now.st_ino) == (wanted.st_dev, wanted.st_ino)) {
        return Ok(());
    }
    bind_fd(fd, path).step(step())
}

/// Binds an open file or folder to a path, which is made if it does not exist.
fn bind_fd(fd: &OwnedFd, path: &Path) -> io::Result<()> {
    let source = PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()));
    if !path.exists() {
        if fs::metadata(&source)?.is_dir() {
            fs::create_dir_all(path)?;
        } else {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, "")?;
        }
    }
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(&source), path, None::<&str>, flags, None::<&str>)?;
    Ok(())
}

/// Puts this run's own files in the place of the machine's: name resolution and certificates.
fn cover(setup: &Setup, bundles: Vec<trust::Bundle>) -> Result<(), Failure> {
    let stage = Path::new(STAGE);
    fs::create_dir_all(stage).step("prepare files")?;
    tmpfs(stage, "mode=0755")?;
    let name = &setup.hostname;
    let hosts = format!("127.0.0.1 localhost {name}\n::1 localhost\n");
    let switch = fs::read_to_string("/etc/nsswitch.conf").unwrap_or_default();
    let mut files = vec![
        (
            PathBuf::from("/etc/resolv.conf"),
            b"nameserver 127.0.0.1\n".to_vec(),
        ),
        (PathBuf::from("/etc/hosts"), hosts.into_bytes()),
        (
            PathBuf::from("/etc/nsswitch.conf"),
            files_then_dns(&switch).into_bytes(),
        ),
    ];
    let folders = trust::folders(setup, &bundles);
    files.extend(
        bundles
            .into_iter()
            .map(|bundle| (bundle.path, bundle.content)),
    );
    for (index, (path, content)) in files.into_iter().enumerate() {
        let path = resolve(&path);
        if !path.exists() && !plant(&path) {
            continue; // Not on this machine, so nothing reads it.
        }
        let source = stage.join(index.to_string());
        fs::write(&source, content).step("prepare files")?;
        bind_read_only(&source, &path)?;
    }
    for (index, folder) in folders.into_iter().enumerate() {
        let source = stage.join(format!("folder{index}"));
        fs::create_dir(&source).step("prepare files")?;
        for (name, content) in folder.files {
            fs::write(source.join(name), content).step("prepare files")?;
        }
        bind_read_only(&source, &folder.path)?;
    }
    // What was bound stays; the place it was prepared in need not be seen.
    umount2(stage, MntFlags::MNT_DETACH).step("leave the place where files were prepared")?;
    fs::remove_dir(stage).step("leave the place where files were prepared")
}

fn bind_read_only(source: &Path, path: &Path) -> Result<(), Failure> {
    let step = || format!("replace {}", path.display());
    mount(
        Some(source),
        path,
        None::<&str>,
        MsFlags::MS_BIND,
        None::<&str>,
    )
    .step(step())?;
    set_read_only(path, true).step(step())
}

/// Follows links even where the last one leads to nothing (`/etc/resolv.conf` into a `/run` that
/// has just been replaced).
fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..16 {
        let Ok(target) = fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(Path::new("/")).join(target);
    }
    path
}

/// Makes an empty file to mount on, where the file system lets us.
fn plant(path: &Path) -> bool {
    let made = path
        .parent()
        .is_some_and(|parent| fs::create_dir_all(parent).is_ok());
    made && fs::write(path, "").is_ok()
}

/// The name service switch with `hosts` asked from the file and DNS alone: other modules
/// (`resolve`, `mymachines`, `mdns`) ask services outside.
fn files_then_dns(original: &str) -> String {
    let others = original
        .lines()
        .filter(|line| !line.trim_start().starts_with("hosts:"));
    let mut text: String = others.flat_map(|line| [line, "\n"]).collect();
    text.push_str("hosts: files dns\n");
    text
}

fn read_only_tree() -> nix::Result<()> {
    match mount_setattr(Path::new("/"), true, true) {
        Err(Errno::ENOSYS) => {}
        done => return done,
    }
    // Linux before 5.12: one mount at a time.
    let table = fs::read("/proc/self/mountinfo").map_err(|_| Errno::ENOENT)?;
    for line in table.split(|byte| *byte == b'\n') {
        let Some(point) = line.split(|byte| *byte == b' ').nth(4) else {
            continue;
        };
        match remount(&unescape(point), true) {
            // Covered by a mount made later, so out of reach of every path.
            Err(Errno::EINVAL | Errno::ENOENT | Errno::EACCES) => {}
            done => done?,
        }
    }
    Ok(())
}

/// Undoes the octal escapes of the mount table (`\040` is a space).
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..3).and_then(|d| std::str::from_utf8(d).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if *first == b'\\' => {
                bytes.push(byte);
                rest = &tail[3..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    PathBuf::from(OsStr::from_bytes(&bytes))
}

fn set_read_only(path: &Path, read_only: bool) -> nix::Result<()> {
    match mount_setattr(path, read_only, false) {
        Err(Errno::ENOSYS) => remount(path, read_only),
        done => done,
    }
}

/// Changes one mount and keeps its other flags, which the kernel may have locked.
fn remount(path: &Path, read_only: bool) -> nix::Result<()> {
    let now = statvfs(path)?.flags();
    let mut flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND;
    for (has, keep) in [
        (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
        (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ] {
        flags.set(keep, now.contains(has));
    }
    flags.set(MsFlags::MS_RDONLY, read_only);
    mount(None::<&str>, path, None::<&str>, flags, None::<&str>)
}

/// `struct mount_attr` of `linux/mount.h`.
#[repr(C)]
struct MountAttributes {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

#[expect(unsafe_code, reason = "neither nix nor libc wraps mount_setattr(2)")]
fn mount_setattr(path: &Path, read_only: bool, recursive: bool) -> nix::Result<()> {
    const RDONLY: u64 = 1; // MOUNT_ATTR_RDONLY
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| Errno::EINVAL)?;
    let (set, clear) = if read_only { (RDONLY, 0) } else { (0, RDONLY) };
    let attributes = MountAttributes {
        set,
        clear,
        propagation: 0,
        user_namespace: 0,
    };
    let flags = if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is a C string and the structure has the layout and size that are told;
    // both outlive the call, and the kernel writes to neither.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<MountAttributes>(),
        )
    };
    Errno::result(result).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_modules_never_answer_for_hosts() {
        let text =
            "passwd: files\nhosts: files resolve [!UNAVAIL=return] mdns4 dns\ngroup: files\n";
        assert_eq!(
            files_then_dns(text),
            "passwd: files\ngroup: files\nhosts: files dns\n"
        );
    }

    #[test]
    fn escapes_of_the_mount_table() {
        assert_eq!(unescape(br"/a\040b\134c"), PathBuf::from(r"/a b\c"));
        assert_eq!(unescape(br"/a\"), PathBuf::from(r"/a\"));
    }
}
