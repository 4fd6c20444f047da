//! A JSON sample as it was read: [`Node`].

use super::align::Item;
use super::text::TextPattern;
use crate::source::Position;
use serde_json::{Number, Value};

/// A value of a sample.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) position: Position,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(TextPattern),
    /// Seconds, in a field that holds a time: an integer, or digits in quotes.
    Seconds {
        quoted: bool,
        source: String,
    },
    /// `...` or a bare `<name>`: any value.
    Any(TextPattern),
    Array(Vec<Item<Node>>),
    Object(Object),
}

/// An object of a sample, or the members that a fragment shows.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) members: Vec<Member>,
    /// Whether it may have more members than are shown.
    pub(super) open: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) position: Position,
    pub(super) key: TextPattern,
    pub(super) value: Node,
}

/// All of a JSON sample.
#[derive(Debug, Clone)]
pub(super) enum Document {
    /// One value after another, each shown from its beginning to its end.
    Values(Vec<Node>),
    /// Members without the braces around them; elisions part the groups.
    Members(Vec<Object>),
    /// Values between elisions: each is somewhere in the output.
    Somewhere(Vec<Node>),
}

/// Fields that hold a time in seconds, or a number of seconds that are left. Key Vault's
/// `attributes`, its deleted objects, and the token answers of Entra and the metadata endpoints.
const SECONDS: &[&str] = &[
    "created",
    "updated",
    "exp",
    "nbf",
    "iat",
    "expires",
    "expireson",
    "expires_on",
    "expiresin",
    "expires_in",
    "extexpiresin",
    "ext_expires_in",
    "expiresat",
    "expires_at",
    "notbefore",
    "not_before",
    "deleteddate",
    "scheduledpurgedate",
    "timestamp",
];

/// Whether a field's integers are times.
pub(super) fn holds_seconds(key: &str) -> bool {
    SECONDS.iter().any(|name| key.eq_ignore_ascii_case(name))
}

impl Node {
    /// What the sample shows, in a few words or as it is written.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "null".to_owned(),
            Kind::Bool(value) => value.to_string(),
            Kind::Number(number) => number.to_string(),
            Kind::Text(text) => quoted(text.source()),
            Kind::Seconds { source, .. } => source.clone(),
            Kind::Any(text) => text.source().to_owned(),
            Kind::Array(_) => "an array".to_owned(),
            Kind::Object(_) => "an object".to_owned(),
        }
    }

    /// The JSON type, with its article; `None` if any will do.
    pub(super) fn type_name(&self) -> Option<&'static str> {
        Some(match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) | Kind::Seconds { quoted: false, .. } => "a number",
            Kind::Text(_) | Kind::Seconds { quoted: true, .. } => "a string",
            Kind::Any(_) => return None,
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        })
    }
}

/// The JSON type of a value, with its article.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A text as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// A value on one line, cut where it would fill a screen.
pub(super) fn show(value: &Value) -> String {
    shorten(&value.to_string())
}

/// At most some 300 characters of a text.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
