//! Environments, apps, revisions, jobs.

use super::{VERSION, app, environment, make_environment, path, put, show};
use crate::bench::{ARM, Bench};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn an_app_without_its_environment_fails_with_a_bare_error() {
    let bench = Bench::new().await;
    let answer = bench
        .arm(
            Method::PUT,
            &path(&bench, "app"),
            VERSION,
            Some(app(&bench, json!(null))),
        )
        .await
        .must(404);
    assert_eq!(
        answer.body,
        json!({"code": "ManagedEnvironmentNotFound", "message": "Environment env was not found."})
    );
}

#[tokio::test]
async fn an_environment_waits_first_and_keeps_its_key_to_itself() {
    let bench = Bench::new().await;
    let missing = bench
        .arm(Method::GET, &environment(&bench), VERSION, None)
        .await
        .must(404);
    assert_eq!(missing.code(), "ResourceNotFound");
    let new = make_environment(&bench).await;
    assert_eq!(new.body["properties"]["provisioningState"], "Waiting");
    let operation = new.header("azure-asyncoperation").to_owned();
    assert!(
        operation.contains("/locations/eastus/managedEnvironmentOperationStatuses/"),
        "{operation}"
    );
    let operation = bench
        .send(Method::GET, &operation, Some(&bench.user), None)
        .await
        .must(200)
        .body;
    assert_eq!(operation["status"], "Succeeded");
    let shown = bench
        .arm(Method::GET, &environment(&bench), VERSION, None)
        .await
        .must(200)
        .body;
    let properties = &shown["properties"];
    assert_eq!(shown["location"], "East US");
    assert_eq!(properties["provisioningState"], "Succeeded");
    assert_eq!(
        properties["defaultDomain"],
        new.body["properties"]["defaultDomain"]
    );
    assert_eq!(properties["workloadProfiles"][0]["name"], "Consumption");
    assert!(!shown.to_string().contains("s3cret-key"));

    put(&bench, "app", app(&bench, json!(null))).await;
    let free = format!("{}/checkNameAvailability", environment(&bench));
    for (name, expected) in [("app", false), ("other", true)] {
        let sent = json!({"name": name, "type": "Microsoft.App/containerApps"});
        let answer = bench.arm(Method::POST, &free, VERSION, Some(sent)).await;
        assert_eq!(answer.must(200).body["nameAvailable"], expected, "{name}");
    }
    bench
        .arm(Method::DELETE, &environment(&bench), VERSION, None)
        .await
        .must(409);
    let gone = bench
        .arm(Method::DELETE, &path(&bench, "app"), VERSION, None)
        .await
        .must(202);
    let result = bench
        .send(
            Method::GET,
            gone.header("location"),
            Some(&bench.user),
            None,
        )
        .await;
    result.must(204);
    bench
        .arm(Method::DELETE, &path(&bench, "app"), VERSION, None)
        .await
        .must(204);
    let gone = bench
        .arm(Method::DELETE, &environment(&bench), VERSION, None)
        .await
        .must(202);
    assert!(
        gone.header("location")
            .contains("managedEnvironmentOperationResults")
    );
}

#[tokio::test]
async fn what_the_template_or_the_registries_lack_is_refused() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    let configuration = "/properties/configuration/registries";
    let container = "/properties/template/containers/0";
    for (pointer, value, code) in [
        (
            configuration,
            json!([{"server": "r.azurecr.io", "username": "r", "passwordSecretRef": "absent"}]),
            "ContainerAppRegistriesPasswordSecretRefNotFound",
        ),
        (
            container,
            json!({"name": "c", "image": "i", "env": [{"name": "A", "secretRef": "absent"}]}),
            "ContainerAppSecretRefNotFound",
        ),
        (
            container,
            json!({"name": "c", "image": "i", "resources": {"cpu": 1, "memory": "1Gi"}}),
            "ContainerAppInvalidResourceTotal",
        ),
        (
            "/properties/configuration/secrets",
            json!([{"name": "empty"}]),
            "ContainerAppSecretInvalid",
        ),
    ] {
        let mut sent = app(&bench, json!(null));
        *sent.pointer_mut(pointer).unwrap() = value;
        let answer = bench
            .arm(Method::PUT, &path(&bench, "app"), VERSION, Some(sent))
            .await
            .must(400);
        assert_eq!(answer.code(), code);
    }
    let none = bench
        .arm(Method::GET, &path(&bench, "app"), VERSION, None)
        .await;
    assert_eq!(none.must(404).code(), "ResourceNotFound");
}

#[tokio::test]
async fn an_image_that_cannot_be_run_is_not_emulated_and_leaves_nothing() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    let mut sent = app(&bench, json!({"type": "SystemAssigned"}));
    sent["properties"]["template"]["containers"][0]["image"] = json!("example/unknown");
    let answer = bench
        .arm(Method::PUT, &path(&bench, "app"), VERSION, Some(sent))
        .await
        .must(501);
    assert_eq!(answer.code(), "NotEmulated");
    bench
        .arm(Method::GET, &path(&bench, "app"), VERSION, None)
        .await
        .must(404);
    // Nor did an update that fails like that change what was there.
    put(&bench, "app", app(&bench, json!(null))).await;
    let before = show(&bench, "app").await;
    let mut sent = app(&bench, json!(null));
    sent["properties"]["template"]["containers"][0]["image"] = json!("example/unknown");
    bench
        .arm(Method::PUT, &path(&bench, "app"), VERSION, Some(sent))
        .await
        .must(501);
    assert_eq!(show(&bench, "app").await, before);
}

#[tokio::test]
async fn an_app_has_the_recorded_shape_and_its_secrets_are_never_shown() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    let first = bench
        .arm(
            Method::PUT,
            &path(&bench, "app"),
            VERSION,
            Some(app(&bench, json!(null))),
        )
        .await
        .must(201);
    assert_eq!(first.header("x-ms-async-operation-timeout"), "PT15M");
    assert!(first.body["properties"].get("latestRevisionName").is_none());
    assert_eq!(first.body["properties"]["template"]["scale"], Value::Null);
    let shown = show(&bench, "app").await;
    assert!(
        shown["id"]
            .as_str()
            .unwrap()
            .contains("/Microsoft.App/containerapps/app")
    );
    assert_eq!(shown["type"], "Microsoft.App/containerApps");
    assert_eq!(shown["identity"], json!({"type": "None"}));
    let properties = &shown["properties"];
    assert_eq!(properties["configuration"]["activeRevisionsMode"], "Single");
    assert_eq!(
        properties["configuration"]["secrets"],
        json!([{"name": "hidden"}])
    );
    assert_eq!(properties["configuration"]["maxInactiveRevisions"], 100);
    assert_eq!(properties["template"]["scale"]["maxReplicas"], 10);
    assert_eq!(properties["latestRevisionFqdn"], "");
    assert!(!shown.to_string().contains("s3cret"));
    let secrets = format!("{}/listSecrets", path(&bench, "app"));
    let secrets = bench.arm(Method::POST, &secrets, VERSION, None).await;
    assert_eq!(
        secrets.must(200).body,
        json!({"value": [{"name": "hidden", "value": "s3cret"}]})
    );
    let started = bench.workloads.started.lock().unwrap();
    let (spec, _) = &started[0];
    assert_eq!(spec.command, ["sleep", "infinity"]);
    assert!(spec.id.0.starts_with(&path(&bench, "app").to_lowercase()));
    let variable = |name: &str| {
        let found = spec.environment.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(variable("HIDDEN"), Some("s3cret"));
    assert_eq!(variable("CONTAINER_APP_NAME"), Some("app"));
    assert_eq!(
        variable("CONTAINER_APP_REVISION"),
        properties["latestRevisionName"].as_str()
    );
    assert_eq!(variable("IDENTITY_ENDPOINT"), None);
}

#[tokio::test]
async fn only_another_template_makes_another_revision() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    put(&bench, "app", app(&bench, json!(null))).await;
    let first = show(&bench, "app").await;
    let name = first["properties"]["latestRevisionName"].clone();
    // What `az containerapp identity assign` and `registry set` send: all of what was shown.
    let mut sent = first.clone();
    sent["properties"]["configuration"]["secrets"] = json!([{"name": "hidden", "value": "s3cret"}]);
    put(&bench, "app", sent).await;
    let second = show(&bench, "app").await;
    assert_eq!(second["properties"]["latestRevisionName"], name);
    assert_eq!(bench.workloads.started.lock().unwrap().len(), 1);

    let patch = json!({"properties": {
        "configuration": {"ingress": {"external": true, "targetPort": 80}},
        "template": {"scale": {"minReplicas": 2}, "revisionSuffix": null},
    }});
    let answer = bench
        .arm(Method::PATCH, &path(&bench, "app"), VERSION, Some(patch))
        .await
        .must(202);
    assert!(answer.body.is_null());
    assert!(
        answer
            .header("location")
            .contains("containerappOperationResults")
    );
    assert!(
        answer
            .header("azure-asyncoperation")
            .contains("containerappOperationStatuses")
    );
    let third = show(&bench, "app").await;
    let latest = third["properties"]["latestRevisionName"].as_str().unwrap();
    assert_eq!(latest, "app--0000001");
    let ingress = &third["properties"]["configuration"]["ingress"];
    assert!(
        ingress["fqdn"]
            .as_str()
            .unwrap()
            .starts_with("app.calmhill-")
    );
    assert_eq!(ingress["transport"], "Auto");
    // The first one was stopped, since one is active at a time; the second has two replicas.
    assert_eq!(bench.workloads.started.lock().unwrap().len(), 3);
    assert_eq!(bench.workloads.stopped.lock().unwrap().len(), 1);
    let revisions = format!("{}/revisions", path(&bench, "app"));
    let listed = bench.arm(Method::GET, &revisions, VERSION, None).await;
    let listed = listed.must(200).body;
    assert_eq!(listed["value"][0]["properties"]["active"], false);
    assert_eq!(listed["value"][1]["properties"]["replicas"], 2);
    assert_eq!(listed["value"][1]["properties"]["trafficWeight"], 100);
    let replicas = format!("{revisions}/{latest}/replicas");
    let replicas = bench.arm(Method::GET, &replicas, VERSION, None).await;
    let replicas = replicas.must(200).body["value"].clone();
    assert_eq!(replicas.as_array().unwrap().len(), 2);
    let name = replicas[0]["name"].as_str().unwrap();
    // As `az` asks, with a slash at the end.
    let one = format!("{revisions}/{latest}/replicas/{name}/");
    let one = bench
        .arm(Method::GET, &one, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(
        one["properties"]["containers"][0]["runningState"],
        "Running"
    );

    for (verb, stopped, started) in [("deactivate", 3, 3), ("activate", 3, 5), ("restart", 5, 7)] {
        let act = format!("{revisions}/{latest}/{verb}");
        bench.arm(Method::POST, &act, VERSION, None).await.must(200);
        assert_eq!(
            bench.workloads.stopped.lock().unwrap().len(),
            stopped,
            "{verb}"
        );
        assert_eq!(
            bench.workloads.started.lock().unwrap().len(),
            started,
            "{verb}"
        );
    }
    let missing = format!("{revisions}/absent/restart");
    bench
        .arm(Method::POST, &missing, VERSION, None)
        .await
        .must(404);
}

#[tokio::test]
async fn an_app_without_a_public_name_is_not_reached_from_outside() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    for (external, status) in [(false, 404), (true, 503)] {
        let mut sent = app(&bench, json!(null));
        sent["properties"]["configuration"]["ingress"] =
            json!({"external": external, "targetPort": 80});
        put(&bench, "app", sent).await;
        let shown = show(&bench, "app").await;
        let ingress = &shown["properties"]["configuration"]["ingress"];
        let host = ingress["fqdn"].as_str().unwrap();
        // Each name leads to the emulator; nothing listens in the stand-in for a container.
        let answer = bench
            .client
            .get(format!("{ARM}/"))
            .header("Host", host)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status, "{host}");
        let other = bench
            .client
            .get(format!("{ARM}/"))
            .header("Host", format!("no-{host}"));
        assert_eq!(other.send().await.unwrap().status().as_u16(), 404);
    }
}

#[tokio::test]
async fn an_apps_containers_go_with_its_resource_group() {
    let bench = Bench::new().await;
    make_environment(&bench).await;
    put(
        &bench,
        "app",
        app(&bench, json!({"type": "SystemAssigned"})),
    )
    .await;
    let rg = format!(
        "/subscriptions/{}/resourcegroups/rg",
        bench.emulator.subscription_id()
    );
    bench
        .arm(Method::DELETE, &rg, "2024-11-01", None)
        .await
        .must(202);
    assert_eq!(bench.workloads.stopped.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_job_is_made_shown_and_given_an_identity() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.App/jobs/job");
    let missing = bench.arm(Method::GET, &path, VERSION, None).await.must(404);
    assert_eq!(missing.code(), "ContainerAppsJobNotFound");
    make_environment(&bench).await;
    let mut sent = json!({"location": "East US", "identity": {"type": "None"}, "properties": {
        "environmentId": environment(&bench),
        "configuration": {
            "triggerType": "Manual", "replicaTimeout": 1800, "replicaRetryLimit": 0,
            "manualTriggerConfig": {"parallelism": 1, "replicaCompletionCount": 1},
            "secrets": null,
        },
        "template": {"containers": [{"name": "job", "image": "mcr.microsoft.com/azure-cli"}]},
    }});
    let new = bench
        .arm(Method::PUT, &path, VERSION, Some(sent.clone()))
        .await
        .must(201);
    assert_eq!(new.body["identity"], json!({"type": "None"}));
    let operation = new.header("azure-asyncoperation").to_owned();
    let operation = bench
        .send(Method::GET, &operation, Some(&bench.user), None)
        .await;
    assert_eq!(operation.must(200).body["status"], "Succeeded");
    sent["identity"] = json!({"type": "SystemAssigned"});
    bench
        .arm(Method::PUT, &path, VERSION, Some(sent))
        .await
        .must(201);
    let shown = bench.arm(Method::GET, &path, VERSION, None).await.must(200);
    assert!(shown.body["identity"]["principalId"].is_string());
    // It is never executed.
    assert!(bench.workloads.started.lock().unwrap().is_empty());
    let start = format!("{path}/start");
    let start = bench.arm(Method::POST, &start, VERSION, None).await;
    assert_eq!(start.must(501).code(), "NotEmulated");
}
