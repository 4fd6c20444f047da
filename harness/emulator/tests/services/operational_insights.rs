//! Log Analytics workspaces.

use crate::bench::Bench;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_workspace_has_keys_only_while_it_is_there() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.OperationalInsights/workspaces/w");
    let keys = format!("{path}/sharedKeys");
    let missing = bench.arm(Method::POST, &keys, "2020-08-01", None).await;
    assert_eq!(missing.must(404).code(), "ResourceNotFound");
    let sent = json!({"location": "East US", "properties": {}});
    let new = bench
        .arm(Method::PUT, &path, "2021-12-01-preview", Some(sent.clone()))
        .await
        .must(201)
        .body;
    assert_eq!(new["properties"]["provisioningState"], "Creating");
    let shown = bench
        .arm(Method::GET, &path, "2021-12-01-preview", None)
        .await
        .must(200)
        .body;
    assert_eq!(shown["properties"]["provisioningState"], "Succeeded");
    assert_eq!(shown["location"], "eastus");
    assert!(
        shown["id"]
            .as_str()
            .unwrap()
            .contains("/microsoft.operationalinsights/workspaces/w")
    );
    let again = bench
        .arm(Method::PUT, &path, "2021-12-01-preview", Some(sent))
        .await
        .must(200)
        .body;
    let customer = &shown["properties"]["customerId"];
    assert_eq!(&again["properties"]["customerId"], customer);
    let keys = bench.arm(Method::POST, &keys, "2020-08-01", None).await;
    let keys = keys.must(200).body;
    assert!(keys["primarySharedKey"].is_string());
    assert_ne!(keys["primarySharedKey"], keys["secondarySharedKey"]);
}
