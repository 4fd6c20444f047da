//! Installs the pinned azure-cli into its [`Slot`]. The caller holds the slot's lock.

use super::cache::{Slot, Stamp, sha256};
use super::child::{Finished, stream};
use super::environment::AzEnvironment;
use super::probe::{Interpreter, Probe};
use super::{Az, AzError, AzOrigin, PINNED_VERSION, Progress};
use super::{pip_settings, python, uv, verify};
use nix::sys::statvfs::statvfs;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Megabytes that an installation takes: 706 measured for azure-cli 2.91.0 with its bytecode, and
/// some for the downloads.
const NEEDED_MB: u64 = 900;

/// Makes the environment, installs, verifies, and seals it last.
pub(super) fn install(
    slot: &Slot,
    lock: &File,
    environment: &AzEnvironment,
    progress: &mut dyn FnMut(Progress),
) -> Result<Az, AzError> {
    let start = Instant::now();
    let cannot = |source| AzError::Cache {
        path: slot.folder.clone(),
        source,
    };
    let own_uv = uv::on_path(environment);
    let python = python::choose(environment, own_uv.is_none())?;
    let uv = match own_uv {
        Some(uv) => uv,
        None => uv::bring(&python, environment, progress)?,
    };
    if slot.folder.exists() {
        let text =
            "an earlier installation is not complete; starting again with what it downloaded";
        progress(Progress::Stage(text.to_owned()));
        std::fs::remove_dir_all(&slot.folder).map_err(cannot)?;
    }
    check_space(&environment.cache)?;

    let mut variables = environment.child_variables();
    variables.extend(pip_settings::for_uv(&variables));
    // uv would fetch a Python of its own rather than say that the machine's is unfit.
    variables.insert("UV_PYTHON_DOWNLOADS".into(), "never".into());
    variables.insert("VIRTUAL_ENV".into(), slot.folder.clone().into());
    let mut run = |stage: &str, arguments: Vec<OsString>| -> Result<(), AzError> {
        progress(Progress::Stage(stage.to_owned()));
        let mut line = |text: &str| progress(Progress::Output(text.to_owned()));
        let input = lock.try_clone().ok();
        let ended = stream(
            &uv,
            &arguments,
            &variables,
            &environment.cache,
            input,
            &mut line,
        )
        .map_err(|source| AzError::Cache {
            path: uv.clone(),
            source,
        })?;
        if ended.status.success() {
            Ok(())
        } else {
            Err(failure(stage, &ended, &environment.cache))
        }
    };
    run(
        &format!("making an environment on {}", python.version_name()),
        vec![
            "venv".into(),
            "--python".into(),
            python.base_executable.clone().into(),
            slot.folder.clone().into(),
        ],
    )?;
    // Walkthroughs see a read-only file system: without bytecode every `az` would compile anew.
    // uv compiles only what it installs in the same call.
    run(
        &format!("installing azure-cli {PINNED_VERSION} (about 65 MB; a minute or so)"),
        vec![
            "pip".into(),
            "install".into(),
            "--compile-bytecode".into(),
            "--python".into(),
            slot.folder.join("bin/python").into(),
            format!("azure-cli=={PINNED_VERSION}").into(),
            // `az extension add` runs pip; every way to install azure-cli but uv's brings it.
            "pip".into(),
        ],
    )?;

    progress(Progress::Stage("verifying azure-cli".to_owned()));
    let az = seal(slot, &python, environment, progress)?;
    let seconds = start.elapsed().as_secs();
    progress(Progress::Installed {
        version: az.version.clone(),
        seconds,
    });
    Ok(az)
}

/// Verifies what was installed and writes the stamp.
fn seal(
    slot: &Slot,
    python: &Probe,
    environment: &AzEnvironment,
    progress: &mut dyn FnMut(Progress),
) -> Result<Az, AzError> {
    let broken = |reason: String| AzError::Broken {
        path: slot.folder.clone(),
        reason,
    };
    let probe = Interpreter::plain(slot.folder.join("bin/python"))
        .probe(environment)
        .map_err(broken)?;
    let az = probe
        .az(&slot.folder.join("bin/az"), AzOrigin::Cache)
        .map_err(broken)?;
    if az.version != PINNED_VERSION {
        return Err(broken(format!("it is version {}", az.version)));
    }
    let Some(core) = probe.azure_cli_core_package else {
        return Err(broken("it has no azure-cli-core".to_owned()));
    };
    let packages = core.parent().unwrap_or(&slot.folder);
    verify::files(packages).map_err(broken)?;
    if let Some(said) = verify::starts(&az, environment).map_err(broken)? {
        progress(Progress::Note(format!("az warns when it starts: {said}")));
    }
    let record = core.join("RECORD");
    let written = sha256(&record).and_then(|record_sha256| {
        slot.seal(&Stamp {
            version: PINNED_VERSION.to_owned(),
            folder: slot.folder.clone(),
            base_python: python.base_executable.clone(),
            record,
            record_sha256,
            installed: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| d.as_secs()),
            az: az.clone(),
        })
    });
    written.map_err(|source| AzError::Cache {
        path: slot.folder.clone(),
        source,
    })?;
    Ok(az)
}

/// What a failed child means, by what it wrote.
pub(super) fn failure(step: &str, ended: &Finished, cache: &Path) -> AzError {
    const DISK: [&str; 3] = [
        "No space left on device",
        "os error 28",
        "Disk quota exceeded",
    ];
    const NETWORK: [&str; 15] = [
        "error sending request",
        "dns error",
        "Failed to fetch",
        "Failed to download",
        "Could not connect",
        "client error (Connect)",
        "Connection refused",
        "Connection reset",
        "Network is unreachable",
        "Network connectivity is disabled",
        "Temporary failure in name resolution",
        "Max retries exceeded",
        "timed out",
        "NewConnectionError",
        "HTTP status",
    ];
    let says = |words: &[&str]| words.iter().any(|word| ended.tail.contains(word));
    if ended.interrupted() {
        AzError::Interrupted
    } else if says(&DISK) {
        AzError::DiskFull {
            path: cache.to_owned(),
            needed_mb: NEEDED_MB,
        }
    } else if says(&NETWORK) {
        AzError::Network {
            tail: ended.tail.clone(),
        }
    } else {
        AzError::Install {
            step: step.to_owned(),
            tail: ended.tail.clone(),
        }
    }
}

/// An error if the disk below the folder has too little room for the user.
fn check_space(folder: &Path) -> Result<(), AzError> {
    let there = statvfs(folder).map_err(|error| AzError::Cache {
        path: folder.to_owned(),
        source: io::Error::from(error),
    })?;
    let free = there.blocks_available() as u128 * there.fragment_size() as u128;
    if free / 1_000_000 < u128::from(NEEDED_MB) {
        return Err(AzError::DiskFull {
            path: folder.to_owned(),
            needed_mb: NEEDED_MB,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn told(status: i32, tail: &str) -> AzError {
        let ended = Finished {
            status: ExitStatus::from_raw(status),
            tail: tail.to_owned(),
        };
        failure("a step", &ended, Path::new("/c"))
    }

    #[test]
    fn a_failure_is_told_by_what_was_written() {
        assert!(matches!(
            told(256, "no such package"),
            AzError::Install { .. }
        ));
        assert!(matches!(
            told(256, "x: No space left on device"),
            AzError::DiskFull { .. }
        ));
        assert!(matches!(
            told(512, "  Caused by: dns error"),
            AzError::Network { .. }
        ));
        assert!(matches!(
            told(libc::SIGINT, "Failed to fetch"),
            AzError::Interrupted
        ));
    }

    #[test]
    fn a_disk_that_is_not_there_is_an_error() {
        assert!(matches!(
            check_space(Path::new("/gone")),
            Err(AzError::Cache { .. })
        ));
        // /proc has no blocks at all.
        assert!(matches!(
            check_space(Path::new("/proc")),
            Err(AzError::DiskFull { .. })
        ));
    }
}
