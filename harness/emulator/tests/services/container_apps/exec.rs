//! Logs of a container, and commands in it.

use super::{VERSION, app, make_environment, path, put, show};
use crate::bench::Bench;
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_rustls::client::TlsStream<tokio::net::TcpStream>>;

async fn connect(
    bench: &Bench,
    uri: &str,
    token: &str,
) -> Result<Socket, Box<dyn std::error::Error>> {
    let mut roots = rustls::RootCertStore::empty();
    let pem = bench.emulator.certificate_authority_pem();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = tokio::net::TcpStream::connect(bench.https).await?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let host = ServerName::try_from("eastus.azurecontainerapps.dev")?;
    let stream = connector.connect(host, stream).await?;
    let mut request = uri.into_client_request()?;
    let bearer = format!("Bearer {token}").parse()?;
    request.headers_mut().insert("Authorization", bearer);
    Ok(tokio_tungstenite::client_async(request, stream).await?.0)
}

/// An app's one container as its replica shows it, and a token for its endpoints.
async fn container(bench: &Bench, name: &str) -> (Value, String) {
    put(bench, name, app(bench, json!(null))).await;
    let shown = show(bench, name).await;
    let revision = shown["properties"]["latestRevisionName"].as_str().unwrap();
    let replicas = format!("{}/revisions/{revision}/replicas", path(bench, name));
    let replicas = bench.arm(Method::GET, &replicas, VERSION, None).await;
    let replicas = replicas.must(200).body;
    let container = replicas["value"][0]["properties"]["containers"][0].clone();
    let token = format!("{}/getAuthToken", path(bench, name));
    let token = bench.arm(Method::POST, &token, VERSION, None).await;
    let token = token.must(200).body["properties"]["token"].clone();
    (container, token.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn another_apps_token_opens_nothing() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    let (_, others) = container(&bench, "other").await;
    let (own, token) = container(&bench, "app").await;
    let exec = format!("{}?command=sh", own["execEndpoint"].as_str().unwrap());
    let log = own["logStreamEndpoint"].as_str().unwrap();
    for wrong in [others.as_str(), bench.user.as_str(), ""] {
        assert!(connect(&bench, &exec, wrong).await.is_err(), "{wrong}");
        bench
            .send(Method::GET, log, Some(wrong), None)
            .await
            .must(401);
    }
    assert!(connect(&bench, &exec, &token).await.is_ok());
    let absent = log.replace("/containers/app/", "/containers/absent/");
    bench
        .send(Method::GET, &absent, Some(&token), None)
        .await
        .must(404);
}

#[tokio::test]
async fn a_log_is_read_from_its_end() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    let (own, token) = container(&bench, "app").await;
    let log = own["logStreamEndpoint"].as_str().unwrap();
    let url = format!("{log}?follow=false&output=json&tailLines=1");
    let answer = bench.client.get(&url).bearer_auth(&token).send().await;
    let text = answer.unwrap().text().await.unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0]["Log"], "Connecting to the container 'app'...");
    assert_eq!(lines[2]["Log"], "three");
    let follow = url.replace("follow=false", "follow=true");
    let follow = bench.send(Method::GET, &follow, Some(&token), None).await;
    assert_eq!(follow.must(501).code(), "NotEmulated");
}

#[tokio::test]
async fn a_terminal_is_relayed_in_frames_that_say_who_speaks() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    let (own, token) = container(&bench, "app").await;
    let exec = own["execEndpoint"].as_str().unwrap();
    let exec = format!("{exec}?command=%2Fbin%2Fbash+-l");
    let mut socket = connect(&bench, &exec, &token).await.unwrap();
    let first = socket.next().await.unwrap().unwrap().into_data();
    assert_eq!(first[0], 1);
    assert!(String::from_utf8_lossy(&first).contains("Connecting to the container 'app'"));
    let size = b"\x00\x04{\"Width\": 100, \"Height\": 30}";
    socket.send(Message::binary(size.to_vec())).await.unwrap();
    for character in "hi\n".bytes() {
        let typed = Message::binary(vec![0, 0, character]);
        socket.send(typed).await.unwrap();
    }
    let later = b"\x00\x04{\"Width\": 10, \"Height\": 3}";
    socket.send(Message::binary(later.to_vec())).await.unwrap();
    let exit = Message::binary(b"\x00\x00exit\n".to_vec());
    socket.send(exit).await.unwrap();
    let (mut told, mut printed) = (Vec::new(), Vec::new());
    let mut closed = false;
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Binary(bytes) if bytes[0] == 1 => told.extend_from_slice(&bytes[1..]),
            Message::Binary(bytes) => {
                assert_eq!(bytes[..2], [0, 1]);
                printed.extend_from_slice(&bytes[2..]);
            }
            Message::Close(Some(frame)) => closed = u16::from(frame.code) == 1000,
            other => panic!("{other}"),
        }
    }
    let told = String::from_utf8(told).unwrap();
    assert!(told.starts_with("Successfully connected to container: 'app'."));
    let printed = String::from_utf8(printed).unwrap();
    assert_eq!(printed, "[\"/bin/bash\", \"-l\"] 100x30\r\ntyped hi\r\n");
    assert!(closed);
}
