//! A sandbox for a test.

use docproof_emulator::Network;
use docproof_run::sandbox::{Process, Sandbox, SandboxCommand, SandboxConfig};
use std::fs;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use tempfile::TempDir;

/// Stands for the run's certificate authority.
pub(crate) const CA: &str =
    "-----BEGIN CERTIFICATE-----\nZG9jcHJvb2Y=\n-----END CERTIFICATE-----\n";

/// A sandbox with a folder of its own.
pub(crate) struct Place {
    pub(crate) sandbox: Sandbox,
    pub(crate) network: Network,
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut SandboxConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = SandboxConfig {
            writable: folder.path().to_owned(),
            ca_pem: CA.to_owned(),
            ..SandboxConfig::default()
        };
        change(&mut config);
        let (sandbox, network) = Sandbox::open(&config).unwrap();
        Self {
            sandbox,
            network,
            folder,
        }
    }

    pub(crate) fn command(&self, argv: &[&str], output: OwnedFd) -> SandboxCommand {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        SandboxCommand {
            argv: argv.iter().map(Into::into).collect(),
            env: vec![
                ("PATH".into(), path.into()),
                ("HOME".into(), self.folder.path().into()),
            ],
            cwd: self.folder.path().to_owned(),
            stdio: [null(), output.try_clone().unwrap(), output],
            terminal: false,
        }
    }

    /// Runs a script; its status, and what it printed on both outputs.
    pub(crate) fn bash(&self, script: &str) -> (i32, String) {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let command = self.command(&["bash", "-c", script], writer.into());
        let process = self.sandbox.spawn(command).unwrap();
        let mut printed = String::new();
        reader.read_to_string(&mut printed).unwrap();
        (wait(&process), printed)
    }

    /// Runs a script that must succeed; what it printed.
    pub(crate) fn good(&self, script: &str) -> String {
        let (status, printed) = self.bash(script);
        assert_eq!(status, 0, "{script}: {printed}");
        printed
    }

    pub(crate) fn bad(&self, script: &str) -> String {
        let (status, printed) = self.bash(script);
        assert_ne!(status, 0, "{script}: {printed}");
        printed
    }
}

pub(crate) fn null() -> OwnedFd {
    fs::File::open("/dev/null").unwrap().into()
}

/// A temporary folder outside of `/tmp`, which the sandbox shows.
pub(crate) fn shown_folder() -> TempDir {
    let parent = std::env::var_os("DOCPROOF_TEST_FOLDER");
    let parent = parent.unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    tempfile::tempdir_in(parent).unwrap()
}

pub(crate) fn wait(process: &Process) -> i32 {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(process.wait())
}
