//! What a walkthrough's commands need beside `az`.

use super::environment::programs;
use std::ffi::OsStr;

/// Which of the programs that walkthroughs use are not on this PATH, for `doctor`.
pub fn tools_missing(path: &OsStr) -> Vec<&'static str> {
    ["bash", "curl", "jq", "python3"]
        .into_iter()
        .filter(|name| programs(path, name).is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_that_is_not_executable_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("bash", 0o755), ("curl", 0o644)] {
            let file = folder.path().join(name);
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        std::fs::create_dir(folder.path().join("jq")).unwrap();
        assert_eq!(
            tools_missing(folder.path().as_os_str()),
            ["curl", "jq", "python3"]
        );
    }

    #[test]
    fn an_empty_path_has_nothing() {
        assert_eq!(tools_missing(OsStr::new("")).len(), 4);
    }
}
