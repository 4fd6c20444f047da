//! The types of Azure's resources, as `bicep-types-az` writes them ([`Types`]): whether an answer is
//! valid against the type of its api-version, and a request.

mod check;

pub(crate) use check::name_of;
use check::{Check, Side};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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

    /// What is wrong with the body of a PUT or PATCH; none if the path names no resource of a known type.
    pub fn check_request(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        version: &str,
    ) -> Option<Checked> {
        let side = match method {
            "PUT" => Side::Request,
            "PATCH" => Side::Patch,
            _ => return None,
        };
        let kind = kind_of(path)?;
        let name = format!("{kind}@{version}").to_ascii_lowercase();
        let (file, index) = self.bodies.get(&name)?;
        let mut checked = Checked {
            resources: 1,
            ..Checked::default()
        };
        let mut check = Check {
            types: &self.files[*file],
            kind,
            side,
            errors: &mut checked.errors,
        };
        check.value(*index, body, "");
        Some(checked)
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
                            side: Side::Answer,
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

/// The type of the resource at a path, as written there; none for a list or an action.
fn kind_of(path: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let provider = segments
        .iter()
        .rposition(|part| part.eq_ignore_ascii_case("providers"));
    let Some(at) = provider else {
        let group = segments.len() == 4 && segments[2].eq_ignore_ascii_case("resourceGroups");
        return group.then(|| "Microsoft.Resources/resourceGroups".to_owned());
    };
    let rest = &segments[at + 1..];
    if rest.len() < 3 || rest.len().is_multiple_of(2) {
        return None;
    }
    let kinds = rest.iter().skip(1).step_by(2);
    Some(kinds.fold(rest[0].to_owned(), |all, one| format!("{all}/{one}")))
}

/// The index that a reference points to.
fn target(reference: &Value) -> Option<usize> {
    reference["$ref"].as_str()?.strip_prefix("#/")?.parse().ok()
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

    fn sent(method: &str, body: Value) -> Vec<String> {
        let path = "/subscriptions/s/resourceGroups/g/providers/a.b/C/n";
        let found = types().check_request(method, path, &body, "1").unwrap();
        let errors = found.errors.into_iter();
        errors
            .map(|error| format!("{} {}", error.at, error.what))
            .collect()
    }

    #[test]
    fn a_request_may_have_what_an_answer_may_not_and_lack_what_the_path_says() {
        assert_eq!(
            sent("PUT", json!({"kind": "One", "password": "p"})),
            Vec::<String>::new()
        );
        // What cannot be written is ignored.
        assert_eq!(
            sent("PUT", json!({"kind": "One", "id": 5})),
            Vec::<String>::new()
        );
        assert_eq!(sent("PUT", json!({})), ["/kind is missing"]);
        assert_eq!(sent("PATCH", json!({})), Vec::<String>::new());
        assert_eq!(sent("PATCH", json!({"kind": "Two"})).len(), 1);
        assert_eq!(
            sent("PUT", json!({"kind": "One", "Tags": {}})),
            ["/Tags is no property of the type"]
        );
    }

    #[test]
    fn a_list_and_an_action_have_no_type() {
        let group = "/subscriptions/s/resourcegroups/g";
        assert_eq!(
            kind_of(group).unwrap(),
            "Microsoft.Resources/resourceGroups"
        );
        for other in ["A.B/c", "A.B/c/n/start", "A.B"] {
            assert_eq!(
                kind_of(&format!("{group}/providers/{other}")),
                None,
                "{other}"
            );
        }
        let part = format!("{group}/providers/A.B/c/n/d/m");
        assert_eq!(kind_of(&part).unwrap(), "A.B/c/d");
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
