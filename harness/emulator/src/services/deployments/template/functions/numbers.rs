//! Functions of numbers and truth.

use super::Answer;
use super::args::{number, one, two};
use serde_json::{Value, json};
use std::cmp::Ordering;

pub(super) fn int(values: &[Value]) -> Answer {
    let value = one(values)?;
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    };
    let number = number.ok_or_else(|| format!("{value} is no whole number"))?;
    Ok(json!(number))
}

pub(super) fn boolean(values: &[Value]) -> Answer {
    let value = one(values)?;
    Ok(json!(match value {
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => true,
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => false,
        _ => return Err(format!("{value} is no boolean")),
    }))
}

pub(super) fn compared(values: &[Value], is: fn(Ordering) -> bool) -> Answer {
    let ordering = match two(values)? {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ => number(values, 0)?.cmp(&number(values, 1)?),
    };
    Ok(json!(is(ordering)))
}

pub(super) fn numbers(values: &[Value], work: fn(i64, i64) -> Option<i64>) -> Answer {
    two(values)?;
    let result = work(number(values, 0)?, number(values, 1)?);
    let result = result.ok_or("there is no such whole number")?;
    Ok(json!(result))
}

pub(super) fn extreme(values: &[Value], least: bool) -> Answer {
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
