//! Pages of lists: `maxresults`, `$skiptoken`, `nextLink`.

use super::error::VaultError;
use crate::http::{Request, Response};
use ::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The most that one page holds, and what it holds when nothing is asked.
const MOST: usize = 25;

/// One page of `items`. `nextLink` is there on the last page too, null, and names the port
/// (recorded in `test_keyvault_secret`).
pub(super) fn page(request: &Request, items: Vec<Value>) -> Result<Response, VaultError> {
    let refuse = || VaultError::bad_parameter("maxresults must be a number from 1 to 25");
    let size = match request.query("maxresults") {
        None => MOST,
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (1..=MOST).contains(n))
            .ok_or_else(refuse)?,
    };
    let start = match request.query("$skiptoken") {
        None => 0,
        Some(token) => URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| text.parse::<usize>().ok())
            .ok_or_else(|| VaultError::bad_parameter("$skiptoken is invalid"))?,
    };
    let end = start.saturating_add(size);
    let next = (end < items.len()).then(|| {
        format!(
            "https://{}:443{}?api-version={}&$skiptoken={}&maxresults={size}",
            request.host,
            request.path.trim_end_matches('/'),
            request.query("api-version").unwrap_or_default(),
            URL_SAFE_NO_PAD.encode(end.to_string()),
        )
    });
    let value: Vec<Value> = items.into_iter().skip(start).take(size).collect();
    Ok(Response::json(
        StatusCode::OK,
        &json!({ "value": value, "nextLink": next }),
    ))
}
