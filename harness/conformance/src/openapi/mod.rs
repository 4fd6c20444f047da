//! OpenAPI specifications of services ([`Apis`]): whether a request's body is valid. They cover what the
//! types of resources do not: actions, and Key Vault's secrets.

mod check;

use crate::types::Checked;
use check::Check;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// How deep schemas are followed; some contain themselves.
const DEPTH: usize = 24;

/// Every operation with a body.
#[derive(Debug, Default)]
pub struct Apis {
    files: BTreeMap<PathBuf, Value>,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    method: String,
    /// The path as the specification writes it.
    template: String,
    /// Whether it is of a vault and not of Resource Manager.
    vault: bool,
    file: PathBuf,
    schema: Value,
}

/// A schema and the file that its references are relative to.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a Path,
    schema: &'a Value,
}

/// What an object may have.
#[derive(Default)]
struct Shape<'a> {
    properties: BTreeMap<&'a str, Place<'a>>,
    required: BTreeSet<&'a str>,
    /// Whether anything else is allowed.
    open: bool,
}

impl Apis {
    /// Reads every specification below a folder but for its examples.
    ///
    /// # Errors
    /// If a file cannot be read or is no JSON.
    pub fn read(folder: &Path) -> std::io::Result<Self> {
        let mut apis = Self::default();
        apis.read_folder(folder)?;
        for (file, body) in &apis.files {
            let paths = body["paths"].as_object().into_iter().flatten();
            for (template, methods) in paths {
                for (method, operation) in methods.as_object().into_iter().flatten() {
                    let parameters = operation["parameters"].as_array();
                    let body = parameters.into_iter().flatten().find_map(|parameter| {
                        let parameter = apis.resolve(Place {
                            file,
                            schema: parameter,
                        });
                        let is_body = parameter.schema["in"] == "body";
                        is_body.then(|| (parameter.file, &parameter.schema["schema"]))
                    });
                    if let Some((file, schema)) = body {
                        apis.operations.push(Operation {
                            method: method.to_ascii_uppercase(),
                            template: template.clone(),
                            vault: file
                                .to_string_lossy()
                                .contains("data-plane/Microsoft.KeyVault"),
                            file: file.to_owned(),
                            schema: schema.clone(),
                        });
                    }
                }
            }
        }
        Ok(apis)
    }

    fn read_folder(&mut self, folder: &Path) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if !path.ends_with("examples") {
                    self.read_folder(&path)?;
                }
            } else if path.extension().is_some_and(|end| end == "json") {
                let body = serde_json::from_slice(&std::fs::read(&path)?)?;
                self.files.insert(path, body);
            }
        }
        Ok(())
    }

    /// What is wrong with a request's body; none if no operation is known.
    pub fn check_request(
        &self,
        method: &str,
        host: &str,
        path: &str,
        body: &Value,
    ) -> Option<Checked> {
        let vault = host.contains("vault");
        if !vault && host != "management.azure.com" {
            return None;
        }
        let operation = self
            .operations
            .iter()
            .find(|one| one.method == method && one.vault == vault && fits(&one.template, path))?;
        let mut check = Check {
            apis: self,
            kind: format!("{method} {}", operation.template),
            partial: method == "PATCH",
            errors: BTreeSet::new(),
        };
        let place = Place {
            file: &operation.file,
            schema: &operation.schema,
        };
        check.value(place, body, "", DEPTH);
        Some(Checked {
            resources: 1,
            errors: check.errors,
        })
    }

    /// Follows a reference, if it is one.
    fn resolve<'a>(&'a self, place: Place<'a>) -> Place<'a> {
        let Some(reference) = place.schema["$ref"].as_str() else {
            return place;
        };
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let wanted = match file {
            "" => place.file.to_owned(),
            file => plain(&place.file.with_file_name(file)),
        };
        let found = self.files.get_key_value(&wanted);
        let found = found.and_then(|(file, body)| Some((file, body.pointer(pointer)?)));
        match found {
            Some((file, schema)) => Place { file, schema },
            None => Place {
                file: place.file,
                schema: &Value::Null,
            },
        }
    }

    fn shape<'a>(&'a self, place: Place<'a>, shape: &mut Shape<'a>, depth: usize) {
        let Place { file, schema } = self.resolve(place);
        if depth == 0 {
            return;
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            shape.properties.insert(name, Place { file, schema });
        }
        let required = schema["required"].as_array().into_iter().flatten();
        shape.required.extend(required.filter_map(Value::as_str));
        // What a subtype adds is not looked for.
        shape.open |=
            !schema["additionalProperties"].is_null() || schema["discriminator"].is_string();
        for schema in schema["allOf"].as_array().into_iter().flatten() {
            self.shape(Place { file, schema }, shape, depth - 1);
        }
    }
}

/// A path without `.` and `..`, looked at as text.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

/// Whether a path is one of those that a template stands for.
fn fits(template: &str, path: &str) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split('/').filter(|part| !part.is_empty());
        parts.map(str::to_ascii_lowercase).collect()
    };
    let (template, path) = (parts(template), parts(path));
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(wanted, own)| wanted.starts_with('{') || wanted == own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn errors(body: Value) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let common = json!({"definitions": {"Base": {
            "required": ["name"], "properties": {"name": {"type": "string"}},
        }}});
        let service = json!({
            "paths": {"/subscriptions/{id}/check": {"post": {"parameters": [
                {"$ref": "#/parameters/Body"},
            ]}}},
            "parameters": {"Body": {"in": "body", "schema": {"$ref": "#/definitions/Sent"}}},
            "definitions": {"Sent": {
                "allOf": [{"$ref": "../common.json#/definitions/Base"}],
                "properties": {
                    "count": {"type": "integer"},
                    "kind": {"type": "string", "enum": ["One"]},
                    "tags": {"additionalProperties": {"type": "string"}},
                    "made": {"type": "string", "readOnly": true},
                },
            }},
        });
        std::fs::create_dir(folder.path().join("a")).unwrap();
        for (file, body) in [("common.json", common), ("a/service.json", service)] {
            std::fs::write(folder.path().join(file), body.to_string()).unwrap();
        }
        let apis = Apis::read(folder.path()).unwrap();
        let host = "management.azure.com";
        assert!(
            apis.check_request("POST", host, "/elsewhere", &body)
                .is_none()
        );
        let found = apis.check_request("POST", host, "/Subscriptions/s/check", &body);
        let errors = found.unwrap().errors.into_iter();
        errors
            .map(|error| format!("{} {}", error.at, error.what))
            .collect()
    }

    #[test]
    fn what_is_not_of_the_schema_is_found() {
        assert_eq!(errors(json!({})), ["/name is missing"]);
        assert_eq!(
            errors(json!({"name": 1})),
            ["/name is a number, not a text"]
        );
        let body = json!({"name": "n", "count": "1"});
        assert_eq!(errors(body), ["/count is a text, not a number"]);
        let body = json!({"name": "n", "Count": 1});
        assert_eq!(errors(body), ["/Count is no property of the type"]);
        let body = json!({"name": "n", "tags": {"a": 1}});
        assert_eq!(errors(body), ["/tags/* is a number, not a text"]);
        assert_eq!(errors(json!({"name": "n", "kind": "Two"})).len(), 1);
        assert_eq!(
            errors(json!([])),
            ["/ is a list, not an object".replace("/ ", " ")]
        );
    }

    #[test]
    fn what_cannot_be_written_and_what_is_null_is_not() {
        let body = json!({"name": "n", "made": 1, "count": null, "kind": "one"});
        assert_eq!(errors(body), Vec::<String>::new());
    }
}
