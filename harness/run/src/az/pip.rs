//! pip beside an `az` from the cache: `az extension add` runs it.
//!
//! Installations that are made now have it. Those of before get it here; they stay as they are
//! otherwise.

use super::cache::{Slot, lock};
use super::child::stream;
use super::environment::AzEnvironment;
use super::{AzError, Progress};
use super::{pip_settings, python, uv};
use std::ffi::OsString;

/// Adds pip to an installation that lacks it. Without it all but extensions works, so what hinders
/// is told and no more.
pub(super) fn complete(
    slot: &Slot,
    environment: &AzEnvironment,
    progress: &mut dyn FnMut(Progress),
) {
    if is_there(slot) || environment.offline {
        return;
    }
    if let Err(error) = add(slot, environment, progress) {
        progress(Progress::Note(format!(
            "`az extension add` will not work, since pip could not be added to {}: {error}",
            slot.folder.display()
        )));
    }
}

fn is_there(slot: &Slot) -> bool {
    let entries = std::fs::read_dir(slot.folder.join("lib"));
    entries
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.path().join("site-packages/pip").is_dir())
}

fn add(
    slot: &Slot,
    environment: &AzEnvironment,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), AzError> {
    let held = lock(&slot.lock, progress)?;
    if is_there(slot) {
        return Ok(());
    }
    progress(Progress::Stage("adding pip to azure-cli".to_owned()));
    let uv = match uv::on_path(environment) {
        Some(uv) => uv,
        None => uv::bring(&python::choose(environment, true)?, environment, progress)?,
    };
    let mut variables = environment.child_variables();
    variables.extend(pip_settings::for_uv(&variables));
    let arguments: Vec<OsString> = vec![
        "pip".into(),
        "install".into(),
        "--compile-bytecode".into(),
        "--python".into(),
        slot.folder.join("bin/python").into(),
        "pip".into(),
    ];
    let input = held.try_clone().ok();
    let mut line = |text: &str| progress(Progress::Output(text.to_owned()));
    let cache = &environment.cache;
    let ended = stream(&uv, &arguments, &variables, cache, input, &mut line).map_err(|source| {
        AzError::Cache {
            path: uv.clone(),
            source,
        }
    })?;
    if ended.status.success() {
        return Ok(());
    }
    Err(super::install::failure("adding pip", &ended, cache))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pip_is_found_below_any_python() {
        let cache = tempfile::tempdir().unwrap();
        let slot = Slot::new(cache.path());
        assert!(!is_there(&slot));
        let packages = slot.folder.join("lib/python3.99/site-packages");
        std::fs::create_dir_all(packages.join("pipx")).unwrap();
        assert!(!is_there(&slot));
        std::fs::create_dir(packages.join("pip")).unwrap();
        assert!(is_there(&slot));
    }
}
