//! Role definitions and role assignments.

use crate::bench::Bench;
use docproof_emulator::{Clock, Config};
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const VERSION: &str = "2022-04-01";

fn group(bench: &Bench) -> String {
    format!(
        "/subscriptions/{}/resourceGroups/rg",
        bench.emulator.subscription_id()
    )
}

#[tokio::test]
async fn a_principal_that_is_not_there_is_told_as_az_expects_it() {
    let bench = Bench::new().await;
    let nobody = "7d431906-11f0-4a63-821b-556e039671cb";
    let answer = bench
        .assign(&group(&bench), READER, json!({"principalId": nobody}))
        .await
        .must(400);
    assert_eq!(answer.code(), "PrincipalNotFound");
    let start = "Principal 7d43190611f04a63821b556e039671cb does not exist in the directory ";
    assert!(answer.message().starts_with(start), "{}", answer.message());
}

#[tokio::test]
async fn a_new_identity_takes_its_time_to_be_known_where_operations_do() {
    let clock = Arc::new(Clock::default());
    let bench = Bench::with(Config {
        clock: Arc::clone(&clock),
        operation_seconds: 60,
        ..Config::default()
    })
    .await;
    let identity = bench.identity("me").await;
    let principal = json!({"principalId": identity["properties"]["principalId"]});
    let early = bench
        .assign(&group(&bench), READER, principal.clone())
        .await;
    assert_eq!(early.must(400).code(), "PrincipalNotFound");
    clock.advance(61);
    let later = bench
        .assign(&group(&bench), READER, principal.clone())
        .await;
    later.must(201);
    // One that is named with its type is taken unseen.
    let identity = bench.identity("you").await;
    let principal = json!({"principalId": identity["properties"]["principalId"],
        "principalType": "ServicePrincipal"});
    let typed = bench.assign(&group(&bench), READER, principal).await;
    typed.must(201);
}

#[tokio::test]
async fn scopes_roles_and_duplicates_are_checked() {
    let bench = Bench::new().await;
    let identity = bench.identity("me").await;
    let principal = identity["properties"]["principalId"].clone();
    let properties = || json!({"principalId": principal, "principalType": "ServicePrincipal"});
    let nowhere = group(&bench).replace("/rg", "/nowhere");
    let answer = bench.assign(&nowhere, READER, properties()).await.must(404);
    assert_eq!(answer.code(), "ResourceGroupNotFound");
    let vault = bench.path("Microsoft.KeyVault/vaults/absent");
    let answer = bench.assign(&vault, READER, properties()).await.must(404);
    assert_eq!(answer.code(), "ResourceNotFound");
    let unknown = "11111111-2222-3333-4444-555555555555";
    let answer = bench
        .assign(&group(&bench), unknown, properties())
        .await
        .must(501);
    assert_eq!(answer.code(), "NotEmulated");
    let wrong = json!({"principalId": principal, "principalType": "User"});
    let answer = bench.assign(&group(&bench), READER, wrong).await.must(400);
    assert_eq!(answer.code(), "UnmatchedPrincipalType");
    bench
        .assign(&group(&bench), READER, properties())
        .await
        .must(201);
    let answer = bench
        .assign(&group(&bench), READER, properties())
        .await
        .must(409);
    assert_eq!(answer.code(), "RoleAssignmentExists");
    assert_eq!(answer.message(), "The role assignment already exists.");
}

#[tokio::test]
async fn an_assignment_is_made_listed_and_removed() {
    let bench = Bench::new().await;
    let principal = bench.identity("me").await["properties"]["principalId"].clone();
    let made = bench
        .assign(&group(&bench), READER, json!({"principalId": principal}))
        .await
        .must(201)
        .body;
    assert_eq!(made["properties"]["principalType"], "ServicePrincipal");
    assert_eq!(made["properties"]["createdBy"], json!(null));
    let subscription = format!("/subscriptions/{}", bench.emulator.subscription_id());
    let list = format!("{subscription}/providers/Microsoft.Authorization/roleAssignments");
    let by_principal = format!(
        "{list}?$filter=principalId%20eq%20'{}'",
        principal.as_str().unwrap()
    );
    let found = bench
        .arm(Method::GET, &by_principal, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    assert!(found["value"][0]["properties"]["createdBy"].is_string());
    // The group is below the subscription, so atScope() there does not show it.
    let at_scope = bench
        .arm(
            Method::GET,
            &format!("{list}?$filter=atScope()"),
            VERSION,
            None,
        )
        .await;
    assert!(
        !at_scope
            .must(200)
            .body
            .to_string()
            .contains(principal.as_str().unwrap())
    );
    let id = made["id"].as_str().unwrap();
    let old = bench
        .arm(Method::DELETE, id, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(old["id"], made["id"]);
    bench.arm(Method::DELETE, id, VERSION, None).await.must(204);
}

#[tokio::test]
async fn a_role_is_found_by_its_name_and_an_unknown_one_is_not_emulated() {
    let bench = Bench::new().await;
    let list = format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName%20eq%20",
        group(&bench)
    );
    let get = |name: &str| format!("{list}'{name}'");
    let answer = bench
        .arm(Method::GET, &get("Painter"), "2022-05-01-preview", None)
        .await
        .must(501);
    assert_eq!(answer.code(), "NotEmulated");
    let found = bench
        .arm(Method::GET, &get("Reader"), "2022-05-01-preview", None)
        .await
        .must(200)
        .body;
    assert_eq!(found["value"][0]["name"], READER);
    assert_eq!(
        found["value"][0]["properties"]["permissions"][0]["actions"],
        json!(["*/read"])
    );
}

#[tokio::test]
async fn a_role_at_something_that_is_not_emulated_is_not_emulated() {
    let bench = Bench::new().await;
    let scope = bench.path("Microsoft.Sql/servers/a");
    let me = Bench::object_id(&bench.user);
    let reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    let refused = bench
        .assign(&scope, reader, json!({"principalId": me}))
        .await;
    assert_eq!((refused.status, refused.code()), (501, "NotEmulated"));
    let vault = bench.path("Microsoft.KeyVault/vaults/nobodys");
    let absent = bench
        .assign(&vault, reader, json!({"principalId": me}))
        .await;
    assert_eq!((absent.status, absent.code()), (404, "ResourceNotFound"));
}
