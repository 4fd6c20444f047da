//! What `--format sarif` writes is SARIF 2.1.0.

use libtest_mimic::Failed;
use serde_json::Value;

/// Holds the output of every case against the schema.
pub(crate) fn is_valid() -> Result<(), Failed> {
    let schema = std::fs::read_to_string(crate::here().join("sarif-schema/sarif-2.1.0.json"))?;
    // One expression of the schema has a bracket too many: it is for languages, which are not told.
    let schema = schema.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema)?;
    let validator = jsonschema::validator_for(&schema)?;
    let mut results = 0;
    for case in crate::cases() {
        let folder = crate::copy_of(&case);
        let command = match folder.path().join("events").is_dir() {
            true => "docproof report events/* --format sarif",
            false => "docproof check . --format sarif",
        };
        let output = crate::shell(command, folder.path());
        let log: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("{}: {error}", case.display()))?;
        let wrong: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {}: {error}", case.display(), error.instance_path()))
            .collect();
        if !wrong.is_empty() {
            return Err(wrong.join("\n").into());
        }
        results += log["runs"][0]["results"].as_array().map_or(0, Vec::len);
    }
    if results == 0 {
        return Err("no case has a finding, so nothing was tried".into());
    }
    // The validator must be able to say no.
    if validator.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{ "results": [] }] })) {
        return Err("the schema takes a run without a tool".into());
    }
    Ok(())
}
