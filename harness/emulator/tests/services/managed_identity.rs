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

#[tokio::test]
async fn the_resources_that_have_an_identity_are_listed() {
    let bench = Bench::new().await;
    let identity = bench.identity("me").await;
    let id = identity["id"].as_str().unwrap();
    let path = format!("{id}/listAssociatedResources");
    let none = bench
        .arm(Method::POST, &path, "2022-01-31-preview", None)
        .await
        .must(200)
        .body;
    assert_eq!(none, json!({"totalCount": 0, "value": []}));
    let group = bench.path("Microsoft.ContainerInstance/containerGroups/g");
    let body = json!({"location": "eastus",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {id: {}}},
        "properties": {"osType": "Linux", "containers": [{"name": "c", "properties": {
            "image": "i", "resources": {"requests": {"cpu": 1.0, "memoryInGB": 1.0}},
        }}]},
    });
    bench
        .arm(Method::PUT, &group, "2024-05-01-preview", Some(body))
        .await
        .must(201);
    let one = bench
        .arm(Method::POST, &path, "2022-01-31-preview", None)
        .await
        .must(200)
        .body;
    assert_eq!(one["totalCount"], 1);
    assert_eq!(one["value"][0]["resourceGroup"], "rg");
}
