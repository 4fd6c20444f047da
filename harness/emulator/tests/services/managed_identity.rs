//! User-assigned identities.

use crate::bench::Bench;
use reqwest::Method;
use serde_json::json;

const VERSION: &str = "2025-05-31-preview";

#[tokio::test]
async fn an_identity_in_no_group_or_that_is_not_there_is_not_found() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.ManagedIdentity/userAssignedIdentities/me");
    let answer = bench.arm(Method::GET, &path, VERSION, None).await.must(404);
    assert_eq!(answer.code(), "ResourceNotFound");
    let elsewhere = path.replace("/rg/", "/nowhere/");
    let body = Some(json!({"location": "eastus"}));
    let answer = bench
        .arm(Method::PUT, &elsewhere, VERSION, body)
        .await
        .must(404);
    assert_eq!(answer.code(), "ResourceGroupNotFound");
}

#[tokio::test]
async fn an_identity_keeps_its_principal_and_loses_it_when_deleted() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.ManagedIdentity/userAssignedIdentities/me");
    let body = || Some(json!({"location": "eastus"}));
    let new = bench
        .arm(Method::PUT, &path, VERSION, body())
        .await
        .must(201);
    let id = new.body["id"].as_str().unwrap();
    assert!(id.contains("/resourcegroups/rg/"), "{id}");
    assert_eq!(new.header("location"), id);
    let again = bench
        .arm(Method::PUT, &path, VERSION, body())
        .await
        .must(200);
    assert_eq!(again.body["properties"], new.body["properties"]);
    let deleted = bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(200);
    assert_eq!(
        (
            deleted.header("content-length"),
            deleted.header("content-type")
        ),
        ("0", "")
    );
    bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(204);
}
