//! What a template is given: [`resolve`].

use super::document::{Node, Place};
use super::evaluate::{Evaluator, Failure};
use serde_json::{Map, Value, json};

/// Gives each parameter of a template its value, in the evaluator as well; answers them as a deployment
/// shows them, with their types. What is secure is shown without its value.
///
/// # Errors
/// A parameter without value (recorded with `TemplateViolation`), of another type, that is not
/// among the allowed values, or that the template does not have.
pub(crate) fn resolve(
    declared: Option<&Node>,
    given: Option<&Node>,
    evaluator: &mut Evaluator<'_>,
) -> Result<Value, Failure> {
    let declared = declared.map_or(&[][..], Node::members);
    let given = given.map_or(&[][..], Node::members);
    let is_declared = |name: &str| {
        declared
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(name))
    };
    let surplus: Vec<&str> = given
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !is_declared(name))
        .collect();
    if !surplus.is_empty() {
        let own: Vec<&str> = declared.iter().map(|(name, _)| name.as_str()).collect();
        let message = format!(
            "The template parameters '{}' in the parameters file are not valid; they are not present in \
             the original template and can therefore not be provided at deployment time. The only \
             supported parameters for this template are '{}'. Please see \
             https://aka.ms/arm-pass-parameter-values for usage details.",
            surplus.join(", "),
            own.join(", ")
        );
        return Err(Failure::at(message, Place::default()));
    }
    let mut shown = Map::new();
    for (name, node) in declared {
        let given = given.iter().rev();
        let mut given = given.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let value = value(name, node, given.next().map(|(_, node)| node), evaluator)?;
        let kind = node.get("type").and_then(Node::text).unwrap_or("string");
        check(name, node, kind, &value)?;
        let lower = kind.to_ascii_lowercase();
        let kind = spelled(&lower).unwrap_or(kind);
        let secure = lower.starts_with("secure");
        let entry = if secure {
            json!({ "type": kind })
        } else {
            json!({ "type": kind, "value": value })
        };
        shown.insert(name.clone(), entry);
        evaluator.set_parameter(name, value);
    }
    Ok(Value::Object(shown))
}

/// The types, as a deployment spells them.
fn spelled(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "string" => "String",
        "securestring" => "SecureString",
        "int" => "Int",
        "bool" => "Bool",
        "object" => "Object",
        "secureobject" => "SecureObject",
        "array" => "Array",
        _ => return None,
    })
}

fn value(
    name: &str,
    declared: &Node,
    given: Option<&Node>,
    evaluator: &Evaluator<'_>,
) -> Result<Value, Failure> {
    if let Some(given) = given {
        if let Some(value) = given.get("value") {
            // What is given is no expression, whatever it looks like.
            return Ok(value.value());
        }
        if given.get("reference").is_some() {
            return Err(Failure::NotEmulated {
                function: format!("a reference to a key vault for the parameter '{name}'"),
                place: given.place,
            });
        }
    }
    match declared.get("defaultValue") {
        Some(default) => evaluator.value(default),
        None => Err(Failure::Invalid {
            message: format!(
                "The value for the template parameter '{name}' at line '{}' and column '{}' is not \
                 provided. Please see https://aka.ms/arm-create-parameter-file for usage details.",
                declared.place.line, declared.place.column
            ),
            place: declared.place,
            path: format!("properties.template.parameters.{name}"),
        }),
    }
}

fn check(name: &str, declared: &Node, kind: &str, value: &Value) -> Result<(), Failure> {
    let fits = match kind.to_ascii_lowercase().as_str() {
        "string" | "securestring" => value.is_string(),
        "int" => value.is_i64(),
        "bool" => value.is_boolean(),
        "array" => value.is_array(),
        "object" | "secureobject" => value.is_object(),
        _ => {
            let message = format!("The template parameter '{name}' has an unknown type '{kind}'.");
            return Err(Failure::at(message, declared.place));
        }
    };
    if !fits {
        let actual = match value {
            Value::String(_) => "String",
            Value::Number(_) => "Integer",
            Value::Bool(_) => "Boolean",
            Value::Array(_) => "Array",
            Value::Object(_) => "Object",
            Value::Null => "Null",
        };
        let message = format!(
            "Template parameter JToken type is not valid. Expected '{}'. Actual '{actual}'. Please see \
             https://aka.ms/arm-create-parameter-file for usage details.",
            spelled(&kind.to_ascii_lowercase()).unwrap_or(kind)
        );
        return Err(Failure::at(message, declared.place));
    }
    let allowed = declared.get("allowedValues").map_or(&[][..], Node::items);
    let same = |one: &Node| match (one.value(), value) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a == *b,
    };
    if !allowed.is_empty() && !allowed.iter().any(same) {
        let all: Vec<String> = allowed
            .iter()
            .map(|one| {
                one.text()
                    .map_or_else(|| one.value().to_string(), str::to_owned)
            })
            .collect();
        let told = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let message = format!(
            "The provided value '{told}' for the template parameter '{name}' is not valid. The value \
             '{told}' is not part of the allowed value(s): '{}'.",
            all.join(",")
        );
        return Err(Failure::at(message, declared.place));
    }
    Ok(())
}
