//! Operations that have ended in the answer that begins them, where that is asked for.

use crate::bench::{ARM, Bench};
use crate::container_apps;
use docproof_emulator::Config;
use reqwest::Method;
use serde_json::{Value, json};

const REGISTRIES: &str = "2025-04-01";

fn settle() -> Config {
    Config {
        settle: true,
        ..Config::default()
    }
}

fn registry() -> Value {
    json!({"location": "eastus", "sku": {"name": "Basic"}, "properties": {}})
}

fn registry_path(bench: &Bench) -> String {
    bench.path("Microsoft.ContainerRegistry/registries/registry01")
}

#[tokio::test]
async fn what_takes_time_or_was_not_asked_for_is_polled() {
    let slow = Config {
        operation_seconds: 60,
        ..settle()
    };
    for config in [Config::default(), slow] {
        let bench = Bench::with(config).await;
        let path = registry_path(&bench);
        let made = bench
            .arm(Method::PUT, &path, REGISTRIES, Some(registry()))
            .await
            .must(201);
        assert_eq!(made.body["properties"]["provisioningState"], "Creating");
        assert!(made.headers.contains_key("azure-asyncoperation"));
    }
}

#[tokio::test]
async fn a_client_that_does_not_wait_sees_how_it_begins() {
    let bench = Bench::with(settle()).await;
    let url = format!("{ARM}{}?api-version={REGISTRIES}", registry_path(&bench));
    let request = bench
        .client
        .put(url)
        .bearer_auth(&bench.user)
        .header("ParameterSetName", "--name --no-wait --sku")
        .json(&registry());
    let made = request.send().await.unwrap();
    assert_eq!(made.status().as_u16(), 201);
    assert!(made.headers().contains_key("azure-asyncoperation"));
}

#[tokio::test]
async fn an_operation_that_fails_is_polled() {
    let bench = Bench::with(settle()).await;
    let path = bench.path("Microsoft.Resources/deployments/d");
    let template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [{
            "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2022-09-01",
            "name": "Bad-Name", "location": "eastus", "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
        }],
    });
    let sent = json!({"properties": {"mode": "Incremental", "template": template}});
    let begun = bench
        .arm(Method::PUT, &path, "2024-11-01", Some(sent))
        .await
        .must(201);
    let operation = begun.header("azure-asyncoperation");
    let status = bench
        .send(Method::GET, operation, Some(&bench.user), None)
        .await
        .must(200);
    assert_eq!(status.body["status"], "Failed");
}

#[tokio::test]
async fn what_succeeds_has_ended_in_its_first_answer() {
    let bench = Bench::with(settle()).await;
    let settled = async |method, path: &str, version, sent| {
        let answer = bench.arm(method, path, version, sent).await;
        assert!(answer.status < 300, "{path}: {}", answer.body);
        for header in ["azure-asyncoperation", "location", "x-ms-retry-after-ms"] {
            assert!(!answer.headers.contains_key(header), "{path}: {header}");
        }
        answer
    };
    let path = registry_path(&bench);
    let made = settled(Method::PUT, &path, REGISTRIES, Some(registry())).await;
    assert_eq!(made.status, 200);
    assert_eq!(made.body["properties"]["provisioningState"], "Succeeded");
    assert_eq!(
        made.body["properties"]["loginServer"],
        "registry01.azurecr.io"
    );

    // Without an operation: the resource itself says that it is not ready yet.
    let vault = bench.vault("v-one", json!([]), true).await.must(200);
    assert_eq!(vault.body["properties"]["provisioningState"], "Succeeded");

    // Only the place of the result is told.
    let account = bench.path("Microsoft.Storage/storageAccounts/account01");
    let sent = json!({"sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "location": "eastus"});
    let made = settled(Method::PUT, &account, "2022-09-01", Some(sent)).await;
    assert_eq!(made.body["name"], "account01");

    // Behind a settled answer everything is as it would be behind the last look.
    let environment = container_apps::environment(&bench);
    let sent = json!({"location": "eastus", "properties": {
        "appLogsConfiguration": {"destination": "none"}, "zoneRedundant": false,
    }});
    let made = settled(
        Method::PUT,
        &environment,
        container_apps::VERSION,
        Some(sent),
    )
    .await;
    assert_eq!(made.status, 200);
    let app = container_apps::app(&bench, json!({"type": "SystemAssigned"}));
    let path = container_apps::path(&bench, "app");
    let made = settled(Method::PUT, &path, container_apps::VERSION, Some(app)).await;
    assert_eq!(
        (made.status, &made.body),
        (200, &container_apps::show(&bench, "app").await)
    );

    let gone = settled(Method::DELETE, &path, container_apps::VERSION, None).await;
    assert_eq!((gone.status, gone.body), (204, Value::Null));
    let group = bench.path("").replace("/rg/providers/", "/rg");
    let gone = settled(Method::DELETE, &group, "2024-11-01", None).await;
    assert_eq!((gone.status, gone.body), (200, Value::Null));
}
