//! Environments, apps, their revisions and replicas, and jobs.

mod apps;
mod environments;
mod exec;
mod identity;

use crate::bench::{Answer, Bench};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const VERSION: &str = "2025-07-01";

/// The path of an app.
pub(crate) fn path(bench: &Bench, name: &str) -> String {
    bench.path(&format!("Microsoft.App/containerApps/{name}"))
}

/// The path of the environment `env`.
pub(crate) fn environment(bench: &Bench) -> String {
    bench.path("Microsoft.App/managedEnvironments/env")
}

/// Makes the environment `env`.
pub(crate) async fn make_environment(bench: &Bench) -> Answer {
    let sent = json!({"location": "eastus", "tags": null, "properties": {
        "appLogsConfiguration": {"destination": "log-analytics", "logAnalyticsConfiguration":
            {"customerId": "c", "sharedKey": "s3cret-key"}},
        "workloadProfiles": [{"workloadProfileType": "Consumption", "Name": "Consumption"}],
        "zoneRedundant": false,
    }});
    bench
        .arm(Method::PUT, &environment(bench), VERSION, Some(sent))
        .await
        .must(201)
}

/// An app as `az containerapp create` sends it.
pub(crate) fn app(bench: &Bench, identity: Value) -> Value {
    json!({"location": "East US", "identity": identity, "tags": null, "properties": {
        "environmentId": environment(bench),
        "configuration": {
            "secrets": [{"name": "hidden", "value": "s3cret"}],
            "activeRevisionsMode": "single", "ingress": null, "dapr": null, "registries": null,
        },
        "template": {
            "revisionSuffix": null,
            "containers": [{
                "image": "mcr.microsoft.com/azure-cli", "name": "app",
                "command": ["sleep"], "args": ["infinity"],
                "env": [{"name": "HIDDEN", "secretRef": "hidden"}, {"name": "A", "value": "b"}],
                "resources": null, "volumeMounts": null,
            }],
            "initContainers": null, "scale": null, "volumes": null, "serviceBinds": null,
        },
        "workloadProfileName": null,
    }})
}

/// Makes or changes an app, and waits for the operation; answers its end.
pub(crate) async fn put(bench: &Bench, name: &str, sent: Value) -> Value {
    let answer = bench
        .arm(Method::PUT, &path(bench, name), VERSION, Some(sent))
        .await
        .must(201);
    assert_eq!(answer.body["properties"]["provisioningState"], "InProgress");
    let operation = answer.header("azure-asyncoperation").to_owned();
    bench
        .send(Method::GET, &operation, Some(&bench.user), None)
        .await
        .must(200)
        .body
}

/// An app as it is shown.
pub(crate) async fn show(bench: &Bench, name: &str) -> Value {
    bench
        .arm(Method::GET, &path(bench, name), VERSION, None)
        .await
        .must(200)
        .body
}
