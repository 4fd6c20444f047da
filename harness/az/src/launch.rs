//! How an `az` starts azure-cli: [`Launch`].
//!
//! Only scripts of which every line is known are stood in for: what else one does to its surroundings
//! would be left out.

use crate::path::programs;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// What the script that pip installs does, after its first lines.
const PIPS: &str = "\
import sys
import os

dir = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'src')

if os.environ.get('PYTHONPATH') is None:
    os.environ['PYTHONPATH'] = dir
else:
    os.environ['PYTHONPATH'] = os.pathsep.join([
        dir,
        os.environ.get('PYTHONPATH'),
    ])

if os.environ.get('AZ_INSTALLER') is None:
    os.environ['AZ_INSTALLER'] = 'PIP'

os.execl(sys.executable, sys.executable, '-m', 'azure.cli', *sys.argv[1:])
";

/// How azure-cli is started, and by which interpreter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Which interpreter.
    pub(crate) python: PathBuf,
    /// The names by which the script looks for the interpreter on the caller's PATH, best first;
    /// none where it names a file.
    pub(crate) names: Vec<String>,
    /// The interpreter's options, without the one that names the module.
    pub(crate) options: Vec<&'static str>,
    /// The words before the caller's own.
    pub(crate) words: Vec<String>,
    /// What is put on Python's path.
    pub(crate) python_path: OsString,
    pub(crate) installer: Installer,
}

/// What `AZ_INSTALLER` tells azure-cli.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Installer {
    /// What pip's script says where nobody says another.
    Pip,
    /// What the package's script says, whatever is set.
    Rpm,
}

impl Installer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pip => "PIP",
            Self::Rpm => "RPM",
        }
    }

    /// Whether what is set already is replaced.
    pub(crate) fn wins(self) -> bool {
        self == Self::Rpm
    }
}

impl Launch {
    /// How the `az` of this path does it for a caller with this PATH; `None` if nothing is known of
    /// how to stand in for it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(program: &Path, path: &OsStr) -> io::Result<Option<Self>> {
        let text = std::fs::read(program)?;
        let Ok(text) = std::str::from_utf8(&text) else {
            return Ok(None);
        };
        let target = program.canonicalize()?;
        // Pip's follows links to itself, and the package's does not.
        let pips = target.parent().and_then(|folder| of_pip(text, folder));
        Ok(pips.or_else(|| of_package(text, program.parent()?, path)))
    }

    /// The same if it is pip's script, by the interpreter that was found to run it.
    pub fn of_pip_by(self, python: &Path) -> Option<Self> {
        (self.installer == Installer::Pip).then(|| Self {
            python: python.to_owned(),
            words: pips_words(python),
            ..self
        })
    }
}

fn of_pip(text: &str, folder: &Path) -> Option<Launch> {
    let head = text.strip_suffix(PIPS)?;
    let python = interpreter(head.trim_end())?;
    Some(Launch {
        words: pips_words(&python),
        python,
        names: Vec::new(),
        options: Vec::new(),
        python_path: folder.join("src").into(),
        installer: Installer::Pip,
    })
}

fn pips_words(python: &Path) -> Vec<String> {
    let python = python.to_string_lossy().into_owned();
    vec![python, "-m".to_owned(), "azure.cli".to_owned()]
}

/// Whom the head of a script of Python's names: in its first line, or, where that cannot hold it, to
/// a shell to which what follows is a command, and to Python a string.
fn interpreter(head: &str) -> Option<PathBuf> {
    let named = match head.strip_prefix("#!/bin/sh\n'''exec' ") {
        Some(rest) => {
            let named = rest.strip_suffix(" \"$0\" \"$@\"\n' '''")?;
            named.trim_matches('"')
        }
        None => head.strip_prefix("#!")?.trim(),
    };
    let is_one = named.starts_with('/') && !named.contains(['\n', '\t', ' ', '"']);
    is_one.then(|| PathBuf::from(named))
}

/// The script of the packages for Fedora, Red Hat and Azure Linux, which Microsoft's image has: as
/// `scripts/release/rpm/azure-cli.spec` of azure-cli writes it.
fn of_package(text: &str, bin: &Path, path: &OsStr) -> Option<Launch> {
    let usual = text.lines().nth(2)?.strip_prefix("python_cmd=")?;
    let exact = text.rsplit_once("python_cmd=")?.1.split_once(';')?.0;
    let is_name = |name: &str| {
        let version = name.strip_prefix("python");
        version.is_some_and(|rest| rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.')))
    };
    if !is_name(usual) || !is_name(exact) || text.trim_end() != packages(usual, exact) {
        return None;
    }
    let names = [exact, usual];
    let found = names.map(|name| Some((name, programs(name, path).next()?)));
    let (name, python) = found.into_iter().flatten().next()?;
    let mut python_path = bin.as_os_str().to_owned();
    python_path.push(format!("/../lib64/az/lib/{exact}/site-packages"));
    Some(Launch {
        words: [name, "-sm", "azure.cli"].map(str::to_owned).into(),
        python,
        names: names.map(str::to_owned).into(),
        options: vec!["-s"],
        python_path,
        installer: Installer::Rpm,
    })
}

/// The package's script where it was made with these interpreters.
fn packages(usual: &str, exact: &str) -> String {
    format!(
        "#!/usr/bin/env bash\n\
         bin_dir=`cd \"$(dirname \"$BASH_SOURCE[0]\")\"; pwd`\n\
         python_cmd={usual}\n\
         if command -v {exact} &>/dev/null; then python_cmd={exact}; fi\n\
         AZ_INSTALLER=RPM PYTHONPATH=\"$bin_dir/../lib64/az/lib/{exact}/site-packages\" \
         $python_cmd -sm azure.cli \"$@\""
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    /// A file in a new folder, and what is made of it.
    fn launch(text: &str) -> (tempfile::TempDir, Option<Launch>) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["python3", "python3.12"] {
            let python = folder.path().join(name);
            fs::write(&python, "").unwrap();
            fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let program = folder.path().join("az");
        fs::write(&program, text).unwrap();
        let launch = Launch::of(&program, folder.path().as_os_str()).unwrap();
        (folder, launch)
    }

    #[test]
    fn a_script_that_is_not_known_is_not_stood_in_for() {
        let of_package = packages("python3", "python3.12");
        let others = [
            String::new(),
            // Debian's package.
            "#!/usr/bin/env bash\nbin_dir=`cd \"$(dirname \"$BASH_SOURCE[0]\")\"; pwd`\n\
             AZ_INSTALLER=DEB \"$bin_dir/../../opt/az/bin/python3\" -Im azure.cli \"$@\"\n"
                .to_owned(),
            format!("#!/usr/bin/env python3\n{PIPS}"),
            format!("#!/opt/az/bin/python3\nos.environ['A'] = 'B'\n{PIPS}"),
            format!("#!/opt/az/bin/python3\n{PIPS}print()\n"),
            format!("#!/opt/az/bin/python3\n{}", PIPS.replace("'-m'", "'-Im'")),
            of_package.replace("-sm", "-m"),
            of_package.replace("\"$@\"", "\"$@\" --debug"),
            of_package.replace("\nif ", "\nexport A=B\nif "),
            packages("python3", "python3.12;reboot"),
            packages("pypy", "python3.12"),
        ];
        for text in others {
            assert_eq!(launch(&text).1, None, "{text}");
        }
    }

    #[test]
    fn pips_script_is_known_behind_a_link() {
        let (folder, found) = launch(&format!("#!/opt/az/bin/python3\n\n{PIPS}"));
        let place = folder.path().canonicalize().unwrap();
        let found = found.unwrap();
        assert_eq!(found.python, Path::new("/opt/az/bin/python3"));
        assert_eq!(found.python_path, place.join("src"));
        assert_eq!(found.words, ["/opt/az/bin/python3", "-m", "azure.cli"]);
        assert!(!found.installer.wins());
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("az");
        symlink(folder.path().join("az"), &link).unwrap();
        assert_eq!(Launch::of(&link, OsStr::new("")).unwrap(), Some(found));
    }

    #[test]
    fn a_path_that_is_too_long_for_a_first_line_is_found() {
        let (_folder, found) = launch(&format!(
            "#!/bin/sh\n'''exec' /long/python \"$0\" \"$@\"\n' '''\n{PIPS}"
        ));
        assert_eq!(found.unwrap().python, Path::new("/long/python"));
    }

    #[test]
    fn the_packages_script_is_known() {
        // As the package for Azure Linux has it, in the image that Microsoft publishes.
        let text = r#"#!/usr/bin/env bash
bin_dir=`cd "$(dirname "$BASH_SOURCE[0]")"; pwd`
python_cmd=python3
if command -v python3.12 &>/dev/null; then python_cmd=python3.12; fi
AZ_INSTALLER=RPM PYTHONPATH="$bin_dir/../lib64/az/lib/python3.12/site-packages" $python_cmd -sm azure.cli "$@"
"#;
        let (folder, found) = launch(text);
        let found = found.unwrap();
        assert_eq!(found.python, folder.path().join("python3.12"));
        assert_eq!(found.words, ["python3.12", "-sm", "azure.cli"]);
        assert_eq!(found.options, ["-s"]);
        let wanted = folder
            .path()
            .join("../lib64/az/lib/python3.12/site-packages");
        assert_eq!(found.python_path, wanted);
        assert!(found.installer.wins());
        // Without that very version, the usual one is taken.
        fs::remove_file(folder.path().join("python3.12")).unwrap();
        let az = folder.path().join("az");
        let found = Launch::of(&az, folder.path().as_os_str()).unwrap().unwrap();
        assert_eq!(found.python, folder.path().join("python3"));
        assert_eq!(found.words, ["python3", "-sm", "azure.cli"]);
    }
}
