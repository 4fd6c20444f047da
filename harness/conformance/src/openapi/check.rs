//! One body against one schema.

use super::{Apis, Place, Shape};
use crate::types::{TypeError, name_of};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A check of one body.
pub(super) struct Check<'a> {
    /// Where references lead.
    pub(super) apis: &'a Apis,
    /// What errors call the request.
    pub(super) kind: String,
    /// Whether what is required may be missing.
    pub(super) partial: bool,
    /// What was found.
    pub(super) errors: BTreeSet<TypeError>,
}

impl Check<'_> {
    fn error(&mut self, at: &str, what: impl Into<String>) {
        self.errors.insert(TypeError {
            kind: self.kind.clone(),
            at: at.to_owned(),
            what: what.into(),
        });
    }

    /// Checks a value against a schema.
    pub(super) fn value(&mut self, place: Place<'_>, value: &Value, at: &str, depth: usize) {
        let apis = self.apis;
        let Place { file, schema } = apis.resolve(place);
        if depth == 0 {
            return;
        }
        let wrong = |wanted: &str| format!("is {}, not {wanted}", name_of(value));
        match schema["type"].as_str().unwrap_or("object") {
            "string" if !value.is_string() => self.error(at, wrong("a text")),
            "integer" | "number" if !value.is_number() => self.error(at, wrong("a number")),
            "boolean" if !value.is_boolean() => self.error(at, wrong("a boolean")),
            "array" => match value.as_array() {
                Some(items) => {
                    let schema = &schema["items"];
                    for item in items {
                        self.value(Place { file, schema }, item, &format!("{at}/*"), depth - 1);
                    }
                }
                None => self.error(at, wrong("a list")),
            },
            "object" => {
                let mut shape = Shape::default();
                apis.shape(place, &mut shape, depth);
                let more = &schema["additionalProperties"];
                match value.as_object() {
                    Some(map) => {
                        let more = more.is_object().then_some(Place { file, schema: more });
                        self.object(&shape, more, map, at, depth);
                    }
                    None if schema["type"] == "object" || !shape.properties.is_empty() => {
                        self.error(at, wrong("an object"));
                    }
                    None => {}
                }
            }
            _ => self.one_of(schema, value, at),
        }
    }

    /// A text that must be one of several, unless the service may have more of them.
    fn one_of(&mut self, schema: &Value, value: &Value, at: &str) {
        let closed = schema["x-ms-enum"]["modelAsString"] != true;
        let (Some(known), Some(text)) = (schema["enum"].as_array(), value.as_str()) else {
            return;
        };
        let same = |one: &Value| {
            one.as_str()
                .is_some_and(|one| one.eq_ignore_ascii_case(text))
        };
        if closed && !known.iter().any(same) {
            self.error(at, format!("is {value}, which is none of the allowed ones"));
        }
    }

    fn object(
        &mut self,
        shape: &Shape<'_>,
        more: Option<Place<'_>>,
        map: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) {
        for (name, value) in map {
            let place = format!("{at}/{name}");
            match shape.properties.get(name.as_str()) {
                Some(own) if own.schema["readOnly"] == true => {}
                // Null stands for absent.
                Some(_) if value.is_null() && !shape.required.contains(name.as_str()) => {}
                Some(own) => self.value(*own, value, &place, depth - 1),
                None => match more {
                    Some(more) => self.value(more, value, &format!("{at}/*"), depth - 1),
                    None if shape.open || shape.properties.is_empty() => {}
                    None => self.error(&place, "is no property of the type"),
                },
            }
        }
        let missing: Vec<&str> = shape
            .required
            .iter()
            .copied()
            .filter(|name| !self.partial && !map.contains_key(*name))
            .filter(|name| {
                let own = shape.properties.get(name);
                own.is_none_or(|own| own.schema["readOnly"] != true)
            })
            .collect();
        for name in missing {
            self.error(&format!("{at}/{name}"), "is missing");
        }
    }
}
