//! Nothing is left behind, however the caller ends.

use crate::VICTIM;
use crate::place::Place;
use libtest_mimic::Failed;
use std::fs;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// The processes of this machine whose command line has a mark in it.
fn marked(mark: &str) -> Vec<PathBuf> {
    let processes = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    let has = |path: &PathBuf| {
        let line = fs::read(path.join("cmdline")).unwrap_or_default();
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().parse::<u32>().is_ok())
            && String::from_utf8_lossy(&line).contains(mark)
    };
    processes.filter(has).collect()
}

/// A script that leaves two processes in the background, one of them in a session of its own.
fn background(mark: &str) -> String {
    format!(
        "(exec -a {mark} sleep 1000) >&- 2>&- & \
         (exec -a {mark} setsid sh -c 'trap \"\" TERM HUP; sleep 1000; : {mark}') >&- 2>&- & \
         echo started"
    )
}

pub(crate) fn background_processes_end_with_the_sandbox() -> Result<(), Failed> {
    let place = Place::new();
    let mark = format!("mark{}", uuid::Uuid::new_v4().simple());
    place.good(&background(&mark));
    assert!(!marked(&mark).is_empty(), "nothing was started");
    let folder = place.folder.path().to_owned();
    drop(place);
    // At once, without waiting: dropping has waited.
    assert_eq!(marked(&mark), Vec::<PathBuf>::new());
    assert!(!folder.exists());
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(folder.to_str().unwrap()));
    Ok(())
}

/// A caller that makes a sandbox, says so, and waits to be killed.
pub(crate) fn victim() -> ExitCode {
    let mark = std::env::args().nth(2).unwrap();
    let place = Place::new();
    place.good(&background(&mark));
    println!("{}", place.folder.path().display());
    let _ = std::io::stdin().read(&mut [0]);
    ExitCode::FAILURE
}

pub(crate) fn nothing_survives_a_killed_caller() -> Result<(), Failed> {
    let mark = format!("mark{}", uuid::Uuid::new_v4().simple());
    let mut caller = Command::new("/proc/self/exe")
        .args([VICTIM, &mark])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = std::io::BufReader::new(caller.stdout.take().unwrap());
    let mut folder = String::new();
    std::io::BufRead::read_line(&mut output, &mut folder)?;
    // The helper is a child of the caller, process 1 a child of the helper.
    let helper = children(caller.id());
    let first: Vec<_> = helper.iter().flat_map(|pid| children(*pid)).collect();
    assert_eq!((helper.len(), first.len()), (1, 1), "{folder}");
    let exits: Vec<_> = helper.iter().chain(&first).map(|pid| watch(*pid)).collect();
    assert!(marked(&mark).len() > 1);
    caller.kill()?;
    caller.wait()?;
    for exit in exits {
        let mut fds = [nix::poll::PollFd::new(
            std::os::fd::AsFd::as_fd(&exit),
            nix::poll::PollFlags::POLLIN,
        )];
        assert_eq!(
            nix::poll::poll(&mut fds, 10_000_u16),
            Ok(1),
            "the sandbox outlived its caller"
        );
    }
    assert_eq!(marked(&mark), Vec::<PathBuf>::new());
    // Files are the one thing that only the caller can remove.
    let _ = fs::remove_dir_all(folder.trim());
    Ok(())
}

fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    let lists = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap());
    lists
        .flat_map(|l| {
            l.split_whitespace()
                .map(|p| p.parse().unwrap())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// A descriptor that is readable once the process has ended.
#[expect(unsafe_code, reason = "nix does not wrap pidfd_open")]
fn watch(pid: u32) -> OwnedFd {
    use std::os::fd::FromRawFd as _;
    // SAFETY: takes numbers only.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    assert!(fd >= 0, "pidfd_open");
    // SAFETY: the kernel has just made it for us.
    unsafe { OwnedFd::from_raw_fd(i32::try_from(fd).unwrap()) }
}
