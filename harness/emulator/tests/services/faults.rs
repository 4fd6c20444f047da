//! Propagation and faults, switched on.

use crate::bench::{Answer, Bench, VAULT};
use docproof_emulator::{Clock, Config, Faults};
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;

const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

async fn slow() -> Bench {
    Bench::with(Config {
        clock: Arc::new(Clock::default()),
        faults: Faults {
            propagation: 5..=60,
            ..Faults::default()
        },
        ..Config::default()
    })
    .await
}

async fn ask(bench: &Bench, token: &str, method: Method, secret: &str) -> Answer {
    let url = format!("https://v-one.vault.azure.net/secrets/{secret}?api-version=7.4");
    let body = (method == Method::PUT).then(|| json!({"value": "x"}));
    bench.send(method, &url, Some(token), body).await
}

#[tokio::test]
async fn a_role_does_not_hold_at_once() {
    let bench = slow().await;
    let token = bench.sign_in(VAULT).await;
    let me = Bench::object_id(&token);
    bench.vault("v-one", json!([]), true).await.must(200);
    let scope = format!(
        "/subscriptions/{}/resourceGroups/rg",
        bench.emulator.subscription_id()
    );
    let role = json!({"principalId": me, "principalType": "User"});
    bench.assign(&scope, SECRETS_USER, role).await.must(201);
    let early = ask(&bench, &token, Method::GET, "s").await.must(403);
    assert_eq!(early.body["error"]["innererror"]["code"], "ForbiddenByRbac");
    bench.emulator.clock().advance(61);
    ask(&bench, &token, Method::GET, "s").await.must(404);
}

#[tokio::test]
async fn a_changed_policy_does_not_hold_at_once_and_a_new_vaults_own_does() {
    let bench = slow().await;
    let token = bench.sign_in(VAULT).await;
    let me = Bench::object_id(&token);
    let with = |names: &[&str]| json!([bench.policy(&me, names)]);
    bench.vault("v-one", with(&["get"]), false).await.must(200);
    ask(&bench, &token, Method::GET, "s").await.must(404);
    bench.vault("v-one", with(&["set"]), false).await.must(200);
    let early = ask(&bench, &token, Method::PUT, "s").await.must(403);
    assert_eq!(early.body["error"]["innererror"]["code"], "AccessDenied");
    // What was allowed before still is.
    ask(&bench, &token, Method::GET, "s").await.must(404);
    bench.emulator.clock().advance(61);
    ask(&bench, &token, Method::PUT, "s").await.must(200);
    ask(&bench, &token, Method::GET, "s").await.must(403);
}

#[tokio::test]
async fn a_new_identity_is_not_known_at_once() {
    let bench = slow().await;
    let identity = bench.identity("me").await;
    let principal = json!({"principalId": identity["properties"]["principalId"]});
    let scope = format!(
        "/subscriptions/{}/resourceGroups/rg",
        bench.emulator.subscription_id()
    );
    let early = bench.assign(&scope, SECRETS_USER, principal.clone()).await;
    assert_eq!(early.must(400).code(), "PrincipalNotFound");
    bench.emulator.clock().advance(61);
    let later = bench.assign(&scope, SECRETS_USER, principal).await;
    later.must(201);
}

#[tokio::test]
async fn faults_are_told_apart_in_the_log_and_spare_the_sign_in() {
    let bench = Bench::with(Config::default()).await;
    let fair = bench.emulator.requests_since(0);
    assert!(fair.iter().all(|one| one.fault.is_none()));
    let faults = Faults {
        unavailable_percent: 100.0,
        ..Faults::default()
    };
    let config = Config {
        faults,
        ..Config::default()
    };
    let nothing = Arc::new(crate::stand_in::StandIn::default());
    let emulator = docproof_emulator::Emulator::start(config, nothing).unwrap();
    let send = |uri: &str| {
        let request = http::Request::get(uri).body(bytes::Bytes::new()).unwrap();
        let emulator = emulator.clone();
        async move {
            emulator
                .send(&docproof_emulator::Origin::Caller, request)
                .await
        }
    };
    let arm = send("https://management.azure.com/subscriptions?api-version=2022-12-01").await;
    assert_eq!(arm.status(), 503);
    assert!(arm.headers().contains_key("x-ms-request-id"));
    let login = "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration";
    assert_eq!(send(login).await.status(), 200);
    let faults: Vec<_> = emulator.requests_since(0);
    let faults: Vec<_> = faults.iter().map(|one| one.fault.as_deref()).collect();
    assert_eq!(faults, [Some("unavailable"), None]);
}
