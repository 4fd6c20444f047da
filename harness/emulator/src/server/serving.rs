//! Serving sockets that somebody else opened: [`Network`] in, [`Serving`] out.

use super::{Clients, control, dns, log, quiet};
use crate::arm;
use crate::emulator::{Emulator, StartError};
use crate::http::{Origin, Request, Response, Upgrade, pairs, segments};
use crate::server::Exchange;
use ::http::header::{CONNECTION, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use ::http::{HeaderValue, Method, StatusCode};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{handshake::derive_accept_key, protocol::Role};

/// How long a client may take for its TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The largest request body that is taken, in bytes: it is kept in memory whole. Layers of images are
/// the largest that anybody sends.
const BODY_LIMIT: usize = 256 * 1024 * 1024;
/// How long to wait before accepting again after the system refused (no more file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Sockets of one network, opened inside it.
#[derive(Debug)]
pub struct Network {
    /// Where names are asked for by datagram.
    pub dns_udp: Option<std::net::UdpSocket>,
    /// Where names are asked for by stream.
    pub dns_tcp: Option<std::net::TcpListener>,
    /// Plain HTTP; the `Host` header says which service.
    pub http: Vec<std::net::TcpListener>,
    /// HTTPS; certificates are made for the name that the client asks for.
    pub https: Vec<std::net::TcpListener>,
    /// The address that every name resolves to.
    pub address: Ipv4Addr,
}

/// Who the clients of a network are.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// All the same.
    Always(Origin),
    /// Told apart by their addresses.
    ByAddress(Arc<Clients>),
}

/// A network being served. Dropping it ends the serving, open connections included.
#[derive(Debug)]
pub struct Serving {
    tasks: Vec<JoinHandle<()>>,
    websockets: WebSockets,
}

impl Drop for Serving {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        for task in self
            .websockets
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            task.abort();
        }
    }
}

/// Websockets outlive the connection's own task, so they are ended by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct WebSockets(Arc<Mutex<Vec<AbortHandle>>>);

impl WebSockets {
    fn add(&self, task: AbortHandle) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(task);
    }
}

/// Serves a network.
///
/// # Errors
/// If there is no tokio runtime, or it cannot take a socket over.
pub(crate) fn serve(
    emulator: &Emulator,
    network: Network,
    who: &Who,
) -> Result<Serving, StartError> {
    let runtime = tokio::runtime::Handle::try_current().map_err(|_| StartError::NoRuntime)?;
    let mut serving = Serving {
        tasks: Vec::new(),
        websockets: WebSockets::default(),
    };
    if let Some(socket) = network.dns_udp {
        socket.set_nonblocking(true).map_err(StartError::Socket)?;
        let socket = UdpSocket::from_std(socket).map_err(StartError::Socket)?;
        serving
            .tasks
            .push(runtime.spawn(dns::serve_udp(socket, network.address)));
    }
    if let Some(listener) = network.dns_tcp {
        let listener = Arc::new(listen(listener)?);
        serving
            .tasks
            .push(runtime.spawn(dns::serve_tcp(listener, network.address)));
    }
    let plain = network.http.into_iter().map(|listener| (listener, false));
    let secure = network.https.into_iter().map(|listener| (listener, true));
    for (listener, tls) in plain.chain(secure) {
        let listener = listen(listener)?;
        let (emulator, who) = (emulator.clone(), who.clone());
        let websockets = serving.websockets.clone();
        let door = move |origin| Door {
            emulator: emulator.clone(),
            origin,
            tls,
            websockets: websockets.clone(),
        };
        serving
            .tasks
            .push(runtime.spawn(accept(listener, who, door)));
    }
    Ok(serving)
}

fn listen(listener: std::net::TcpListener) -> Result<TcpListener, StartError> {
    listener.set_nonblocking(true).map_err(StartError::Socket)?;
    TcpListener::from_std(listener).map_err(StartError::Socket)
}

/// One listening socket and what is known of its client.
struct Door {
    emulator: Emulator,
    origin: Origin,
    tls: bool,
    websockets: WebSockets,
}

async fn accept(listener: TcpListener, who: Who, door: impl Fn(Origin) -> Door) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    // Without this, small answers wait for the client's acknowledgement.
                    let _ = stream.set_nodelay(true);
                    let origin = match &who {
                        Who::Always(origin) => origin.clone(),
                        Who::ByAddress(clients) => clients.at(client.ip()),
                    };
                    connections.spawn(connect(stream, Arc::new(door(origin))));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connect(stream: tokio::net::TcpStream, door: Arc<Door>) {
    if !door.tls {
        return converse(stream, door).await;
    }
    let handshake = door.emulator.tls().accept(stream);
    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, handshake).await {
        converse(stream, door).await;
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, door: Arc<Door>) {
    let service = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(handle(request, &door).await) }
    });
    // A client that goes away in the middle is no concern of the emulator's.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

async fn handle(
    mut incoming: hyper::Request<Incoming>,
    door: &Arc<Door>,
) -> hyper::Response<Full<Bytes>> {
    if incoming.method() == Method::CONNECT {
        return tunnel(incoming, door);
    }
    let upgrading = hyper::upgrade::on(&mut incoming);
    let (parts, body) = incoming.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return plain(Response::text(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "docproof takes request bodies of at most {} MB",
                    BODY_LIMIT / 1024 / 1024
                ),
            ));
        }
        Err(_) => {
            return plain(Response::text(
                StatusCode::BAD_REQUEST,
                "request body ended early",
            ));
        }
    };
    let request = ::http::Request::from_parts(parts, body);
    let switching = Some((upgrading, &door.websockets));
    plain(exchange(&door.emulator, &door.origin, door.tls, request, switching).await)
}

/// What a client that takes the emulator for its proxy asks for: a connection to some host, which is
/// the emulator like every other. Nothing leaves the machine.
fn tunnel(incoming: hyper::Request<Incoming>, door: &Arc<Door>) -> hyper::Response<Full<Bytes>> {
    let inside = Arc::new(Door {
        emulator: door.emulator.clone(),
        origin: door.origin.clone(),
        tls: incoming.uri().port_u16() != Some(80),
        websockets: door.websockets.clone(),
    });
    let task = tokio::spawn(async move {
        if let Ok(upgraded) = hyper::upgrade::on(incoming).await {
            inside_tunnel(TokioIo::new(upgraded), inside).await;
        }
    });
    door.websockets.add(task.abort_handle());
    plain(Response::empty(StatusCode::OK))
}

/// Boxed, since a tunnel is inside of a connection and is one itself.
fn inside_tunnel(stream: TokioIo<Upgraded>, door: Arc<Door>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        if !door.tls {
            return converse(stream, door).await;
        }
        let handshake = door.emulator.tls().accept(stream);
        if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, handshake).await {
            converse(stream, door).await;
        }
    })
}

/// Answers one whole request and logs it. Without a connection to switch, there are no websockets.
pub(crate) async fn exchange(
    emulator: &Emulator,
    origin: &Origin,
    tls: bool,
    incoming: ::http::Request<Bytes>,
    switching: Option<(hyper::upgrade::OnUpgrade, &WebSockets)>,
) -> Response {
    let started = Instant::now();
    let (parts, body) = incoming.into_parts();
    let host = parts
        .headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| parts.uri.authority().map(::http::uri::Authority::as_str))
        .unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default();
    let scheme = if tls { "https" } else { "http" };
    let mut url = format!("{scheme}://{host}{}", parts.uri.path());
    if !query.is_empty() {
        url = format!("{url}?{}", log::mask(query));
    }
    let request = Request {
        method: parts.method,
        host: host
            .rsplit_once(':')
            .map_or(host, |(name, _)| name)
            .to_ascii_lowercase(),
        path: parts.uri.path().to_owned(),
        segments: segments(parts.uri.path()),
        query: pairs(query),
        headers: parts.headers,
        body,
        origin: origin.clone(),
    };
    let own = control::answer(emulator, &request);
    let mut fault = None;
    let (mut response, quiet) = match own.or_else(|| quiet::answer(&request)) {
        Some(response) => (response, true),
        None => match emulator.fault(&request) {
            Some((kind, response)) => {
                fault = Some(kind.to_owned());
                (response, false)
            }
            None => (emulator.answer(&request).await, false),
        },
    };
    if let Some(upgrade) = response.upgrade.take() {
        response = match switching {
            Some((upgrading, websockets)) => {
                switch(&request, response, upgrade, upgrading, websockets)
            }
            None => Response::text(StatusCode::BAD_REQUEST, "not a websocket handshake"),
        };
    }
    let error = log::error_code(&response);
    emulator.log().add(Exchange {
        id: 0,
        origin: request.origin.clone(),
        method: request.method.to_string(),
        url,
        status: response.status.as_u16(),
        not_emulated: error.as_deref() == Some("NotEmulated"),
        error,
        message: log::error_message(&response),
        command: request.header("commandname").map(str::to_owned),
        duration: started.elapsed(),
        stand_in: response
            .headers
            .get("x-docproof-stand-in")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        quiet,
        fault,
    });
    if request.host == arm::HOST {
        response = arm::with_common_headers(&request, response);
    }
    response
}

/// Turns the connection into a websocket once the answer is out.
fn switch(
    request: &Request,
    mut response: Response,
    upgrade: Upgrade,
    upgrading: hyper::upgrade::OnUpgrade,
    websockets: &WebSockets,
) -> Response {
    let key = request
        .headers
        .get(SEC_WEBSOCKET_KEY)
        .map(|key| derive_accept_key(key.as_bytes()));
    let Some(accept) = key.and_then(|key| HeaderValue::from_str(&key).ok()) else {
        return Response::text(StatusCode::BAD_REQUEST, "not a websocket handshake");
    };
    response.status = StatusCode::SWITCHING_PROTOCOLS;
    response
        .headers
        .insert(UPGRADE, HeaderValue::from_static("websocket"));
    response
        .headers
        .insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    response.body = Bytes::new();
    let task = tokio::spawn(async move {
        if let Ok(upgraded) = upgrading.await {
            let io = TokioIo::new(upgraded);
            upgrade(WebSocketStream::from_raw_socket(io, Role::Server, None).await).await;
        }
    });
    websockets.add(task.abort_handle());
    response
}

fn plain(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut answer = hyper::Response::new(Full::new(response.body));
    *answer.status_mut() = response.status;
    *answer.headers_mut() = response.headers;
    answer
}
