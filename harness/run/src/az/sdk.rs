//! The Python packages that articles' programs import, installed once beside `az`: [`provide_sdk`].
//!
//! ```text
//! <cache>/python/<versions>/                the virtual environment
//! <cache>/python/<versions>/complete.json   written last; without it the folder is not trusted
//! <cache>/python/<versions>.lock            held by whoever installs
//! ```

use super::cache::{lock, read_json, write_json};
use super::child::stream;
use super::environment::{AzEnvironment, is_executable};
use super::install::failure;
use super::{AzError, Progress};
use super::{pip_settings, python, uv};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The packages, as scenarios are checked with them.
pub const SDK_PACKAGES: [(&str, &str); 2] = [
    ("azure-identity", "1.27.0"),
    ("azure-keyvault-secrets", "4.12.0"),
];

/// An environment of Python with [`SDK_PACKAGES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PythonSdk {
    /// The folder to put first on PATH.
    pub bin: PathBuf,
    /// The CA bundles that its packages read.
    pub ca_bundles: Vec<PathBuf>,
    /// The folders it reads.
    pub folders: Vec<PathBuf>,
}

impl PythonSdk {
    /// `azure-identity 1.27.0, …`.
    pub fn versions() -> String {
        SDK_PACKAGES
            .map(|(name, version)| format!("{name} {version}"))
            .join(", ")
    }

    fn is_whole(&self) -> bool {
        is_executable(&self.bin.join("python3"))
            && self.ca_bundles.iter().all(|file| file.is_file())
    }
}

fn folder(environment: &AzEnvironment) -> PathBuf {
    let name = SDK_PACKAGES.map(|(name, version)| format!("{name}-{version}"));
    environment.cache.join("python").join(name.join("+"))
}

fn complete(folder: &Path) -> Option<PythonSdk> {
    read_json::<PythonSdk>(&folder.join("complete.json")).filter(PythonSdk::is_whole)
}

/// What [`provide_sdk`] would give without fetching anything.
pub fn find_sdk(environment: &AzEnvironment) -> Option<PythonSdk> {
    complete(&folder(environment))
}

/// Finds the packages, or fetches them into the cache: once, also when several processes ask.
///
/// # Errors
/// See [`AzError`].
pub fn provide_sdk(
    environment: &AzEnvironment,
    progress: &mut dyn FnMut(Progress),
) -> Result<PythonSdk, AzError> {
    let folder = folder(environment);
    if let Some(sdk) = complete(&folder) {
        return Ok(sdk);
    }
    if environment.offline {
        return Err(AzError::Offline);
    }
    let held = lock(&folder.with_extension("lock"), progress)?;
    if let Some(sdk) = complete(&folder) {
        return Ok(sdk);
    }
    let cannot = |source| AzError::Cache {
        path: folder.clone(),
        source,
    };
    let own_uv = uv::on_path(environment);
    let python = python::choose(environment, own_uv.is_none())?;
    let uv = match own_uv {
        Some(uv) => uv,
        None => uv::bring(&python, environment, progress)?,
    };
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(cannot)?;
    }
    let mut variables = environment.child_variables();
    variables.extend(pip_settings::for_uv(&variables));
    variables.insert("UV_PYTHON_DOWNLOADS".into(), "never".into());
    variables.insert("VIRTUAL_ENV".into(), folder.clone().into());
    let mut run = |stage: &str, arguments: Vec<OsString>| -> Result<(), AzError> {
        progress(Progress::Stage(stage.to_owned()));
        let mut line = |text: &str| progress(Progress::Output(text.to_owned()));
        let input = held.try_clone().ok();
        let cache = &environment.cache;
        let ended =
            stream(&uv, &arguments, &variables, cache, input, &mut line).map_err(|source| {
                AzError::Cache {
                    path: uv.clone(),
                    source,
                }
            })?;
        match ended.status.success() {
            true => Ok(()),
            false => Err(failure(stage, &ended, cache)),
        }
    };
    run(
        &format!("making an environment on {}", python.version_name()),
        vec![
            "venv".into(),
            "--python".into(),
            python.base_executable.clone().into(),
            folder.clone().into(),
        ],
    )?;
    let mut arguments: Vec<OsString> = vec![
        "pip".into(),
        "install".into(),
        "--compile-bytecode".into(),
        "--python".into(),
        folder.join("bin/python").into(),
    ];
    arguments.extend(SDK_PACKAGES.map(|(name, version)| format!("{name}=={version}").into()));
    run(&format!("installing {}", PythonSdk::versions()), arguments)?;
    let broken = |reason: String| AzError::Broken {
        path: folder.clone(),
        reason,
    };
    let probe = super::probe::Interpreter::plain(folder.join("bin/python"))
        .probe(environment)
        .map_err(broken)?;
    let sdk = PythonSdk {
        bin: folder.join("bin"),
        ca_bundles: probe.ca_bundles(),
        folders: probe.folders(),
    };
    if !sdk.is_whole() {
        return Err(broken("it has no python3".to_owned()));
    }
    write_json(&folder.join("complete.json"), &sdk).map_err(cannot)?;
    Ok(sdk)
}
