//! A Docker engine of the test's own: [`Daemon`], in namespaces of its own, so that it shares neither
//! folders for temporary files nor a network with this machine, and can be stopped at will.

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use tempfile::TempDir;

/// What it runs in: the engine's folder is `/mnt`, whatever it is called outside. It is process 1, so
/// that everything ends with it.
const PLACE: &str = "\
mount --make-rprivate / && mount --bind \"$1\" /mnt && mount -t tmpfs tmpfs /tmp && \
mount -t tmpfs tmpfs /run && mkdir -p /mnt/data && shift && \
if [ -n \"$1\" ]; then mount -t tmpfs -o size=\"$1\" tmpfs /mnt/data; fi && shift && \
exec dockerd --data-root /mnt/data --exec-root /run/docker --pidfile /run/docker.pid \
    --host unix:///mnt/sock --bridge none \"$@\"";
const UNSHARE: [&str; 6] = [
    "--mount",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
];

/// How an engine is started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// How big its disk is, if not as big as this machine's.
    pub(crate) disk: &'static str,
    /// Further words on its command line.
    pub(crate) words: &'static [&'static str],
}

/// An engine.
pub(crate) struct Daemon {
    options: Options,
    folder: TempDir,
    running: Option<(Child, JoinHandle<()>)>,
}

impl Daemon {
    /// Why there can be none here.
    pub(crate) fn refusal() -> Option<String> {
        if !geteuid().is_root() {
            return Some("a Docker engine of the test's own needs root".to_owned());
        }
        let tried = Command::new("unshare")
            .args(UNSHARE)
            .args([
                "sh",
                "-c",
                "mount --make-rprivate / && command -v dockerd docker",
            ])
            .stdin(Stdio::null())
            .output();
        match tried {
            Ok(output) if output.status.success() => None,
            Ok(output) if output.stderr.is_empty() => Some("dockerd is not installed".to_owned()),
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Some(format!("unshare: {error}")),
        }
    }

    /// Starts one, and waits until it answers.
    pub(crate) fn start(options: Options) -> Result<Self, String> {
        let mut daemon = Self {
            options,
            folder: tempfile::tempdir().map_err(|error| error.to_string())?,
            running: None,
        };
        daemon.run()?;
        Ok(daemon)
    }

    /// Starts it (again), with what it had.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let mut child = Command::new("unshare")
            .args(UNSHARE)
            .args(["sh", "-c", PLACE, "sh"])
            .arg(self.folder.path())
            .arg(self.options.disk)
            .args(self.options.words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let stderr = child.stderr.take().ok_or("no standard error")?;
        let mut lines = BufReader::new(stderr).lines();
        let mut last = String::new();
        for line in lines.by_ref() {
            last = line.map_err(|error| error.to_string())?;
            if last.contains("API listen on") {
                // Read on to its end: it may not wait for a reader, and its end is the end of all.
                let rest = std::thread::spawn(move || lines.for_each(drop));
                self.running = Some((child, rest));
                return Ok(());
            }
        }
        let _ = child.wait();
        Err(format!("dockerd has ended: {last}"))
    }

    /// Where it listens, as `DOCKER_HOST`.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}/sock", self.folder.path().display())
    }

    /// Everything ends at once, as when a machine loses its power.
    pub(crate) fn kill(&mut self) {
        if let Some((mut child, rest)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
            let _ = rest.join();
        }
    }

    /// It does nothing any more, and closes no connection; or goes on.
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), String> {
        let (child, _) = self.running.as_ref().ok_or("it does not run")?;
        let id = child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let engine = children.map_err(|error| error.to_string())?;
        let engine = engine.trim().parse().map_err(|_| "it has ended")?;
        kill(Pid::from_raw(engine), signal).map_err(|error| error.to_string())
    }

    /// What the client of Docker says of it.
    pub(crate) fn docker(&self, words: &[&str], typed: &[u8]) -> Result<String, String> {
        let mut child = Command::new("docker")
            .args(["--host", &self.host()])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        if let Some(mut stdin) = child.stdin.take() {
            // Who reads no further says why.
            let _ = stdin.write_all(typed);
        }
        let output: Output = child
            .wait_with_output()
            .map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// What is left of runs.
    pub(crate) fn left(&self) -> Result<String, String> {
        let label = "label=net.docproof.run";
        let mut left = String::new();
        for words in [
            ["ps", "--all"],
            ["network", "ls"],
            ["volume", "ls"],
            ["image", "ls"],
        ] {
            let words = [&words[..], &["--quiet", "--filter", label]].concat();
            left += &self.docker(&words, b"")?;
        }
        Ok(left)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}
