//! Going back to what an emulator knew before.

use crate::bench::{Answer, Bench, VAULT};
use crate::container_instances::{VERSION, group, path};
use reqwest::Method;
use serde_json::json;

const SECRET: &str = "https://v-one.vault.azure.net/secrets/s1/?api-version=7.4";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

async fn names(bench: &Bench) -> Vec<String> {
    let listed = bench
        .arm(
            Method::GET,
            &format!(
                "/subscriptions/{}/resources",
                bench.emulator.subscription_id()
            ),
            "2024-11-01",
            None,
        )
        .await
        .must(200);
    let all = listed.body["value"].as_array().unwrap().iter();
    all.map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn roles(bench: &Bench) -> usize {
    let path = bench.path("Microsoft.Authorization/roleAssignments");
    let listed = bench.arm(Method::GET, &path, "2022-04-01", None).await;
    listed.must(200).body["value"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_was_changed_made_or_deleted_since_then_is_as_it_was() {
    let bench = Bench::new().await;
    let user = bench.sign_in(VAULT).await;
    let policy = bench.policy(&Bench::object_id(&user), &["get", "set"]);
    bench.vault("v-one", json!([policy]), false).await.must(200);
    let write = async |value: &str| {
        let body = Some(json!({"value": value}));
        bench
            .send(Method::PUT, SECRET, Some(&user), body)
            .await
            .must(200);
    };
    write("before").await;
    let (before, roles_before) = (names(&bench).await, roles(&bench).await);
    let taken = bench.emulator.snapshot();

    write("after").await;
    let identity = bench.identity("me").await;
    let who = identity["properties"]["principalId"].as_str().unwrap();
    let scope = bench.path("Microsoft.KeyVault/vaults/v-one");
    let given = json!({"principalId": who, "principalType": "ServicePrincipal"});
    bench.assign(&scope, READER, given).await.must(201);
    let path = bench.path("Microsoft.KeyVault/vaults/v-one");
    bench
        .arm(Method::DELETE, &path, "2026-02-01", None)
        .await
        .must(200);
    assert_ne!(names(&bench).await, before);

    // Twice: what was taken is good for more than one time.
    for _ in 0..2 {
        assert!(bench.emulator.restore(&taken));
        assert_eq!(names(&bench).await, before);
        assert_eq!(roles(&bench).await, roles_before);
        let read = bench.send(Method::GET, SECRET, Some(&user), None).await;
        assert_eq!(read.must(200).body["value"], "before");
        // The principal has gone with the identity: there is nobody to give a role to.
        let given = json!({"principalId": who});
        let refused = bench.assign(&scope, READER, given).await.must(400);
        assert_eq!(refused.code(), "PrincipalNotFound");
        write("again").await;
    }
}

async fn make(bench: &Bench, name: &str) {
    let (path, body) = (path(bench, name), group(json!(null)));
    bench
        .arm(Method::PUT, &path, VERSION, Some(body))
        .await
        .must(201);
}

async fn show(bench: &Bench, name: &str) -> Answer {
    let path = path(bench, name);
    bench.arm(Method::GET, &path, VERSION, None).await
}

#[tokio::test]
async fn a_container_goes_on_and_one_that_came_since_then_ends() {
    let bench = Bench::new().await;
    make(&bench, "g").await;
    let taken = bench.emulator.snapshot();
    make(&bench, "h").await;
    bench.workloads.started_so_far(2).await;
    assert_eq!(bench.workloads.running(), 2);
    assert!(bench.emulator.restore(&taken));
    assert_eq!(bench.workloads.running(), 1);
    let shown = show(&bench, "g").await.must(200);
    assert_eq!(shown.body["properties"]["instanceView"]["state"], "Running");
    show(&bench, "h").await.must(404);
    // It is watched over as before.
    bench.workloads.end_of(1, 1);
    bench.workloads.started_so_far(3).await;
}

#[tokio::test]
async fn a_container_that_has_ended_since_then_is_not_brought_back() {
    let bench = Bench::new().await;
    make(&bench, "g").await;
    let taken = bench.emulator.snapshot();
    bench
        .arm(Method::DELETE, &path(&bench, "g"), VERSION, None)
        .await
        .must(200);
    bench.identity("me").await;
    assert!(!bench.emulator.restore(&taken));
    assert_eq!(names(&bench).await, ["me"]);
}
