//! Scope maps and repository tokens of registries.

use crate::bench::{Answer, Bench};
use crate::container_registry::{call, form, path, push, registry};
use docproof_emulator::{Clock, Config};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const VERSION: &str = "2023-07-01";
const SERVER: &str = "registry01.azurecr.io";

async fn arm(bench: &Bench, method: Method, rest: &str, body: Option<Value>) -> Answer {
    let path = format!("{}/{rest}", path(bench, "registry01"));
    bench.arm(method, &path, VERSION, body).await
}

/// A registry with an image `team/app:v1`, and a token that may pull `team/*`.
async fn prepared(config: Config) -> Bench {
    let bench = Bench::with(config).await;
    registry(&bench, "registry01", json!({})).await.must(201);
    push(&bench, SERVER, "team/app", "v1", json!({}), b"layer").await;
    push(&bench, SERVER, "other", "v1", json!({}), b"layer").await;
    let map = json!({"properties": {"actions": ["repositories/team/*/content/read"]}});
    let map = arm(&bench, Method::PUT, "scopeMaps/readers", Some(map)).await;
    assert_eq!(map.must(200).body["properties"]["type"], "UserDefined");
    let map = format!("{}/scopeMaps/readers", path(&bench, "registry01"));
    let token = json!({"properties": {"scopeMapId": map}});
    let token = arm(&bench, Method::PUT, "tokens/robot", Some(token)).await;
    assert_eq!(
        token.must(201).body["properties"]["provisioningState"],
        "Creating"
    );
    bench
}

async fn generate(bench: &Bench, more: Value) -> Value {
    let mut sent = json!({"tokenId": format!("{}/tokens/robot", path(bench, "registry01"))});
    for (key, value) in more.as_object().unwrap() {
        sent[key] = value.clone();
    }
    let made = arm(bench, Method::POST, "generateCredentials", Some(sent)).await;
    made.must(200).body
}

/// Asks for an access token; answers the status, and the token.
async fn sign_in(bench: &Bench, password: &str, scope: &str) -> (u16, String) {
    let fields = [
        ("grant_type", "password"),
        ("service", SERVER),
        ("scope", scope),
        ("username", "robot"),
        ("password", password),
    ];
    let answer = form(bench, &format!("{SERVER}/oauth2/token"), &fields).await;
    let token = answer.json()["access_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (answer.status, token)
}

#[tokio::test]
async fn a_repository_token_may_do_what_its_scope_map_says_and_nothing_else() {
    let bench = prepared(Config::default()).await;
    let both = generate(&bench, json!({})).await;
    assert_eq!(both["username"], "robot");
    let password = both["passwords"][0]["value"].as_str().unwrap();
    let pull = "repository:team/app:pull";
    assert_eq!(sign_in(&bench, "wrong", pull).await.0, 401);
    for scope in [
        "repository:team/app:push",
        "repository:other:pull",
        "registry:catalog:*",
    ] {
        assert_eq!(sign_in(&bench, password, scope).await.0, 401, "{scope}");
    }
    let (status, token) = sign_in(&bench, password, pull).await;
    assert_eq!(status, 200);
    let bearer = format!("Bearer {token}");
    let auth = [("authorization", bearer.as_str())];
    let manifest = format!("{SERVER}/v2/team/app/manifests/v1");
    call(&bench, Method::GET, &manifest, &auth, Vec::new())
        .await
        .must(200);
    // The values are shown once only.
    let shown = arm(&bench, Method::GET, "tokens/robot", None)
        .await
        .must(200)
        .body;
    assert_eq!(
        shown["properties"]["credentials"]["passwords"][1]["name"],
        "password2"
    );
    assert!(!shown.to_string().contains(password));
    // Another first password leaves the second one as it is.
    let first = generate(&bench, json!({"name": "password1"})).await;
    assert_eq!(first["passwords"].as_array().unwrap().len(), 1);
    assert_eq!(sign_in(&bench, password, pull).await.0, 401);
    let second = both["passwords"][1]["value"].as_str().unwrap();
    assert_eq!(sign_in(&bench, second, pull).await.0, 200);
    // Nobody signs in with a token that is disabled, or gone.
    let disabled = json!({"properties": {"status": "disabled"}});
    let disabled = arm(&bench, Method::PATCH, "tokens/robot", Some(disabled)).await;
    assert_eq!(
        disabled.must(201).body["properties"]["provisioningState"],
        "Updating"
    );
    assert_eq!(sign_in(&bench, second, pull).await.0, 401);
    let gone = arm(&bench, Method::DELETE, "tokens/robot", None)
        .await
        .must(202);
    let result = gone.header("location").to_owned();
    let result = bench
        .send(Method::GET, &result, Some(&bench.user), None)
        .await;
    result.must(200);
    arm(&bench, Method::GET, "tokens/robot", None)
        .await
        .must(404);
    let again = format!("{}/scopeMaps/readers", path(&bench, "registry01"));
    let again = json!({"properties": {"scopeMapId": again, "status": "enabled"}});
    arm(&bench, Method::PUT, "tokens/robot", Some(again))
        .await
        .must(201);
    assert_eq!(sign_in(&bench, second, pull).await.0, 401);
}

#[tokio::test]
async fn a_password_of_a_token_is_good_until_it_expires() {
    let clock = Arc::new(Clock::default());
    let bench = prepared(Config {
        clock: Arc::clone(&clock),
        ..Config::default()
    })
    .await;
    let expiry = clock.now() + std::time::Duration::from_secs(3600);
    let made = generate(&bench, json!({"expiry": expiry.to_string()})).await;
    assert!(made["passwords"][0]["expiry"].is_string());
    let password = made["passwords"][0]["value"].as_str().unwrap();
    let pull = "repository:team/app:pull";
    assert_eq!(sign_in(&bench, password, pull).await.0, 200);
    clock.advance(3601);
    assert_eq!(sign_in(&bench, password, pull).await.0, 401);
}

#[tokio::test]
async fn what_a_scope_map_cannot_say_is_refused() {
    let bench = prepared(Config::default()).await;
    for (name, actions) in [
        ("writers", json!(["repositories/app/content/look"])),
        ("writers", json!([])),
        (
            "_repositories_pull",
            json!(["repositories/app/content/read"]),
        ),
        ("few", json!(["repositories/app/content/read"])),
    ] {
        let sent = json!({"properties": {"actions": actions}});
        let map = format!("scopeMaps/{name}");
        arm(&bench, Method::PUT, &map, Some(sent)).await.must(400);
    }
    let token = json!({"properties": {"scopeMapId": "/elsewhere/scopeMaps/readers"}});
    let refused = arm(&bench, Method::PUT, "tokens/second", Some(token)).await;
    assert_eq!(refused.must(400).code(), "ScopeMapNotFound");
    let all = arm(&bench, Method::GET, "scopeMaps", None)
        .await
        .must(200)
        .body;
    assert_eq!(all["value"][1]["name"], "_repositories_pull");
    assert_eq!(all["value"][3]["name"], "readers");
    let whole = path(&bench, "registry01");
    let gone = bench.arm(Method::DELETE, &whole, VERSION, None);
    gone.await.must(200);
    registry(&bench, "registry01", json!({})).await.must(201);
    arm(&bench, Method::GET, "scopeMaps/readers", None)
        .await
        .must(404);
}

#[tokio::test]
async fn a_cache_rule_needs_its_repositories_and_an_identity_that_is_there() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    let rule = "cacheRules/MyRule";
    let absent = arm(&bench, Method::GET, rule, None).await;
    assert_eq!(absent.must(404).code(), "ResourceNotFound");
    let half = json!({"properties": {"sourceRepository": "other.azurecr.io/app"}});
    arm(&bench, Method::PUT, rule, Some(half.clone()))
        .await
        .must(400);
    let mut sent = half;
    sent["properties"]["targetRepository"] = json!("app");
    sent["identity"] = json!({"type": "UserAssigned", "userAssignedIdentities": {
        bench.path("Microsoft.ManagedIdentity/userAssignedIdentities/me"): {}
    }});
    arm(&bench, Method::PUT, rule, Some(sent.clone()))
        .await
        .must(400);
    bench.identity("me").await;
    let begun = arm(&bench, Method::PUT, rule, Some(sent))
        .await
        .must(201)
        .body;
    assert_eq!(begun["properties"]["provisioningState"], "Creating");
    let made = arm(&bench, Method::GET, rule, None).await.must(200).body;
    assert_eq!(made["properties"]["provisioningState"], "Succeeded");
    arm(&bench, Method::DELETE, rule, None).await.must(204);
    let gone = arm(&bench, Method::GET, rule, None).await;
    assert_eq!(gone.must(404).code(), "ResourceNotFound");
}
