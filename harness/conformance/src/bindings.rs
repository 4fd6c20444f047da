//! What recorded ids, hosts and generated names are called in the emulator ([`Bindings`]).

use serde_json::Value;
use std::collections::BTreeMap;

/// The id that the recorder put in place of the subscription's, and sometimes of others.
pub(crate) const ZERO: &str = "00000000-0000-0000-0000-000000000000";

/// Recorded text to the emulator's. What is bound once is substituted wherever it appears later.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    /// By lower-cased recorded text.
    actual: BTreeMap<String, String>,
    /// The emulator's subscription.
    subscription: String,
}

impl Bindings {
    /// Knows the subscription only.
    pub(crate) fn new(subscription: &str) -> Self {
        Self {
            actual: BTreeMap::new(),
            subscription: subscription.to_owned(),
        }
    }

    /// Binds recorded text, unless it is bound already or says nothing of its own.
    pub(crate) fn bind(&mut self, recorded: &str, actual: &str) {
        if recorded.is_empty()
            || recorded == actual
            || recorded.contains(ZERO)
            || recorded.starts_with('<')
        {
            return;
        }
        let key = recorded.to_ascii_lowercase();
        // Some services write an id without its dashes.
        if is_guid(recorded) && is_guid(actual) {
            self.actual
                .entry(key.replace('-', ""))
                .or_insert_with(|| actual.replace('-', ""));
        }
        self.actual.entry(key).or_insert_with(|| actual.to_owned());
    }

    /// What recorded text is bound to.
    pub(crate) fn get(&self, recorded: &str) -> Option<&str> {
        self.actual
            .get(&recorded.to_ascii_lowercase())
            .map(String::as_str)
    }

    /// Recorded text in the emulator's words.
    pub(crate) fn apply(&self, recorded: &str) -> String {
        let mut text = recorded.replace(
            &format!("/subscriptions/{ZERO}"),
            &format!("/subscriptions/{}", self.subscription),
        );
        // Longer ones first: one may be part of another.
        let mut bound: Vec<_> = self.actual.iter().collect();
        bound.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
        for (key, actual) in bound {
            text = replace(&text, key, actual);
        }
        text
    }

    /// A recorded body in the emulator's words, keys included.
    pub(crate) fn apply_to(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.apply(text)),
            Value::Array(items) => items.iter().map(|item| self.apply_to(item)).collect(),
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, value)| (self.apply(key), self.apply_to(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}

/// Replaces `from` (lower case) whatever its case in `text`.
fn replace(text: &str, from: &str, to: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains(from) {
        return text.to_owned();
    }
    let (mut out, mut rest) = (String::new(), 0);
    while let Some(at) = lower[rest..].find(from) {
        out.push_str(&text[rest..rest + at]);
        out.push_str(to);
        rest += at + from.len();
    }
    out.push_str(&text[rest..]);
    out
}

/// Whether text is a GUID with dashes.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::parse_str(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_bound_first_stays_and_is_found_in_any_case() {
        let mut bindings = Bindings::new("S");
        let (a, b) = (
            "38eac2d9-6dd6-4e7b-b8e8-acb85e6bbd8b",
            "c8ae5cba-7e05-46af-8b5e-6440546db094",
        );
        bindings.bind(a, b);
        bindings.bind(a, "other");
        assert_eq!(
            bindings.apply(&format!("x/{}", a.to_uppercase())),
            format!("x/{b}")
        );
        assert_eq!(bindings.apply(&a.replace('-', "")), b.replace('-', ""));
        assert_eq!(
            bindings.apply(&format!("/subscriptions/{ZERO}/x")),
            "/subscriptions/S/x"
        );
    }
}
