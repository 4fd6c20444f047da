//! The websocket of `exec`: a password first, then raw terminal bytes both ways.

use super::state::{ContainerInstances, Running, Session};
use crate::arm;
use crate::http::{Request, Response, WebSocket};
use crate::workload::{ContainerState, Terminal};
use ::http::StatusCode;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// How long a client gets to close its end after the command has ended.
const CLOSING: Duration = Duration::from_secs(5);

/// Whether a request is for the stream of a session.
pub(super) fn is_stream(request: &Request) -> bool {
    request.host.ends_with(".atlas.cloudapp.azure.com") && request.segment(0) == "execstream"
}

/// Takes the websocket of a session. A session is good for one connection, whatever comes of it.
pub(super) async fn stream(all: &ContainerInstances, request: &Request) -> Response {
    let id = request.segment(2);
    let session = all.state().sessions.remove(&id);
    let found = session.and_then(|session| {
        let running = all.container(&session.group, &session.container)?;
        Some((session, running))
    });
    let Some((session, running)) = found else {
        return Response::text(
            StatusCode::NOT_FOUND,
            format!("There is no session '{id}'."),
        );
    };
    let mut response = Response::empty(StatusCode::SWITCHING_PROTOCOLS);
    response.upgrade = Some(Box::new(|socket| Box::pin(serve(socket, session, running))));
    response
}

async fn serve(mut socket: WebSocket, session: Session, running: Running) {
    let password = match socket.next().await {
        Some(Ok(Message::Text(text))) => text.as_bytes().to_vec(),
        Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
        _ => Vec::new(),
    };
    if password != session.password.as_bytes() {
        return close(&mut socket, CloseCode::Policy, "The password is wrong.").await;
    }
    let command = vec![session.command];
    let (columns, rows) = (session.columns, session.rows);
    match running.container.exec(command, columns, rows).await {
        Ok(terminal) => relay(socket, terminal).await,
        Err(error) => {
            let why = why_not(&running).unwrap_or_else(|| error.to_string());
            let text = format!("docproof: {why}\r\n");
            let _ = socket.send(Message::Binary(text.into_bytes().into())).await;
            close(
                &mut socket,
                CloseCode::Error,
                "The command could not be started.",
            )
            .await;
        }
    }
}

/// Why nothing can be run in a container that has ended. What Azure says there is not recorded.
fn why_not(running: &Running) -> Option<String> {
    let ContainerState::Terminated { exit_code } = running.container.state() else {
        return None;
    };
    let then = match running.again_at {
        Some(at) => format!("is started again at {}", arm::seconds(at)),
        None => "is not started again".to_owned(),
    };
    let (name, times) = (&running.name, running.restarts + 1);
    Some(format!(
        "nothing can be run in the container '{name}': its command has ended with {exit_code}, was \
         started {times} times and {then}"
    ))
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
            let _ = sink.send(Message::Close(Some(frame(CloseCode::Normal, "")))).await;
            // The client's own close frame ends the typing; the wait is for a client that is stuck.
            let _ = tokio::time::timeout(CLOSING, typed).await;
        }
    }
}

/// Binary frames: the client takes text frames apart as UTF-8, and a character may be cut in two.
async fn show(
    mut sink: SplitSink<WebSocket, Message>,
    mut output: Box<dyn tokio::io::AsyncRead + Send + Unpin>,
) -> SplitSink<WebSocket, Message> {
    let mut buffer = vec![0; 16 * 1024];
    // An error is how a pseudo-terminal tells that its last process is gone.
    while let Ok(read @ 1..) = output.read(&mut buffer).await {
        if sink
            .send(Message::Binary(buffer[..read].to_vec().into()))
            .await
            .is_err()
        {
            break;
        }
    }
    sink
}

async fn type_in(
    mut stream: SplitStream<WebSocket>,
    mut input: Box<dyn tokio::io::AsyncWrite + Send + Unpin>,
) {
    while let Some(Ok(message)) = stream.next().await {
        let bytes = match message {
            Message::Binary(bytes) => bytes.to_vec(),
            Message::Text(text) => text.as_bytes().to_vec(),
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
        };
        // Once the command has ended nobody reads; the client learns of it by the close frame.
        if input.write_all(&bytes).await.is_ok() {
            let _ = input.flush().await;
        }
    }
}

fn frame(code: CloseCode, reason: &'static str) -> CloseFrame {
    CloseFrame {
        code,
        reason: reason.into(),
    }
}

async fn close(socket: &mut WebSocket, code: CloseCode, reason: &'static str) {
    if socket.close(Some(frame(code, reason))).await.is_ok() {
        let rest = async { while let Some(Ok(_)) = socket.next().await {} };
        let _ = tokio::time::timeout(CLOSING, rest).await;
    }
}
