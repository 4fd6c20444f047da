//! Container groups and apps with images from a registry of the emulator.

use crate::bench::Bench;
use crate::container_apps::{self, make_environment, show};
use crate::container_registry::{PULL, VERSION, path, push, registry};
use docproof_emulator::Origin;
use reqwest::Method;
use serde_json::{Value, json};

const GROUPS: &str = "2024-05-01-preview";
const IMAGE: &str = "registry01.azurecr.io/app:v1";

fn group(identity: Value, credentials: Value) -> Value {
    json!({"location": "eastus", "identity": identity, "properties": {
        "osType": "Linux",
        "containers": [{"name": "c1", "properties": {
            "image": IMAGE,
            "resources": {"requests": {"cpu": 1.0, "memoryInGB": 1.5}},
        }}],
        "imageRegistryCredentials": credentials,
    }})
}

async fn put(bench: &Bench, body: Value) -> crate::bench::Answer {
    let path = bench.path("Microsoft.ContainerInstance/containerGroups/g");
    bench.arm(Method::PUT, &path, GROUPS, Some(body)).await
}

async fn prepared() -> (Bench, String) {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({"adminUserEnabled": true}))
        .await
        .must(201);
    let config = json!({"config": {"Entrypoint": ["/run.sh"], "Env": ["A=b"]}});
    let digest = push(
        &bench,
        "registry01.azurecr.io",
        "app",
        "v1",
        config,
        b"layer",
    )
    .await;
    (bench, digest)
}

fn refused(answer: crate::bench::Answer) {
    let answer = answer.must(400);
    assert_eq!(answer.code(), "InaccessibleImage");
    assert_eq!(
        answer.message(),
        "The image 'registry01.azurecr.io/app:v1' in container group 'g' is not accessible. Please \
         check the image and registry credential."
    );
}

#[tokio::test]
async fn a_private_image_needs_the_right_password() {
    let (bench, digest) = prepared().await;
    refused(put(&bench, group(json!(null), json!(null))).await);
    let credential = |password: &str| json!([{"server": "registry01.azurecr.io", "username": "registry01", "password": password}]);
    refused(put(&bench, group(json!(null), credential("wrong"))).await);
    assert!(bench.workloads.started.lock().unwrap().is_empty());
    let list = format!("{}/listCredentials", path(&bench, "registry01"));
    let shown = bench
        .arm(Method::POST, &list, VERSION, None)
        .await
        .must(200)
        .body;
    let password = shown["passwords"][1]["value"].as_str().unwrap();
    let made = put(&bench, group(json!(null), credential(password)))
        .await
        .must(201);
    assert!(!made.body.to_string().contains(password));
    let files = bench.workloads.started.lock().unwrap()[0]
        .0
        .files
        .clone()
        .unwrap();
    assert_eq!(files.digest, digest);
    assert_eq!(files.config.entrypoint, ["/run.sh"]);
    assert_eq!(files.config.environment, [("A".to_owned(), "b".to_owned())]);
    assert_eq!(files.layers[0].bytes.as_ref(), b"layer");
    let path = bench.path("Microsoft.ContainerInstance/containerGroups/g");
    let shown = bench
        .arm(Method::GET, &path, GROUPS, None)
        .await
        .must(200)
        .body;
    let events = &shown["properties"]["containers"][0]["properties"]["instanceView"]["events"];
    assert_eq!(
        events[0]["message"],
        format!("pulling image \"registry01.azurecr.io/app@{digest}\"")
    );
}

#[tokio::test]
async fn an_image_that_was_not_pushed_does_not_run() {
    let (bench, _) = prepared().await;
    let id = bench.identity("me").await;
    let assigned = json!({"type": "UserAssigned",
        "userAssignedIdentities": {id["id"].as_str().unwrap(): {}}});
    let principal = json!({"principalId": id["properties"]["principalId"]});
    bench
        .assign(&path(&bench, "registry01"), PULL, principal)
        .await
        .must(201);
    let credentials = json!([{"server": "registry01.azurecr.io", "identity": id["id"]}]);
    let mut body = group(assigned, credentials);
    let image = &mut body["properties"]["containers"][0]["properties"]["image"];
    *image = json!("registry01.azurecr.io/app:v9");
    assert_eq!(
        put(&bench, body).await.must(400).code(),
        "InaccessibleImage"
    );
    assert!(bench.workloads.started.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_identity_pulls_once_it_has_the_role() {
    let (bench, _) = prepared().await;
    let id = bench.identity("me").await;
    let own = id["id"].as_str().unwrap();
    let credentials = json!([{"server": "registry01.azurecr.io", "identity": own}]);
    let assigned = json!({"type": "UserAssigned", "userAssignedIdentities": {own: {}}});
    refused(put(&bench, group(assigned.clone(), credentials.clone())).await);
    let principal = json!({"principalId": id["properties"]["principalId"]});
    bench
        .assign(&path(&bench, "registry01"), PULL, principal)
        .await
        .must(201);
    // The identity must be the group's own.
    refused(put(&bench, group(json!(null), credentials.clone())).await);
    let mark = bench.emulator.mark();
    put(&bench, group(assigned, credentials)).await.must(201);
    let asked: Vec<_> = bench
        .emulator
        .requests_since(mark)
        .into_iter()
        .filter(|request| request.origin == Origin::Azure)
        .map(|request| (request.method, request.url, request.status))
        .collect();
    let registry = "https://registry01.azurecr.io";
    assert_eq!(asked[0].1, format!("{registry}/oauth2/exchange"));
    assert!(asked[1].1.starts_with(&format!(
        "{registry}/oauth2/token?scope=repository%3Aapp%3Apull"
    )));
    assert_eq!(asked[2].1, format!("{registry}/v2/app/manifests/v1"));
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert!(asked.iter().all(|(_, _, status)| *status == 200));
}

/// The app with the private image and this registry entry.
fn app(bench: &Bench, identity: Value, entry: Value) -> Value {
    let mut app = container_apps::app(bench, identity);
    app["properties"]["configuration"]["registries"] = json!([entry]);
    let container = &mut app["properties"]["template"]["containers"][0];
    container["image"] = json!(IMAGE);
    container["command"] = json!(null);
    container["args"] = json!(["again"]);
    app
}

#[tokio::test]
async fn an_app_says_why_it_could_not_pull_and_runs_once_it_can() {
    let (bench, digest) = prepared().await;
    make_environment(&bench).await;
    let id = bench.identity("me").await;
    let own = id["id"].as_str().unwrap();
    let assigned = json!({"type": "UserAssigned", "userAssignedIdentities": {own: {}}});
    let entry = json!({"server": "registry01.azurecr.io", "identity": own});
    let sent = app(&bench, assigned, entry);
    let end = container_apps::put(&bench, "app", sent.clone()).await;
    assert_eq!(end["status"], "Failed");
    assert_eq!(end["error"]["code"], "ContainerAppOperationError");
    assert_eq!(
        end["error"]["message"].as_str().unwrap(),
        format!(
            "Failed to provision revision for container app 'app'. Error details: The following \
             field(s) are either invalid or missing. Field 'template.containers.app.image' is \
             invalid with details: 'Invalid value: \"{IMAGE}\": unable to pull image using Managed \
             identity {own} for registry registry01.azurecr.io';.."
        )
    );
    assert!(bench.workloads.started.lock().unwrap().is_empty());
    assert_eq!(
        show(&bench, "app").await["properties"]["provisioningState"],
        "Failed"
    );
    let principal = json!({"principalId": id["properties"]["principalId"]});
    bench
        .assign(&path(&bench, "registry01"), PULL, principal)
        .await
        .must(201);
    let mut again = sent;
    again["properties"]["template"]["revisionSuffix"] = json!("again");
    let end = container_apps::put(&bench, "app", again.clone()).await;
    assert_eq!(end["status"], "Succeeded", "{end}");
    {
        let started = bench.workloads.started.lock().unwrap();
        assert_eq!(started[0].0.files.as_ref().unwrap().digest, digest);
        // Arguments alone take the place of the image's own, not that of its entry point.
        assert_eq!(started[0].0.command, ["/run.sh", "again"]);
    }
    again["properties"]["template"]["revisionSuffix"] = json!("absent");
    again["properties"]["template"]["containers"][0]["image"] =
        json!("registry01.azurecr.io/app:v9");
    let end = container_apps::put(&bench, "app", again).await;
    let text = end["error"]["message"].as_str().unwrap();
    assert!(
        text.ends_with(
            "GET https:: MANIFEST_UNKNOWN: manifest tagged by \"v9\" is not found; map[Tag:v9]';.."
        ),
        "{text}"
    );
}

#[tokio::test]
async fn an_app_pulls_with_its_own_identity() {
    let (bench, _) = prepared().await;
    make_environment(&bench).await;
    let public = container_apps::app(&bench, json!({"type": "SystemAssigned"}));
    container_apps::put(&bench, "app", public).await;
    let principal = show(&bench, "app").await["identity"]["principalId"].clone();
    let entry = json!({"server": "registry01.azurecr.io", "identity": "system"});
    let private = app(&bench, json!({"type": "SystemAssigned"}), entry);
    let end = container_apps::put(&bench, "app", private.clone()).await;
    assert_eq!(end["status"], "Failed");
    let text = end["error"]["message"].as_str().unwrap();
    assert!(
        text.contains("using Managed identity system for registry"),
        "{text}"
    );
    let principal = json!({"principalId": principal});
    bench
        .assign(&path(&bench, "registry01"), PULL, principal)
        .await
        .must(201);
    // The same template once more: what failed is tried again.
    let before = bench.workloads.started.lock().unwrap().len();
    assert_eq!(
        container_apps::put(&bench, "app", private).await["status"],
        "Succeeded"
    );
    assert_eq!(bench.workloads.started.lock().unwrap().len(), before + 1);
    let properties = &show(&bench, "app").await["properties"];
    assert_eq!(
        properties["latestReadyRevisionName"],
        properties["latestRevisionName"]
    );
}
