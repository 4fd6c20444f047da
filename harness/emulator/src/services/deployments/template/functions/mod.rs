//! The functions that need nothing but their arguments: [`call`].

mod args;
mod collections;
mod numbers;
mod texts;

use args::{all, one, pair, text, texts as all_texts, truth, two};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use collections::{
    concat, contains, create_object, empty, end, equals, index_of, intersection, items, length,
    part, range, union,
};
use numbers::{boolean, compared, extreme, int, numbers};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};
use std::cmp::Ordering;
use texts::{as_text, decoded, format, join, pad_left, replace, split, substring, unique, uri};

/// Functions of Azure's that are not here (documentation of template functions): a template that uses
/// one is not wrong.
pub(super) const AZURE_KNOWS: [&str; 24] = [
    "cidrhost",
    "cidrsubnet",
    "datauri",
    "datauritostring",
    "datetimeadd",
    "datetimefromepoch",
    "datetimetoepoch",
    "deployer",
    "environment",
    "filter",
    "groupby",
    "lambda",
    "lambdavariables",
    "managementgroup",
    "managementgroupresourceid",
    "map",
    "mapvalues",
    "objectkeys",
    "parsecidr",
    "pickzones",
    "providers",
    "reduce",
    "references",
    "sort",
];

/// The namespace of `guid` (as `guid()` is documented: a name-based UUID of RFC 4122).
const GUIDS: uuid::Uuid = uuid::uuid!("11fb06fb-712d-4ddd-98c7-e71bbd588830");

/// What `uriComponent` leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

type Answer = Result<Value, String>;

/// What a function, its name in lower case, makes of its arguments; `None` if it is not here.
pub(super) fn call(name: &str, values: &[Value]) -> Option<Answer> {
    Some(match name {
        "concat" => concat(values),
        "format" => format(values),
        "tolower" => text(values, 0).map(|text| json!(text.to_lowercase())),
        "toupper" => text(values, 0).map(|text| json!(text.to_uppercase())),
        "trim" => text(values, 0).map(|text| json!(text.trim())),
        "replace" => replace(values),
        "split" => split(values),
        "join" => join(values),
        "startswith" => pair(values).map(|(a, b)| json!(a.starts_with(&b))),
        "endswith" => pair(values).map(|(a, b)| json!(a.ends_with(&b))),
        "indexof" => index_of(values, false),
        "lastindexof" => index_of(values, true),
        "contains" => contains(values),
        "substring" => substring(values),
        "padleft" => pad_left(values),
        "length" => length(values),
        "empty" => empty(values),
        "first" => end(values, true),
        "last" => end(values, false),
        "take" => part(values, true),
        "skip" => part(values, false),
        "range" => range(values),
        "union" => union(values),
        "intersection" => intersection(values),
        "items" => items(values),
        "createarray" => Ok(Value::Array(values.to_vec())),
        "array" => one(values).map(|value| match value {
            Value::Array(_) => value.clone(),
            value => json!([value]),
        }),
        "createobject" => create_object(values),
        "coalesce" => Ok(values
            .iter()
            .find(|v| !v.is_null())
            .cloned()
            .unwrap_or_default()),
        "json" => text(values, 0)
            .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string())),
        "null" => Ok(Value::Null),
        "true" => Ok(json!(true)),
        "false" => Ok(json!(false)),
        "string" => one(values).map(|value| json!(as_text(value))),
        "int" => int(values),
        "bool" => boolean(values),
        "equals" => two(values).map(|(a, b)| json!(equals(a, b))),
        "not" => truth(values, 0).map(|is| json!(!is)),
        "and" => all(values).map(|all| json!(all.iter().all(|is| *is))),
        "or" => all(values).map(|all| json!(all.iter().any(|is| *is))),
        "less" => compared(values, Ordering::is_lt),
        "lessorequals" => compared(values, Ordering::is_le),
        "greater" => compared(values, Ordering::is_gt),
        "greaterorequals" => compared(values, Ordering::is_ge),
        "add" => numbers(values, i64::checked_add),
        "sub" => numbers(values, i64::checked_sub),
        "mul" => numbers(values, i64::checked_mul),
        "div" => numbers(values, i64::checked_div),
        "mod" => numbers(values, i64::checked_rem),
        "min" => extreme(values, true),
        "max" => extreme(values, false),
        "base64" => text(values, 0).map(|text| json!(STANDARD.encode(text))),
        "base64tostring" => decoded(values).map(|text| json!(text)),
        "base64tojson" => decoded(values)
            .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string())),
        "uri" => uri(values),
        "uricomponent" => {
            text(values, 0).map(|text| json!(utf8_percent_encode(&text, UNRESERVED).to_string()))
        }
        "uricomponenttostring" => {
            text(values, 0).map(|text| json!(percent_decode_str(&text).decode_utf8_lossy()))
        }
        "guid" => all_texts(values)
            .map(|texts| json!(uuid::Uuid::new_v5(&GUIDS, texts.join("-").as_bytes()).to_string())),
        "uniquestring" => all_texts(values).map(|texts| json!(unique(&texts))),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_arguments_are_told() {
        for (name, values) in [
            ("concat", json!(["a", ["b"]])),
            ("tolower", json!([1])),
            ("substring", json!(["abc", 2, 2])),
            ("format", json!(["{1}", "a"])),
            ("format", json!(["{x}", "a"])),
            ("format", json!(["}", "a"])),
            ("div", json!([1, 0])),
            ("int", json!(["x"])),
            ("bool", json!(["maybe"])),
            ("createobject", json!(["a"])),
            ("json", json!(["{"])),
            ("range", json!([0, 10_001])),
            ("not", json!(["true"])),
        ] {
            let values = values.as_array().unwrap();
            assert!(call(name, values).unwrap().is_err(), "{name} {values:?}");
        }
        assert_eq!(call("nosuchfunction", &[]), None);
        for name in AZURE_KNOWS {
            assert_eq!(call(name, &[]), None, "{name}");
        }
    }

    #[test]
    fn what_the_documentation_of_template_functions_shows() {
        for (name, values, expected) in [
            ("concat", json!(["a", 1, true]), json!("a1True")),
            ("concat", json!([["a"], ["b"]]), json!(["a", "b"])),
            (
                "format",
                json!(["{0}, {1}{{}}", "Hello", 2]),
                json!("Hello, 2{}"),
            ),
            ("padleft", json!(["123", 10, "0"]), json!("0000000123")),
            (
                "split",
                json!(["one;two,three", [",", ";"]]),
                json!(["one", "two", "three"]),
            ),
            ("join", json!([["a", "b"], ","]), json!("a,b")),
            ("substring", json!(["one two three", 4, 3]), json!("two")),
            ("indexof", json!(["test", "t"]), json!(0)),
            ("lastindexof", json!(["test", "t"]), json!(3)),
            ("indexof", json!(["abc", "z"]), json!(-1)),
            ("startswith", json!(["abcdef", "AB"]), json!(true)),
            ("equals", json!(["a", "A"]), json!(true)),
            ("equals", json!([[1], [1]]), json!(true)),
            (
                "union",
                json!([{"a": 1}, {"b": 2}]),
                json!({"a": 1, "b": 2}),
            ),
            ("intersection", json!([["a", "b"], ["b"]]), json!(["b"])),
            ("take", json!([["a", "b"], 1]), json!(["a"])),
            ("skip", json!(["one", 1]), json!("ne")),
            ("range", json!([5, 3]), json!([5, 6, 7])),
            ("coalesce", json!([null, 1]), json!(1)),
            ("base64", json!(["one"]), json!("b25l")),
            ("base64tostring", json!(["b25l"]), json!("one")),
            (
                "uri",
                json!(["http://a.b/C/", "/d"]),
                json!("http://a.b/C/d"),
            ),
            ("uricomponent", json!(["a b/c"]), json!("a%20b%2Fc")),
            (
                "items",
                json!([{"b": 1, "a": 2}]),
                json!([{"key": "a", "value": 2}, {"key": "b", "value": 1}]),
            ),
            ("max", json!([[0, 3, 2]]), json!(3)),
            ("bool", json!(["1"]), json!(true)),
            ("less", json!([1, 2]), json!(true)),
            ("length", json!(["héé"]), json!(3)),
            ("empty", json!([null]), json!(true)),
        ] {
            let made = call(name, values.as_array().unwrap());
            assert_eq!(made, Some(Ok(expected)), "{name} {values}");
        }
    }

    #[test]
    fn names_made_from_arguments_depend_on_nothing_else() {
        let unique = |text: &str| call("uniquestring", &[json!(text)]).unwrap().unwrap();
        assert_eq!(unique("a"), unique("a"));
        assert_ne!(unique("a"), unique("b"));
        let text = unique("a");
        let text = text.as_str().unwrap();
        assert!(text.len() == 13 && text.chars().all(|c| c.is_ascii_alphanumeric()));
        let guid = |text: &str| call("guid", &[json!(text)]).unwrap().unwrap();
        assert_eq!(guid("a"), guid("a"));
        assert_ne!(guid("a"), guid("b"));
    }
}
