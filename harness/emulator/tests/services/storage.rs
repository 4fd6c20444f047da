//! Storage accounts.

use crate::bench::Bench;
use reqwest::Method;
use serde_json::{Value, json};

const VERSION: &str = "2022-09-01";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

fn sent() -> Value {
    json!({"sku": {"name": "Standard_RAGRS"}, "kind": "StorageV2", "location": "westus"})
}

#[tokio::test]
async fn an_account_is_made_behind_its_first_answer_and_roles_can_be_given_there() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.Storage/storageAccounts/account01");
    let identity = bench.identity("me").await;
    let principal = json!({"principalId": identity["properties"]["principalId"]});
    let absent = bench.assign(&path, READER, principal.clone()).await;
    assert_eq!(absent.must(404).code(), "ResourceNotFound");
    let made = bench
        .arm(Method::PUT, &path, VERSION, Some(sent()))
        .await
        .must(202);
    let made = bench
        .send(
            Method::GET,
            made.header("location"),
            Some(&bench.user),
            None,
        )
        .await
        .must(200)
        .body;
    assert_eq!(made["properties"]["secondaryLocation"], "eastus");
    assert_eq!(made["sku"]["tier"], "Standard");
    bench.assign(&path, READER, principal).await.must(201);
    // What would be in it is not there.
    let containers = format!("{path}/blobServices/default/containers/c");
    let containers = bench
        .arm(Method::PUT, &containers, VERSION, Some(json!({})))
        .await;
    assert_eq!(containers.must(501).code(), "NotEmulated");
    let gone = bench.arm(Method::DELETE, &path, VERSION, None).await;
    gone.must(200);
    let gone = bench.arm(Method::DELETE, &path, VERSION, None).await;
    gone.must(204);
}

#[tokio::test]
async fn a_name_that_is_bad_or_taken_and_another_kind_are_refused() {
    let bench = Bench::new().await;
    let path = |name: &str| bench.path(&format!("Microsoft.Storage/storageAccounts/{name}"));
    let bad = bench
        .arm(Method::PUT, &path("Bad-Name"), VERSION, Some(sent()))
        .await;
    assert_eq!(bad.must(400).code(), "AccountNameInvalid");
    let mut other = sent();
    other["kind"] = json!("BlobStorage");
    let other = bench
        .arm(Method::PUT, &path("other"), VERSION, Some(other))
        .await;
    assert_eq!(other.must(501).code(), "NotEmulated");
    let made = bench
        .arm(Method::PUT, &path("taken"), VERSION, Some(sent()))
        .await;
    made.must(202);
    let group = bench.path("").replace("/rg/providers/", "/rg2");
    let place = json!({"location": "eastus"});
    let group = bench
        .arm(Method::PUT, &group, "2024-11-01", Some(place))
        .await;
    group.must(201);
    let elsewhere = path("taken").replace("/rg/", "/rg2/");
    let elsewhere = bench
        .arm(Method::PUT, &elsewhere, VERSION, Some(sent()))
        .await;
    assert_eq!(elsewhere.must(409).code(), "StorageAccountAlreadyTaken");
    let check = format!(
        "/subscriptions/{}/providers/Microsoft.Storage/checkNameAvailability",
        bench.emulator.subscription_id()
    );
    for (name, reason) in [
        ("free", Value::Null),
        ("taken", json!("AlreadyExists")),
        ("Bad-Name", json!("AccountNameInvalid")),
    ] {
        let sent = json!({"name": name, "type": "Microsoft.Storage/storageAccounts"});
        let known = bench.arm(Method::POST, &check, VERSION, Some(sent)).await;
        let known = known.must(200).body;
        assert_eq!(known["reason"], reason, "{name}");
        assert_eq!(known["nameAvailable"], reason.is_null(), "{name}");
    }
}

#[tokio::test]
async fn an_account_has_two_keys_that_stay() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.Storage/storageAccounts/account01");
    let keys = format!("{path}/listKeys");
    let absent = bench.arm(Method::POST, &keys, VERSION, None).await;
    assert_eq!(absent.must(404).code(), "ResourceNotFound");
    bench
        .arm(Method::PUT, &path, VERSION, Some(sent()))
        .await
        .must(202);
    let first = bench
        .arm(Method::POST, &keys, VERSION, None)
        .await
        .must(200)
        .body;
    let names: Vec<&str> = first["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|key| key["keyName"].as_str())
        .collect();
    assert_eq!(names, ["key1", "key2"]);
    assert_ne!(first["keys"][0]["value"], first["keys"][1]["value"]);
    let again = bench
        .arm(Method::POST, &keys, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(again, first);
}
