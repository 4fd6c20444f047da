//! What `az` and Azure said to each other, as a recording that others may read: [`write()`].
//!
//! The format is that of the recordings that the emulator is held against (`docproof emulator
//! conformance`): one exchange a line. Subscription ids are zeros, other ids are other ids, the same each
//! time; secrets are `<scrubbed>`, names are the article's.

use super::azlog::Seen;
use docproof_core::naming::Names;
use docproof_core::redaction::Tracker;
use regex::{Captures, Regex};
use serde_json::{Map, Value, json};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::LazyLock;

/// Headers that say nothing about how Azure answers.
const NOISE: [&str; 8] = [
    "connection",
    "content-length",
    "date",
    "set-cookie",
    "transfer-encoding",
    "vary",
    "x-ms-correlation-request-id",
    "x-ms-request-id",
];

/// Writes the exchanges of a walkthrough to a file of its name.
pub(super) fn write(
    folder: &Path,
    scenario: &str,
    seen: &[Seen],
    names: &Names,
    tracker: &Tracker,
) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let scrub = |text: &str| scrubbed(&names.restore(text), tracker);
    let mut lines: Vec<Value> = Vec::new();
    for one in seen {
        let headers = one.headers.iter();
        let headers = headers.filter(|(name, _)| !NOISE.contains(&name.as_str()));
        let headers: Map<String, Value> = headers
            .map(|(name, value)| (name.clone(), json!(scrub(value))))
            .collect();
        let line = json!({
            "method": one.method,
            "url": scrub(&one.url),
            "command": one.command,
            "request": body(&one.request, &scrub),
            "status": one.status,
            "headers": headers,
            "response": body(&one.response, &scrub),
        });
        match lines.last_mut() {
            Some(last) if one.method == "GET" && is_again(last, &line) => {
                let repeats = last["repeats"].as_u64().unwrap_or_default();
                last["repeats"] = json!(repeats + 1);
            }
            _ => lines.push(line),
        }
    }
    let mut file = std::fs::File::create(folder.join(format!("{scenario}.jsonl")))?;
    for line in lines {
        writeln!(file, "{line}")?;
    }
    Ok(())
}

fn is_again(last: &Value, line: &Value) -> bool {
    ["method", "url", "status", "response"]
        .iter()
        .all(|field| last[field] == line[field])
}

/// JSON as JSON, anything else as a text, nothing as null.
fn body(text: &str, scrub: &dyn Fn(&str) -> String) -> Value {
    if text.trim().is_empty() {
        return Value::Null;
    }
    match serde_json::from_str(text) {
        Ok(mut value) => {
            scrub_all(&mut value, scrub);
            value
        }
        Err(_) => json!(scrub(text)),
    }
}

fn scrub_all(value: &mut Value, scrub: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = scrub(text),
        Value::Array(items) => items.iter_mut().for_each(|item| scrub_all(item, scrub)),
        Value::Object(fields) => {
            let old = std::mem::take(fields);
            for (name, mut field) in old {
                scrub_all(&mut field, scrub);
                fields.insert(scrub(&name), field);
            }
        }
        _ => {}
    }
}

/// A text without what a tracker knows, in the words of recordings.
fn scrubbed(text: &str, tracker: &Tracker) -> String {
    let text = tracker.redact(text);
    let Some(mask) = MASK.as_ref() else {
        return String::new();
    };
    let text = mask.replace_all(&text, |found: &Captures<'_>| match &found[0] {
        "***" => "<scrubbed>".to_owned(),
        "<subscription-id>" => uuid::Uuid::nil().to_string(),
        account if account.starts_with("<account") => "user@example.com".to_owned(),
        // The same id each time, and nobody's.
        other => uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, other.as_bytes()).to_string(),
    });
    text.into_owned()
}

static MASK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\*\*\*|<(?:subscription-id|tenant-id|object-id|client-id|account)(?:-\d+)?>").ok()
});

#[cfg(test)]
mod tests {
    use super::*;
    use docproof_core::naming::RunId;
    use docproof_core::redaction::Kind;

    const SUBSCRIPTION: &str = "0b1f6471-1bf0-4dda-aec3-cb9272f09590";
    const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";

    #[test]
    fn a_recording_has_nobodys_ids_and_the_articles_names() {
        let mut tracker = Tracker::new(false);
        tracker.track(Kind::Subscription, SUBSCRIPTION);
        tracker.track(Kind::Tenant, TENANT);
        tracker.track(Kind::Secret, "hushhush \"quoted\"");
        let run = RunId::parse("k3v9q2x7ma").unwrap();
        let names = Names::new(&run, &[("rg".into(), "resource-group".into())]);
        let name = &names.all()[0].run;
        let get = Seen {
            method: "GET".into(),
            url: format!("https://management.azure.com/subscriptions/{SUBSCRIPTION}/x/{name}"),
            status: 200,
            response: json!({ "tenantId": TENANT, "value": "hushhush \"quoted\"", "name": name })
                .to_string(),
            headers: [("date".to_owned(), "now".to_owned())].into(),
            ..Seen::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let seen = [get.clone(), get];
        write(folder.path(), "s", &seen, &names, &tracker).unwrap();
        let text = std::fs::read_to_string(folder.path().join("s.jsonl")).unwrap();
        for hidden in [SUBSCRIPTION, TENANT, "hushhush", "k3v9q2x7ma", "now"] {
            assert!(!text.contains(hidden), "{text}");
        }
        let [line] = &text.lines().collect::<Vec<_>>()[..] else {
            panic!("{text}");
        };
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["repeats"], 1);
        assert_eq!(line["response"]["name"], "rg");
        assert_eq!(line["response"]["value"], "<scrubbed>");
        assert_eq!(line["response"]["tenantId"].as_str().unwrap().len(), 36);
    }
}
