//! The log of every request ([`Exchange`]), secrets masked.

use crate::http::{Origin, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Query parameters whose values never leave the emulator.
const SECRET_PARAMETERS: [&str; 9] = [
    "access_token",
    "assertion",
    "client_secret",
    "code",
    "id_token",
    "password",
    "refresh_token",
    "s",
    "sig",
];

/// One request and its answer, as reports show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Its number, from 0, in the order of the answers.
    pub id: usize,
    /// Who asked.
    pub origin: Origin,
    /// The HTTP method.
    pub method: String,
    /// Scheme, host, path and query as sent, secrets masked.
    pub url: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The error code in the answer's body, if it is an error that has one.
    pub error: Option<String>,
    /// What the answer's body says of the error.
    #[serde(default)]
    pub message: Option<String>,
    /// The command of azure-cli that asked, as it names itself: `group create`.
    #[serde(default)]
    pub command: Option<String>,
    /// How long the emulator had the request in hand.
    pub duration: Duration,
    /// Whether the emulator does not have what was asked for.
    pub not_emulated: bool,
    /// What the answer stands in for, if it is not what Azure would have sent.
    pub stand_in: Option<String>,
    /// Whether a client asked on its own account (telemetry, update checks), not for its user.
    pub quiet: bool,
    /// What made the emulator answer so on purpose (`throttled`, `unavailable`), without asking the
    /// service.
    pub fault: Option<String>,
}

/// How many exchanges are kept: more than a walkthrough makes. An emulator that stands for days must not
/// grow.
const KEPT: usize = 16_384;

/// Of what an error says, so many characters are kept.
const LONGEST_MESSAGE: usize = 1_000;

/// The exchanges since the start, without the oldest if they are too many.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    exchanges: Mutex<Exchanges>,
    /// Told of each one.
    added: Notify,
}

#[derive(Debug, Default)]
struct Exchanges {
    kept: VecDeque<Exchange>,
    /// How many were dropped.
    dropped: usize,
}

impl RequestLog {
    fn lock(&self) -> MutexGuard<'_, Exchanges> {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an exchange and numbers it.
    pub(crate) fn add(&self, mut exchange: Exchange) {
        let mut exchanges = self.lock();
        if exchanges.kept.len() == KEPT {
            exchanges.kept.pop_front();
            exchanges.dropped += 1;
        }
        exchange.id = exchanges.dropped + exchanges.kept.len();
        exchanges.kept.push_back(exchange);
        drop(exchanges);
        self.added.notify_waiters();
    }

    /// The ones from a mark on, once there are any.
    pub(crate) async fn next(&self, mark: usize) -> Vec<Exchange> {
        loop {
            // Begins to listen before it looks, so that none is missed.
            let added = self.added.notified();
            let found = self.since(mark);
            if !found.is_empty() {
                return found;
            }
            added.await;
        }
    }

    /// How many there are.
    pub(crate) fn mark(&self) -> usize {
        let exchanges = self.lock();
        exchanges.dropped + exchanges.kept.len()
    }

    /// The ones from a mark on that are still kept.
    pub(crate) fn since(&self, mark: usize) -> Vec<Exchange> {
        let exchanges = self.lock();
        let first = mark.saturating_sub(exchanges.dropped);
        exchanges.kept.iter().skip(first).cloned().collect()
    }
}

/// A query as sent, but for the values of secrets.
pub(crate) fn mask(query: &str) -> String {
    let masked: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}=***"),
            _ => pair.to_owned(),
        })
        .collect();
    masked.join("&")
}

fn is_secret(name: &str) -> bool {
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    SECRET_PARAMETERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// The error code of an answer: ARM's and Key Vault's `error.code`, Entra's `error`, the bare
/// `code` of some providers, and the first of a registry's `errors`.
pub(crate) fn error_code(response: &Response) -> Option<String> {
    if response.status.as_u16() < 400 {
        return None;
    }
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    ["/error/code", "/error", "/code", "/errors/0/code"]
        .iter()
        .find_map(|pointer| body.pointer(pointer).and_then(Value::as_str))
        .map(str::to_owned)
}

/// What an answer says of its error, or the beginning of it.
pub(crate) fn error_message(response: &Response) -> Option<String> {
    if response.status.as_u16() < 400 {
        return None;
    }
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    let texts = [
        "/error/message",
        "/message",
        "/errors/0/message",
        "/error_description",
    ];
    let mut texts = texts.iter();
    let found = texts.find_map(|pointer| body.pointer(pointer).and_then(Value::as_str))?;
    Some(found.chars().take(LONGEST_MESSAGE).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::http::StatusCode;
    use serde_json::json;

    #[test]
    fn secrets_in_a_query_are_masked() {
        assert_eq!(
            mask("a=1&SIG=abc&client%5Fsecret=x&s=y&skip=2&flag"),
            "a=1&SIG=***&client%5Fsecret=***&s=***&skip=2&flag"
        );
    }

    #[test]
    fn the_oldest_are_dropped_and_marks_stay_good() {
        let log = RequestLog::default();
        let exchange = Exchange {
            id: 0,
            origin: Origin::Caller,
            method: "GET".to_owned(),
            url: String::new(),
            status: 200,
            error: None,
            message: None,
            command: None,
            duration: Duration::ZERO,
            not_emulated: false,
            stand_in: None,
            quiet: false,
            fault: None,
        };
        for _ in 0..KEPT {
            log.add(exchange.clone());
        }
        let mark = log.mark();
        log.add(exchange.clone());
        log.add(exchange);
        assert_eq!((mark, log.mark()), (KEPT, KEPT + 2));
        let ids = |mark| log.since(mark).iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(mark), [KEPT, KEPT + 1]);
        assert_eq!((ids(0).len(), ids(0)[0]), (KEPT, 2));
        assert!(ids(KEPT + 2).is_empty());
    }

    #[test]
    fn an_answer_that_is_no_error_has_no_code() {
        let body = json!({ "code": "x" });
        assert_eq!(error_code(&Response::json(StatusCode::OK, &body)), None);
        assert_eq!(
            error_code(&Response::text(StatusCode::BAD_REQUEST, "no JSON")),
            None
        );
        assert_eq!(
            error_code(&Response::json(StatusCode::CONFLICT, &body)).unwrap(),
            "x"
        );
    }
}
