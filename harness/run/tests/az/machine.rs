//! A machine that only pretends: scripts in place of uv, Python and `az`.

use docproof_run::az::{Az, AzChoice, AzEnvironment, AzError, PINNED_VERSION, Progress, provide};
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A Python that answers the probe: the azure-cli beside it, if there is one. `VERSION` and `VENV`
/// are written into it.
const PYTHON: &str = include_str!("python.sh");

/// A uv that writes what it was asked to `log`. Beside it, `once` holds shell code for the first
/// installation only, and `gate` is a named pipe that an installation waits for.
const UV: &str = include_str!("uv.sh");

/// Temporary folders that stand for a machine: its PATH, its cache, its home.
pub(crate) struct Machine {
    pub(crate) root: TempDir,
}

impl Machine {
    /// A machine with a Python 3.11 and a uv.
    pub(crate) fn new() -> Self {
        let machine = Self::bare();
        machine.python("python3", "3, 11, 7", true);
        machine.uv("uv", PINNED_VERSION);
        machine
    }

    pub(crate) fn bare() -> Self {
        let root = tempfile::tempdir().unwrap();
        for name in ["tools", "cache", "home"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        Self { root }
    }

    pub(crate) fn tools(&self) -> PathBuf {
        self.root.path().join("tools")
    }

    pub(crate) fn slot(&self) -> PathBuf {
        self.root.path().join("cache/az").join(PINNED_VERSION)
    }

    /// Written by a child: a descriptor of this process that is open for writing while another
    /// test forks would make the script "busy" for a moment.
    pub(crate) fn script(&self, file: &Path, text: &str) {
        let mut child = Command::new("/bin/sh")
            .args(["-c", "cat >\"$0\" && chmod 755 \"$0\""])
            .arg(file)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        assert!(child.wait().unwrap().success());
    }

    pub(crate) fn python(&self, name: &str, version: &str, venv: bool) {
        let text = PYTHON
            .replace("VERSION", version)
            .replace("VENV", &venv.to_string());
        self.script(&self.tools().join(name), &text);
    }

    pub(crate) fn uv(&self, name: &str, installs: &str) {
        let tools = self.tools();
        let text = UV
            .replace("TOOLS", tools.to_str().unwrap())
            .replace("VERSION", installs);
        self.script(&tools.join(name), &text);
    }

    /// What the first installation does before it ends or goes on.
    pub(crate) fn once(&self, code: &str) {
        fs::write(self.tools().join("once"), code).unwrap();
    }

    /// An `az` on PATH at some version, as pip makes it.
    pub(crate) fn az_on_path(&self, version: &str) -> PathBuf {
        let home = self.root.path().join("own");
        fs::create_dir_all(home.join("bin")).unwrap();
        fs::create_dir_all(home.join(format!("packages/azure_cli-{version}.dist-info"))).unwrap();
        let python = home.join("bin/python3");
        self.script(
            &python,
            &PYTHON
                .replace("VERSION", "3, 12, 1")
                .replace("VENV", "true"),
        );
        let az = self.tools().join("az");
        self.script(&az, &format!("#!{}\nimport azure.cli\n", python.display()));
        az
    }

    pub(crate) fn environment(&self) -> AzEnvironment {
        self.environment_with(&[])
    }

    pub(crate) fn environment_with(&self, more: &[(&str, &str)]) -> AzEnvironment {
        let pairs: [(&str, OsString); 3] = [
            ("PATH", self.tools().into()),
            ("HOME", self.root.path().join("home").into()),
            ("DOCPROOF_CACHE", self.root.path().join("cache").into()),
        ];
        let more = more
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value));
        AzEnvironment::from_variables(pairs.chain(more))
    }

    pub(crate) fn provide(&self, choice: AzChoice) -> (Result<Az, AzError>, Vec<Progress>) {
        let mut told = Vec::new();
        let result = provide(choice, &self.environment(), &mut |progress| {
            told.push(progress)
        });
        (result, told)
    }

    /// What uv was asked to do, one word each.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.tools().join("log"))
            .unwrap_or_default()
            .replace('\n', " ")
    }
}
