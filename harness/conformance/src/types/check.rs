//! One body against one type.

use super::{TypeError, target};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Flags of properties in a types file.
const REQUIRED: u64 = 1;
const READ_ONLY: u64 = 2;
const WRITE_ONLY: u64 = 4;
const DEPLOY_TIME: u64 = 8;

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// From Azure.
    Answer,
    /// To Azure, the whole resource.
    Request,
    /// To Azure, what is to change of it.
    Patch,
}

/// A check of one body.
pub(super) struct Check<'a> {
    /// The types of its file, by index.
    pub(super) types: &'a [Value],
    /// What errors call it.
    pub(super) kind: String,
    /// Which way it goes.
    pub(super) side: Side,
    /// What was found.
    pub(super) errors: &'a mut BTreeSet<TypeError>,
}

impl Check<'_> {
    fn error(&mut self, at: &str, what: impl Into<String>) {
        self.errors.insert(TypeError {
            kind: self.kind.clone(),
            at: at.to_owned(),
            what: what.into(),
        });
    }

    /// Checks a value against the type at `index`.
    pub(super) fn value(&mut self, index: usize, value: &Value, at: &str) {
        // Null takes something away.
        if self.side == Side::Patch && value.is_null() {
            return;
        }
        let Some(kind) = self.types.get(index) else {
            return;
        };
        let wrong = |wanted: &str| format!("is {}, not {wanted}", name_of(value));
        match kind["$type"].as_str().unwrap_or_default() {
            "ObjectType" => match value {
                Value::Object(map) => {
                    let own = kind["properties"].as_object();
                    let more = target(&kind["additionalProperties"]);
                    self.object(own.into_iter().flatten(), more, map, at);
                }
                _ => self.error(at, wrong("an object")),
            },
            "DiscriminatedObjectType" => match value {
                Value::Object(map) => {
                    let key = kind["discriminator"].as_str().unwrap_or_default();
                    let chosen = map.get(key).and_then(Value::as_str).unwrap_or_default();
                    let chosen = target(&kind["elements"][chosen]);
                    let chosen = chosen.and_then(|index| self.types.get(index));
                    let own = chosen.and_then(|kind| kind["properties"].as_object());
                    let base = kind["baseProperties"].as_object();
                    let all = base.into_iter().flatten().chain(own.into_iter().flatten());
                    self.object(all, None, map, at);
                }
                _ => self.error(at, wrong("an object")),
            },
            "ArrayType" => match (value, target(&kind["itemType"])) {
                (Value::Array(items), Some(item)) => {
                    for value in items {
                        self.value(item, value, &format!("{at}/*"));
                    }
                }
                _ => self.error(at, wrong("a list")),
            },
            "UnionType" => self.union(kind, value, at),
            "StringType" if !value.is_string() => self.error(at, wrong("a text")),
            "IntegerType" if !value.is_number() => self.error(at, wrong("a number")),
            "BooleanType" if !value.is_boolean() => self.error(at, wrong("a boolean")),
            // The names of types are written in several ways, also by Azure.
            "StringLiteralType" => {
                let wanted = kind["value"].as_str().unwrap_or_default();
                let same = value
                    .as_str()
                    .is_some_and(|own| own.eq_ignore_ascii_case(wanted));
                if !same {
                    self.error(at, format!("is {value}, not \"{wanted}\""));
                }
            }
            _ => {}
        }
    }

    /// Whether a required property may be missing: the URL says what templates have to.
    fn may_lack(&self, flags: u64) -> bool {
        match self.side {
            Side::Answer => flags & (WRITE_ONLY | DEPLOY_TIME) != 0,
            Side::Request => flags & (READ_ONLY | DEPLOY_TIME) != 0,
            Side::Patch => true,
        }
    }

    /// One of several types; texts outside of an enumeration are wrong unless any text is one of them.
    fn union(&mut self, kind: &Value, value: &Value, at: &str) {
        let elements: Vec<usize> = kind["elements"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(target)
            .collect();
        let fits = elements.iter().any(|element| {
            let mut errors = BTreeSet::new();
            let mut check = Check {
                types: self.types,
                kind: self.kind.clone(),
                side: self.side,
                errors: &mut errors,
            };
            check.value(*element, value, at);
            errors.is_empty()
        });
        if !fits {
            self.error(at, format!("is {value}, which is none of the allowed ones"));
        }
    }

    fn object<'b>(
        &mut self,
        properties: impl Iterator<Item = (&'b String, &'b Value)>,
        more: Option<usize>,
        map: &Map<String, Value>,
        at: &str,
    ) {
        let mut known = BTreeSet::new();
        for (name, property) in properties {
            known.insert(name.as_str());
            let flags = property["flags"].as_u64().unwrap_or_default();
            let place = format!("{at}/{name}");
            let answer = self.side == Side::Answer;
            match map.get(name) {
                Some(_) if answer && flags & WRITE_ONLY != 0 => {
                    self.error(&place, "is never answered");
                }
                // Clients send back what they were shown, and it is ignored.
                Some(_) if !answer && flags & READ_ONLY != 0 => {}
                // Null stands for absent where nothing is required.
                Some(Value::Null) if flags & REQUIRED == 0 => {}
                Some(value) => {
                    if let Some(index) = target(&property["type"]) {
                        self.value(index, value, &place);
                    }
                }
                None if flags & REQUIRED != 0 && !self.may_lack(flags) => {
                    self.error(&place, "is missing");
                }
                None => {}
            }
        }
        for (name, value) in map {
            if known.contains(name.as_str()) {
                continue;
            }
            match more {
                Some(index) => self.value(index, value, &format!("{at}/*")),
                None => self.error(&format!("{at}/{name}"), "is no property of the type"),
            }
        }
    }
}

/// What a value is, in words.
pub(crate) fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
