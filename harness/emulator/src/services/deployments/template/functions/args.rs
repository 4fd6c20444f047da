//! What functions are given, read one by one.

use serde_json::Value;

pub(super) fn one(values: &[Value]) -> Result<&Value, String> {
    match values {
        [value] => Ok(value),
        _ => Err(format!("it takes 1 argument, and has {}", values.len())),
    }
}

pub(super) fn two(values: &[Value]) -> Result<(&Value, &Value), String> {
    match values {
        [a, b] => Ok((a, b)),
        _ => Err(format!("it takes 2 arguments, and has {}", values.len())),
    }
}

pub(super) fn text(values: &[Value], index: usize) -> Result<String, String> {
    let value = values.get(index).and_then(Value::as_str);
    let value = value.ok_or_else(|| format!("its argument {} must be a text", index + 1));
    value.map(str::to_owned)
}

pub(super) fn number(values: &[Value], index: usize) -> Result<i64, String> {
    let value = values.get(index).and_then(Value::as_i64);
    value.ok_or_else(|| format!("its argument {} must be a whole number", index + 1))
}

pub(super) fn truth(values: &[Value], index: usize) -> Result<bool, String> {
    let value = values.get(index).and_then(Value::as_bool);
    value.ok_or_else(|| format!("its argument {} must be a boolean", index + 1))
}

pub(super) fn all(values: &[Value]) -> Result<Vec<bool>, String> {
    (0..values.len())
        .map(|index| truth(values, index))
        .collect()
}

pub(super) fn texts(values: &[Value]) -> Result<Vec<String>, String> {
    (0..values.len()).map(|index| text(values, index)).collect()
}

pub(super) fn pair(values: &[Value]) -> Result<(String, String), String> {
    two(values)?;
    // Azure compares texts without case.
    Ok((text(values, 0)?, text(values, 1)?)).map(|(a, b)| (a.to_lowercase(), b.to_lowercase()))
}
