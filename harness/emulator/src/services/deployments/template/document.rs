//! JSON as templates are written, with places: [`Node`].
//!
//! `az` sends a template as it stands in its file, comments and all, inside a body whose key
//! `template` is not even quoted.

use jsonc_parser::ast::Value as Ast;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};

/// A place in a request's body, counted from 1 in lines and characters, as Resource Manager names
/// it (recorded with `TemplateViolation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Null, a boolean or a number.
    Scalar(Value),
    /// A text; perhaps an expression.
    Text(String),
    Array(Vec<Node>),
    /// Keys in their order; a key that comes again has its last value.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Reads a body.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(crate) fn read(text: &str) -> Result<Self, (String, Place)> {
        let options = ParseOptions::default();
        let lines = Lines::new(text);
        let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
            .map_err(|error| (error.kind().to_string(), lines.place(error.range().start)))?;
        let value = parsed
            .value
            .ok_or_else(|| ("there is nothing in it".to_owned(), lines.place(0)))?;
        Ok(convert(&value, &lines))
    }

    /// A node for a value that stands nowhere.
    #[cfg(test)]
    pub(crate) fn of(value: &Value) -> Self {
        let kind = match value {
            Value::String(text) => Kind::Text(text.clone()),
            Value::Array(items) => Kind::Array(items.iter().map(Self::of).collect()),
            Value::Object(map) => Kind::Object(
                map.iter()
                    .map(|(key, value)| (key.clone(), Self::of(value)))
                    .collect(),
            ),
            scalar => Kind::Scalar(scalar.clone()),
        };
        Self {
            kind,
            place: Place::default(),
        }
    }

    /// A member, by its name without case, as Resource Manager reads them.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        let members = self.members();
        let found = members.iter().rev();
        let mut found = found.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, node)| node)
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> &[(String, Node)] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of an array; none of anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as it is written, expressions included.
    pub(crate) fn value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::Array(items) => Value::Array(items.iter().map(Self::value).collect()),
            Kind::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, node)| (key.clone(), node.value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}

/// Where each line begins.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Place {
            line,
            column: before.chars().count() + 1,
        }
    }
}

fn convert(value: &Ast<'_>, lines: &Lines<'_>) -> Node {
    let (kind, start) = match value {
        Ast::StringLit(text) => (Kind::Text(text.value.to_string()), text.range.start),
        Ast::NumberLit(number) => {
            let value = serde_json::from_str(number.value);
            (
                Kind::Scalar(value.unwrap_or(Value::Null)),
                number.range.start,
            )
        }
        Ast::BooleanLit(one) => (Kind::Scalar(Value::Bool(one.value)), one.range.start),
        Ast::NullKeyword(null) => (Kind::Scalar(Value::Null), null.range.start),
        Ast::Array(array) => {
            let items = array.elements.iter().map(|item| convert(item, lines));
            (Kind::Array(items.collect()), array.range.start)
        }
        Ast::Object(object) => {
            let members = object.properties.iter();
            let members = members.map(|member| {
                let name = member.name.as_str().to_owned();
                (name, convert(&member.value, lines))
            });
            (Kind::Object(members.collect()), object.range.start)
        }
    };
    Node {
        kind,
        place: lines.place(start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        let (_, place) = Node::read("{\n  \"a\": [1, }\n}").unwrap_err();
        assert_eq!((place.line, place.column), (2, 12));
        assert!(Node::read("").is_err());
    }

    #[test]
    fn the_form_that_az_sends_is_read_with_places() {
        let text = "{\"properties\": {\"mode\": \"Incremental\", template:{\n  // a comment\n  \
                    \"parameters\": {\n    \"extra\": {\n      \"type\": \"string\"\n    },\n  }\n}}}";
        let body = Node::read(text).unwrap();
        let template = body
            .get("properties")
            .and_then(|p| p.get("Template"))
            .unwrap();
        let extra = template
            .get("parameters")
            .and_then(|p| p.get("extra"))
            .unwrap();
        assert_eq!(
            extra.place,
            Place {
                line: 4,
                column: 14
            }
        );
        assert_eq!(extra.value(), json!({"type": "string"}));
    }
}
