//! Environments in virtual networks, and their workload profiles.

use super::{VERSION, app, environment, make_environment, path, put, show};
use crate::bench::{Answer, Bench};
use crate::network;
use docproof_emulator::{Clock, Config};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

async fn make(bench: &Bench, profiles: Value, network: Value) -> Answer {
    let sent = json!({"location": "eastus", "properties": {
        "vnetConfiguration": network, "workloadProfiles": profiles, "zoneRedundant": false,
    }});
    bench
        .arm(Method::PUT, &environment(bench), VERSION, Some(sent))
        .await
}

fn consumption() -> Value {
    json!({"workloadProfileType": "Consumption", "name": "Consumption"})
}

fn subnet(bench: &Bench, name: &str) -> Value {
    let id = format!("{}/subnets/{name}", network::path(bench));
    json!({"internal": false, "infrastructureSubnetId": id})
}

#[tokio::test]
async fn an_environment_needs_a_subnet_that_is_there_large_enough_and_delegated() {
    let bench = Bench::new().await;
    let to = |service: &str| json!([{"name": "0", "properties": {"serviceName": service}}]);
    let subnets = json!([
        {"name": "plain", "properties": {"addressPrefix": "10.0.0.0/23"}},
        {"name": "small", "properties": {"addressPrefix": "10.0.2.0/28",
            "delegations": to("Microsoft.App/environments")}},
        {"name": "other", "properties": {"addressPrefix": "10.0.4.0/23",
            "delegations": to("Microsoft.Web/serverFarms")}},
        {"name": "good", "properties": {"addressPrefix": "10.0.6.0/27",
            "delegations": to("Microsoft.App/environments")}},
    ]);
    network::make(&bench, Some(subnets)).await.must(201);
    let profiles = json!([consumption()]);
    for (name, profiles, code) in [
        (
            "absent",
            &profiles,
            "ManagedEnvironmentInvalidNetworkConfiguration",
        ),
        (
            "plain",
            &profiles,
            "ManagedEnvironmentSubnetDelegationError",
        ),
        (
            "other",
            &profiles,
            "ManagedEnvironmentSubnetDelegationError",
        ),
        (
            "small",
            &profiles,
            "ManagedEnvironmentInvalidNetworkConfiguration",
        ),
        ("good", &Value::Null, "ManagedEnvironmentSubnetIsDelegated"),
    ] {
        let refused = make(&bench, profiles.clone(), subnet(&bench, name)).await;
        assert_eq!(refused.must(400).code(), code, "{name}");
    }
    let mut internal = subnet(&bench, "good");
    internal["internal"] = json!(true);
    let internal = make(&bench, profiles.clone(), internal).await;
    assert_eq!(internal.must(501).code(), "NotEmulated");
    let made = make(&bench, profiles, subnet(&bench, "good"))
        .await
        .must(201);
    let properties = &made.body["properties"];
    assert_eq!(
        properties["vnetConfiguration"]["infrastructureSubnetId"],
        subnet(&bench, "good")["infrastructureSubnetId"]
    );
    assert_eq!(
        properties["infrastructureResourceGroup"],
        "ME_env_rg_eastus"
    );
    // One environment has a subnet for itself, and it cannot go before the environment.
    let second = bench.path("Microsoft.App/managedEnvironments/second");
    let sent = json!({"location": "eastus", "properties": {
        "vnetConfiguration": subnet(&bench, "good"), "workloadProfiles": [consumption()],
    }});
    let second = bench
        .arm(Method::PUT, &second, VERSION, Some(sent))
        .await
        .must(400);
    assert_eq!(second.code(), "ManagedEnvironmentSubnetInUse");
    for path in [
        network::path(&bench),
        format!("{}/subnets/good", network::path(&bench)),
    ] {
        let used = bench
            .arm(Method::DELETE, &path, network::VERSION, None)
            .await;
        assert_eq!(used.must(400).code(), "InUseSubnetCannotBeDeleted");
    }
    let none = network::make(&bench, Some(json!([]))).await.must(400);
    assert_eq!(none.code(), "InUseSubnetCannotBeDeleted");
    let gone = bench
        .arm(Method::DELETE, &environment(&bench), VERSION, None)
        .await;
    gone.must(202);
    let free = bench
        .arm(
            Method::DELETE,
            &network::path(&bench),
            network::VERSION,
            None,
        )
        .await;
    free.must(202);
}

#[tokio::test]
async fn an_app_runs_on_a_workload_profile_of_its_environment_only() {
    let bench = Bench::new().await;
    let large = json!({"workloadProfileType": "D4", "name": "large",
        "minimumCount": 1, "maximumCount": 3});
    let profiles = json!([consumption(), large]);
    make(&bench, profiles, Value::Null).await.must(201);
    let mut sent = app(&bench, Value::Null);
    sent["properties"]["workloadProfileName"] = json!("small");
    let refused = bench
        .arm(
            Method::PUT,
            &path(&bench, "app"),
            VERSION,
            Some(sent.clone()),
        )
        .await;
    refused.must(400);
    // More than Consumption gives, and in no proportion that it knows.
    sent["properties"]["template"]["containers"][0]["resources"] =
        json!({"cpu": 3.5, "memory": "12Gi"});
    sent["properties"]["workloadProfileName"] = json!("Consumption");
    let refused = bench
        .arm(
            Method::PUT,
            &path(&bench, "app"),
            VERSION,
            Some(sent.clone()),
        )
        .await;
    assert_eq!(refused.must(400).code(), "ContainerAppInvalidResourceTotal");
    sent["properties"]["workloadProfileName"] = json!("large");
    put(&bench, "app", sent).await;
    let shown = show(&bench, "app").await;
    assert_eq!(shown["properties"]["workloadProfileName"], "large");
    let states = format!("{}/workloadProfileStates", environment(&bench));
    let states = bench
        .arm(Method::GET, &states, VERSION, None)
        .await
        .must(200)
        .body;
    let counts = &states["value"][1]["properties"];
    let expected = json!({"currentCount": 1, "minimumCount": 1, "maximumCount": 3});
    assert_eq!(counts, &expected);
    let none = make(&bench, Value::Null, Value::Null).await.must(400);
    assert_eq!(none.code(), "WorkloadProfileCannotRemoveAll");
    let types = format!(
        "/subscriptions/{}/providers/Microsoft.App/locations/eastus/\
         availableManagedEnvironmentsWorkloadProfileTypes",
        bench.emulator.subscription_id()
    );
    for (version, first) in [(VERSION, "D4"), ("2022-06-01-preview", "GP1")] {
        let known = bench
            .arm(Method::GET, &types, version, None)
            .await
            .must(200);
        assert_eq!(known.body["value"][0]["name"], first);
    }
}

#[tokio::test]
async fn a_new_revision_is_ready_some_time_after_its_operation() {
    let clock = Arc::new(Clock::default());
    let bench = Bench::with(Config {
        clock: Arc::clone(&clock),
        operation_seconds: 60,
        ..Config::default()
    })
    .await;
    make_environment(&bench).await;
    clock.advance(61);
    let mut sent = app(&bench, Value::Null);
    let ready = |shown: &Value| shown["properties"]["latestReadyRevisionName"].clone();
    put(&bench, "app", sent.clone()).await;
    clock.advance(61);
    let shown = show(&bench, "app").await;
    let first = ready(&shown);
    assert_eq!(first, shown["properties"]["latestRevisionName"]);
    sent["properties"]["template"]["containers"][0]["args"] = json!(["1000"]);
    put(&bench, "app", sent).await;
    clock.advance(61);
    let shown = show(&bench, "app").await;
    assert_ne!(shown["properties"]["latestRevisionName"], first);
    assert_eq!(shown["properties"]["provisioningState"], "Succeeded");
    assert_eq!(ready(&shown), first);
    clock.advance(61);
    let shown = show(&bench, "app").await;
    assert_eq!(ready(&shown), shown["properties"]["latestRevisionName"]);
}
