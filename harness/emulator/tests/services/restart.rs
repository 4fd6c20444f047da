//! Container groups whose containers end.

use crate::bench::Bench;
use crate::container_instances::{VERSION, connect, group, path, session};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

async fn make(bench: &Bench, policy: Value) {
    let mut sent = group(json!(null));
    sent["properties"]["restartPolicy"] = policy;
    bench
        .arm(Method::PUT, &path(bench, "g"), VERSION, Some(sent))
        .await
        .must(201);
}

/// The group's state, and what is told of its container, once that is so.
async fn until(bench: &Bench, is_so: impl Fn(&Value) -> bool) -> (String, Value) {
    loop {
        let shown = bench
            .arm(Method::GET, &path(bench, "g"), VERSION, None)
            .await;
        let shown = &shown.must(200).body["properties"];
        let view = &shown["containers"][0]["properties"]["instanceView"];
        let state = shown["instanceView"]["state"].as_str().unwrap().to_owned();
        // Whatever a container does, a group that starts it again is neither through nor failed.
        assert_ne!(
            (shown["restartPolicy"].as_str(), state.as_str()),
            (Some("Always"), "Succeeded")
        );
        if is_so(view) {
            return (state, view.clone());
        }
    }
}

fn is(state: &str) -> impl Fn(&Value) -> bool {
    move |view| view["currentState"]["state"] == state
}

fn counts(view: &Value) -> Vec<(&str, u64)> {
    let events = view["events"].as_array().unwrap().iter();
    let count = |event: &Value| event["count"].as_u64().unwrap();
    events
        .map(|event| (event["name"].as_str().unwrap(), count(event)))
        .collect()
}

#[tokio::test]
async fn a_container_that_ended_well_stays_ended_unless_it_is_to_be_started_always() {
    for (policy, exit_code, group_state, detail) in [
        ("OnFailure", 0, "Succeeded", "Completed"),
        ("Never", 0, "Succeeded", "Completed"),
        ("Never", 2, "Failed", "Error"),
    ] {
        let bench = Bench::new().await;
        make(&bench, json!(policy)).await;
        bench.workloads.end(1, exit_code).await;
        let (state, view) = until(&bench, is("Terminated")).await;
        assert_eq!(state, group_state, "{policy}");
        // As recorded in `test_container_exec`.
        assert_eq!(view["restartCount"], 0);
        assert_eq!(view["currentState"]["exitCode"], exit_code);
        assert_eq!(view["currentState"]["detailStatus"], detail);
        assert!(view.get("previousState").is_none(), "{view}");
        assert_eq!(
            view["events"][3]["message"],
            format!("Container c1 terminated with ExitCode {exit_code}.")
        );
        bench.emulator.clock().advance(400);
        let (state, _) = until(&bench, is("Terminated")).await;
        assert_eq!(state, group_state, "{policy}");
        bench.workloads.started_so_far(1).await;
    }
}

#[tokio::test]
async fn a_policy_that_azure_does_not_have_is_not_emulated() {
    let bench = Bench::new().await;
    let mut sent = group(json!(null));
    sent["properties"]["restartPolicy"] = json!("Sometimes");
    let answer = bench
        .arm(Method::PUT, &path(&bench, "g"), VERSION, Some(sent))
        .await;
    assert_eq!(answer.must(501).code(), "NotEmulated");
}

#[tokio::test]
async fn a_container_that_fails_is_started_again_on_failure() {
    let bench = Bench::new().await;
    make(&bench, json!("OnFailure")).await;
    bench.workloads.end(1, 3).await;
    bench.workloads.end(2, 0).await;
    let (state, view) = until(&bench, is("Terminated")).await;
    assert_eq!(state, "Succeeded");
    assert_eq!(view["restartCount"], 1);
    assert_eq!(view["previousState"]["exitCode"], 3);
    let ends = view["events"].as_array().unwrap()[3..].iter();
    let ends: Vec<&str> = ends.map(|one| one["message"].as_str().unwrap()).collect();
    assert_eq!(
        ends,
        [
            "Container c1 terminated with ExitCode 3.",
            "Container c1 terminated with ExitCode 0."
        ]
    );
}

/// Without a policy, as `hist_test_container_create_with_msi_scope` and public reports show it.
#[tokio::test]
async fn a_container_that_ends_at_once_is_started_twice_and_then_waits() {
    let bench = Bench::new().await;
    make(&bench, json!(null)).await;
    bench.workloads.end(1, 0).await;
    bench.workloads.end(2, 0).await;
    let (state, view) = until(&bench, |view| view["restartCount"] == 2).await;
    assert_eq!(state, "Running");
    assert_eq!(view["currentState"]["detailStatus"], "");
    assert_eq!(view["previousState"]["state"], "Terminated");
    assert_eq!(view["previousState"]["detailStatus"], "Completed");
    assert_eq!(
        counts(&view),
        [
            ("Pulling", 1),
            ("Pulled", 1),
            ("Started", 3),
            ("Killing", 2)
        ]
    );

    bench.workloads.end(3, 111).await;
    let (state, view) = until(&bench, is("Waiting")).await;
    assert_eq!(state, "Running");
    assert_eq!(
        view["currentState"],
        json!({"state": "Waiting", "detailStatus": "CrashLoopBackOff: Back-off restarting failed"})
    );
    assert_eq!(view["previousState"]["exitCode"], 111);
    assert_eq!(view["restartCount"], 2);
    bench.emulator.clock().advance(50);
    let (_, view) = until(&bench, is("Waiting")).await;
    assert_eq!(view["restartCount"], 2);
    bench.workloads.started_so_far(3).await;
    bench.emulator.clock().advance(11);
    bench.workloads.started_so_far(4).await;
    let (_, view) = until(&bench, is("Running")).await;
    assert_eq!(view["restartCount"], 3);
}

#[tokio::test]
async fn a_group_that_is_stopped_or_deleted_while_it_waits_stays_so() {
    let bench = Bench::new().await;
    make(&bench, json!("Always")).await;
    for start in 1..=3 {
        bench.workloads.end(start, 1).await;
    }
    until(&bench, is("Waiting")).await;
    let stop = format!("{}/stop", path(&bench, "g"));
    bench
        .arm(Method::POST, &stop, VERSION, None)
        .await
        .must(204);
    bench.emulator.clock().advance(400);
    let (state, _) = until(&bench, |_| true).await;
    assert_eq!(state, "Stopped");
    let start = format!("{}/start", path(&bench, "g"));
    bench
        .arm(Method::POST, &start, VERSION, None)
        .await
        .must(204);
    bench.workloads.started_so_far(4).await;
    for start in 4..=6 {
        bench.workloads.end(start, 1).await;
    }
    until(&bench, is("Waiting")).await;
    bench
        .arm(Method::DELETE, &path(&bench, "g"), VERSION, None)
        .await
        .must(200);
    bench.emulator.clock().advance(400);
    // Made and started after whatever the clock may have set off.
    make(&bench, json!("Never")).await;
    bench.workloads.started_so_far(7).await;
}

#[tokio::test]
async fn a_shell_in_a_container_that_has_ended_says_why_there_is_none() {
    let bench = Bench::new().await;
    let (uri, password) = session(&bench).await;
    for start in 1..=3 {
        bench.workloads.end(start, 0).await;
    }
    until(&bench, is("Waiting")).await;
    let mut socket = connect(&bench, &uri).await.unwrap();
    socket.send(Message::text(password)).await.unwrap();
    let Some(Ok(Message::Binary(said))) = socket.next().await else {
        panic!("it says nothing");
    };
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        said.contains(
            "'c1': its command has ended with 0, was started 3 times and is started again at"
        ),
        "{said}"
    );
}
