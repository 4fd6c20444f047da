//! Diagnostic settings.

use crate::bench::Bench;
use reqwest::Method;
use serde_json::json;

const VERSION: &str = "2021-05-01-preview";

#[tokio::test]
async fn a_setting_needs_its_resource_and_where_it_sends_to() {
    let bench = Bench::new().await;
    let vault = bench.path("Microsoft.KeyVault/vaults/v-one");
    let path = format!("{vault}/providers/microsoft.insights/diagnosticSettings/logs");
    let workspace = bench.path("Microsoft.OperationalInsights/workspaces/w-one");
    let logs = json!([{"category": "AuditEvent", "enabled": true}]);
    let sent = json!({"properties": {"workspaceId": workspace, "logs": logs}});
    let put = || bench.arm(Method::PUT, &path, VERSION, Some(sent.clone()));
    assert_eq!(put().await.must(404).code(), "ResourceNotFound");
    bench.vault("v-one", json!([]), false).await.must(200);
    assert!(put().await.must(404).message().contains("workspaceId"));
    let account = json!({"location": "eastus", "properties": {}});
    let made = bench
        .arm(Method::PUT, &workspace, "2021-12-01-preview", Some(account))
        .await;
    assert!(made.body["id"].is_string());
    let nowhere = json!({"properties": {"logs": []}});
    bench
        .arm(Method::PUT, &path, VERSION, Some(nowhere))
        .await
        .must(400);
    let made = put().await.must(200).body;
    assert_eq!(made["properties"]["logs"], logs);
    assert_eq!(
        bench
            .arm(Method::GET, &path, VERSION, None)
            .await
            .must(200)
            .body,
        made
    );
    let all = path.trim_end_matches("/logs").to_owned();
    let all = bench
        .arm(Method::GET, &all, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(all["value"].as_array().unwrap().len(), 1);
    bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(200);
    bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(204);
}
