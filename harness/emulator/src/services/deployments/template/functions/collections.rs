//! Functions of arrays and objects, and of texts as far as they are like these.

use super::Answer;
use super::args::{number, one, pair, two};
use super::texts::as_text;
use serde_json::{Map, Value, json};

pub(super) fn concat(values: &[Value]) -> Answer {
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

pub(super) fn index_of(values: &[Value], last: bool) -> Answer {
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

pub(super) fn contains(values: &[Value]) -> Answer {
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

pub(super) fn length(values: &[Value]) -> Answer {
    Ok(json!(match one(values)? {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        Value::String(text) => text.chars().count(),
        _ => return Err("its argument must be an array, an object or a text".to_owned()),
    }))
}

pub(super) fn empty(values: &[Value]) -> Answer {
    Ok(json!(match one(values)? {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => return Err("its argument must be an array, an object or a text".to_owned()),
    }))
}

pub(super) fn end(values: &[Value], first: bool) -> Answer {
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

pub(super) fn part(values: &[Value], take: bool) -> Answer {
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

pub(super) fn range(values: &[Value]) -> Answer {
    let (start, count) = (number(values, 0)?, number(values, 1)?);
    if !(0..=10_000).contains(&count) {
        return Err("the count must be 0 to 10000".to_owned());
    }
    Ok(json!(
        (start..start.saturating_add(count)).collect::<Vec<_>>()
    ))
}

pub(super) fn union(values: &[Value]) -> Answer {
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

pub(super) fn intersection(values: &[Value]) -> Answer {
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

pub(super) fn items(values: &[Value]) -> Answer {
    let map = one(values)?
        .as_object()
        .ok_or("its argument must be an object")?;
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort();
    let item = |key: &&String| json!({ "key": key, "value": map.get(key.as_str()) });
    Ok(Value::Array(keys.iter().map(item).collect()))
}

pub(super) fn create_object(values: &[Value]) -> Answer {
    let mut map = Map::new();
    for pair in values.chunks(2) {
        let [Value::String(key), value] = pair else {
            return Err("its arguments must be names and values in turn".to_owned());
        };
        map.insert(key.clone(), value.clone());
    }
    Ok(Value::Object(map))
}

pub(super) fn equals(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}
