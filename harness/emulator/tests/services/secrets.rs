//! Secrets, by the vault's own host.

use crate::bench::{Bench, VAULT};
use reqwest::Method;
use serde_json::json;

const SECRET: &str = "https://v-one.vault.azure.net/secrets/s1/?api-version=7.4";
const OFFICER: &str = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";

#[tokio::test]
async fn tokens_that_are_missing_wrong_or_old_get_a_challenge() {
    let bench = Bench::new().await;
    bench.vault("v-one", json!([]), false).await.must(200);
    let challenge = format!(
        "Bearer authorization=\"https://login.microsoftonline.com/{}\", \
         resource=\"https://vault.azure.net\"",
        bench.emulator.tenant_id()
    );
    let none = bench.send(Method::PUT, SECRET, None, None).await.must(401);
    assert_eq!(none.code(), "Unauthorized");
    assert_eq!(
        none.message(),
        "AKV10000: Request is missing a Bearer or PoP token."
    );
    assert_eq!(none.header("www-authenticate"), challenge);
    assert_eq!(none.header("x-ms-keyvault-region"), "eastus");
    assert_eq!(
        none.header("strict-transport-security"),
        "max-age=31536000;includeSubDomains"
    );
    let wrong = bench
        .send(Method::GET, SECRET, Some(&bench.user), None)
        .await
        .must(401);
    assert!(
        wrong.message().starts_with("AKV10022: Invalid audience."),
        "{}",
        wrong.message()
    );
    let forged = bench
        .send(Method::GET, SECRET, Some("a.b.c"), None)
        .await
        .must(401);
    assert!(
        forged.message().starts_with("AKV10046"),
        "{}",
        forged.message()
    );
    let token = bench.sign_in(VAULT).await;
    bench.emulator.clock().advance(100_000);
    let old = bench
        .send(Method::GET, SECRET, Some(&token), None)
        .await
        .must(401);
    assert!(
        old.message().starts_with("[TokenExpired]"),
        "{}",
        old.message()
    );
    assert_eq!(old.header("www-authenticate"), challenge);
}

#[tokio::test]
async fn a_vault_that_is_not_there_is_named() {
    let bench = Bench::new().await;
    let url = "https://nobodys.vault.azure.net/secrets/s?api-version=7.4";
    let answer = bench.send(Method::GET, url, None, None).await.must(404);
    assert!(answer.message().contains("'nobodys'"));
}

#[tokio::test]
async fn an_owner_without_a_policy_is_denied_by_policy() {
    let bench = Bench::new().await;
    bench.vault("v-one", json!([]), false).await.must(200);
    let token = bench.sign_in(VAULT).await;
    let answer = bench
        .send(Method::GET, SECRET, Some(&token), None)
        .await
        .must(403);
    assert_eq!(answer.code(), "Forbidden");
    assert_eq!(answer.body["error"]["innererror"]["code"], "AccessDenied");
    let expected = format!(
        "The user, group or application 'appid=04b07795-8ddb-461a-bbee-02f9e1bf7b46;oid={};\
         iss=https://sts.windows.net/{}/' does not have secrets get permission on key vault \
         'v-one;location=eastus'. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125287",
        Bench::object_id(&token),
        bench.emulator.tenant_id()
    );
    assert_eq!(answer.message(), expected);
    let user = Bench::object_id(&token);
    bench
        .vault("v-one", json!([bench.policy(&user, &["get"])]), false)
        .await
        .must(200);
    bench
        .send(Method::GET, SECRET, Some(&token), None)
        .await
        .must(404);
    let body = Some(json!({"value": "x"}));
    let answer = bench
        .send(Method::PUT, SECRET, Some(&token), body)
        .await
        .must(403);
    assert!(answer.message().contains("secrets set permission"));
}

#[tokio::test]
async fn an_owner_without_a_data_role_is_denied_by_rbac() {
    let bench = Bench::new().await;
    bench.vault("v-one", json!([]), true).await.must(200);
    let token = bench.sign_in(VAULT).await;
    let body = || Some(json!({"value": "x"}));
    let answer = bench
        .send(Method::PUT, SECRET, Some(&token), body())
        .await
        .must(403);
    assert_eq!(
        answer.body["error"]["innererror"]["code"],
        "ForbiddenByRbac"
    );
    let subscription = bench.emulator.subscription_id();
    let expected = format!(
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny \
         assignments or role definitions were changed recently, please observe propagation \
         time.\r\nCaller: appid=04b07795-8ddb-461a-bbee-02f9e1bf7b46;oid={};\
         iss=https://sts.windows.net/{}/\r\nAction: \
         'Microsoft.KeyVault/vaults/secrets/setSecret/action'\r\nResource: \
         '/subscriptions/{subscription}/resourcegroups/rg/providers/microsoft.keyvault/vaults/\
         v-one/secrets/s1'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\n\
         DecisionReason: null \r\nVault: v-one;location=eastus\r\n",
        Bench::object_id(&token),
        bench.emulator.tenant_id()
    );
    assert_eq!(answer.message(), expected);
    let vault = bench.path("Microsoft.KeyVault/vaults/v-one");
    let principal = json!({"principalId": Bench::object_id(&token)});
    bench.assign(&vault, OFFICER, principal).await.must(201);
    bench
        .send(Method::PUT, SECRET, Some(&token), body())
        .await
        .must(200);
}

#[tokio::test]
async fn a_deleted_secrets_name_is_in_conflict_and_versions_are_kept() {
    let bench = Bench::new().await;
    let token = bench.sign_in(VAULT).await;
    let all = bench.policy(&Bench::object_id(&token), &["all"]);
    bench.vault("v-one", json!([all]), false).await.must(200);
    let to = async |method: Method, rest: &str, body| {
        let sign = if rest.contains('?') { '&' } else { '?' };
        let url = format!("https://v-one.vault.azure.net/{rest}{sign}api-version=7.4");
        bench.send(method, &url, Some(&token), body).await
    };
    assert_eq!(
        to(Method::GET, "secrets/s1", None).await.must(404).code(),
        "SecretNotFound"
    );
    let first = to(Method::PUT, "secrets/s1", Some(json!({"value": "a"})))
        .await
        .must(200)
        .body;
    let keys: Vec<_> = first.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["value", "id", "attributes"]);
    assert_eq!(
        first["attributes"]["recoveryLevel"],
        "CustomizedRecoverable+Purgeable"
    );
    assert_eq!(first["attributes"]["recoverableDays"], 7);
    to(Method::PUT, "secrets/s1", Some(json!({"value": "b"})))
        .await
        .must(200);
    to(Method::PUT, "secrets/s2", Some(json!({"value": "c"})))
        .await
        .must(200);
    assert_eq!(
        to(Method::GET, "secrets/s1/", None).await.must(200).body["value"],
        "b"
    );
    let version = first["id"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let old = to(Method::GET, &format!("secrets/s1/{version}"), None)
        .await
        .must(200);
    assert_eq!(old.body["value"], "a");

    let page = to(Method::GET, "secrets?maxresults=1", None)
        .await
        .must(200)
        .body;
    let next = page["nextLink"].as_str().unwrap();
    assert!(
        next.starts_with("https://v-one.vault.azure.net:443/secrets?api-version=7.4&$skiptoken=")
    );
    let next = bench
        .send(Method::GET, &next.replace(":443", ""), Some(&token), None)
        .await;
    let next = next.must(200).body;
    assert!(
        next["value"][0]["id"]
            .as_str()
            .unwrap()
            .ends_with("/secrets/s2")
    );
    assert_eq!(next.get("nextLink"), Some(&json!(null)));

    let off = Some(json!({"attributes": {"enabled": false}}));
    let patched = to(Method::PATCH, "secrets/s1/", off).await.must(200).body;
    assert!(patched.get("value").is_none());
    let refused = to(Method::GET, "secrets/s1", None).await.must(403);
    assert_eq!(
        refused.body["error"]["innererror"]["code"],
        "SecretDisabled"
    );

    let recover = to(Method::POST, "deletedsecrets/s1/recover", None)
        .await
        .must(400);
    assert_eq!(recover.code(), "MethodNotAllowed");
    let deleted = to(Method::DELETE, "secrets/s1", None).await.must(200).body;
    assert!(deleted.get("value").is_none() && deleted["recoveryId"].is_string());
    let taken = to(Method::PUT, "secrets/s1", Some(json!({"value": "d"})))
        .await
        .must(409);
    assert_eq!(
        taken.body["error"]["innererror"]["code"],
        "ObjectIsDeletedButRecoverable"
    );
    to(Method::GET, "deletedsecrets/s1", None).await.must(200);
    to(Method::POST, "deletedsecrets/s1/recover", None)
        .await
        .must(200);
    let gone = to(Method::GET, "deletedsecrets/s1", None).await.must(404);
    assert_eq!(gone.message(), "Deleted Secret not found: s1");
    to(Method::DELETE, "secrets/s1", None).await.must(200);
    to(Method::DELETE, "deletedsecrets/s1", None)
        .await
        .must(204);
    to(Method::PUT, "secrets/s1", Some(json!({"value": "new"})))
        .await
        .must(200);
    assert_eq!(
        to(Method::GET, "deletedkeys", None).await.must(501).code(),
        "NotEmulated"
    );
}

#[tokio::test]
async fn deleting_and_recovering_take_time_where_operations_do() {
    let bench = Bench::with(docproof_emulator::Config {
        operation_seconds: 60,
        ..docproof_emulator::Config::default()
    })
    .await;
    let token = bench.sign_in(VAULT).await;
    let me = Bench::object_id(&token);
    let policies = json!([bench.policy(&me, &["all"])]);
    bench.vault("v-one", policies, false).await.must(200);
    let at = |path: &str| format!("https://v-one.vault.azure.net/{path}?api-version=7.4");
    let ask = |method: Method, path: &str, body| {
        let (bench, token, url) = (&bench, &token, at(path));
        async move { bench.send(method, &url, Some(token), body).await }
    };
    ask(Method::PUT, "secrets/s1", Some(json!({"value": "x"})))
        .await
        .must(200);
    ask(Method::DELETE, "secrets/s1", None).await.must(200);
    ask(Method::GET, "deletedsecrets/s1", None).await.must(404);
    let early = ask(Method::POST, "deletedsecrets/s1/recover", None)
        .await
        .must(409);
    assert_eq!(
        early.body["error"]["innererror"]["code"],
        "ObjectIsBeingDeleted"
    );
    bench.emulator.clock().advance(61);
    ask(Method::GET, "deletedsecrets/s1", None).await.must(200);
    ask(Method::POST, "deletedsecrets/s1/recover", None)
        .await
        .must(200);
    ask(Method::GET, "secrets/s1/", None).await.must(404);
    bench.emulator.clock().advance(61);
    ask(Method::GET, "secrets/s1/", None).await.must(200);
}

#[tokio::test]
async fn a_backup_brings_every_version_back_where_nothing_is_in_the_way() {
    let bench = Bench::new().await;
    let token = bench.sign_in(VAULT).await;
    let me = Bench::object_id(&token);
    let policies = json!([bench.policy(&me, &["all"])]);
    bench.vault("v-one", policies, false).await.must(200);
    let at = |path: &str| format!("https://v-one.vault.azure.net/{path}?api-version=7.4");
    let ask = |method: Method, path: &str, body| {
        let (bench, token, url) = (&bench, &token, at(path));
        async move { bench.send(method, &url, Some(token), body).await }
    };
    for value in ["one", "two"] {
        ask(Method::PUT, "secrets/s1", Some(json!({"value": value})))
            .await
            .must(200);
    }
    let backup = ask(Method::POST, "secrets/s1/backup", None)
        .await
        .must(200)
        .body;
    assert!(
        !backup.to_string().contains("two"),
        "no secret is in the backup itself"
    );
    let forged = Some(json!({"value": "forged"}));
    ask(Method::POST, "secrets/restore", forged).await.must(400);
    ask(Method::POST, "secrets/restore", Some(backup.clone()))
        .await
        .must(409);
    ask(Method::DELETE, "secrets/s1", None).await.must(200);
    ask(Method::DELETE, "deletedsecrets/s1", None)
        .await
        .must(204);
    ask(Method::POST, "secrets/restore", Some(backup))
        .await
        .must(200);
    let shown = ask(Method::GET, "secrets/s1/", None).await.must(200).body;
    assert_eq!(shown["value"], "two");
    let versions = ask(Method::GET, "secrets/s1/versions", None)
        .await
        .must(200)
        .body;
    assert_eq!(versions["value"].as_array().unwrap().len(), 2);
}
