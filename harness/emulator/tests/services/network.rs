//! Virtual networks and their subnets.

use crate::bench::{Answer, Bench};
use docproof_emulator::{Clock, Config};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const VERSION: &str = "2024-07-01";

/// The path of the network `v`.
pub(crate) fn path(bench: &Bench) -> String {
    bench.path("Microsoft.Network/virtualNetworks/v")
}

/// Makes the network `v`.
pub(crate) async fn make(bench: &Bench, subnets: Option<Value>) -> Answer {
    let mut sent = json!({"location": "East US", "properties": {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "enableDdosProtection": false, "enableVmProtection": false,
    }});
    if let Some(subnets) = subnets {
        sent["properties"]["subnets"] = subnets;
    }
    bench
        .arm(Method::PUT, &path(bench), VERSION, Some(sent))
        .await
}

async fn put_subnet(bench: &Bench, name: &str, range: &str) -> Answer {
    let sent = json!({"name": name, "properties": {"addressPrefix": range}});
    let path = format!("{}/subnets/{name}", path(bench));
    bench.arm(Method::PUT, &path, VERSION, Some(sent)).await
}

#[tokio::test]
async fn a_subnet_must_fit_into_its_network() {
    let bench = Bench::new().await;
    let nowhere = put_subnet(&bench, "s", "10.0.0.0/24").await.must(404);
    assert_eq!(nowhere.code(), "ParentResourceNotFound");
    make(&bench, None).await.must(201);
    put_subnet(&bench, "s", "10.0.0.0/24").await.must(201);
    for (range, code) in [
        ("10.0.0.128/25", "NetcfgSubnetRangesOverlap"),
        ("10.1.0.0/24", "NetcfgSubnetRangeOutsideVnet"),
        ("10.0.1.1/24", "InvalidCIDRNotation"),
        ("somewhere", "InvalidAddressPrefixFormat"),
    ] {
        let refused = put_subnet(&bench, "t", range).await.must(400);
        assert_eq!(refused.code(), code, "{range}");
    }
    // A network that says nothing of subnets keeps them.
    let again = make(&bench, None).await.must(200).body;
    assert_eq!(again["properties"]["subnets"][0]["name"], "s");
    let none = make(&bench, Some(json!([]))).await.must(200).body;
    assert_eq!(none["properties"]["subnets"], json!([]));
    let gone = format!("{}/subnets/s", path(&bench));
    let gone = bench.arm(Method::GET, &gone, VERSION, None).await.must(404);
    assert_eq!(gone.code(), "NotFound");
}

#[tokio::test]
async fn a_network_is_updating_while_the_operation_takes_its_time() {
    let clock = Arc::new(Clock::default());
    let bench = Bench::with(Config {
        clock: Arc::clone(&clock),
        operation_seconds: 60,
        ..Config::default()
    })
    .await;
    let made = make(&bench, None).await.must(201);
    assert_eq!(made.body["properties"]["provisioningState"], "Updating");
    assert_eq!(made.header("azure-asyncnotification"), "Enabled");
    let operation = made.header("azure-asyncoperation").to_owned();
    for status in ["InProgress", "Succeeded"] {
        let polled = bench
            .send(Method::GET, &operation, Some(&bench.user), None)
            .await;
        assert_eq!(polled.must(200).body, json!({ "status": status }));
        clock.advance(61);
    }
    let subnet = put_subnet(&bench, "s", "10.0.0.0/24").await.must(201);
    assert_eq!(subnet.body["properties"]["provisioningState"], "Updating");
    clock.advance(61);
    let shown = bench
        .arm(Method::GET, &path(&bench), VERSION, None)
        .await
        .must(200);
    assert_eq!(shown.header("etag"), shown.body["etag"]);
    let properties = &shown.body["properties"];
    assert_eq!(properties["provisioningState"], "Succeeded");
    assert_eq!(properties["privateEndpointVNetPolicies"], "Disabled");
    let subnet = &properties["subnets"][0]["properties"];
    assert_eq!(subnet["provisioningState"], "Succeeded");
    let old = bench
        .arm(Method::GET, &path(&bench), "2022-01-01", None)
        .await
        .must(200);
    assert!(old.body["properties"]["privateEndpointVNetPolicies"].is_null());
    let gone = bench
        .arm(Method::DELETE, &path(&bench), VERSION, None)
        .await
        .must(202);
    clock.advance(61);
    let result = gone.header("location").to_owned();
    let result = bench
        .send(Method::GET, &result, Some(&bench.user), None)
        .await;
    result.must(204);
    let gone = bench
        .arm(Method::DELETE, &path(&bench), VERSION, None)
        .await;
    gone.must(204);
}
