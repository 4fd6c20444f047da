//! Applications in Microsoft Graph, and how they and people sign in.

use crate::bench::Bench;
use docproof_emulator::Origin;
use serde_json::{Value, json};

const GRAPH: &str = "https://graph.microsoft.com";
const REDIRECT: &str = "http://localhost:8400";

/// A request without a network: status, `Location` and body.
async fn ask(
    bench: &Bench,
    method: &str,
    url: &str,
    token: Option<&str>,
    body: &str,
) -> (u16, String, Value) {
    let mut request = http::Request::builder().method(method).uri(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(bytes::Bytes::from(body.to_owned())).unwrap();
    let answer = bench.emulator.send(&Origin::Caller, request).await;
    let location = answer.headers().get("location");
    let location = location.map(|value| value.to_str().unwrap().to_owned());
    (
        answer.status().as_u16(),
        location.unwrap_or_default(),
        serde_json::from_slice(answer.body()).unwrap_or_default(),
    )
}

async fn sign_in(bench: &Bench, form: &str) -> (u16, Value) {
    let url = format!(
        "https://login.microsoftonline.com/{}/oauth2/v2.0/token",
        bench.emulator.tenant_id()
    );
    let (status, _, body) = ask(bench, "POST", &url, None, form).await;
    (status, body)
}

#[tokio::test]
async fn an_application_may_not_register_another() {
    let bench = Bench::new().await;
    let application = bench.emulator.add_application("app", "s3cret");
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret=s3cret&scope={GRAPH}/.default",
        application.client_id
    );
    let (_, token) = sign_in(&bench, &form).await;
    let url = format!("{GRAPH}/v1.0/applications");
    let body = json!({"displayName": "x"}).to_string();
    let token = token["access_token"].as_str().unwrap();
    let (status, _, body) = ask(&bench, "POST", &url, Some(token), &body).await;
    assert_eq!(status, 403);
    assert_eq!(body["error"]["code"], "Authorization_RequestDenied");
}

#[tokio::test]
async fn an_application_signs_in_with_its_latest_password_until_it_is_deleted() {
    let bench = Bench::new().await;
    let user = bench.sign_in(GRAPH).await;
    let url = format!("{GRAPH}/v1.0/applications");
    let (status, _, _) = ask(&bench, "POST", &url, Some(&user), "{}").await;
    assert_eq!(status, 400, "a name is required");
    let body = json!({"displayName": "x", "keyCredentials": []}).to_string();
    let (status, location, made) = ask(&bench, "POST", &url, Some(&user), &body).await;
    assert_eq!(status, 201);
    let (id, client) = (
        made["id"].as_str().unwrap(),
        made["appId"].as_str().unwrap(),
    );
    assert!(location.contains(id), "{location}");
    let own = format!("{url}/{id}");
    let add = format!("{own}/addPassword");
    let (_, _, first) = ask(&bench, "POST", &add, Some(&user), "{}").await;
    let principals = format!("{GRAPH}/v1.0/servicePrincipals");
    let body = json!({"appId": client}).to_string();
    let (status, _, _) = ask(&bench, "POST", &principals, Some(&user), &body).await;
    assert_eq!(status, 201);
    let (status, _, _) = ask(&bench, "POST", &principals, Some(&user), &body).await;
    assert_eq!(status, 409, "one principal for each application");
    let form = |secret: &Value| {
        format!(
            "grant_type=client_credentials&client_id={client}&client_secret={}&scope={GRAPH}/.default",
            secret["secretText"].as_str().unwrap()
        )
    };
    assert_eq!(sign_in(&bench, &form(&first)).await.0, 200);
    let (_, _, second) = ask(&bench, "POST", &add, Some(&user), "{}").await;
    assert_eq!(sign_in(&bench, &form(&first)).await.0, 401);
    assert_eq!(sign_in(&bench, &form(&second)).await.0, 200);
    let (_, _, shown) = ask(&bench, "GET", &own, Some(&user), "").await;
    assert_eq!(shown["passwordCredentials"][1]["secretText"], Value::Null);
    let (status, _, _) = ask(&bench, "DELETE", &own, Some(&user), "").await;
    assert_eq!(status, 204);
    assert_eq!(sign_in(&bench, &form(&second)).await.0, 400);
    let (status, _, _) = ask(&bench, "GET", &own, Some(&user), "").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_authorization_code_is_good_once_and_where_it_was_asked_for() {
    let bench = Bench::new().await;
    let authorize = format!(
        "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?client_id=c\
         &response_type=code&redirect_uri={REDIRECT}&state=a%20b"
    );
    let mut codes = Vec::new();
    for _ in 0..2 {
        let (status, location, _) = ask(&bench, "GET", &authorize, None, "").await;
        assert_eq!(status, 302);
        assert!(location.starts_with(REDIRECT) && location.ends_with("&state=a%20b"));
        let code = location.split(['=', '&']).nth(1).unwrap().to_owned();
        codes.push(code);
    }
    let form = |code: &str, redirect: &str| {
        format!(
            "grant_type=authorization_code&client_id=c&code={code}&redirect_uri={redirect}\
             &scope=https://vault.azure.net/.default"
        )
    };
    let (status, body) = sign_in(&bench, &form(&codes[0], "http://evil")).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    assert_eq!(sign_in(&bench, &form(&codes[1], REDIRECT)).await.0, 200);
    let (status, body) = sign_in(&bench, &form(&codes[1], REDIRECT)).await;
    assert_eq!((status, &body["error_codes"][0]), (400, &json!(54005)));
}
