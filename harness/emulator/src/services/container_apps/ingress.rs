//! The ingress of apps: `https://{app}.{environment's domain}`, passed on to the app's own server.

use super::names::APP;
use super::state::{ContainerApps, Running};
use crate::context::Context;
use crate::http::{Origin, Request, Response};
use crate::workload::{Connection, ContainerState};
use ::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use ::http::{HeaderName, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::time::{Duration, Instant};

/// What ends the host names of apps.
const SUFFIX: &str = ".azurecontainerapps.io";
/// How long a server that has been started gets to listen. Azure waits for it before it calls the
/// app provisioned.
const STARTING: Duration = Duration::from_secs(10);
/// Between two looks whether it does.
const LOOK: Duration = Duration::from_millis(20);
/// The port of an app that names none. Azure finds out which one it listens on.
const PORT: u16 = 80;

/// Whether a request is for an app.
pub(super) fn is_asked(request: &Request) -> bool {
    request.host.ends_with(SUFFIX)
}

/// What the app answers. A name that no app has, an app without ingress, and one that is only for
/// its environment are not there; the wording of Azure's page is not recorded.
pub(super) async fn answer(all: &ContainerApps, cx: &Context, request: &Request) -> Response {
    let Some((app, revision)) = find(cx, &request.host) else {
        return Response::text(StatusCode::NOT_FOUND, "There is no such container app.");
    };
    let ingress = &app["properties"]["configuration"]["ingress"];
    if ingress["external"] != true && request.origin == Origin::Caller {
        return Response::text(StatusCode::NOT_FOUND, "There is no such container app.");
    }
    let id = app["id"].as_str().unwrap_or_default();
    let revision = all
        .revisions(id)
        .into_iter()
        .find(|one| one.name == revision);
    let running = revision.and_then(|revision| {
        let replica = revision.replicas.into_iter().next()?;
        replica.containers.into_iter().next()
    });
    let port = ingress["targetPort"]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok())
        .filter(|port| *port > 0)
        .unwrap_or(PORT);
    let connection = match &running {
        Some(running) => connect(running, port).await,
        None => None,
    };
    let answer = match connection {
        Some(connection) => pass_on(request, connection).await,
        None => None,
    };
    answer.unwrap_or_else(unavailable)
}

/// The text of the proxy that Azure uses, Envoy, for a server that does not answer.
fn unavailable() -> Response {
    Response::text(
        StatusCode::SERVICE_UNAVAILABLE,
        "upstream connect error or disconnect/reset before headers. reset reason: connection \
         failure",
    )
}

/// The app of a host name, and the revision that answers.
fn find(cx: &Context, host: &str) -> Option<(Value, String)> {
    cx.resources
        .list("", Some(APP))
        .into_iter()
        .find_map(|app| {
            let properties = &app["properties"];
            let is = |value: &Value| {
                value
                    .as_str()
                    .is_some_and(|name| name.eq_ignore_ascii_case(host))
            };
            let named = is(&properties["configuration"]["ingress"]["fqdn"]);
            let latest = properties["latestReadyRevisionName"].as_str();
            let latest = latest.unwrap_or_default().to_owned();
            (named || is(&properties["latestRevisionFqdn"])).then_some((app, latest))
        })
}

async fn connect(running: &Running, port: u16) -> Option<Connection> {
    let deadline = Instant::now() + STARTING;
    while running.container.state() == ContainerState::Running {
        match running.container.connect(port).await {
            Ok(connection) => return Some(connection),
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => return None,
            Err(_) if Instant::now() > deadline => return None,
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
    None
}

async fn pass_on(request: &Request, connection: Connection) -> Option<Response> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(connection))
        .await
        .ok()?;
    tokio::spawn(async move {
        // A server that goes away in the middle is told by the answer that does not come.
        let _ = connection.await;
    });
    let mut query = String::new();
    for (index, (name, value)) in request.query.iter().enumerate() {
        let encode = |text: &str| {
            let set = percent_encoding::NON_ALPHANUMERIC;
            percent_encoding::utf8_percent_encode(text, set).to_string()
        };
        query.push(if index == 0 { '?' } else { '&' });
        query.push_str(&format!("{}={}", encode(name), encode(value)));
    }
    let mut sent = ::http::Request::builder()
        .method(request.method.clone())
        .uri(format!("{}{query}", request.path));
    for (name, value) in &request.headers {
        if *name != CONNECTION {
            sent = sent.header(name, value);
        }
    }
    let sent = sent
        .header("x-forwarded-proto", "https")
        .body(Full::new(request.body.clone()))
        .ok()?;
    let (parts, body) = sender.send_request(sent).await.ok()?.into_parts();
    let body: Bytes = body.collect().await.ok()?.to_bytes();
    let mut response = Response::empty(parts.status);
    // These are about one connection, and this is another.
    let own: [HeaderName; 3] = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];
    response.headers = parts
        .headers
        .into_iter()
        .filter_map(|(name, value)| Some((name?, value)))
        .filter(|(name, _)| !own.contains(name))
        .collect();
    response.body = body;
    Some(response)
}
