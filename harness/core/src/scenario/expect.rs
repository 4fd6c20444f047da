//! The `expect` key: what must hold beyond the article's own samples.

use super::raw::RawExpect;
use super::walkthrough::Expectation;
use crate::source::Position;

/// What an `expect` asks for; or what is wrong with it, and what to do.
pub(super) fn expectations(
    raw: RawExpect,
    position: &Position,
) -> Result<Vec<Expectation>, (String, Option<String>)> {
    let mut all = Vec::new();
    if let Some(values) = raw.json {
        if values.is_empty() {
            return Err((
                "`json` expects nothing".into(),
                Some("give it a pointer and a value".into()),
            ));
        }
        for pointer in values.keys() {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let message = format!("`{pointer}` is not a JSON pointer");
                return Err((message, Some(format!("write `/{pointer}`"))));
            }
        }
        let values = values.into_iter().collect();
        all.push(Expectation::Json {
            position: position.clone(),
            values,
        });
    }
    if let Some(text) = raw.text {
        all.push(Expectation::Text {
            position: position.clone(),
            text,
        });
    }
    if let Some(pattern) = raw.matches {
        let pattern = regex::Regex::new(&pattern).map_err(|error| {
            (
                format!("`matches` is not a regular expression: {error}"),
                None,
            )
        })?;
        all.push(Expectation::Matches {
            position: position.clone(),
            pattern,
        });
    }
    if let Some(pattern) = raw.error {
        if !all.is_empty() {
            let message = "`error` cannot stand beside what is expected of a success".to_owned();
            return Err((message, Some("expect one or the other".into())));
        }
        let pattern = regex::Regex::new(&pattern).map_err(|error| {
            (
                format!("`error` is not a regular expression: {error}"),
                None,
            )
        })?;
        all.push(Expectation::Error {
            position: position.clone(),
            pattern,
        });
    }
    if all.is_empty() {
        let help = Some("give it `json`, `text`, `matches` or `error`".into());
        return Err(("`expect` expects nothing".into(), help));
    }
    Ok(all)
}
