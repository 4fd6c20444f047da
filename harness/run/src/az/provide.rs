//! [`find`] and [`provide`]: what PATH has, else what the cache has, else an installation.

use super::cache::{Slot, lock};
use super::environment::AzEnvironment;
use super::install::install;
use super::locate::{OnPath, on_path};
use super::pip;
use super::{Az, AzChoice, AzError, PINNED_VERSION, Progress};

/// The `az` that [`provide`] would give without fetching anything.
pub fn find(choice: AzChoice, environment: &AzEnvironment) -> Option<Az> {
    if choice != AzChoice::Pinned
        && let OnPath::Found(az) = on_path(environment)
    {
        return Some(az);
    }
    match choice {
        AzChoice::PathOnly => None,
        AzChoice::Auto | AzChoice::Pinned => Slot::new(&environment.cache).complete(),
    }
}

/// Finds an `az`, or fetches the pinned one into the cache: once, also when several processes ask
/// together.
///
/// # Errors
/// See [`AzError`]; each has a [`help`](AzError::help). After any of them the next call goes on
/// with what was downloaded.
pub fn provide(
    choice: AzChoice,
    environment: &AzEnvironment,
    progress: &mut dyn FnMut(Progress),
) -> Result<Az, AzError> {
    if choice != AzChoice::Pinned {
        let only = choice == AzChoice::PathOnly;
        match on_path(environment) {
            OnPath::Found(az) => {
                if az.version != PINNED_VERSION {
                    progress(Progress::Note(format!(
                        "{} is version {}; scenarios are checked with {PINNED_VERSION}",
                        az.program.display(),
                        az.version
                    )));
                }
                return Ok(az);
            }
            OnPath::Broken { program, reason } if only => {
                return Err(AzError::BrokenOnPath { program, reason });
            }
            OnPath::Broken { program, reason } => progress(Progress::Note(format!(
                "{} does not work ({reason}); azure-cli {PINNED_VERSION} from the cache is used",
                program.display()
            ))),
            OnPath::None if only => return Err(AzError::NotOnPath),
            OnPath::None => {}
        }
    }
    let slot = Slot::new(&environment.cache);
    if let Some(az) = slot.complete() {
        pip::complete(&slot, environment, progress);
        return Ok(az);
    }
    if environment.offline {
        return Err(AzError::Offline);
    }
    let held = lock(&slot.lock, progress)?;
    // Whoever held the lock may have done the work.
    if let Some(az) = slot.complete() {
        return Ok(az);
    }
    install(&slot, &held, environment, progress)
}
