//! uv, which installs azure-cli in seconds: the user's own, else one in the cache.

use super::cache::lock;
use super::child::{Finished, stream};
use super::environment::AzEnvironment;
use super::install::failure;
use super::probe::Probe;
use super::{AzError, Progress};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The uv on PATH that works, if there is one. A shim may be there without anything behind it.
pub(super) fn on_path(environment: &AzEnvironment) -> Option<PathBuf> {
    environment
        .programs("uv")
        .into_iter()
        .find(|uv| works(uv, environment))
}

/// The uv in the cache, brought by a virtual environment of its own.
pub(super) fn bring(
    python: &Probe,
    environment: &AzEnvironment,
    progress: &mut dyn FnMut(Progress),
) -> Result<PathBuf, AzError> {
    let folder = environment.cache.join("uv");
    let program = folder.join("bin/uv");
    if works(&program, environment) {
        return Ok(program);
    }
    let held = lock(&environment.cache.join("uv.lock"), progress)?;
    if works(&program, environment) {
        return Ok(program);
    }
    progress(Progress::Stage(
        "fetching uv, which installs azure-cli".to_owned(),
    ));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|source| AzError::Cache {
            path: folder.clone(),
            source,
        })?;
    }
    let mut run = |program: &Path, arguments: &[OsString]| -> Result<Finished, AzError> {
        let input = held.try_clone().ok();
        let variables = environment.child_variables();
        let mut line = |text: &str| progress(Progress::Output(text.to_owned()));
        stream(
            program,
            arguments,
            &variables,
            &environment.cache,
            input,
            &mut line,
        )
        .map_err(|source| AzError::Cache {
            path: program.to_owned(),
            source,
        })
    };
    let made = run(
        &python.base_executable,
        &["-m".into(), "venv".into(), folder.clone().into()],
    )?;
    if !made.status.success() {
        // Debian's Python has a `venv` that fails for want of `ensurepip`.
        return Err(
            if made.tail.contains("ensurepip") || made.tail.contains("No module named") {
                AzError::NoVenv {
                    python: python.base_executable.clone(),
                }
            } else {
                failure(
                    "making a virtual environment for uv",
                    &made,
                    &environment.cache,
                )
            },
        );
    }
    let arguments = ["-m", "pip", "install", "--disable-pip-version-check", "uv"];
    let got = run(&folder.join("bin/python"), &arguments.map(OsString::from))?;
    if !got.status.success() {
        return Err(failure("fetching uv with pip", &got, &environment.cache));
    }
    if works(&program, environment) {
        Ok(program)
    } else {
        Err(AzError::Broken {
            path: folder,
            reason: "its uv does not start".to_owned(),
        })
    }
}

/// Whether it starts and calls itself uv.
fn works(uv: &Path, environment: &AzEnvironment) -> bool {
    duct::cmd(uv, ["--version"])
        .full_env(environment.child_variables())
        .stdin_null()
        .stdout_capture()
        .stderr_null()
        .unchecked()
        .run()
        .is_ok_and(|output| output.status.success() && output.stdout.starts_with(b"uv "))
}
