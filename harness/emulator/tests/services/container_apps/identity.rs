//! The identities of an app, and the tokens that its containers get.

use super::{VERSION, app, make_environment, path, put, show};
use crate::bench::{Bench, VAULT};
use docproof_emulator::workload::TokenEndpoint;
use reqwest::Method;
use serde_json::{Value, json};

/// Where the containers of the app that was started last find tokens, and their header.
fn endpoint(bench: &Bench) -> (String, String) {
    let started = bench.workloads.started.lock().unwrap();
    let (spec, address) = started.last().unwrap();
    assert_eq!(spec.tokens, TokenEndpoint::App);
    let variable = |name: &str| {
        let found = spec.environment.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let endpoint = variable("IDENTITY_ENDPOINT");
    assert_eq!(endpoint, "http://localhost:42356/msi/token");
    (
        endpoint.replace("localhost:42356", &address.to_string()),
        variable("IDENTITY_HEADER"),
    )
}

/// Asks for a token as a container does: status and body.
async fn ask(bench: &Bench, header: Option<&str>, query: &str) -> (u16, Value) {
    let (endpoint, own) = endpoint(bench);
    let url = format!("{endpoint}?api-version=2019-08-01&resource={VAULT}{query}");
    let mut request = bench.client.get(url).header("Host", "localhost:42356");
    match header {
        Some("own") => request = request.header("X-IDENTITY-HEADER", own),
        Some(other) => request = request.header("X-IDENTITY-HEADER", other),
        None => {}
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn a_wrong_header_is_refused_and_another_apps_header_is_wrong() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    put(
        &bench,
        "other",
        app(&bench, json!({"type": "SystemAssigned"})),
    )
    .await;
    let (_, others) = endpoint(&bench);
    put(
        &bench,
        "app",
        app(&bench, json!({"type": "SystemAssigned"})),
    )
    .await;
    for header in [None, Some(""), Some("guess"), Some(others.as_str())] {
        assert_eq!(
            ask(&bench, header, "").await,
            (403, Value::Null),
            "{header:?}"
        );
    }
    assert_eq!(ask(&bench, Some("own"), "").await.0, 200);
}

#[tokio::test]
async fn a_user_assigned_identity_has_to_be_named() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    let identity = bench.identity("me").await;
    let id = identity["id"].as_str().unwrap().to_lowercase();
    let assigned = json!({"type": "UserAssigned", "userAssignedIdentities": {id: {}}});
    put(&bench, "app", app(&bench, assigned)).await;
    let shown = show(&bench, "app").await;
    // The identity's own id, whatever was sent; and no principal of the app's own.
    let own = identity["id"].as_str().unwrap();
    assert!(shown["identity"]["userAssignedIdentities"][own].is_object());
    assert!(shown["identity"].get("principalId").is_none());

    let (status, body) = ask(&bench, Some("own"), "").await;
    assert_eq!(status, 400);
    assert_eq!(body["statusCode"], 400);
    assert_eq!(
        body["message"],
        "Unable to load the proper Managed Identity."
    );
    assert!(body["correlationId"].is_string());
    let (status, body) = ask(&bench, Some("own"), "&client_id=00000000").await;
    assert_eq!(status, 400);
    assert_eq!(
        body["message"],
        "No User Assigned or Delegated Managed Identity found for specified \
         ClientId/ResourceId/PrincipalId."
    );
    let client = identity["properties"]["clientId"].as_str().unwrap();
    let (status, body) = ask(&bench, Some("own"), &format!("&client_id={client}")).await;
    assert_eq!(status, 200);
    assert_eq!(body["client_id"], client);
    assert_eq!(body["resource"], VAULT);
    assert!(body["expires_on"].is_string());
    assert!(body.get("expires_in").is_none());
    let (status, _) = ask(&bench, Some("own"), &format!("&mi_res_id={own}")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn an_identity_that_was_removed_gets_no_token_at_once() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    put(
        &bench,
        "app",
        app(&bench, json!({"type": "SystemAssigned"})),
    )
    .await;
    let shown = show(&bench, "app").await;
    let principal = shown["identity"]["principalId"].clone();
    assert_eq!(ask(&bench, Some("own"), "").await.0, 200);
    let mut sent = shown.clone();
    sent["identity"]["type"] = json!("None");
    sent["properties"]["configuration"]["secrets"] = json!([{"name": "hidden", "value": "s3cret"}]);
    put(&bench, "app", sent).await;
    let now = show(&bench, "app").await;
    assert_eq!(now["identity"], json!({"type": "None"}));
    let revision = "/properties/latestRevisionName";
    assert_eq!(now.pointer(revision), shown.pointer(revision));
    // The container that was told where to ask still runs.
    assert_eq!(bench.workloads.started.lock().unwrap().len(), 1);
    let (status, body) = ask(&bench, Some("own"), "").await;
    assert_eq!(status, 400);
    assert_eq!(
        body["message"],
        "Unable to load the proper Managed Identity."
    );
    // The principal went with it.
    let reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    let scope = format!("/subscriptions/{}", bench.emulator.subscription_id());
    let answer = bench
        .assign(&scope, reader, json!({"principalId": principal}))
        .await
        .must(400);
    assert_eq!(answer.code(), "PrincipalNotFound");
}

#[tokio::test]
async fn the_first_identity_starts_the_containers_again_and_not_the_next() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    put(&bench, "app", app(&bench, json!({"type": "None"}))).await;
    let first = show(&bench, "app").await;
    let identity = bench.identity("me").await;
    let id = identity["id"].as_str().unwrap();
    let mut principal = Value::Null;
    for (kind, started) in [("SystemAssigned", 2), ("SystemAssigned,UserAssigned", 2)] {
        let patch = json!({"identity": {"type": kind, "userAssignedIdentities": {id: {}}}});
        bench
            .arm(Method::PATCH, &path(&bench, "app"), VERSION, Some(patch))
            .await
            .must(202);
        let now = show(&bench, "app").await;
        let revision = "/properties/latestRevisionName";
        assert_eq!(now.pointer(revision), first.pointer(revision));
        assert_eq!(bench.workloads.started.lock().unwrap().len(), started);
        if !principal.is_null() {
            assert_eq!(now["identity"]["type"], "SystemAssigned, UserAssigned");
            assert_eq!(now["identity"]["principalId"], principal);
        }
        principal = now["identity"]["principalId"].clone();
    }
    assert_eq!(ask(&bench, Some("own"), "").await.0, 200);
}
