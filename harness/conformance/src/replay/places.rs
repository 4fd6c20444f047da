//! What URLs and bodies are about: hosts with paths, addresses of operations, ids that were removed.

use crate::recording::unsigned;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// Host and path of a URL, lower case.
pub(super) fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('?')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// What a request is about: a path, or a secret, which is seen at several paths of its vault.
pub(super) fn subject(url: &str) -> String {
    let place = place(url);
    match place.split_once('/') {
        Some((host, path)) if host.ends_with(".vault.azure.net") => {
            match path.split('/').nth(1).filter(|name| !name.is_empty()) {
                Some(name) => format!("{host}/{name}"),
                None => host.to_owned(),
            }
        }
        _ => place,
    }
}

/// A URL as links are found by: without signature, decoded, lower case.
pub(super) fn address(url: &str) -> String {
    percent_decode_str(&unsigned(url))
        .decode_utf8_lossy()
        .to_ascii_lowercase()
        .replace(":443/", "/")
}

/// Sets a key, wherever it has the id that stands for a removed one.
pub(super) fn set_key(value: &mut Value, name: &str, id: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if key == name && value == crate::bindings::ZERO {
                    *value = json!(id);
                }
                set_key(value, name, id);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set_key(item, name, id)),
        _ => {}
    }
}
