//! The process that has imported azure-cli: [`server()`].

use crate::launch::Launch;
use serde::Serialize;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whose calls a server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Of sandboxes: standard input is a socket on which it is told of each, with what listens there
    /// and its namespaces; without namespaces it is where the server is. It ends with that socket.
    Sandboxes,
    /// Of where it is itself: standard input listens. It ends with the container.
    Here,
}

#[derive(Serialize)]
struct Settings<'a> {
    alone: bool,
    /// The folder to remove once everything is imported; only where nobody else does.
    folder: Option<&'a Path>,
    python: &'a Path,
    names: &'a [String],
    words: &'a [String],
    python_path: String,
    installer: &'a str,
    installer_wins: bool,
    modules: Vec<&'a str>,
}

/// The command of a server, which has standard input still to be given. `folder` is an empty one of
/// its own; `environment` is the whole of what the calls will have, as far as it is known.
///
/// # Errors
/// Its files cannot be written.
pub fn server(
    launch: &Launch,
    place: Place,
    folder: &Path,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> io::Result<Command> {
    let home = folder.join("home");
    fs::create_dir(&home)?;
    let program = write(folder, "server.py", include_str!("server.py"))?;
    let alone = place == Place::Here;
    let settings = Settings {
        alone,
        folder: alone.then_some(folder),
        python: &launch.python,
        names: &launch.names,
        words: &launch.words,
        python_path: launch.python_path.to_string_lossy().into_owned(),
        installer: launch.installer.name(),
        installer_wins: launch.installer.wins(),
        modules: modules().collect(),
    };
    let settings = write(folder, "settings.json", &serde_json::to_string(&settings)?)?;
    let environment: Vec<(OsString, OsString)> = environment.into_iter().collect();
    let is_set = environment.iter().any(|(name, _)| name == "AZ_INSTALLER");
    let mut command = Command::new(&launch.python);
    command
        .args(&launch.options)
        .arg(program)
        .arg(settings)
        .env_clear()
        .envs(environment)
        .env("HOME", &home)
        .env("PYTHONPATH", &launch.python_path)
        .current_dir(&home)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if launch.installer.wins() || !is_set {
        command.env("AZ_INSTALLER", launch.installer.name());
    }
    Ok(command)
}

fn write(folder: &Path, name: &str, content: &str) -> io::Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, content)?;
    Ok(path)
}

/// The modules to import, in order.
fn modules() -> impl Iterator<Item = &'static str> {
    include_str!("modules.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_named_once() {
        let mut seen = std::collections::BTreeSet::new();
        assert!(modules().all(|name| seen.insert(name)));
        assert!(seen.len() > 100);
    }
}
