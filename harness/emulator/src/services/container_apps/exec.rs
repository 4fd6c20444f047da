//! The websocket of `exec`: binary frames that begin with who speaks, then for whom.
//!
//! The framing is that of azure-cli's `containerapp/_ssh_utils.py`. The first byte is the proxy's:
//! 0 forwards, 1 informs, 2 is an error. The second one is the cluster's: standard input (0),
//! output (1) and error (2), or the terminal's size (4).

use super::region::Place;
use crate::http::{Request, Response, WebSocket};
use crate::workload::Terminal;
use ::http::StatusCode;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// How long a client gets to close its end after the command has ended.
const CLOSING: Duration = Duration::from_secs(5);
/// How long the first message, which tells the terminal's size, is waited for.
const GREETING: Duration = Duration::from_secs(5);
/// The terminal of a client that tells no size: columns and rows.
const SIZE: (u16, u16) = (80, 24);

const FORWARD: u8 = 0;
const INFORM: u8 = 1;
const ERROR: u8 = 2;
const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const RESIZE: u8 = 4;

/// Takes the websocket for a command in a container.
pub(super) fn open(request: &Request, place: Place) -> Response {
    // What is given in one text is a command with arguments, apart at spaces (not recorded).
    let command: Vec<String> = request
        .query("command")
        .unwrap_or("sh")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let mut response = Response::empty(StatusCode::SWITCHING_PROTOCOLS);
    response.upgrade = Some(Box::new(|socket| Box::pin(serve(socket, place, command))));
    response
}

/// The texts are not recorded.
async fn serve(mut socket: WebSocket, place: Place, command: Vec<String>) {
    let name = &place.running.name;
    let greeting = format!("Connecting to the container '{name}'...");
    if say(&mut socket, INFORM, &greeting).await.is_err() {
        return;
    }
    let ((columns, rows), typed) = size(&mut socket).await;
    let program = command.join(" ");
    match place.running.container.exec(command, columns, rows).await {
        Ok(mut terminal) => {
            let greeting = format!(
                "Successfully connected to container: '{name}'. [ Revision: '{}', Replica: '{}' ].",
                place.revision, place.replica
            );
            if say(&mut socket, INFORM, &greeting).await.is_err() {
                return;
            }
            // Nobody reads once the command has ended; the close frame tells.
            let _ = terminal.input.write_all(&typed).await;
            relay(socket, terminal).await;
        }
        Err(error) => {
            let text = format!("The command '{program}' could not be started: {error}");
            let _ = say(&mut socket, ERROR, &text).await;
            if socket.close(Some(frame(CloseCode::Error))).await.is_ok() {
                let rest = async { while let Some(Ok(_)) = socket.next().await {} };
                let _ = tokio::time::timeout(CLOSING, rest).await;
            }
        }
    }
}

async fn say(
    socket: &mut WebSocket,
    who: u8,
    text: &str,
) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let mut bytes = vec![who];
    bytes.extend_from_slice(text.as_bytes());
    socket.send(Message::Binary(bytes.into())).await
}

/// The size that the client tells first; what it types before that, if it tells none.
async fn size(socket: &mut WebSocket) -> ((u16, u16), Vec<u8>) {
    let first = tokio::time::timeout(GREETING, socket.next()).await;
    let Ok(Some(Ok(message))) = first else {
        return (SIZE, Vec::new());
    };
    match message.into_data().as_ref() {
        [FORWARD, RESIZE, told @ ..] => {
            let told: Value = serde_json::from_slice(told).unwrap_or_default();
            let number = |key: &str, default: u16| {
                told[key]
                    .as_u64()
                    .and_then(|number| u16::try_from(number).ok())
                    .filter(|number| *number > 0)
                    .unwrap_or(default)
            };
            (
                (number("Width", SIZE.0), number("Height", SIZE.1)),
                Vec::new(),
            )
        }
        [FORWARD, STDIN, typed @ ..] => (SIZE, typed.to_vec()),
        _ => (SIZE, Vec::new()),
    }
}

/// Both directions at once, so that neither waits for the other. Ends when the command does, or
/// when the client goes: the terminal is dropped then, and hangs up.
async fn relay(socket: WebSocket, terminal: Terminal) {
    let (sink, stream) = socket.split();
    let Terminal { output, input } = terminal;
    let mut typed = Box::pin(type_in(stream, input));
    tokio::select! {
        () = &mut typed => {}
        mut sink = show(sink, output) => {
            let _ = sink.send(Message::Close(Some(frame(CloseCode::Normal)))).await;
            // The client's own close frame ends the typing; the wait is for a client that is stuck.
            let _ = tokio::time::timeout(CLOSING, typed).await;
        }
    }
}

/// The client decodes each frame alone, so none ends within a character.
async fn show(
    mut sink: SplitSink<WebSocket, Message>,
    mut output: Box<dyn AsyncRead + Send + Unpin>,
) -> SplitSink<WebSocket, Message> {
    let mut buffer = vec![0; 16 * 1024];
    let mut waiting = Vec::new();
    // An error is how a pseudo-terminal tells that its last process is gone.
    while let Ok(read @ 1..) = output.read(&mut buffer).await {
        waiting.extend_from_slice(&buffer[..read]);
        let whole = waiting.len() - unfinished(&waiting);
        if whole == 0 {
            continue;
        }
        let mut bytes = vec![FORWARD, STDOUT];
        bytes.extend(waiting.drain(..whole));
        if sink.send(Message::Binary(bytes.into())).await.is_err() {
            break;
        }
    }
    sink
}

/// How many bytes at the end are the beginning of a character of UTF-8.
fn unfinished(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => bytes.len() - error.valid_up_to(),
        _ => 0,
    }
}

/// Sizes told later are left out: a terminal keeps its size here, and `az` tells it once.
async fn type_in(
    mut stream: SplitStream<WebSocket>,
    mut input: Box<dyn AsyncWrite + Send + Unpin>,
) {
    while let Some(Ok(message)) = stream.next().await {
        if matches!(message, Message::Close(_)) {
            return;
        }
        if let [FORWARD, STDIN, typed @ ..] = message.into_data().as_ref()
            && input.write_all(typed).await.is_ok()
        {
            let _ = input.flush().await;
        }
    }
}

fn frame(code: CloseCode) -> CloseFrame {
    CloseFrame {
        code,
        reason: "".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::unfinished;

    #[test]
    fn a_character_is_not_cut() {
        let text = "aé€".as_bytes();
        assert_eq!(unfinished(text), 0);
        assert_eq!(unfinished(&text[..5]), 2);
        assert_eq!(unfinished(&text[..2]), 1);
        // What is no text is passed on.
        assert_eq!(unfinished(&[b'a', 0xff]), 0);
    }
}
