//! Recordings: one file each, one exchange per line ([`Recording`]).

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a client and Azure said to each other, in order.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The file's name without its extension.
    pub name: String,
    /// The exchanges.
    pub exchanges: Vec<Exchange>,
}

/// One request and its answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The command that sent it, where that is known.
    #[serde(default)]
    pub command: Option<String>,
    /// The request's body; null for none.
    #[serde(default)]
    pub request: Value,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers, names in lower case.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The answer's body; null for none.
    #[serde(default)]
    pub response: Value,
    /// How many more times the same GET was answered the same; the recorder left those out.
    #[serde(default)]
    pub repeats: u64,
    /// Whether the recorder cut long lists in the body.
    #[serde(default)]
    pub trimmed: bool,
}

/// Why recordings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A folder or file cannot be read.
    #[error("{path}: {source}", path = .path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is no exchange.
    #[error("{path}:{line}: no exchange: {source}", path = .path.display())]
    NoExchange {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// There is nothing to read.
    #[error("{path}: no recording (`*.jsonl`) in it", path = .0.display())]
    Nothing(PathBuf),
}

impl Recording {
    /// Reads one file.
    ///
    /// # Errors
    /// If it cannot be read, or a line of it is no exchange.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let text = std::fs::read_to_string(path).map_err(|source| ReadError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut exchanges = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let mut exchange: Exchange =
                serde_json::from_str(line).map_err(|source| ReadError::NoExchange {
                    path: path.to_owned(),
                    line: index + 1,
                    source,
                })?;
            let headers = std::mem::take(&mut exchange.headers).into_iter();
            exchange.headers = headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect();
            exchanges.push(exchange);
        }
        Ok(Self {
            name: name.into_owned(),
            exchanges,
        })
    }

    /// Reads every `*.jsonl` of a folder, by name; a file is a folder with one.
    ///
    /// # Errors
    /// If one cannot be read, or there is none.
    pub fn read_all(path: &Path) -> Result<Vec<Self>, ReadError> {
        let unreadable = |source| ReadError::Unreadable {
            path: path.to_owned(),
            source,
        };
        if path.is_file() {
            return Ok(vec![Self::read(path)?]);
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|end| end == "jsonl") {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(ReadError::Nothing(path.to_owned()));
        }
        files.iter().map(|file| Self::read(file)).collect()
    }
}

impl Exchange {
    /// The URL's host, without port.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        host.split(':').next().unwrap_or_default()
    }

    /// The URL's path, as sent.
    pub fn path(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find('/').map_or("", |at| &rest[at..]);
        path.split('?').next().unwrap_or_default()
    }

    /// The value of a query parameter, not decoded.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let query = self.url.split_once('?')?.1;
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Whether this is a client that asks the same once more and is told the same once more: a poll
    /// (its URL differs by the signature only), or a repetition after a refusal.
    pub(crate) fn repeats(&self, before: &Self) -> bool {
        self.method == before.method
            && self.status == before.status
            && unsigned(&self.url) == unsigned(&before.url)
            && self.request == before.request
            && alike(&self.response, &before.response)
    }

    /// Whether the answer says that something is still under way.
    pub(crate) fn is_under_way(&self) -> bool {
        const WORDS: [&str; 16] = [
            "accepted",
            "creating",
            "deleting",
            "inprogress",
            "initializationinprogress",
            "infrastructuresetupinprogress",
            "notstarted",
            "pending",
            "processing",
            "provisioning",
            "registering",
            "registeringdns",
            "running",
            "unregistering",
            "updating",
            "waiting",
        ];
        if self.method == "GET" && self.status == 202 {
            return true;
        }
        // A secret that was just deleted cannot be seen yet, neither live nor deleted.
        let code = self.response.pointer("/error/innererror/code");
        if code.is_some_and(|code| code == "ObjectIsBeingDeleted")
            || (self.status == 404 && self.path().starts_with("/deletedsecrets/"))
        {
            return true;
        }
        [
            "/status",
            "/properties/provisioningState",
            "/registrationState",
        ]
        .iter()
        .filter_map(|pointer| self.response.pointer(pointer)?.as_str())
        .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
    }
}

/// A URL without the signature that ARM adds to the addresses of operations.
pub(crate) fn unsigned(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !["t", "c", "s", "h"].contains(&name)
        })
        .collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

/// Whether two answers differ in times and trace ids at most.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| alike(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (Value::String(a), Value::String(b)) => {
            let plain =
                |text: &str| -> String { text.chars().filter(|c| !c.is_ascii_digit()).collect() };
            a == b
                || (a.len() == b.len()
                    && a.len() < 40
                    && plain(a) == plain(b)
                    && !plain(a).is_empty())
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn exchange(url: &str, response: Value) -> Exchange {
        serde_json::from_value(json!({
            "method": "GET", "url": url, "status": 200, "response": response,
        }))
        .unwrap()
    }

    #[test]
    fn another_state_is_no_repetition() {
        let first = exchange(
            "https://a/op?t=1&api-version=1",
            json!({"status": "Pending"}),
        );
        let same = exchange(
            "https://a/op?t=2&api-version=1",
            json!({"status": "Pending"}),
        );
        let done = exchange(
            "https://a/op?t=3&api-version=1",
            json!({"status": "Succeeded"}),
        );
        assert!(same.repeats(&first));
        assert!(!done.repeats(&same));
        assert!(first.is_under_way() && !done.is_under_way());
    }

    #[test]
    fn a_url_is_taken_apart() {
        let one = exchange("https://h.x:443/a/b?c=d&$e=f", Value::Null);
        assert_eq!(
            (one.host(), one.path(), one.query("$E")),
            ("h.x", "/a/b", Some("f"))
        );
        assert_eq!(unsigned("https://a/b?s=1"), "https://a/b");
    }
}
