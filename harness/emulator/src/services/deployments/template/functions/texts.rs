//! Functions of texts.

use super::Answer;
use super::args::{number, text, texts};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(super) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        value => value.to_string(),
    }
}

/// `format('{0}-{1}', …)`; what .NET has in braces beside a number is not taken.
pub(super) fn format(values: &[Value]) -> Answer {
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

pub(super) fn replace(values: &[Value]) -> Answer {
    let (of, old, new) = (text(values, 0)?, text(values, 1)?, text(values, 2)?);
    Ok(json!(of.replace(&old, &new)))
}

pub(super) fn split(values: &[Value]) -> Answer {
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

pub(super) fn join(values: &[Value]) -> Answer {
    let items = values.first().and_then(Value::as_array);
    let items = items.ok_or("its argument 1 must be an array")?;
    let texts: Vec<String> = items.iter().map(as_text).collect();
    Ok(json!(texts.join(&text(values, 1)?)))
}

pub(super) fn substring(values: &[Value]) -> Answer {
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

pub(super) fn pad_left(values: &[Value]) -> Answer {
    let of = values.first().map(as_text).unwrap_or_default();
    let width = usize::try_from(number(values, 1)?).unwrap_or(0).min(1000);
    let with = match values.get(2) {
        Some(_) => text(values, 2)?,
        None => " ".to_owned(),
    };
    let missing = width.saturating_sub(of.chars().count());
    Ok(json!(format!("{}{of}", with.repeat(missing))))
}

pub(super) fn uri(values: &[Value]) -> Answer {
    let (base, rest) = (text(values, 0)?, text(values, 1)?);
    let (base, rest) = (base.trim_end_matches('/'), rest.trim_start_matches('/'));
    Ok(json!(format!("{base}/{rest}")))
}

pub(super) fn decoded(values: &[Value]) -> Result<String, String> {
    let bytes = STANDARD
        .decode(text(values, 0)?)
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// 13 characters that depend on the arguments only. Azure's own hash is not published, so the
/// characters differ from what Azure makes.
pub(super) fn unique(texts: &[String]) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(texts.join("-").as_bytes());
    digest
        .iter()
        .take(13)
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect()
}
