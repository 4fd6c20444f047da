//! An answer against the recorded one ([`compare`]): status, headers that carry meaning, error code
//! and message, and the body's structure.

mod body;
mod headers;
mod text;

use crate::bindings::Bindings;
use crate::recording::Exchange;
use crate::session::Answer;
use body::Bodies;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// One place where an answer is not the recorded one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: `/status`, `/headers/{name}`, or `/body` and a JSON pointer.
    pub at: String,
    /// What was recorded.
    pub recorded: String,
    /// What the emulator answered.
    pub answered: String,
}

/// What a comparison has to know beside the two answers.
pub(crate) struct World {
    /// Lower-cased ids of what this replay made or found, resource groups included: only these can
    /// be missing from a list, for the recorder's subscription had more in it.
    pub(crate) own: BTreeSet<String>,
}

impl World {
    /// Whether an id is of a resource of this replay.
    pub(crate) fn owns(&self, id: &str) -> bool {
        let id = id.to_ascii_lowercase();
        self.own.contains(&id)
            || self.own.iter().any(|own| {
                (own.contains("/resourcegroups/") || own.contains("/secrets/"))
                    && id
                        .strip_prefix(own.as_str())
                        .is_some_and(|rest| rest.starts_with('/'))
            })
    }
}

/// Compares, and binds what is seen for the first time.
pub(crate) fn compare(
    exchange: &Exchange,
    answer: &Answer,
    bindings: &mut Bindings,
    world: &World,
) -> Vec<Difference> {
    if exchange.status != answer.status {
        let code = |body: &Value| {
            let code = ["/error/code", "/error", "/code"]
                .iter()
                .find_map(|at| body.pointer(at).and_then(Value::as_str));
            let message = ["/error/message", "/error_description", "/message"]
                .iter()
                .find_map(|at| body.pointer(at).and_then(Value::as_str));
            format!(
                " {} {}",
                code.unwrap_or_default(),
                message.unwrap_or_default()
            )
        };
        let shown = |status: u16, body| format!("{status}{}", code(body)).trim_end().to_owned();
        return vec![Difference {
            at: "/status".to_owned(),
            recorded: shown(exchange.status, &exchange.response),
            answered: shown(answer.status, &answer.body),
        }];
    }
    let mut differences = headers::compare(exchange, answer, bindings);
    let mut bodies = Bodies::new(bindings, world, exchange);
    bodies.compare(&exchange.response, &answer.body);
    differences.extend(bodies.differences);
    differences
}
