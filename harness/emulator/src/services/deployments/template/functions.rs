//! The functions that need nothing but their arguments: [`call`].

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::cmp::Ordering;

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
        "guid" => texts(values)
            .map(|texts| json!(uuid::Uuid::new_v5(&GUIDS, texts.join("-").as_bytes()).to_string())),
        "uniquestring" => texts(values).map(|texts| json!(unique(&texts))),
        _ => return None,
    })
}

/// 13 characters that depend on the arguments only. Azure's own hash is not published, so the
/// characters differ from what Azure makes.
fn unique(texts: &[String]) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(texts.join("-").as_bytes());
    digest
        .iter()
        .take(13)
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect()
}

fn one(values: &[Value]) -> Result<&Value, String> {
    match values {
        [value] => Ok(value),
        _ => Err(format!("it takes 1 argument, and has {}", values.len())),
    }
}

fn two(values: &[Value]) -> Result<(&Value, &Value), String> {
    match values {
        [a, b] => Ok((a, b)),
        _ => Err(format!("it takes 2 arguments, and has {}", values.len())),
    }
}

fn text(values: &[Value], index: usize) -> Result<String, String> {
    let value = values.get(index).and_then(Value::as_str);
    let value = value.ok_or_else(|| format!("its argument {} must be a text", index + 1));
    value.map(str::to_owned)
}

fn number(values: &[Value], index: usize) -> Result<i64, String> {
    let value = values.get(index).and_then(Value::as_i64);
    value.ok_or_else(|| format!("its argument {} must be a whole number", index + 1))
}

fn truth(values: &[Value], index: usize) -> Result<bool, String> {
    let value = values.get(index).and_then(Value::as_bool);
    value.ok_or_else(|| format!("its argument {} must be a boolean", index + 1))
}

fn all(values: &[Value]) -> Result<Vec<bool>, String> {
    (0..values.len())
        .map(|index| truth(values, index))
        .collect()
}

fn texts(values: &[Value]) -> Result<Vec<String>, String> {
    (0..values.len()).map(|index| text(values, index)).collect()
}

fn pair(values: &[Value]) -> Result<(String, String), String> {
    two(values)?;
    // Azure compares texts without case.
    Ok((text(values, 0)?, text(values, 1)?)).map(|(a, b)| (a.to_lowercase(), b.to_lowercase()))
}

fn uri(values: &[Value]) -> Answer {
    let (base, rest) = (text(values, 0)?, text(values, 1)?);
    let (base, rest) = (base.trim_end_matches('/'), rest.trim_start_matches('/'));
    Ok(json!(format!("{base}/{rest}")))
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        value => value.to_string(),
    }
}

fn equals(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

fn concat(values: &[Value]) -> Answer {
    if values.iter().any(Value::is_array) {
        let arrays = values.iter().map(|value| match value {
            Value::Array(items) => Ok(items.clone()),
            _ => Err("it takes texts or arrays, not both".to_owned()),
        });
        return Ok(Value::Array(
            arrays.collect::<Result<Vec<_>, _>>()?.concat(),
        ));
    }
    if values.iter().any(Value::is_object) {
        return Err("an object is neither text nor array".to_owned());
    }
    Ok(json!(values.iter().map(as_text).collect::<String>()))
}

/// `format('{0}-{1}', …)`; what .NET has in braces beside a number is not taken.
fn format(values: &[Value]) -> Answer {
    let pattern = text(values, 0)?;
    let mut made = String::new();
    let mut rest = pattern.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        made.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if after.starts_with(brace) {
            made.push_str(brace);
            rest = &after[1..];
            continue;
        }
        let (inner, later) = after
            .split_once('}')
            .filter(|_| brace == "{")
            .ok_or("a brace of its text has no other")?;
        let index: usize = inner
            .parse()
            .map_err(|_| format!("'{{{inner}}}' is no number of an argument"))?;
        let value = values.get(index + 1);
        made.push_str(&as_text(
            value.ok_or_else(|| format!("it has no argument {index}"))?,
        ));
        rest = later;
    }
    made.push_str(rest);
    Ok(json!(made))
}

fn replace(values: &[Value]) -> Answer {
    let (of, old, new) = (text(values, 0)?, text(values, 1)?, text(values, 2)?);
    Ok(json!(of.replace(&old, &new)))
}

fn split(values: &[Value]) -> Answer {
    let of = text(values, 0)?;
    let by = match values.get(1) {
        Some(Value::Array(all)) => texts(all)?,
        _ => vec![text(values, 1)?],
    };
    let mut parts = vec![of];
    for by in by.iter().filter(|by| !by.is_empty()) {
        let split = parts.iter().flat_map(|part| part.split(by.as_str()));
        parts = split.map(str::to_owned).collect();
    }
    Ok(json!(parts))
}

fn join(values: &[Value]) -> Answer {
    let items = values.first().and_then(Value::as_array);
    let items = items.ok_or("its argument 1 must be an array")?;
    let texts: Vec<String> = items.iter().map(as_text).collect();
    Ok(json!(texts.join(&text(values, 1)?)))
}

fn index_of(values: &[Value], last: bool) -> Answer {
    if let Some(Value::Array(items)) = values.first() {
        let wanted = values.get(1).unwrap_or(&Value::Null);
        let at = if last {
            items.iter().rposition(|item| equals(item, wanted))
        } else {
            items.iter().position(|item| equals(item, wanted))
        };
        return Ok(at.map_or(json!(-1), |at| json!(at)));
    }
    let (of, wanted) = pair(values)?;
    let at = if last {
        of.rfind(&wanted)
    } else {
        of.find(&wanted)
    };
    let at = at.map(|at| of[..at].chars().count());
    Ok(at.map_or(json!(-1), |at| json!(at)))
}

fn contains(values: &[Value]) -> Answer {
    let (of, wanted) = two(values)?;
    Ok(json!(match of {
        Value::Array(items) => items.iter().any(|item| equals(item, wanted)),
        Value::Object(map) => {
            let name = wanted.as_str().unwrap_or_default();
            map.keys().any(|key| key.eq_ignore_ascii_case(name))
        }
        Value::String(of) => of.contains(&as_text(wanted)),
        _ => return Err("its argument 1 must be an array, an object or a text".to_owned()),
    }))
}

fn substring(values: &[Value]) -> Answer {
    let of = text(values, 0)?;
    let count = |index| {
        let number = number(values, index)?;
        usize::try_from(number).map_err(|_| "a position is negative".to_owned())
    };
    let start = count(1)?;
    let there = of.chars().count();
    let length = match values.get(2) {
        Some(_) => count(2)?,
        None => there.saturating_sub(start),
    };
    if start + length > there {
        return Err(format!("'{of}' has only {there} characters"));
    }
    Ok(json!(
        of.chars().skip(start).take(length).collect::<String>()
    ))
}

fn pad_left(values: &[Value]) -> Answer {
    let of = values.first().map(as_text).unwrap_or_default();
    let width = usize::try_from(number(values, 1)?).unwrap_or(0).min(1000);
    let with = match values.get(2) {
        Some(_) => text(values, 2)?,
        None => " ".to_owned(),
    };
    let missing = width.saturating_sub(of.chars().count());
    Ok(json!(format!("{}{of}", with.repeat(missing))))
}

fn length(values: &[Value]) -> Answer {
    Ok(json!(match one(values)? {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        Value::String(text) => text.chars().count(),
        _ => return Err("its argument must be an array, an object or a text".to_owned()),
    }))
}

fn empty(values: &[Value]) -> Answer {
    Ok(json!(match one(values)? {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => return Err("its argument must be an array, an object or a text".to_owned()),
    }))
}

fn end(values: &[Value], first: bool) -> Answer {
    Ok(match one(values)? {
        Value::Array(items) => {
            let item = if first { items.first() } else { items.last() };
            item.cloned().unwrap_or_default()
        }
        Value::String(text) => {
            let c = if first {
                text.chars().next()
            } else {
                text.chars().last()
            };
            json!(c.map(String::from).unwrap_or_default())
        }
        _ => return Err("its argument must be an array or a text".to_owned()),
    })
}

fn part(values: &[Value], take: bool) -> Answer {
    let (of, _) = two(values)?;
    let count = usize::try_from(number(values, 1)?).unwrap_or(0);
    Ok(match of {
        Value::Array(items) if take => json!(items.iter().take(count).collect::<Vec<_>>()),
        Value::Array(items) => json!(items.iter().skip(count).collect::<Vec<_>>()),
        Value::String(text) if take => json!(text.chars().take(count).collect::<String>()),
        Value::String(text) => json!(text.chars().skip(count).collect::<String>()),
        _ => return Err("its argument 1 must be an array or a text".to_owned()),
    })
}

fn range(values: &[Value]) -> Answer {
    let (start, count) = (number(values, 0)?, number(values, 1)?);
    if !(0..=10_000).contains(&count) {
        return Err("the count must be 0 to 10000".to_owned());
    }
    Ok(json!(
        (start..start.saturating_add(count)).collect::<Vec<_>>()
    ))
}

fn union(values: &[Value]) -> Answer {
    if values.iter().all(Value::is_object) {
        let mut all = Map::new();
        for (key, value) in values.iter().filter_map(Value::as_object).flatten() {
            all.insert(key.clone(), value.clone());
        }
        return Ok(Value::Object(all));
    }
    let mut all: Vec<Value> = Vec::new();
    for value in values {
        let items = value.as_array();
        for item in items.ok_or("its arguments must be all arrays or all objects")? {
            if !all.contains(item) {
                all.push(item.clone());
            }
        }
    }
    Ok(Value::Array(all))
}

fn intersection(values: &[Value]) -> Answer {
    let Some((first, rest)) = values.split_first() else {
        return Err("it takes at least 1 argument".to_owned());
    };
    match first {
        Value::Array(items) => {
            let in_all = |item: &&Value| {
                let has = |other: &Value| other.as_array().is_some_and(|o| o.contains(*item));
                rest.iter().all(has)
            };
            Ok(json!(items.iter().filter(in_all).collect::<Vec<_>>()))
        }
        Value::Object(map) => {
            let in_all = |(key, value): &(&String, &Value)| {
                rest.iter()
                    .all(|other| other.get(key.as_str()) == Some(*value))
            };
            let kept = map.iter().filter(in_all);
            Ok(Value::Object(
                kept.map(|(k, v)| (k.clone(), v.clone())).collect(),
            ))
        }
        _ => Err("its arguments must be all arrays or all objects".to_owned()),
    }
}

fn items(values: &[Value]) -> Answer {
    let map = one(values)?
        .as_object()
        .ok_or("its argument must be an object")?;
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort();
    let item = |key: &&String| json!({ "key": key, "value": map.get(key.as_str()) });
    Ok(Value::Array(keys.iter().map(item).collect()))
}

fn create_object(values: &[Value]) -> Answer {
    let mut map = Map::new();
    for pair in values.chunks(2) {
        let [Value::String(key), value] = pair else {
            return Err("its arguments must be names and values in turn".to_owned());
        };
        map.insert(key.clone(), value.clone());
    }
    Ok(Value::Object(map))
}

fn int(values: &[Value]) -> Answer {
    let value = one(values)?;
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    };
    let number = number.ok_or_else(|| format!("{value} is no whole number"))?;
    Ok(json!(number))
}

fn boolean(values: &[Value]) -> Answer {
    let value = one(values)?;
    Ok(json!(match value {
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => true,
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => false,
        _ => return Err(format!("{value} is no boolean")),
    }))
}

fn compared(values: &[Value], is: fn(Ordering) -> bool) -> Answer {
    let ordering = match two(values)? {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ => number(values, 0)?.cmp(&number(values, 1)?),
    };
    Ok(json!(is(ordering)))
}

fn numbers(values: &[Value], work: fn(i64, i64) -> Option<i64>) -> Answer {
    two(values)?;
    let result = work(number(values, 0)?, number(values, 1)?);
    let result = result.ok_or("there is no such whole number")?;
    Ok(json!(result))
}

fn extreme(values: &[Value], least: bool) -> Answer {
    let items = match values {
        [Value::Array(items)] => items.as_slice(),
        values => values,
    };
    let numbers = (0..items.len()).map(|index| number(items, index));
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let found = if least {
        numbers.iter().min()
    } else {
        numbers.iter().max()
    };
    let found = found.ok_or("it takes at least 1 number")?;
    Ok(json!(found))
}

fn decoded(values: &[Value]) -> Result<String, String> {
    let bytes = STANDARD
        .decode(text(values, 0)?)
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
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
