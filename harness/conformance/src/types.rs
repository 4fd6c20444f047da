//! The types of Azure's resources, as `bicep-types-az` writes them ([`Types`]): whether an answer is
//! valid against the type of its api-version.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Flags of properties in a types file.
const REQUIRED: u64 = 1;
const WRITE_ONLY: u64 = 4;
const DEPLOY_TIME: u64 = 8;

/// Every type that is at hand, by lower-cased `type@version`.
#[derive(Debug, Default)]
pub struct Types {
    files: Vec<Vec<Value>>,
    bodies: BTreeMap<String, (usize, usize)>,
    /// The one version of each namespace.
    versions: BTreeMap<String, String>,
}

/// What came of a check.
#[derive(Debug, Default)]
pub struct Checked {
    /// How many resources of known types there were.
    pub resources: usize,
    /// What is wrong with them.
    pub errors: BTreeSet<TypeError>,
}

impl Checked {
    /// Adds what came of another check.
    pub fn add(&mut self, other: Self) {
        self.resources += other.resources;
        self.errors.extend(other.errors);
    }
}

/// Where a resource is not of its type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeError {
    /// The resource's type and version.
    pub kind: String,
    /// A JSON pointer, with `*` for the items of lists and for keys that are names.
    pub at: String,
    /// What is wrong.
    pub what: String,
}

impl Types {
    /// Reads every `types.json` below a folder.
    ///
    /// # Errors
    /// If a file cannot be read or is no list of types.
    pub fn read(folder: &Path) -> std::io::Result<Self> {
        let mut types = Self::default();
        types.read_folder(folder)?;
        Ok(types)
    }

    fn read_folder(&mut self, folder: &Path) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.read_folder(&path)?;
            } else if path.ends_with("types.json") {
                let list: Vec<Value> = serde_json::from_slice(&std::fs::read(&path)?)?;
                self.add(list);
            }
        }
        Ok(())
    }

    fn add(&mut self, list: Vec<Value>) {
        let file = self.files.len();
        for one in &list {
            if one["$type"] != "ResourceType" {
                continue;
            }
            let (Some(name), Some(body)) = (one["name"].as_str(), target(&one["body"])) else {
                continue;
            };
            if let Some((kind, version)) = name.split_once('@') {
                let namespace = kind.split('/').next().unwrap_or_default();
                self.versions
                    .insert(namespace.to_ascii_lowercase(), version.to_owned());
            }
            self.bodies.insert(name.to_ascii_lowercase(), (file, body));
        }
        self.files.push(list);
    }

    /// The version of a namespace (compared without case) whose types are at hand.
    pub fn version(&self, namespace: &str) -> Option<&str> {
        self.versions
            .get(&namespace.to_ascii_lowercase())
            .map(String::as_str)
    }

    /// What is wrong with the resources in an answer, all of them asked for in one version.
    pub fn check(&self, body: &Value, version: &str) -> Checked {
        let mut checked = Checked::default();
        self.find(body, version, &mut checked);
        checked
    }

    fn find(&self, body: &Value, version: &str, checked: &mut Checked) {
        match body {
            Value::Array(items) => {
                for item in items {
                    self.find(item, version, checked);
                }
            }
            Value::Object(map) => {
                let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
                let name = format!("{kind}@{version}").to_ascii_lowercase();
                match self.bodies.get(&name) {
                    Some((file, index)) if map.contains_key("id") => {
                        checked.resources += 1;
                        let mut check = Check {
                            types: &self.files[*file],
                            kind: format!("{kind}@{version}"),
                            errors: &mut checked.errors,
                        };
                        check.value(*index, body, "");
                    }
                    _ => {
                        for value in map.values() {
                            self.find(value, version, checked);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

struct Check<'a> {
    types: &'a [Value],
    kind: String,
    errors: &'a mut BTreeSet<TypeError>,
}

impl Check<'_> {
    fn error(&mut self, at: &str, what: impl Into<String>) {
        self.errors.insert(TypeError {
            kind: self.kind.clone(),
            at: at.to_owned(),
            what: what.into(),
        });
    }

    fn value(&mut self, index: usize, value: &Value, at: &str) {
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
            match map.get(name) {
                Some(_) if flags & WRITE_ONLY != 0 => self.error(&place, "is never answered"),
                // Null stands for absent where nothing is required.
                Some(Value::Null) if flags & REQUIRED == 0 => {}
                Some(value) => {
                    if let Some(index) = target(&property["type"]) {
                        self.value(index, value, &place);
                    }
                }
                None if flags & REQUIRED != 0 && flags & (WRITE_ONLY | DEPLOY_TIME) == 0 => {
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

/// The index that a reference points to.
fn target(reference: &Value) -> Option<usize> {
    reference["$ref"].as_str()?.strip_prefix("#/")?.parse().ok()
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn types() -> Types {
        let mut types = Types::default();
        let list = json!([
            {"$type": "StringType"},
            {"$type": "StringLiteralType", "value": "One"},
            {"$type": "UnionType", "elements": [{"$ref": "#/1"}]},
            {"$type": "ObjectType", "properties": {
                "id": {"type": {"$ref": "#/0"}, "flags": 10},
                "name": {"type": {"$ref": "#/0"}, "flags": 9},
                "type": {"type": {"$ref": "#/0"}, "flags": 10},
                "kind": {"type": {"$ref": "#/2"}, "flags": 1},
                "password": {"type": {"$ref": "#/0"}, "flags": 4},
                "tags": {"type": {"$ref": "#/4"}, "flags": 0},
            }},
            {"$type": "ObjectType", "properties": {}, "additionalProperties": {"$ref": "#/0"}},
            {"$type": "ResourceType", "name": "A.B/c@1", "body": {"$ref": "#/3"}},
        ]);
        types.add(serde_json::from_value(list).unwrap());
        types
    }

    fn errors(more: Value) -> Vec<String> {
        let mut resource = json!({"id": "/x", "type": "a.b/C", "name": "n", "kind": "One"});
        for (key, value) in more.as_object().unwrap() {
            resource[key] = value.clone();
        }
        let found = types().check(&json!({"value": [resource]}), "1");
        assert_eq!(found.resources, 1);
        found
            .errors
            .into_iter()
            .map(|error| format!("{} {}", error.at, error.what))
            .collect()
    }

    #[test]
    fn what_is_not_of_the_type_is_found() {
        assert_eq!(
            errors(json!({"kind": null})),
            ["/kind is null, which is none of the allowed ones"]
        );
        assert_eq!(errors(json!({"kind": "Two"})).len(), 1);
        assert_eq!(
            errors(json!({"color": 1})),
            ["/color is no property of the type"]
        );
        assert_eq!(
            errors(json!({"password": "p"})),
            ["/password is never answered"]
        );
        assert_eq!(
            errors(json!({"tags": {"a": 1}})),
            ["/tags/* is a number, not a text"]
        );
        let missing = json!({"id": "/x", "type": "A.B/c", "name": "n"});
        assert_eq!(types().check(&missing, "1").errors.len(), 1);
    }

    #[test]
    fn what_is_of_the_type_or_of_no_known_one_is_not() {
        assert_eq!(errors(json!({"tags": {"a": "b"}})), Vec::<String>::new());
        assert_eq!(errors(json!({"tags": null})), Vec::<String>::new());
        assert!(
            types()
                .check(&json!({"id": "/x", "type": "D.E/f", "x": 1}), "1")
                .errors
                .is_empty()
        );
        assert_eq!(types().version("a.B"), Some("1"));
    }
}
