//! Recorded and replayed bodies against the specifications of their services.

use super::{Replay, ReplayError};
use crate::openapi::Apis;
use crate::recording::{Exchange, Recording};
use crate::types::{Checked, Types};

/// Sends every exchange of a recording in the api-versions whose types are at hand, and checks the
/// resources in the answers against them.
///
/// # Errors
/// If the emulator does not start.
pub async fn replay_typed(recording: &Recording, types: &Types) -> Result<Checked, ReplayError> {
    let mut replay = Replay::prepare(recording).await?;
    let mut checked = Checked::default();
    for exchange in &recording.exchanges {
        if replay.is_page_of_others(exchange) {
            continue;
        }
        let Some(version) = version_for(exchange, types) else {
            replay.exchange(exchange).await;
            continue;
        };
        let mut asked = exchange.clone();
        if let Some(recorded) = exchange.query("api-version") {
            let recorded = format!("api-version={recorded}");
            asked.url = asked
                .url
                .replace(&recorded, &format!("api-version={version}"));
        }
        replay.exchange(&asked).await;
        checked.add(types.check(&replay.last, version));
    }
    Ok(checked)
}

/// What is wrong with the recorded answers themselves: Azure knows its resources better than its
/// types do.
pub fn recorded_types(recording: &Recording, types: &Types) -> Checked {
    let mut checked = Checked::default();
    for exchange in &recording.exchanges {
        if let Some(version) = version_for(exchange, types) {
            checked.add(types.check(&exchange.response, version));
        }
    }
    checked
}

/// The version in which an exchange is about resources of known types.
fn version_for<'a>(exchange: &Exchange, types: &'a Types) -> Option<&'a str> {
    if exchange.host() != "management.azure.com" {
        return None;
    }
    let path = exchange.path();
    let segments: Vec<&str> = path.split('/').collect();
    let provider = segments
        .iter()
        .rposition(|part| part.eq_ignore_ascii_case("providers"));
    match provider {
        Some(at) => types.version(segments.get(at + 1)?),
        None => types.version("Microsoft.Resources"),
    }
}

/// What is wrong with the recorded requests that Azure took. Which of them were checked is counted:
/// not every request has a type or an operation at hand.
pub fn recorded_requests(recording: &Recording, types: &Types, apis: &Apis) -> Checked {
    let mut checked = Checked::default();
    for exchange in &recording.exchanges {
        if exchange.status >= 400 || exchange.request.is_null() || exchange.request.is_string() {
            continue;
        }
        let body = &exchange.request;
        let (method, path) = (exchange.method.as_str(), exchange.path());
        let typed = version_for(exchange, types)
            .and_then(|version| types.check_request(method, path, body, version));
        let found = typed.or_else(|| apis.check_request(method, exchange.host(), path, body));
        checked.add(found.unwrap_or_default());
    }
    checked
}
