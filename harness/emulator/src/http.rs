//! Requests and answers as the services see them: whole, with the sender known.

use crate::arm::ArmError;
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Names one container of one container group or app.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WorkloadId(pub String);

/// Who is at the other end of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// The reader's own machine.
    Caller,
    /// A service of the emulator itself, such as the one that pulls a container's image.
    Azure,
    /// A workload that the emulator runs. Its id is the lower-cased ARM id of the resource.
    Workload(WorkloadId),
}

/// A request, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The method.
    pub(crate) method: Method,
    /// The host asked for, lower case, without port.
    pub(crate) host: String,
    /// The path as sent, not decoded.
    pub(crate) path: String,
    /// The path's segments, percent-decoded, empty ones left out.
    pub(crate) segments: Vec<String>,
    /// The query's names and values, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// Who sent it.
    pub(crate) origin: Origin,
}

impl Request {
    /// The fields of a form (`application/x-www-form-urlencoded`), decoded, in order.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        pairs(&String::from_utf8_lossy(&self.body))
    }

    /// The first value of a query parameter; names are compared without case, as Azure does.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// A header's value, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `InvalidRequestContent` as ARM says it, if the body is not JSON.
    pub(crate) fn json(&self) -> Result<Value, ArmError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            ArmError::new(
                StatusCode::BAD_REQUEST,
                "InvalidRequestContent",
                format!(
                    "The request content was invalid and could not be deserialized: '{error}'."
                ),
            )
        })
    }

    /// Segment `index`, lower case; empty if there is none.
    pub(crate) fn segment(&self, index: usize) -> String {
        self.segments
            .get(index)
            .map(|s| s.to_ascii_lowercase())
            .unwrap_or_default()
    }
}

/// A websocket's handler, called once the handshake is done.
pub(crate) type Upgrade =
    Box<dyn FnOnce(WebSocket) -> futures_util::future::BoxFuture<'static, ()> + Send>;

/// The server's side of a websocket.
pub(crate) type WebSocket =
    tokio_tungstenite::WebSocketStream<hyper_util::rt::TokioIo<hyper::upgrade::Upgraded>>;

/// An answer.
pub(crate) struct Response {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers beside those that the server adds.
    pub(crate) headers: HeaderMap,
    /// The body; empty means none, and then no content type is sent.
    pub(crate) body: Bytes,
    /// Set for an answer that turns the connection into a websocket.
    pub(crate) upgrade: Option<Upgrade>,
}

impl Response {
    /// An answer without body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            upgrade: None,
        }
    }

    /// An answer with compact JSON.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::empty(status)
            .with_header("content-type", "application/json; charset=utf-8")
            .with_body(body.to_string())
    }

    /// An answer with plain text.
    pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Self {
        Self::empty(status)
            .with_header("content-type", "text/plain; charset=utf-8")
            .with_body(body)
    }

    /// The same answer with another body.
    #[must_use]
    pub(crate) fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = Bytes::from(body.into());
        self
    }

    /// The same answer with bytes of a kind of their own.
    #[must_use]
    pub(crate) fn with_bytes(mut self, content_type: &str, body: Bytes) -> Self {
        self.body = body;
        self.with_header("content-type", content_type)
    }

    /// The same answer with a header more; a value that is no header value is left out.
    #[must_use]
    pub(crate) fn with_header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

/// `name=value&…`, decoded, in order.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name, true), decode(value, true)))
        .collect()
}

/// The segments of a path, decoded, empty ones left out.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| decode(segment, false))
        .collect()
}

/// Undoes percent escapes.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> String {
    let text = if plus_is_space {
        text.replace('+', " ")
    } else {
        text.to_owned()
    };
    percent_encoding::percent_decode_str(&text)
        .decode_utf8_lossy()
        .into_owned()
}
