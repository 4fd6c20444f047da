//! Asks a Python about itself and the azure-cli in it: [`Probe`], some 50 ms.

use super::environment::AzEnvironment;
use super::{Az, AzOrigin};
use serde::Deserialize;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What is run in the Python.
const SCRIPT: &str = include_str!("probe.py");

/// What a Python said.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Probe {
    /// The interpreter, also where it was called through a shim.
    pub(super) executable: PathBuf,
    /// The interpreter below a virtual environment.
    pub(super) base_executable: PathBuf,
    /// Its version: major, minor, patch.
    pub(super) version: Vec<u32>,
    /// Whether it can make virtual environments that have pip.
    pub(super) venv: bool,
    /// The version of the azure-cli that it can import.
    azure_cli: Option<String>,
    /// The `dist-info` folder of that azure-cli: its name has the version, so that it goes away
    /// when another version is installed.
    pub(super) azure_cli_package: Option<PathBuf>,
    /// The `dist-info` folder of azure-cli-core.
    pub(super) azure_cli_core_package: Option<PathBuf>,
    /// CA bundles, symbolic links resolved.
    bundles: Vec<PathBuf>,
    /// Prefixes and the folder of packages.
    folders: Vec<PathBuf>,
}

/// How a script starts its Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interpreter {
    /// The Python.
    pub(super) python: PathBuf,
    /// Whether it is started with `-I`.
    pub(super) isolated: bool,
    /// The PYTHONPATH that the script sets.
    pub(super) packages: Option<OsString>,
}

impl Interpreter {
    /// A Python that is started without anything special.
    pub(super) fn plain(python: impl Into<PathBuf>) -> Self {
        Self {
            python: python.into(),
            isolated: false,
            packages: None,
        }
    }

    /// Asks it; the error says why it could not answer.
    pub(super) fn probe(&self, environment: &AzEnvironment) -> Result<Probe, String> {
        let mut variables = environment.child_variables();
        // A walkthrough has a home of its own, where packages in the user's are out of reach.
        variables.insert("PYTHONNOUSERSITE".into(), "1".into());
        if let Some(packages) = &self.packages {
            variables.insert("PYTHONPATH".into(), packages.clone());
        }
        let mut arguments = vec!["-c", SCRIPT];
        if self.isolated {
            arguments.insert(0, "-I");
        }
        let output = duct::cmd(&self.python, arguments)
            .dir("/")
            .full_env(variables)
            .stdin_null()
            .stdout_capture()
            .stderr_capture()
            .unchecked()
            .run()
            .map_err(|error| format!("{} cannot be started: {error}", self.python.display()))?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            let last = errors.lines().last().unwrap_or("it says nothing");
            return Err(format!("{} does not work: {last}", self.python.display()));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("{} is not a Python: {error}", self.python.display()))
    }
}

impl Probe {
    /// Whether azure-cli can run on it (`Requires-Python: >=3.10.0` of azure-cli 2.91.0).
    pub(super) fn is_new_enough(&self) -> bool {
        self.version.as_slice() >= [3, 10].as_slice()
    }

    /// `Python 3.11.7`.
    pub(super) fn version_name(&self) -> String {
        let parts: Vec<_> = self.version.iter().map(u32::to_string).collect();
        format!("Python {}", parts.join("."))
    }

    /// The CA bundles that its packages read.
    pub(super) fn ca_bundles(&self) -> Vec<PathBuf> {
        self.bundles.clone()
    }

    /// The folders it reads.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.folders.clone()
    }

    /// The `az` at `program`, which this Python runs.
    pub(super) fn az(&self, program: &Path, origin: AzOrigin) -> Result<Az, String> {
        let Some(version) = &self.azure_cli else {
            return Err(format!("{} has no azure-cli", self.executable.display()));
        };
        Ok(Az {
            program: program.to_owned(),
            bin: program.parent().unwrap_or(Path::new("/")).to_owned(),
            version: version.clone(),
            python: self.executable.clone(),
            ca_bundles: self.bundles.clone(),
            folders: self.folders.clone(),
            origin,
        })
    }
}
