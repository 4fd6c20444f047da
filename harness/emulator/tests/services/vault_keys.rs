//! Keys and certificates of vaults.

use crate::bench::{Bench, VAULT};
use reqwest::Method;
use serde_json::json;

const KEY: &str = "https://v-one.vault.azure.net/keys/key1";
const CERTIFICATE: &str = "https://v-one.vault.azure.net/certificates/cert1";
const VERSION: &str = "?api-version=7.4";

/// Somebody with these permissions on keys and certificates.
async fn prepared(keys: &[&str], certificates: &[&str]) -> (Bench, String) {
    let bench = Bench::new().await;
    let token = bench.sign_in(VAULT).await;
    let mut policy = bench.policy(&Bench::object_id(&token), &["get"]);
    policy["permissions"]["keys"] = json!(keys);
    policy["permissions"]["certificates"] = json!(certificates);
    bench.vault("v-one", json!([policy]), false).await.must(200);
    (bench, token)
}

#[tokio::test]
async fn a_key_is_made_shown_and_only_by_who_may() {
    let (bench, token) = prepared(&["get"], &[]).await;
    let create = format!("{KEY}/create{VERSION}");
    let sent = json!({"kty": "RSA", "attributes": {"enabled": true}});
    let send = |method: Method, url: String, body| {
        let (bench, token) = (&bench, &token);
        async move { bench.send(method, &url, Some(token), body).await }
    };
    let denied = send(Method::POST, create, Some(sent.clone()))
        .await
        .must(403);
    assert!(
        denied
            .message()
            .contains("does not have keys create permission"),
        "{}",
        denied.message()
    );
    let absent = send(Method::GET, format!("{KEY}{VERSION}"), None).await;
    assert_eq!(absent.must(404).code(), "KeyNotFound");

    let (bench, token) = prepared(&["all"], &[]).await;
    let send = |method: Method, url: String, body| {
        let (bench, token) = (&bench, &token);
        async move { bench.send(method, &url, Some(token), body).await }
    };
    let create = format!("{KEY}/create{VERSION}");
    let made = send(Method::POST, create.clone(), Some(sent))
        .await
        .must(200)
        .body;
    assert_eq!(made["key"]["kty"], "RSA");
    assert_eq!(made["key"]["e"], "AQAB");
    assert_eq!(made["attributes"]["exportable"], false);
    let shown = send(Method::GET, format!("{KEY}/{VERSION}"), None)
        .await
        .must(200)
        .body;
    assert_eq!(shown, made);
    let kid = made["key"]["kid"].as_str().unwrap().to_owned();
    assert!(kid.starts_with(&format!("{KEY}/")), "{kid}");
    assert_eq!(
        send(Method::GET, format!("{kid}{VERSION}"), None)
            .await
            .must(200)
            .body,
        made
    );
    // Nothing is done with keys, and others than RSA are not made.
    let used = send(
        Method::POST,
        format!("{kid}/sign{VERSION}"),
        Some(json!({})),
    )
    .await;
    assert_eq!(used.must(501).code(), "NotEmulated");
    let other = send(Method::POST, create, Some(json!({"kty": "EC"}))).await;
    assert_eq!(other.must(501).code(), "NotEmulated");
}

#[tokio::test]
async fn a_certificate_is_pending_first_and_signs_itself() {
    let (bench, token) = prepared(&[], &["create", "get"]).await;
    let send = |method: Method, url: String, body| {
        let (bench, token) = (&bench, &token);
        async move { bench.send(method, &url, Some(token), body).await }
    };
    let policy = |issuer: &str| {
        json!({"policy": {
            "key_props": {"exportable": true, "kty": "RSA", "key_size": 2048, "reuse_key": true},
            "secret_props": {"contentType": "application/x-pkcs12"},
            "x509_props": {"subject": "CN=CLIGetDefaultPolicy", "validity_months": 12},
            "issuer": {"name": issuer},
        }})
    };
    let create = format!("{CERTIFICATE}/create{VERSION}");
    let other = send(Method::POST, create.clone(), Some(policy("DigiCert"))).await;
    assert_eq!(other.must(501).code(), "NotEmulated");
    let absent = send(Method::GET, format!("{CERTIFICATE}/{VERSION}"), None).await;
    assert_eq!(absent.must(404).code(), "CertificateNotFound");
    let begun = send(Method::POST, create, Some(policy("Self")))
        .await
        .must(202)
        .body;
    assert_eq!(begun["status"], "inProgress");
    let pending = format!("{CERTIFICATE}/pending{VERSION}");
    let pending = send(Method::GET, pending, None).await.must(200).body;
    assert_eq!(pending["status"], "completed");
    assert_eq!(pending["target"], CERTIFICATE);
    let shown = send(Method::GET, format!("{CERTIFICATE}/{VERSION}"), None)
        .await
        .must(200)
        .body;
    assert_eq!(shown["policy"]["x509_props"]["validity_months"], 12);
    assert!(shown["attributes"]["exp"].as_i64() > shown["attributes"]["nbf"].as_i64());
    assert!(shown["cer"].as_str().unwrap().starts_with("MII"));
}
