//! Vaults by ARM.

use crate::bench::{Bench, VAULT};
use reqwest::Method;
use serde_json::{Value, json};

const VERSION: &str = "2026-02-01";

fn properties(bench: &Bench, more: &Value) -> Value {
    let mut properties = json!({
        "tenantId": bench.emulator.tenant_id(),
        "sku": {"family": "A", "name": "standard"},
        "accessPolicies": [],
    });
    for (key, value) in more.as_object().unwrap() {
        properties[key] = value.clone();
    }
    json!({"location": "eastus", "properties": properties})
}

#[tokio::test]
async fn names_that_are_bad_or_taken_are_refused() {
    let bench = Bench::new().await;
    let answer = bench.vault("v--one", json!([]), false).await.must(400);
    assert_eq!(answer.code(), "VaultNameNotValid");
    bench.vault("v-one", json!([]), false).await.must(200);
    let other = format!(
        "/subscriptions/{}/resourcegroups/other",
        bench.emulator.subscription_id()
    );
    bench
        .arm(
            Method::PUT,
            &other,
            "2024-11-01",
            Some(json!({"location": "eastus"})),
        )
        .await
        .must(201);
    let path = bench
        .path("Microsoft.KeyVault/vaults/V-One")
        .replace("/rg/", "/other/");
    let body = Some(properties(&bench, &json!({})));
    let answer = bench.arm(Method::PUT, &path, VERSION, body).await.must(409);
    assert_eq!(answer.code(), "VaultAlreadyExists");
    let path = format!(
        "/subscriptions/{}/providers/Microsoft.KeyVault/checkNameAvailability",
        bench.emulator.subscription_id()
    );
    let body = json!({"name": "v-one", "type": "Microsoft.KeyVault/vaults"});
    let answer = bench
        .arm(Method::POST, &path, VERSION, Some(body))
        .await
        .must(200)
        .body;
    assert_eq!(
        (&answer["nameAvailable"], &answer["reason"]),
        (&json!(false), &json!("AlreadyExists"))
    );
}

#[tokio::test]
async fn a_deleted_vaults_name_is_in_conflict_until_it_is_recovered_or_purged() {
    let bench = Bench::new().await;
    let user = Bench::object_id(&bench.user);
    let policy = json!([bench.policy(&user, &["all"])]);
    bench.vault("v-one", policy.clone(), false).await.must(200);
    let token = bench.sign_in(VAULT).await;
    let secret = "https://v-one.vault.azure.net/secrets/s?api-version=7.4";
    bench
        .send(
            Method::PUT,
            secret,
            Some(&token),
            Some(json!({"value": "kept"})),
        )
        .await
        .must(200);

    let path = bench.path("Microsoft.KeyVault/vaults/v-one");
    let deleted = bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(200);
    assert_eq!(deleted.body, Value::Null);
    bench.arm(Method::GET, &path, VERSION, None).await.must(404);
    bench
        .send(Method::GET, secret, Some(&token), None)
        .await
        .must(404);
    let answer = bench.vault("v-one", policy, false).await.must(409);
    assert_eq!(answer.code(), "ConflictError");

    let deleted = format!(
        "/subscriptions/{}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/v-one",
        bench.emulator.subscription_id()
    );
    let shown = bench
        .arm(Method::GET, &deleted, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(shown["properties"]["vaultId"], json!(path));
    assert!(shown["properties"].get("purgeProtectionEnabled").is_none());

    let recover = Some(properties(&bench, &json!({"createMode": "recover"})));
    let back = bench
        .arm(Method::PUT, &path, VERSION, recover)
        .await
        .must(200)
        .body;
    assert_eq!(
        back["properties"]["accessPolicies"][0]["objectId"],
        json!(user)
    );
    let read = bench
        .send(Method::GET, secret, Some(&token), None)
        .await
        .must(200)
        .body;
    assert_eq!(read["value"], "kept");

    bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(200);
    let purge = bench
        .arm(Method::POST, &format!("{deleted}/purge"), VERSION, None)
        .await
        .must(202);
    let location = purge.header("location").to_owned();
    let done = bench
        .send(Method::GET, &location, Some(&bench.user), None)
        .await
        .must(200)
        .body;
    assert_eq!(done["status"], "Succeeded");
    bench
        .vault("v-one", json!([bench.policy(&user, &["all"])]), false)
        .await
        .must(200);
    bench
        .send(Method::GET, secret, Some(&token), None)
        .await
        .must(404);
}

#[tokio::test]
async fn a_new_vault_registers_its_name_first_and_uses_roles_unless_told_otherwise() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.KeyVault/vaults/v-one");
    let body = || {
        Some(properties(
            &bench,
            &json!({"enableRbacAuthorization": null}),
        ))
    };
    let new = bench
        .arm(Method::PUT, &path, VERSION, body())
        .await
        .must(200)
        .body;
    assert_eq!(new["properties"]["provisioningState"], "RegisteringDns");
    assert_eq!(
        new["properties"]["vaultUri"],
        "https://v-one.vault.azure.net"
    );
    assert_eq!(new["properties"]["enableRbacAuthorization"], true);
    assert!(new["properties"].get("enablePurgeProtection").is_none());
    let shown = bench
        .arm(Method::GET, &path, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(shown["properties"]["provisioningState"], "Succeeded");
    assert_eq!(
        shown["properties"]["vaultUri"],
        "https://v-one.vault.azure.net/"
    );
    let old = bench.path("Microsoft.KeyVault/vaults/v-two");
    let old = bench
        .arm(Method::PUT, &old, "2024-11-01", body())
        .await
        .must(200)
        .body;
    assert_eq!(old["properties"]["enableRbacAuthorization"], false);
}

#[tokio::test]
async fn a_vault_goes_with_its_group_and_can_be_recovered() {
    let bench = Bench::new().await;
    bench.vault("v-one", json!([]), false).await.must(200);
    let group = format!(
        "/subscriptions/{}/resourcegroups/rg",
        bench.emulator.subscription_id()
    );
    let deleting = bench
        .arm(Method::DELETE, &group, "2024-11-01", None)
        .await
        .must(202);
    let poll = deleting.header("location").to_owned();
    for _ in 0..2 {
        let done = bench.send(Method::GET, &poll, Some(&bench.user), None);
        done.await.must(200);
    }
    let unknown = poll.replace("operationresults/", "operationresults/x");
    let unknown = bench.send(Method::GET, &unknown, Some(&bench.user), None);
    assert_eq!(unknown.await.must(404).code(), "ResourceNotFound");
    let list = format!(
        "/subscriptions/{}/providers/Microsoft.KeyVault/deletedVaults",
        bench.emulator.subscription_id()
    );
    let deleted = bench
        .arm(Method::GET, &list, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(deleted["value"][0]["name"], "v-one");
}

#[tokio::test]
async fn a_policy_for_nobody_is_refused_and_older_versions_tell_less() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.KeyVault/vaults/v-one");
    let body = |policies: serde_json::Value| {
        json!({"location": "eastus", "properties": {
            "tenantId": bench.emulator.tenant_id(), "sku": {"family": "A", "name": "standard"},
            "accessPolicies": policies,
            "networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": "/A/B"}]},
        }})
    };
    let nobody = json!([bench.policy("00000000-0000-0000-0000-000000000000", &["get"])]);
    let refused = bench
        .arm(Method::PUT, &path, "2023-02-01", Some(body(nobody)))
        .await
        .must(400);
    assert_eq!(
        refused.message(),
        "An invalid value was provided for 'accessPolicies'."
    );
    let old = bench
        .arm(Method::PUT, &path, "2019-09-01", Some(body(json!([]))))
        .await
        .must(200)
        .body;
    for absent in [
        "enableRbacAuthorization",
        "publicNetworkAccess",
        "enabledForDiskEncryption",
    ] {
        assert!(old["properties"].get(absent).is_none(), "{absent}");
    }
    assert!(old.get("systemData").is_none());
    let acls = &old["properties"]["networkAcls"];
    assert_eq!(acls["bypass"], "AzureServices");
    assert_eq!(acls["virtualNetworkRules"][0]["id"], "/a/b");
    let now = bench
        .arm(Method::PUT, &path, "2024-11-01", Some(body(json!([]))))
        .await
        .must(200)
        .body;
    assert_eq!(now["properties"]["enableRbacAuthorization"], false);
    assert!(now["systemData"].is_object());
}

#[tokio::test]
async fn a_list_of_vaults_ends_with_an_empty_page() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.KeyVault/vaults");
    let none = bench
        .arm(Method::GET, &path, "2024-11-01", None)
        .await
        .must(200)
        .body;
    assert_eq!(none, json!({"value": []}));
    bench.vault("v-one", json!([]), false).await.must(200);
    let first = bench
        .arm(Method::GET, &path, "2024-11-01", None)
        .await
        .must(200)
        .body;
    assert_eq!(first["value"].as_array().unwrap().len(), 1);
    let next = first["nextLink"].as_str().unwrap();
    let last = bench
        .send(Method::GET, next, Some(&bench.user), None)
        .await
        .must(200)
        .body;
    assert_eq!(last, json!({"value": []}));
}
