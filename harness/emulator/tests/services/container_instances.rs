//! Container groups, their identities, and `exec`.

use crate::bench::{Bench, VAULT};
use docproof_emulator::workload::TokenEndpoint;
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_tungstenite::tungstenite::Message;

pub(crate) const VERSION: &str = "2024-05-01-preview";

pub(crate) fn group(identity: Value) -> Value {
    json!({"location": "eastus", "identity": identity, "tags": {}, "properties": {
        "osType": "Linux",
        "containers": [{"name": "c1", "properties": {
            "image": "mcr.microsoft.com/azure-cli",
            "command": ["tail", "-f", "/dev/null"],
            "environmentVariables": [{"name": "HIDDEN", "secureValue": "s3cret"}],
            "resources": {"requests": {"cpu": 1.0, "memoryInGB": 1.5}},
        }}],
        "ipAddress": {"type": "Public", "ports": [{"protocol": "TCP", "port": 80}]},
    }})
}

pub(crate) fn path(bench: &Bench, name: &str) -> String {
    bench.path(&format!(
        "Microsoft.ContainerInstance/containerGroups/{name}"
    ))
}

#[tokio::test]
async fn what_az_no_longer_fills_in_is_refused() {
    let bench = Bench::new().await;
    let mut sent = group(json!(null));
    sent["properties"]["containers"][0]["properties"]["resources"] = json!(null);
    let requests = bench
        .arm(Method::PUT, &path(&bench, "g"), VERSION, Some(sent.clone()))
        .await;
    assert_eq!(requests.must(400).code(), "ResourceRequestsNotSpecified");
    sent["properties"]["osType"] = json!(null);
    let os = bench
        .arm(Method::PUT, &path(&bench, "g"), VERSION, Some(sent))
        .await
        .must(400);
    assert_eq!(os.code(), "InvalidOsType");
    assert_eq!(
        os.message(),
        "The 'osType' for container group '<null>' is invalid. The value must be one of \
         'Windows,Linux'."
    );
}

#[tokio::test]
async fn an_image_that_cannot_be_run_is_not_emulated_and_leaves_nothing() {
    let bench = Bench::new().await;
    let mut sent = group(json!({"type": "SystemAssigned"}));
    sent["properties"]["containers"][0]["properties"]["image"] = json!("example/unknown");
    let answer = bench
        .arm(Method::PUT, &path(&bench, "g"), VERSION, Some(sent))
        .await
        .must(501);
    assert_eq!(answer.code(), "NotEmulated");
    assert!(
        answer.message().contains("example/unknown"),
        "{}",
        answer.message()
    );
    bench
        .arm(Method::GET, &path(&bench, "g"), VERSION, None)
        .await
        .must(404);
}

#[tokio::test]
async fn an_identity_that_is_not_there_cannot_be_assigned() {
    let bench = Bench::new().await;
    let absent = bench.path("Microsoft.ManagedIdentity/userAssignedIdentities/absent");
    let identity = json!({"type": "UserAssigned", "userAssignedIdentities": {absent: {}}});
    let answer = bench
        .arm(
            Method::PUT,
            &path(&bench, "g"),
            VERSION,
            Some(group(identity)),
        )
        .await;
    let answer = answer.must(400);
    assert_eq!(answer.code(), "FailedIdentityOperation");
    assert_eq!(answer.header("x-ms-failure-cause"), "gateway");
}

#[tokio::test]
async fn a_group_is_pending_first_and_its_secrets_are_never_shown() {
    let bench = Bench::new().await;
    let path = path(&bench, "g");
    let identity = json!({"type": "SystemAssigned"});
    let new = bench
        .arm(Method::PUT, &path, VERSION, Some(group(identity)))
        .await
        .must(201);
    assert_eq!(new.body["properties"]["provisioningState"], "Pending");
    assert_eq!(
        new.body["properties"]["instanceView"],
        json!({"events": [], "state": "Pending"})
    );
    assert!(new.body["properties"]["ipAddress"].get("ip").is_none());
    let operation = new.header("azure-asyncoperation").to_owned();
    let operation = bench
        .send(Method::GET, &operation, Some(&bench.user), None)
        .await
        .must(200)
        .body;
    assert_eq!(operation["status"], "Succeeded");
    assert_eq!(operation["properties"]["events"][2]["name"], "Started");
    let shown = bench
        .arm(Method::GET, &path, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(shown["identity"], new.body["identity"]);
    assert_eq!(shown["properties"]["instanceView"]["state"], "Running");
    let container = &shown["properties"]["containers"][0]["properties"];
    assert_eq!(
        container["instanceView"]["currentState"]["state"],
        "Running"
    );
    assert!(shown["properties"]["ipAddress"]["ip"].is_string());
    assert!(!shown.to_string().contains("s3cret"));
    {
        let started = bench.workloads.started.lock().unwrap();
        assert_eq!(started[0].0.id.0, path.to_lowercase());
        assert_eq!(
            started[0].0.environment,
            [("HIDDEN".to_owned(), "s3cret".to_owned())]
        );
    }
    let list = bench.path("Microsoft.ContainerInstance/containerGroups");
    let list = bench
        .arm(Method::GET, &list, VERSION, None)
        .await
        .must(200)
        .body;
    assert!(!list.to_string().contains("instanceView"));
    let logs = bench
        .arm(
            Method::GET,
            &format!("{path}/containers/c1/logs?tail=1"),
            VERSION,
            None,
        )
        .await;
    assert_eq!(logs.must(200).body, json!({"content": "three\n"}));

    bench
        .arm(Method::POST, &format!("{path}/stop"), VERSION, None)
        .await
        .must(204);
    let stopped = bench
        .arm(Method::GET, &path, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(stopped["properties"]["instanceView"]["state"], "Stopped");
    bench
        .arm(Method::POST, &format!("{path}/start"), VERSION, None)
        .await
        .must(204);
    let principal = shown["identity"]["principalId"].clone();
    let old = bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(old["name"], "g");
    assert_eq!(bench.workloads.stopped.lock().unwrap().len(), 2);
    bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(204);
    // The group's own principal went with it.
    let reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    let scope = format!("/subscriptions/{}", bench.emulator.subscription_id());
    let answer = bench
        .assign(&scope, reader, json!({"principalId": principal}))
        .await
        .must(400);
    assert_eq!(answer.code(), "PrincipalNotFound");
}

#[tokio::test]
async fn a_groups_containers_go_with_its_resource_group() {
    let bench = Bench::new().await;
    let path = path(&bench, "g");
    bench
        .arm(Method::PUT, &path, VERSION, Some(group(json!(null))))
        .await
        .must(201);
    let rg = format!(
        "/subscriptions/{}/resourcegroups/rg",
        bench.emulator.subscription_id()
    );
    bench
        .arm(Method::DELETE, &rg, "2024-11-01", None)
        .await
        .must(202);
    assert_eq!(
        *bench.workloads.stopped.lock().unwrap(),
        [path.to_lowercase()]
    );
}

#[tokio::test]
async fn an_assigned_identity_reads_a_secret_once_it_has_a_policy() {
    let bench = Bench::new().await;
    let identity = bench.identity("me").await;
    let id = identity["id"].as_str().unwrap();
    let assigned = json!({"type": "UserAssigned", "userAssignedIdentities": {id: {}}});
    let new = bench
        .arm(
            Method::PUT,
            &path(&bench, "g"),
            VERSION,
            Some(group(assigned)),
        )
        .await;
    let new = new.must(201).body;
    assert!(new["identity"].get("principalId").is_none());
    let principal = &identity["properties"]["principalId"];
    assert_eq!(
        &new["identity"]["userAssignedIdentities"][id]["principalId"],
        principal
    );

    let inside = bench.workloads.started.lock().unwrap()[0].1;
    let metadata = format!(
        "http://{inside}/metadata/identity/oauth2/token?api-version=2018-02-01&resource={VAULT}"
    );
    let request = bench
        .client
        .get(metadata)
        .header("Metadata", "true")
        .header("Host", "169.254.169.254");
    let token: Value = request.send().await.unwrap().json().await.unwrap();
    let token = token["access_token"].as_str().unwrap();

    let user = bench.sign_in(VAULT).await;
    let mine = bench.policy(&Bench::object_id(&user), &["set"]);
    bench
        .vault("v-one", json!([mine.clone()]), false)
        .await
        .must(200);
    let secret = "https://v-one.vault.azure.net/secrets/s?api-version=2016-10-01";
    bench
        .send(
            Method::PUT,
            secret,
            Some(&user),
            Some(json!({"value": "Hello"})),
        )
        .await
        .must(200);
    bench
        .send(Method::GET, secret, Some(token), None)
        .await
        .must(403);
    let theirs = bench.policy(principal.as_str().unwrap(), &["get"]);
    bench
        .vault("v-one", json!([mine, theirs]), false)
        .await
        .must(200);
    let read = bench
        .send(Method::GET, secret, Some(token), None)
        .await
        .must(200)
        .body;
    assert_eq!(read["value"], "Hello");
}

pub(crate) type Socket =
    tokio_tungstenite::WebSocketStream<tokio_rustls::client::TlsStream<tokio::net::TcpStream>>;

pub(crate) async fn connect(
    bench: &Bench,
    uri: &str,
) -> Result<Socket, Box<dyn std::error::Error>> {
    let mut roots = rustls::RootCertStore::empty();
    let pem = bench.emulator.certificate_authority_pem();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = uri
        .split('/')
        .nth(2)
        .unwrap()
        .split(':')
        .next()
        .unwrap()
        .to_owned();
    let stream = tokio::net::TcpStream::connect(bench.https).await?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector
        .connect(ServerName::try_from(host)?, stream)
        .await?;
    Ok(tokio_tungstenite::client_async(uri, stream).await?.0)
}

pub(crate) async fn session(bench: &Bench) -> (String, String) {
    let sent = Some(group(json!(null)));
    bench
        .arm(Method::PUT, &path(bench, "g"), VERSION, sent)
        .await;
    let exec = format!("{}/containers/c1/exec", path(bench, "g"));
    let body = json!({"command": "/bin/bash", "terminalSize": {"rows": 24, "cols": 80}});
    let answer = bench
        .arm(Method::POST, &exec, VERSION, Some(body))
        .await
        .must(200)
        .body;
    let text = |key: &str| answer[key].as_str().unwrap().to_owned();
    (text("webSocketUri"), text("password"))
}

#[tokio::test]
async fn a_wrong_password_closes_the_session_for_good() {
    let bench = Bench::new().await;
    let (uri, password) = session(&bench).await;
    let mut socket = connect(&bench, &uri).await.unwrap();
    socket.send(Message::text("guess")).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();
    assert!(
        matches!(&answer, Message::Close(Some(frame)) if u16::from(frame.code) == 1008),
        "{answer}"
    );
    // Not even the right password opens it again.
    assert!(connect(&bench, &uri).await.is_err(), "{password}");
}

#[tokio::test]
async fn a_terminal_is_relayed_both_ways_until_the_command_ends() {
    let bench = Bench::new().await;
    let (uri, password) = session(&bench).await;
    assert!(uri.contains(":19390/execstream/sessionId/"), "{uri}");
    assert!(uri.ends_with("?api-version=1.0&rows=24&cols=80"), "{uri}");
    let mut socket = connect(&bench, &uri).await.unwrap();
    socket.send(Message::text(password)).await.unwrap();
    socket
        .send(Message::binary("echo hi\nexit\n"))
        .await
        .unwrap();
    let mut printed = Vec::new();
    let mut closed = false;
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Message::Binary(bytes) => printed.extend_from_slice(&bytes),
            Message::Close(Some(frame)) => closed = u16::from(frame.code) == 1000,
            other => panic!("{other}"),
        }
    }
    let printed = String::from_utf8(printed).unwrap();
    assert_eq!(printed, "[\"/bin/bash\"] 80x24\r\ntyped echo hi\r\n");
    assert!(closed);
}

/// A Windows group with this identity: where its container asks for tokens, and with what.
async fn windows(bench: &Bench, name: &str, identity: Value) -> (String, String) {
    let mut sent = group(identity);
    sent["properties"]["osType"] = json!("Windows");
    sent["properties"]["containers"][0]["properties"]["image"] =
        json!("mcr.microsoft.com/windows/servercore:ltsc2022");
    let made = bench
        .arm(Method::PUT, &path(bench, name), VERSION, Some(sent))
        .await
        .must(201);
    assert_eq!(made.body["properties"]["osType"], "Windows");
    assert!(!made.body.to_string().contains("IDENTITY_HEADER"));
    let started = bench.workloads.started.lock().unwrap();
    let (spec, address) = started.last().unwrap();
    assert_eq!(spec.tokens, TokenEndpoint::WindowsInstance);
    let variable = |name: &str| {
        let found = spec.environment.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let endpoint = variable("IDENTITY_ENDPOINT");
    (
        endpoint.replace("localhost:2377", &address.to_string()),
        variable("IDENTITY_HEADER"),
    )
}

async fn ask_windows(bench: &Bench, url: &str, secret: Option<&str>) -> (u16, Value) {
    let mut request = bench.client.get(url).header("Host", "localhost:2377");
    if let Some(secret) = secret {
        request = request.header("secret", secret);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn a_windows_container_without_the_secret_gets_no_token() {
    let bench = Bench::new().await;
    let system = json!({"type": "SystemAssigned"});
    let (_, others) = windows(&bench, "other", system.clone()).await;
    let (endpoint, own) = windows(&bench, "g", system).await;
    let url = format!("{endpoint}&resource={VAULT}");
    let (status, body) = ask_windows(&bench, &url, None).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (401, &json!("SecretHeaderNotFound"))
    );
    for wrong in ["", "guess", others.as_str()] {
        let (status, body) = ask_windows(&bench, &url, Some(wrong)).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (401, &json!("SecretHeaderInvalid"))
        );
    }
    let (status, body) = ask_windows(&bench, &url, Some(&own)).await;
    assert_eq!((status, &body["token_type"]), (200, &json!("Bearer")));
    // One without an identity is not told where to ask.
    let (endpoint, secret) = windows(&bench, "none", json!(null)).await;
    assert_eq!((endpoint.as_str(), secret.as_str()), ("", ""));
}

#[tokio::test]
async fn a_windows_container_names_a_user_assigned_identity_by_its_principal() {
    let bench = Bench::new().await;
    let identity = bench.identity("me").await;
    let id = identity["id"].as_str().unwrap();
    let assigned = json!({"type": "UserAssigned", "userAssignedIdentities": {id: {}}});
    let (endpoint, own) = windows(&bench, "g", assigned).await;
    let url = format!("{endpoint}&resource={VAULT}");
    let (status, body) = ask_windows(&bench, &url, Some(&own)).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (404, &json!("DefaultIdentityNotDefined"))
    );
    let other = format!("{url}&principalId=00000000-0000-0000-0000-000000000000");
    let (status, body) = ask_windows(&bench, &other, Some(&own)).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (404, &json!("ManagedIdentityNotFound"))
    );
    let principal = identity["properties"]["principalId"].as_str().unwrap();
    let right = format!("{url}&principalId={principal}");
    let (status, body) = ask_windows(&bench, &right, Some(&own)).await;
    assert_eq!(status, 200);
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(Bench::object_id(token), principal);
}

#[tokio::test]
async fn secrets_are_mounted_and_never_shown() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.ContainerInstance/containerGroups/g");
    let group = |volume: serde_json::Value| {
        json!({"location": "eastus", "properties": {
            "osType": "Linux", "volumes": [volume],
            "containers": [{"name": "c", "properties": {
                "image": "i", "resources": {"requests": {"cpu": 1.0, "memoryInGB": 1.0}},
                "volumeMounts": [{"name": "v", "mountPath": "/s"}],
            }}],
        }})
    };
    let share = group(json!({"name": "v", "azureFile": {"shareName": "s"}}));
    let refused = bench
        .arm(Method::PUT, &path, "2024-05-01-preview", Some(share))
        .await
        .must(501);
    assert_eq!(refused.code(), "NotEmulated");
    let secret = group(json!({"name": "v", "secret": {"key": "czNjcmV0"}}));
    let made = bench
        .arm(Method::PUT, &path, "2024-05-01-preview", Some(secret))
        .await
        .must(201);
    assert_eq!(made.body["properties"]["volumes"][0]["secret"], json!({}));
    let started = bench.workloads.started.lock().unwrap();
    let mount = &started[0].0.mounts[0];
    assert_eq!(mount.path, "/s");
    assert_eq!(mount.files, [("key".to_owned(), b"s3cret".to_vec())]);
}
