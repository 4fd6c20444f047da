//! Which identity answers whom.

use crate::emulator::{Config, Emulator};
use crate::http::{Origin, Request, Response, WorkloadId};
use crate::identity::{Principal, PrincipalKind};
use crate::workload::{Container, ContainerSpec, WorkloadError, Workloads};
use ::http::{HeaderMap, HeaderValue, Method};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::Arc;

struct Nothing;

impl Workloads for Nothing {
    fn start<'a>(
        &'a self,
        _: Emulator,
        spec: ContainerSpec,
    ) -> BoxFuture<'a, Result<Box<dyn Container>, WorkloadError>> {
        Box::pin(async move { Err(WorkloadError::ImageNotAvailable(spec.image)) })
    }
}

/// An emulator with a group that has the identities `users`, and `system` if asked for.
fn emulator(users: &[&str], system: bool) -> Emulator {
    let emulator = Emulator::start(Config::default(), Arc::new(Nothing)).unwrap();
    let cx = emulator.context();
    let add = |name: &str| {
        cx.directory.add(Principal {
            object_id: format!("oid-{name}"),
            client_id: format!("cid-{name}"),
            display_name: name.to_owned(),
            user_principal_name: None,
            resource_id: Some(format!("/mi/{name}")),
            secret: None,
            kind: PrincipalKind::ManagedIdentity,
        });
    };
    let mut identity = json!({ "userAssignedIdentities": {} });
    for user in users {
        add(user);
        identity["userAssignedIdentities"][format!("/mi/{user}")] =
            json!({ "principalId": format!("oid-{user}"), "clientId": format!("cid-{user}") });
    }
    if system {
        add("system");
        identity["principalId"] = json!("oid-system");
    }
    cx.resources
        .put("/G/groups/One", json!({ "identity": identity }));
    cx.resources.put("/G/groups/None", json!({}));
    emulator
}

async fn ask(emulator: &Emulator, workload: &str, query: &[(&str, &str)]) -> Response {
    let mut query: Vec<(String, String)> = query
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    query.push(("api-version".into(), "2018-02-01".into()));
    query.push(("resource".into(), "https://vault.azure.net".into()));
    let path = "/metadata/identity/oauth2/token";
    let request = Request {
        method: Method::GET,
        host: super::HOST.to_owned(),
        path: path.to_owned(),
        segments: path[1..].split('/').map(str::to_owned).collect(),
        query,
        headers: HeaderMap::from_iter([(
            "metadata".parse().unwrap(),
            HeaderValue::from_static("true"),
        )]),
        body: Bytes::new(),
        origin: Origin::Workload(WorkloadId(workload.to_owned())),
    };
    emulator.answer(&request).await
}

fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// Whose token it is; or the error.
fn holder(emulator: &Emulator, response: &Response) -> String {
    let body = body(response);
    let Some(token) = body["access_token"].as_str() else {
        return body["error_description"].as_str().unwrap().to_owned();
    };
    let bearer = format!("Bearer {token}");
    let audiences = ["https://vault.azure.net"];
    emulator
        .context()
        .tokens
        .verify(Some(&bearer), &audiences)
        .unwrap()
        .object_id
}

#[tokio::test]
async fn a_workload_without_that_identity_gets_no_token() {
    let emulator = emulator(&["a"], false);
    for (workload, query) in [
        ("/g/groups/none", vec![]),
        ("/g/groups/unknown", vec![]),
        ("/g/groups/one", vec![("client_id", "cid-b")]),
        ("/g/groups/one", vec![("mi_res_id", "/mi/b")]),
        ("/g/groups/one", vec![("object_id", "oid-b")]),
    ] {
        let answer = ask(&emulator, workload, &query).await;
        assert_eq!(answer.status, 400);
        assert_eq!(
            holder(&emulator, &answer),
            "Identity not found",
            "{workload} {query:?}"
        );
    }
}

#[tokio::test]
async fn several_identities_must_be_told_apart() {
    let emulator = emulator(&["a", "b"], false);
    let answer = ask(&emulator, "/g/groups/one", &[]).await;
    assert!(holder(&emulator, &answer).starts_with("Multiple user assigned identities exist"));
    for (query, oid) in [
        (("client_id", "CID-B"), "oid-b"),
        (("object_id", "oid-a"), "oid-a"),
        (("mi_res_id", "/MI/b"), "oid-b"),
        (("msi_res_id", "/mi/a"), "oid-a"),
    ] {
        let answer = ask(&emulator, "/g/groups/one/containers/c", &[query]).await;
        assert_eq!(holder(&emulator, &answer), oid);
    }
}

#[tokio::test]
async fn the_system_assigned_identity_comes_first() {
    let emulator = emulator(&["a"], true);
    let answer = ask(&emulator, "/g/groups/one", &[]).await;
    assert_eq!(holder(&emulator, &answer), "oid-system");
}

#[tokio::test]
async fn the_answer_has_the_shape_of_container_instances() {
    let emulator = emulator(&["a"], false);
    let body = body(&ask(&emulator, "/g/groups/one", &[]).await);
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "access_token",
            "refresh_token",
            "expires_in",
            "expires_on",
            "not_before",
            "resource",
            "token_type"
        ]
    );
    assert!(body.as_object().unwrap().values().all(Value::is_string));
    assert_eq!(body["expires_in"], "28799");
    assert_eq!(body["resource"], "https://vault.azure.net/");
}
