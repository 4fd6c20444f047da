//! What the search for `az` depends on: [`AzEnvironment`], read from the process once.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// PATH, the cache folder and the variables that child processes get.
#[derive(Debug, Clone)]
pub struct AzEnvironment {
    /// Where programs are looked for, as in PATH.
    pub path: OsString,
    /// Where docproof keeps what it fetched: `DOCPROOF_CACHE`, else `docproof` in
    /// `XDG_CACHE_HOME` or in `~/.cache`.
    pub cache: PathBuf,
    /// Whether fetching is forbidden (`DOCPROOF_OFFLINE` set, and not to `0`).
    pub offline: bool,
    /// Every variable of the process, for uv and pip: their index, proxy and CA settings hold.
    pub variables: BTreeMap<OsString, OsString>,
    /// Names under which a Python is looked for, best first.
    pub pythons: Vec<String>,
}

impl AzEnvironment {
    /// The environment of this process.
    pub fn from_process() -> Self {
        Self::from_variables(std::env::vars_os())
    }

    /// The environment that these variables describe.
    pub fn from_variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let variables: BTreeMap<_, _> = variables.into_iter().collect();
        let get = |name: &str| {
            variables
                .get(OsStr::new(name))
                .filter(|value| !value.is_empty())
        };
        // The XDG base directory specification says that a relative path is to be ignored.
        let absolute = |name: &str| {
            get(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let cache = get("DOCPROOF_CACHE")
            .and_then(|folder| std::path::absolute(folder).ok())
            .or_else(|| absolute("XDG_CACHE_HOME").map(|folder| folder.join("docproof")))
            .or_else(|| absolute("HOME").map(|home| home.join(".cache/docproof")))
            .unwrap_or_else(cache_without_home);
        Self {
            path: get("PATH").cloned().unwrap_or_default(),
            cache,
            offline: get("DOCPROOF_OFFLINE").is_some_and(|value| value != "0"),
            pythons: [
                "python3",
                "python3.13",
                "python3.12",
                "python3.11",
                "python3.10",
                "python",
            ]
            .map(str::to_owned)
            .to_vec(),
            variables,
        }
    }

    /// Every executable of that name on PATH, in order.
    pub(super) fn programs(&self, name: &str) -> Vec<PathBuf> {
        programs(&self.path, name)
    }

    /// The variables for a child: the user's, without those that lead Python, uv or pip away from
    /// the folder they are told to work in.
    pub(super) fn child_variables(&self) -> BTreeMap<OsString, OsString> {
        const MISLEADING: [&str; 16] = [
            "PYTHONHOME",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PYTHONUSERBASE",
            "PYTHONDONTWRITEBYTECODE",
            "VIRTUAL_ENV",
            "CONDA_PREFIX",
            "PIP_TARGET",
            "PIP_PREFIX",
            "PIP_USER",
            "PIP_ROOT",
            "PIP_REQUIRE_VIRTUALENV",
            "UV_PYTHON",
            "UV_SYSTEM_PYTHON",
            "UV_PROJECT_ENVIRONMENT",
            "UV_BREAK_SYSTEM_PACKAGES",
        ];
        let mut variables = self.variables.clone();
        for name in MISLEADING {
            variables.remove(OsStr::new(name));
        }
        variables.insert("PATH".into(), self.path.clone());
        variables
    }
}

/// Every executable of that name in the folders of `path`, in order.
pub(super) fn programs(path: &OsStr, name: &str) -> Vec<PathBuf> {
    std::env::split_paths(path)
        .filter(|folder| !folder.as_os_str().is_empty())
        .filter_map(|folder| std::path::absolute(folder.join(name)).ok())
        .filter(|file| is_executable(file))
        .collect()
}

/// Whether this is a file that somebody may execute.
pub(super) fn is_executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Where there is no HOME (a service, a bare container), the password database knows one.
fn cache_without_home() -> PathBuf {
    let user = nix::unistd::getuid();
    match nix::unistd::User::from_uid(user) {
        Ok(Some(entry)) if entry.dir.is_absolute() => entry.dir.join(".cache/docproof"),
        _ => PathBuf::from(format!("/var/tmp/docproof-{user}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> AzEnvironment {
        AzEnvironment::from_variables(pairs.iter().map(|(k, v)| (k.into(), v.into())))
    }

    #[test]
    fn the_cache_follows_docproof_then_xdg_then_home() {
        let home = ("HOME", "/h");
        assert_eq!(from(&[home]).cache, Path::new("/h/.cache/docproof"));
        assert_eq!(
            from(&[home, ("XDG_CACHE_HOME", "/x")]).cache,
            Path::new("/x/docproof")
        );
        assert_eq!(
            from(&[home, ("XDG_CACHE_HOME", "x")]).cache,
            Path::new("/h/.cache/docproof")
        );
        let all = [home, ("XDG_CACHE_HOME", "/x"), ("DOCPROOF_CACHE", "/d")];
        assert_eq!(from(&all).cache, Path::new("/d"));
        assert!(from(&[]).cache.is_absolute());
    }

    #[test]
    fn offline_is_a_choice() {
        assert!(!from(&[]).offline);
        assert!(!from(&[("DOCPROOF_OFFLINE", "0")]).offline);
        assert!(!from(&[("DOCPROOF_OFFLINE", "")]).offline);
        assert!(from(&[("DOCPROOF_OFFLINE", "1")]).offline);
    }

    #[test]
    fn an_active_environment_does_not_reach_the_children() {
        let environment = from(&[
            ("VIRTUAL_ENV", "/v"),
            ("PIP_USER", "1"),
            ("PIP_INDEX_URL", "i"),
        ]);
        let variables = environment.child_variables();
        assert!(!variables.contains_key(OsStr::new("VIRTUAL_ENV")));
        assert!(!variables.contains_key(OsStr::new("PIP_USER")));
        assert!(variables.contains_key(OsStr::new("PIP_INDEX_URL")));
    }
}
