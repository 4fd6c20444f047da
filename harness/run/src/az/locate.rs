//! The `az` on PATH: [`on_path`] finds the Python behind it, without starting `az` if it can.
//!
//! An `az` is a Python script (pip), or a shell script that starts one (Debian, RPM, Homebrew:
//! `AZ_INSTALLER=DEB $bin_dir/../../opt/az/bin/python3 -Im azure.cli "$@"`). What is learnt is
//! kept in the cache until the script or its package changes.

use super::cache::{read_json, write_json};
use super::environment::{AzEnvironment, is_executable};
use super::probe::{Interpreter, Probe};
use super::{Az, AzOrigin};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What PATH has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnPath {
    /// No `az`.
    None,
    /// An `az` that cannot work.
    Broken {
        /// The script.
        program: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An `az` that works.
    Found(Az),
}

/// What was learnt of an `az` on PATH, and what must be unchanged for it to hold.
#[derive(Serialize, Deserialize)]
struct Learnt {
    az: Az,
    program: PathBuf,
    size: u64,
    modified: (i64, i64),
    package: PathBuf,
}

/// Looks for an `az` on PATH. Reads no network. Milliseconds once it has been seen, else some
/// 50 ms for a script whose Python is clear, and a second or two for one that must be asked.
pub fn on_path(environment: &AzEnvironment) -> OnPath {
    let Some(program) = environment.programs("az").into_iter().next() else {
        return OnPath::None;
    };
    let Ok(data) = program.metadata() else {
        return OnPath::None;
    };
    let name = Sha256::digest(program.as_os_str().as_bytes());
    let name: String = name
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let stamp = environment
        .cache
        .join("az")
        .join(format!("found-{name}.json"));
    let modified = (data.mtime(), data.mtime_nsec());
    if let Some(learnt) = read_json::<Learnt>(&stamp)
        && learnt.program == program
        && (learnt.size, learnt.modified) == (data.size(), modified)
        && learnt.package.exists()
        && is_executable(&learnt.az.python)
        && is_executable(&learnt.az.program)
        && learnt.az.ca_bundles.iter().all(|bundle| bundle.is_file())
    {
        return OnPath::Found(learnt.az);
    }
    match learn(&program, environment) {
        Err(reason) => OnPath::Broken { program, reason },
        Ok((az, package)) => {
            let size = data.size();
            let learnt = Learnt {
                az,
                program,
                size,
                modified,
                package,
            };
            // Without a cache the next start asks again.
            let _ = write_json(&stamp, &learnt);
            OnPath::Found(learnt.az)
        }
    }
}

/// The `az` at `program` and its package's folder, or why it cannot work.
fn learn(program: &Path, environment: &AzEnvironment) -> Result<(Az, PathBuf), String> {
    let read = interpreter(program, environment)?;
    let probe = match read.map(|found| found.probe(environment)) {
        Some(answer) => answer?,
        None => ask(program, environment)?,
    };
    // A shim (pyenv) picks its version by folder and settings; the script beside the Python is
    // what it would have started.
    let beside = probe.executable.with_file_name("az");
    let shimmed = !beside.exists() || beside.parent() == program.parent();
    let script = if shimmed { program } else { &beside };
    let az = probe.az(script, AzOrigin::Path)?;
    match probe.azure_cli_package {
        Some(package) => Ok((az, package)),
        None => Err("its azure-cli package has no metadata".to_owned()),
    }
}

/// The Python that the script names; none if its text does not tell.
fn interpreter(program: &Path, environment: &AzEnvironment) -> Result<Option<Interpreter>, String> {
    let bytes = std::fs::read(program).map_err(|error| error.to_string())?;
    let Some(text) = bytes
        .strip_prefix(b"#!")
        .and_then(|text| std::str::from_utf8(text).ok())
    else {
        return Ok(None);
    };
    let first = text.lines().next().unwrap_or_default();
    let mut words = first.split_whitespace();
    let mut command = PathBuf::from(words.next().unwrap_or_default());
    let isolated = |text: &str| text.split_whitespace().any(|word| word.starts_with("-I"));
    if command.file_name().is_some_and(|name| name == "env") {
        let Some(name) = words.find(|word| !word.starts_with('-') && !word.contains('=')) else {
            return Ok(None);
        };
        let Some(found) = environment.programs(name).into_iter().next() else {
            return Err(format!("its interpreter {name} is not on PATH"));
        };
        command = found;
    } else if !is_executable(&command) {
        return Err(format!(
            "its interpreter {} does not exist",
            command.display()
        ));
    }
    if is_python(&command) {
        let found = Interpreter {
            isolated: isolated(first),
            ..Interpreter::plain(command)
        };
        return Ok(Some(found));
    }
    let Some(python) = python_in(text, program, environment)? else {
        return Ok(None);
    };
    let packages = packages_in(&expanded(text, program));
    Ok(Some(Interpreter {
        python,
        isolated: isolated(text),
        packages,
    }))
}

/// Whether the file is called `python`, `python3` or `python3.12`.
fn is_python(file: &Path) -> bool {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name.strip_prefix("python")
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// The shell script's text with the ways of saying "the folder of this script" written out.
fn expanded(text: &str, program: &Path) -> String {
    let folder = program.parent().unwrap_or(Path::new("/")).to_string_lossy();
    [
        "${bin_dir}",
        "$bin_dir",
        "$(dirname \"$0\")",
        "$(dirname $0)",
        "`dirname \"$0\"`",
    ]
    .iter()
    .fold(text.to_owned(), |text, name| text.replace(name, &folder))
}

/// The Python that a shell script starts, or an error if it names one that does not exist.
fn python_in(
    text: &str,
    program: &Path,
    environment: &AzEnvironment,
) -> Result<Option<PathBuf>, String> {
    let text = expanded(text, program);
    let code = text
        .lines()
        .skip(1)
        .filter(|line| !line.trim_start().starts_with('#'));
    let mut missing = None;
    for line in code {
        let words: Vec<_> = line
            .split(|c: char| c.is_whitespace() || "\"'`;&|()=".contains(c))
            .filter(|word| !word.is_empty())
            .collect();
        for (index, word) in words.iter().enumerate() {
            let path = Path::new(word);
            if !is_python(path) {
                continue;
            }
            let runs = words
                .get(index + 1)
                .is_some_and(|next| next.starts_with('-'));
            if path.is_absolute() && is_executable(path) {
                return Ok(Some(path.to_owned()));
            } else if path.is_absolute() && runs {
                missing = Some((*word).to_owned());
            } else if runs && !word.contains('/') {
                match environment.programs(word).into_iter().next() {
                    Some(found) => return Ok(Some(found)),
                    None => missing = Some((*word).to_owned()),
                }
            }
        }
    }
    match missing {
        Some(python) => Err(format!("its interpreter {python} does not exist")),
        None => Ok(None),
    }
}

/// The PYTHONPATH that a shell script sets: folders that exist.
fn packages_in(text: &str) -> Option<OsString> {
    let (_, value) = text.split_once("PYTHONPATH=")?;
    let value = value.trim_start_matches(['"', '\'']);
    let end = value
        .find(|c: char| c.is_whitespace() || "\"';".contains(c))
        .unwrap_or(value.len());
    let folders: Vec<_> = std::env::split_paths(value.get(..end)?)
        .filter(|folder| folder.is_absolute() && folder.is_dir())
        .collect();
    if folders.is_empty() {
        None
    } else {
        std::env::join_paths(folders).ok()
    }
}

/// Asks the `az` itself which Python it is, with a home of its own and no way to the network.
fn ask(program: &Path, environment: &AzEnvironment) -> Result<Probe, String> {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut variables = environment.child_variables();
    variables.insert("HOME".into(), home.path().into());
    variables.insert("AZURE_CONFIG_DIR".into(), home.path().join(".azure").into());
    variables.insert("AZURE_CORE_COLLECT_TELEMETRY".into(), "0".into());
    // `az --version` asks whether there is a newer one; port 9 refuses at once.
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] {
        variables.insert(name.into(), "http://127.0.0.1:9".into());
    }
    variables.remove("NO_PROXY".as_ref() as &std::ffi::OsStr);
    variables.remove("no_proxy".as_ref() as &std::ffi::OsStr);
    let output = duct::cmd(program, ["--version"])
        .dir(home.path())
        .full_env(variables)
        .stdin_null()
        .stdout_capture()
        .stderr_capture()
        .unchecked()
        .run()
        .map_err(|error| format!("it cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let python = text
        .lines()
        .find_map(|line| line.strip_prefix("Python location '")?.strip_suffix('\''));
    match python {
        Some(python) => Interpreter::plain(python).probe(environment),
        None => {
            let errors = String::from_utf8_lossy(&output.stderr);
            let last = errors.lines().last().unwrap_or("it says nothing");
            Err(format!("`az --version` does not name its Python: {last}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(path: &Path) -> AzEnvironment {
        AzEnvironment::from_variables([("PATH".into(), path.into()), ("HOME".into(), path.into())])
    }

    fn read(text: &str) -> Result<Option<Interpreter>, String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("az");
        std::fs::write(&program, text).unwrap();
        interpreter(&program, &environment(folder.path()))
    }

    #[test]
    fn an_interpreter_that_is_gone_is_named() {
        assert!(
            read("#!/gone/bin/python3\n")
                .unwrap_err()
                .contains("/gone/bin/python3")
        );
        assert!(
            read("#!/usr/bin/env python3.99\n")
                .unwrap_err()
                .contains("python3.99")
        );
        let wrapper = "#!/bin/sh\nAZ_INSTALLER=DEB /gone/python3 -Im azure.cli \"$@\"\n";
        assert!(read(wrapper).unwrap_err().contains("/gone/python3"));
    }

    #[test]
    fn what_does_not_tell_its_python_is_left_to_be_asked() {
        assert_eq!(read("\u{7f}ELF"), Ok(None));
        assert_eq!(read("#!/bin/sh\nexec pyenv exec az \"$@\"\n"), Ok(None));
        assert_eq!(read("#!/bin/sh\n# /gone/python3 -m azure.cli\n"), Ok(None));
        assert!(read("").unwrap().is_none());
    }

    #[test]
    fn the_debian_wrapper_is_understood() {
        let root = tempfile::tempdir().unwrap();
        let bin = root.path().join("usr/bin");
        let python = root.path().join("opt/az/bin/python3");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::create_dir_all(python.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/bin/sh", &python).unwrap();
        let text = "#!/usr/bin/env sh\nbin_dir=`cd \"$(dirname \"$BASH_SOURCE[0]\")\"; pwd`\n\
                    AZ_INSTALLER=DEB $bin_dir/../../opt/az/bin/python3 -Im azure.cli \"$@\"\n";
        let program = bin.join("az");
        std::fs::write(&program, text).unwrap();
        let found = interpreter(&program, &environment(Path::new("/bin")))
            .unwrap()
            .unwrap();
        assert!(found.isolated);
        assert_eq!(
            found.python.canonicalize().unwrap(),
            Path::new("/bin/sh").canonicalize().unwrap()
        );
    }

    #[test]
    fn a_wrappers_packages_are_kept() {
        assert_eq!(
            packages_in("export PYTHONPATH=\"/usr:/gone\"\n"),
            Some("/usr".into())
        );
        assert_eq!(packages_in("PYTHONPATH=$x python3"), None);
        assert_eq!(packages_in("nothing"), None);
    }
}
