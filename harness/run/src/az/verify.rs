//! Whether what was installed is whole and starts.
//!
//! uv compares what it downloads with the index's hashes. What can still go wrong is that files
//! were cut short while they were put in place; their sizes show that, without reading 340 MB.

use super::environment::AzEnvironment;
use super::{Az, PINNED_VERSION};
use std::path::Path;

/// Compares every file that the packages' `RECORD`s name with its recorded size. The error names
/// the first that is missing or of another size; the value is how many were compared.
pub(super) fn files(packages: &Path) -> Result<usize, String> {
    let entries = std::fs::read_dir(packages)
        .map_err(|error| format!("{} cannot be read: {error}", packages.display()))?;
    let mut count = 0;
    for folder in entries.flatten().map(|entry| entry.path()) {
        if folder
            .extension()
            .is_none_or(|extension| extension != "dist-info")
        {
            continue;
        }
        let record = std::fs::read_to_string(folder.join("RECORD"))
            .map_err(|_| format!("{} has no RECORD", folder.display()))?;
        for (name, size) in record.lines().filter_map(entry) {
            let file = packages.join(&name);
            match file.metadata() {
                Ok(data) if data.len() == size => count += 1,
                Ok(data) => {
                    let actual = data.len();
                    return Err(format!("{name} has {actual} bytes instead of {size}"));
                }
                Err(error) => return Err(format!("{name} is missing: {error}")),
            }
        }
    }
    if count == 0 {
        Err(format!("{} has no packages", packages.display()))
    } else {
        Ok(count)
    }
}

/// Name and size in a line of a RECORD (`name,hash,size`, CSV); none where no size is recorded.
fn entry(line: &str) -> Option<(String, u64)> {
    let mut fields = line.rsplitn(3, ',');
    let size = fields.next()?.trim().parse().ok()?;
    let name = fields.nth(1)?;
    let name = match name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
    {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => name.to_owned(),
    };
    Some((name, size))
}

/// Starts it once, with a home of its own. The value is what it wrote to standard error.
pub(super) fn starts(az: &Az, environment: &AzEnvironment) -> Result<Option<String>, String> {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut variables = environment.child_variables();
    variables.insert("HOME".into(), home.path().into());
    variables.insert("AZURE_CONFIG_DIR".into(), home.path().join(".azure").into());
    variables.insert("AZURE_CORE_COLLECT_TELEMETRY".into(), "0".into());
    variables.insert("PYTHONNOUSERSITE".into(), "1".into());
    let output = duct::cmd(&az.program, ["version", "--output", "json"])
        .dir(home.path())
        .full_env(variables)
        .stdin_null()
        .stdout_capture()
        .stderr_capture()
        .unchecked()
        .run()
        .map_err(|error| format!("az cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if !output.status.success() {
        return Err(format!("`az version` failed: {said}"));
    }
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("`az version` does not answer JSON: {error}"))?;
    match answer.get("azure-cli").and_then(serde_json::Value::as_str) {
        Some(PINNED_VERSION) => Ok((!said.is_empty()).then_some(said)),
        Some(other) => Err(format!("`az version` says {other}")),
        None => Err("`az version` does not say its version".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_or_cut_short_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(files(folder.path()).unwrap_err().contains("no packages"));
        let info = folder.path().join("x-1.dist-info");
        std::fs::create_dir(&info).unwrap();
        assert!(files(folder.path()).unwrap_err().contains("no RECORD"));
        std::fs::write(
            info.join("RECORD"),
            "x.py,sha256=abc,3\nx-1.dist-info/RECORD,,\n",
        )
        .unwrap();
        assert!(
            files(folder.path())
                .unwrap_err()
                .contains("x.py is missing")
        );
        std::fs::write(folder.path().join("x.py"), "12").unwrap();
        assert!(
            files(folder.path())
                .unwrap_err()
                .contains("2 bytes instead of 3")
        );
        std::fs::write(folder.path().join("x.py"), "123").unwrap();
        assert_eq!(files(folder.path()), Ok(1));
    }

    #[test]
    fn names_with_commas_are_quoted() {
        assert_eq!(
            entry("\"a,\"\"b\",sha256=x,7"),
            Some(("a,\"b".to_owned(), 7))
        );
        assert_eq!(entry("a/RECORD,,"), None);
        assert_eq!(entry(""), None);
        assert_eq!(entry("7"), None);
    }
}
