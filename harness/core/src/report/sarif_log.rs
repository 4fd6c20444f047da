//! What every SARIF 2.1.0 log of docproof has.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What a path keeps in a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The folder that relative paths begin at: the one docproof was started in.
const ROOT: &str = "%SRCROOT%";

/// A log of one run, which knows these rules.
pub(super) fn log(rules: Vec<Value>, results: Vec<Value>) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "docproof",
                "version": version,
                "semanticVersion": version,
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "the folder that docproof was started in" } },
            },
            "results": results,
        }],
    })
}

/// A file.
pub(super) fn artifact(file: &str) -> Value {
    let path = utf8_percent_encode(file, PATH).to_string();
    if file.starts_with('/') {
        json!({ "uri": format!("file://{path}") })
    } else {
        json!({ "uri": path, "uriBaseId": ROOT })
    }
}

/// What says that two results of different logs are about the same.
pub(super) fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hash = hash.finalize();
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
