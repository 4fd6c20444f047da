//! What the walkthrough's `az` asked of Azure: [`AzLog`] reads the log file that azure-cli writes of
//! itself (`AZURE_LOGGING_ENABLE_LOG_FILE`), where each request stands with its answer.
//!
//! No proxy stands between `az` and Azure for this, and nothing that a reader sees is changed. The
//! file is the run's own and goes with it.

use docproof_core::redaction::Tracker;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

/// One request and its answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) url: String,
    /// The command that asked, such as `group create`.
    pub(super) command: String,
    pub(super) request: String,
    pub(super) status: u16,
    /// The answer's headers, names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) response: String,
}

impl Seen {
    /// The error code of the answer, if it has one.
    pub(super) fn error(&self) -> Option<String> {
        if self.status < 400 {
            return None;
        }
        let body: Value = serde_json::from_str(&self.response).ok()?;
        ["/error/code", "/error", "/code"]
            .iter()
            .find_map(|pointer| body.pointer(pointer)?.as_str())
            .map(str::to_owned)
    }

    /// What the answer says of its error, if it has one.
    pub(super) fn message(&self) -> Option<String> {
        if self.status < 400 {
            return None;
        }
        let body: Value = serde_json::from_str(&self.response).ok()?;
        ["/error/message", "/message", "/error_description"]
            .iter()
            .find_map(|pointer| body.pointer(pointer)?.as_str())
            .map(str::to_owned)
    }
}

/// The log of one walkthrough.
#[derive(Debug)]
pub(super) struct AzLog {
    path: PathBuf,
    offset: u64,
    /// What of the last line was there.
    partial: String,
    open: HashMap<String, Open>,
    /// Which process wrote the last line, for lines that go on.
    last: String,
    seen: Vec<Seen>,
}

/// An exchange that is being read.
#[derive(Debug, Default)]
struct Open {
    exchange: Seen,
    reading: Reading,
    /// Where it stands among those that were read whole; its body may go on.
    whole: Option<usize>,
}

/// What the next lines are.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Reading {
    #[default]
    Nothing,
    RequestHeaders,
    RequestBody,
    ResponseHeaders,
    ResponseBody,
}

impl AzLog {
    /// The log in a folder.
    pub(super) fn new(folder: &std::path::Path) -> Self {
        Self {
            path: folder.join("az.log"),
            offset: 0,
            partial: String::new(),
            open: HashMap::new(),
            last: String::new(),
            seen: Vec::new(),
        }
    }

    /// Every exchange so far, in the order of the answers.
    pub(super) fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// Reads what is new; what it tells of secrets and ids is tracked.
    pub(super) fn refresh(&mut self, tracker: &mut Tracker) {
        let from = self.seen.len();
        let mut text = std::mem::take(&mut self.partial);
        text.push_str(&self.new_text());
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.partial = text.split_off(whole);
        for line in text.lines() {
            self.line(line);
        }
        for one in self.seen.iter().skip(from) {
            tracker.learn_answer(&one.url, &one.response);
            tracker.learn(&one.request);
        }
    }

    fn new_text(&mut self) -> String {
        let Ok(mut file) = File::open(&self.path) else {
            return String::new();
        };
        // azure-cli begins a new file when one is full.
        if file.metadata().is_ok_and(|file| file.len() < self.offset) {
            self.offset = 0;
        }
        let mut bytes = Vec::new();
        let read = file
            .seek(SeekFrom::Start(self.offset))
            .and_then(|_| file.read_to_end(&mut bytes));
        if read.is_err() {
            return String::new();
        }
        self.offset += bytes.len() as u64;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// `PID : time : LEVEL : logger : text`, or a line that goes on.
    fn line(&mut self, line: &str) {
        let mut parts = line.splitn(5, " : ");
        let (Some(process), Some(_), Some(_), Some(logger), Some(text)) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return self.goes_on(line);
        };
        if process.is_empty() || !process.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.goes_on(line);
        }
        process.clone_into(&mut self.last);
        if logger.ends_with(".sdk.policies") || logger.ends_with(".core.util") {
            self.said(process, text);
        } else if let Some(open) = self.open.get_mut(process) {
            open.reading = Reading::Nothing;
            open.whole = None;
        }
    }

    fn said(&mut self, process: &str, text: &str) {
        let open = self.open.entry(process.to_owned()).or_default();
        let quoted = |rest: &str| rest.trim().trim_matches('\'').to_owned();
        if let Some(url) = text.strip_prefix("Request URL: ") {
            *open = Open::default();
            open.exchange.url = quoted(url);
        } else if let Some(method) = text.strip_prefix("Request method: ") {
            open.exchange.method = quoted(method);
        } else if let Some(status) = text.strip_prefix("Response status: ") {
            open.exchange.status = status.trim().parse().unwrap_or_default();
        } else if text == "Request headers:" {
            open.reading = Reading::RequestHeaders;
        } else if text == "Request body:" {
            open.reading = Reading::RequestBody;
        } else if text == "Response headers:" {
            open.reading = Reading::ResponseHeaders;
        } else if text == "Response content:" {
            open.reading = Reading::ResponseBody;
        } else {
            match open.reading {
                Reading::Nothing => {}
                Reading::RequestHeaders => {
                    if let Some((name, value)) = header(text)
                        && name == "commandname"
                    {
                        open.exchange.command = value;
                    }
                }
                Reading::ResponseHeaders => open.exchange.headers.extend(header(text)),
                Reading::RequestBody => {
                    if !matches!(text, "None" | "This request has no body") {
                        text.clone_into(&mut open.exchange.request);
                    }
                }
                Reading::ResponseBody => {
                    // azure-cli leaves a streamed body out.
                    if text != "Body is streamable" {
                        text.clone_into(&mut open.exchange.response);
                    }
                    open.whole = Some(self.seen.len());
                    self.seen.push(std::mem::take(&mut open.exchange));
                    open.reading = Reading::Nothing;
                }
            }
        }
    }

    /// A body of several lines.
    fn goes_on(&mut self, line: &str) {
        let Some(open) = self.open.get_mut(&self.last) else {
            return;
        };
        let body = match (open.whole, open.reading) {
            (Some(index), _) => self.seen.get_mut(index).map(|seen| &mut seen.response),
            (None, Reading::RequestBody) => Some(&mut open.exchange.request),
            _ => None,
        };
        if let Some(body) = body {
            body.push('\n');
            body.push_str(line);
        }
    }
}

/// `    'Name': 'value'`
fn header(text: &str) -> Option<(String, String)> {
    let (name, value) = text.trim().split_once("': ")?;
    let value = value.trim();
    // Written as Python writes a text: in quotes that are not in it.
    let inside = ['\'', '"']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let value = inside.unwrap_or(value);
    let name = name.trim_start_matches('\'').to_ascii_lowercase();
    Some((name, value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const LOG: &str = "\
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : Request URL: 'https://management.azure.com/a?x=1'
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : Request method: 'PUT'
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : Request headers:
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies :     'CommandName': 'group create'
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : Request body:
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : {\"location\": \"eastus\"}
8 : 2026-11-22 02:56:16 : INFO : cli.azure.cli.core.util : Request URL: 'https://graph.microsoft.com/me'
7 : 2026-11-22 02:56:16 : DEBUG : urllib3.connectionpool : Response status: 999
8 : 2026-11-22 02:56:16 : INFO : cli.azure.cli.core.util : Request method: 'GET'
8 : 2026-11-22 02:56:16 : INFO : cli.azure.cli.core.util : Request body:
8 : 2026-11-22 02:56:16 : INFO : cli.azure.cli.core.util : None
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : Response status: 429
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : Response headers:
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies :     'Retry-After': '3'
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : Response content:
7 : 2026-11-22 02:56:16 : DEBUG : cli.azure.cli.core.sdk.policies : {\"error\":
 {\"code\":\"429\"}}
8 : 2026-11-22 02:56:16 : INFO : cli.azure.cli.core.util : Response status: 200
8 : 2026-11-22 02:56:16 : INFO : cli.azure.cli.core.util : Response content:
8 : 2026-11-22 02:56:16 : INFO : cli.azure.cli.core.util : {}
";

    #[test]
    fn two_processes_are_kept_apart_whatever_the_pieces() {
        for size in [1, 37, 100_000] {
            let folder = tempfile::tempdir().unwrap();
            let mut log = AzLog::new(folder.path());
            log.refresh(&mut Tracker::new(false));
            assert!(log.seen().is_empty());
            let mut file = File::create(folder.path().join("az.log")).unwrap();
            for piece in LOG.as_bytes().chunks(size) {
                file.write_all(piece).unwrap();
                log.refresh(&mut Tracker::new(false));
            }
            let [first, second] = log.seen() else {
                panic!("{:?}", log.seen());
            };
            assert_eq!((first.method.as_str(), first.status), ("PUT", 429));
            assert_eq!(first.command, "group create");
            assert_eq!(first.request, "{\"location\": \"eastus\"}");
            assert_eq!(first.error().as_deref(), Some("429"));
            assert_eq!(first.headers["retry-after"], "3");
            assert_eq!(second.url, "https://graph.microsoft.com/me");
            assert_eq!((second.request.as_str(), second.status), ("", 200));
        }
    }
}
