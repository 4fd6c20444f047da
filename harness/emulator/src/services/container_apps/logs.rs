//! The log of a container, as `az containerapp logs show` reads it.

use super::region::Place;
use crate::arm;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::json;

/// How many lines are told if nothing is said, as `az` documents.
const TAIL: usize = 20;

/// The last lines, after two that tell which container it is. Lines carry the time of the
/// container's start, since no time is known for each. The form is documented ("View log streams
/// in Azure Container Apps"), not recorded. Following a log is not emulated.
pub(super) fn read(request: &Request, place: &Place) -> Response {
    let is = |name: &str, value: &str| {
        request
            .query(name)
            .is_some_and(|own| own.eq_ignore_ascii_case(value))
    };
    if is("follow", "true") {
        return arm::not_emulated(request).into();
    }
    let Place {
        revision,
        replica,
        running,
    } = place;
    let name = &running.name;
    let log = running.container.log();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    let tail = request
        .query("tailLines")
        .and_then(|tail| tail.parse().ok())
        .unwrap_or(TAIL);
    let greeting = [
        format!("Connecting to the container '{name}'..."),
        format!(
            "Successfully Connected to container: '{name}' [Revision: '{revision}', Replica: \
             '{replica}']"
        ),
    ];
    let at = arm::seven_digits(running.started).replace('Z', "+00:00");
    let shown = greeting.iter().map(String::as_str).chain(
        lines
            .into_iter()
            .rev()
            .take(tail)
            .collect::<Vec<_>>()
            .into_iter()
            .rev(),
    );
    let text: String = shown
        .map(|line| {
            if is("output", "text") {
                format!("{at} {line}\n")
            } else {
                format!("{}\n", json!({ "TimeStamp": at, "Log": line }))
            }
        })
        .collect();
    Response::text(StatusCode::OK, text)
}
