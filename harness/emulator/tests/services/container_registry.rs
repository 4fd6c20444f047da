//! Registries: management, tokens, and the OCI distribution protocol.

use crate::bench::{Answer, Bench};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const VERSION: &str = "2026-09-01-preview";
pub(crate) const PULL: &str = "7f951dda-4ed3-4680-a7ca-43fe172d538d";
pub(crate) const PUSH: &str = "8311e382-0749-4cb8-b61a-304f252e45ec";
pub(crate) const AUDIENCE: &str = "https://containerregistry.azure.net";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const ZERO: &str = "00000000-0000-0000-0000-000000000000";

pub(crate) fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    format!("sha256:{hex}")
}

pub(crate) fn path(bench: &Bench, name: &str) -> String {
    bench.path(&format!("Microsoft.ContainerRegistry/registries/{name}"))
}

/// Makes `registry01` or `registry02`.
pub(crate) async fn registry(bench: &Bench, name: &str, properties: Value) -> Answer {
    let body = json!({"location": "eastus", "sku": {"name": "Standard"}, "properties": properties});
    bench
        .arm(Method::PUT, &path(bench, name), VERSION, Some(body))
        .await
}

/// A request to a registry's own host.
pub(crate) struct Call {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Call {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn must(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}

pub(crate) async fn call(
    bench: &Bench,
    method: Method,
    url: impl AsRef<str>,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Call {
    let mut request = bench
        .client
        .request(method, format!("https://{}", url.as_ref()))
        .body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    Call {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: answer.bytes().await.unwrap().to_vec(),
    }
}

pub(crate) async fn form(bench: &Bench, url: &str, fields: &[(&str, &str)]) -> Call {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let body: Vec<String> = fields
        .iter()
        .map(|(k, v)| format!("{k}={}", encode(v)))
        .collect();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    call(bench, Method::POST, url, &kind, body.join("&").into_bytes()).await
}

/// Entra's token for a refresh token, as `az acr login --expose-token` does it.
pub(crate) async fn refresh_token(bench: &Bench, server: &str, aad: &str) -> String {
    let fields = [
        ("grant_type", "access_token"),
        ("service", server),
        ("tenant", bench.emulator.tenant_id()),
        ("access_token", aad),
    ];
    let answer = form(bench, &format!("{server}/oauth2/exchange"), &fields)
        .await
        .must(200);
    answer.json()["refresh_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn token_for(bench: &Bench, server: &str, refresh: &str, scope: &str) -> Call {
    let fields = [
        ("grant_type", "refresh_token"),
        ("service", server),
        ("scope", scope),
        ("refresh_token", refresh),
    ];
    form(bench, &format!("{server}/oauth2/token"), &fields).await
}

/// The reader's own access token for a scope.
pub(crate) async fn bearer(bench: &Bench, server: &str, scope: &str) -> String {
    let aad = bench.sign_in(AUDIENCE).await;
    let refresh = refresh_token(bench, server, &aad).await;
    let answer = token_for(bench, server, &refresh, scope).await.must(200);
    format!("Bearer {}", answer.json()["access_token"].as_str().unwrap())
}

pub(crate) async fn push_blob(
    bench: &Bench,
    server: &str,
    name: &str,
    bearer: &str,
    bytes: &[u8],
) -> String {
    let digest = digest(bytes);
    let url = format!("{server}/v2/{name}/blobs/uploads/");
    let auth = [("authorization", bearer)];
    let begun = call(bench, Method::POST, &url, &auth, Vec::new())
        .await
        .must(202);
    let url = format!("{server}{}&digest={digest}", begun.header("location"));
    call(bench, Method::PUT, &url, &auth, bytes.to_vec())
        .await
        .must(201);
    digest
}

/// Pushes an image of one layer; answers the digest of its manifest.
pub(crate) async fn push(
    bench: &Bench,
    server: &str,
    name: &str,
    tag: &str,
    config: Value,
    layer: &[u8],
) -> String {
    let bearer = bearer(bench, server, &format!("repository:{name}:pull,push")).await;
    let config = config.to_string().into_bytes();
    let configuration = push_blob(bench, server, name, &bearer, &config).await;
    let blob = push_blob(bench, server, name, &bearer, layer).await;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": configuration, "size": config.len()},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar",
            "digest": blob, "size": layer.len()}],
    });
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", MANIFEST),
    ];
    let url = format!("{server}/v2/{name}/manifests/{tag}");
    let pushed = call(
        bench,
        Method::PUT,
        &url,
        &headers,
        manifest.to_string().into_bytes(),
    )
    .await;
    pushed.must(201).header("docker-content-digest").to_owned()
}

#[tokio::test]
async fn a_name_is_checked_and_taken_once() {
    let bench = Bench::new().await;
    let bad = registry(&bench, "with-dash", json!({})).await.must(400);
    assert_eq!(bad.code(), "InvalidRegistryName");
    registry(&bench, "registry01", json!({})).await.must(201);
    let group = format!(
        "/subscriptions/{}/resourcegroups/rg2",
        bench.emulator.subscription_id()
    );
    let body = Some(json!({"location": "eastus"}));
    bench
        .arm(Method::PUT, &group, "2024-11-01", body)
        .await
        .must(201);
    let elsewhere = path(&bench, "Registry01").replace("/rg/", "/rg2/");
    let body = json!({"location": "eastus", "sku": {"name": "Basic"}, "properties": {}});
    let taken = bench
        .arm(Method::PUT, &elsewhere, VERSION, Some(body))
        .await
        .must(409);
    assert_eq!(taken.code(), "RegistryNameAlreadyInUse");
    assert_eq!(taken.body["status"], "Failed");
    let check = format!(
        "/subscriptions/{}/providers/Microsoft.ContainerRegistry/checkNameAvailability",
        bench.emulator.subscription_id()
    );
    for (name, answer) in [
        (
            "registry01",
            json!({"nameAvailable": false, "reason": "AlreadyExists",
            "message": "The registry registry01 is already in use."}),
        ),
        (
            "Registry09",
            json!({"availableLoginServerName": "registry09.azurecr.io",
            "nameAvailable": true}),
        ),
    ] {
        let body = json!({"name": name, "type": "Microsoft.ContainerRegistry/registries",
            "autoGeneratedDomainNameLabelScope": "Unsecure"});
        let told = bench
            .arm(Method::POST, &check, VERSION, Some(body))
            .await
            .must(200);
        assert_eq!(told.body, answer);
    }
}

#[tokio::test]
async fn a_registry_is_creating_first_and_its_content_goes_with_it() {
    let bench = Bench::new().await;
    let made = registry(&bench, "registry01", json!({"adminUserEnabled": true}))
        .await
        .must(201);
    assert_eq!(made.body["properties"]["provisioningState"], "Creating");
    let operation = made.header("azure-asyncoperation").to_owned();
    assert!(operation.contains("/registries/registry01/operationStatuses/registries-"));
    let status = bench
        .send(Method::GET, &operation, Some(&bench.user), None)
        .await
        .must(200);
    assert_eq!(status.body, json!({"status": "Succeeded"}));
    assert!(
        status
            .header("azure-asyncoperation")
            .contains("operationStatuses")
    );
    let path = path(&bench, "registry01");
    let shown = bench
        .arm(Method::GET, &path, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(shown["properties"]["provisioningState"], "Succeeded");
    assert_eq!(shown["properties"]["loginServer"], "registry01.azurecr.io");
    push(
        &bench,
        "registry01.azurecr.io",
        "app",
        "v1",
        json!({}),
        b"layer",
    )
    .await;
    let usage = bench
        .arm(Method::GET, &format!("{path}/listUsages"), VERSION, None)
        .await
        .must(200);
    assert_eq!(usage.body["value"][0]["currentValue"], 7);
    bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(200);
    bench
        .arm(Method::DELETE, &path, VERSION, None)
        .await
        .must(204);
    registry(&bench, "registry01", json!({})).await.must(201);
    let bearer = bearer(&bench, "registry01.azurecr.io", "registry:catalog:*").await;
    let auth = [("authorization", bearer.as_str())];
    let left = call(
        &bench,
        Method::GET,
        "registry01.azurecr.io/v2/_catalog",
        &auth,
        Vec::new(),
    );
    assert_eq!(left.await.must(200).json(), json!({"repositories": []}));
}

#[tokio::test]
async fn without_a_token_the_registry_says_where_to_get_one() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    let server = "registry01.azurecr.io";
    let told = call(
        &bench,
        Method::GET,
        &format!("{server}/v2/"),
        &[],
        Vec::new(),
    )
    .await
    .must(401);
    assert_eq!(
        told.header("www-authenticate"),
        "Bearer realm=\"https://registry01.azurecr.io/oauth2/token\",\
         service=\"registry01.azurecr.io\""
    );
    assert_eq!(
        told.json(),
        json!({"errors": [{"code": "UNAUTHORIZED", "message": "authentication required, visit \
            https://aka.ms/acr/authorization for more information.", "detail": null}]})
    );
    // Entra's own token is none of the registry's.
    let aad = format!("Bearer {}", bench.sign_in(AUDIENCE).await);
    for auth in [aad.as_str(), "Bearer x.y.z", "Basic eDp5"] {
        let headers = [("authorization", auth)];
        let url = format!("{server}/v2/app/manifests/latest");
        let answer = call(&bench, Method::GET, &url, &headers, Vec::new())
            .await
            .must(401);
        assert_eq!(answer.code(), "UNAUTHORIZED");
        assert!(
            answer
                .header("www-authenticate")
                .contains("scope=\"repository:app:pull\"")
        );
    }
    let none = call(
        &bench,
        Method::GET,
        "registry02.azurecr.io/v2/",
        &[],
        Vec::new(),
    )
    .await;
    assert_eq!(none.must(404).code(), "NAME_UNKNOWN");
}

#[tokio::test]
async fn a_token_is_good_for_its_own_registry_scope_and_time() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    registry(&bench, "registry02", json!({})).await.must(201);
    let (one, other) = ("registry01.azurecr.io", "registry02.azurecr.io");
    push(&bench, one, "app", "v1", json!({}), b"layer").await;
    push(&bench, other, "app", "v1", json!({}), b"layer").await;
    let aad = bench.sign_in(AUDIENCE).await;
    let refresh = refresh_token(&bench, other, &aad).await;
    let refused = token_for(&bench, one, &refresh, "repository:app:pull").await;
    assert_eq!(refused.must(401).code(), "UNAUTHORIZED");
    let theirs = bearer(&bench, other, "repository:app:pull").await;
    let mine = bearer(&bench, one, "repository:app:pull").await;
    let get = |token: &str, name: &str| {
        let token = token.to_owned();
        let url = format!("{one}/v2/{name}/manifests/v1");
        let bench = &bench;
        async move {
            let headers = [("authorization", token.as_str())];
            call(bench, Method::GET, &url, &headers, Vec::new()).await
        }
    };
    let refused = get(&theirs, "app").await.must(401);
    assert!(
        refused
            .header("www-authenticate")
            .ends_with("error=\"invalid_token\"")
    );
    let refused = get(&mine, "other").await.must(401);
    assert!(
        refused
            .header("www-authenticate")
            .ends_with("error=\"insufficient_scope\"")
    );
    // A refresh token opens no repository.
    get(&format!("Bearer {refresh}"), "app").await.must(401);
    get(&mine, "app").await.must(200);
    bench.emulator.clock().advance(76 * 60);
    get(&mine, "app").await.must(401);
}

#[tokio::test]
async fn roles_decide_and_a_new_one_counts_at_once() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    let server = "registry01.azurecr.io";
    push(&bench, server, "app", "v1", json!({}), b"layer").await;
    let application = bench.emulator.add_application("ci", "s3cret");
    let basic = STANDARD.encode(format!("{}:s3cret", application.client_id));
    let basic = format!("Basic {basic}");
    let ask = |scope: &str| {
        let url = format!("{server}/oauth2/token?service={server}&scope={scope}");
        let (bench, basic) = (&bench, &basic);
        async move {
            let headers = [("authorization", basic.as_str())];
            call(bench, Method::GET, &url, &headers, Vec::new()).await
        }
    };
    assert_eq!(
        ask("repository:app:pull").await.must(401).code(),
        "UNAUTHORIZED"
    );
    let scope = path(&bench, "registry01");
    let principal = json!({"principalId": application.object_id});
    let role = bench
        .assign(&scope, PULL, principal.clone())
        .await
        .must(201)
        .body;
    let both = ask("repository:app:pull,push").await.must(200).json();
    let token = format!("Bearer {}", both["access_token"].as_str().unwrap());
    let auth = [("authorization", token.as_str())];
    let manifest = format!("{server}/v2/app/manifests/v1");
    call(&bench, Method::GET, &manifest, &auth, Vec::new())
        .await
        .must(200);
    let uploads = format!("{server}/v2/app/blobs/uploads/");
    let refused = call(&bench, Method::POST, &uploads, &auth, Vec::new())
        .await
        .must(401);
    assert!(
        refused
            .header("www-authenticate")
            .ends_with("error=\"insufficient_scope\"")
    );
    assert_eq!(refused.json()["errors"][0]["detail"][0]["Action"], "push");
    ask("repository:app:delete").await.must(401);
    bench.assign(&scope, PUSH, principal).await.must(201);
    let push = ask("repository:app:push").await.must(200).json();
    let token = format!("Bearer {}", push["access_token"].as_str().unwrap());
    let auth = [("authorization", token.as_str())];
    call(&bench, Method::POST, &uploads, &auth, Vec::new())
        .await
        .must(202);
    let id = role["id"].as_str().unwrap();
    bench
        .arm(Method::DELETE, id, "2022-04-01", None)
        .await
        .must(200);
    // AcrPush may pull, too.
    ask("repository:app:pull").await.must(200);
}

#[tokio::test]
async fn the_admin_user_signs_in_only_while_enabled() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({"adminUserEnabled": true}))
        .await
        .must(201);
    let server = "registry01.azurecr.io";
    push(&bench, server, "app", "v1", json!({}), b"layer").await;
    let path = path(&bench, "registry01");
    let list = format!("{path}/listCredentials");
    let shown = bench
        .arm(Method::POST, &list, VERSION, None)
        .await
        .must(200)
        .body;
    assert_eq!(shown["username"], "registry01");
    let password = shown["passwords"][0]["value"].as_str().unwrap().to_owned();
    assert_eq!(password.len(), 52);
    let get = |password: &str| {
        let basic = format!(
            "Basic {}",
            STANDARD.encode(format!("registry01:{password}"))
        );
        let bench = &bench;
        async move {
            let headers = [("authorization", basic.as_str())];
            let url = format!("{server}/v2/app/manifests/v1");
            call(bench, Method::GET, &url, &headers, Vec::new()).await
        }
    };
    get("wrong").await.must(401);
    get(&password).await.must(200);
    let renew = format!("{path}/regenerateCredential");
    let renewed = bench
        .arm(
            Method::POST,
            &renew,
            VERSION,
            Some(json!({"name": "password"})),
        )
        .await;
    assert_eq!(
        renewed.must(200).body["passwords"][1],
        shown["passwords"][1]
    );
    get(&password).await.must(401);
    let second = shown["passwords"][1]["value"].as_str().unwrap().to_owned();
    get(&second).await.must(200);
    let off = Some(json!({"properties": {"adminUserEnabled": false}}));
    bench
        .arm(Method::PATCH, &path, VERSION, off)
        .await
        .must(200);
    get(&second).await.must(401);
    bench
        .arm(Method::POST, &list, VERSION, None)
        .await
        .must(400);
}

#[tokio::test]
async fn a_refresh_token_stands_for_a_password() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    let server = "registry01.azurecr.io";
    let aad = bench.sign_in(AUDIENCE).await;
    let refresh = refresh_token(&bench, server, &aad).await;
    let url = format!("{server}/oauth2/token?service={server}&scope=repository:app:pull,push");
    let basic = format!("Basic {}", STANDARD.encode(format!("{ZERO}:{refresh}")));
    let headers = [("authorization", basic.as_str())];
    let answer = call(&bench, Method::GET, &url, &headers, vec![])
        .await
        .must(200)
        .json();
    let token = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let auth = [("authorization", token.as_str())];
    call(&bench, Method::GET, &format!("{server}/v2/"), &auth, vec![])
        .await
        .must(200);
    // A token for another service is not exchanged, nor one for nobody.
    for bad in [
        bench.sign_in("https://vault.azure.net").await,
        "x".to_owned(),
    ] {
        let fields = [
            ("grant_type", "access_token"),
            ("service", server),
            ("access_token", bad.as_str()),
        ];
        form(&bench, &format!("{server}/oauth2/exchange"), &fields)
            .await
            .must(401);
    }
    call(&bench, Method::GET, &url, &[], vec![]).await.must(401);
}

#[tokio::test]
async fn a_registry_has_identities_that_its_caller_may_assign() {
    let bench = Bench::new().await;
    registry(&bench, "registry01", json!({})).await.must(201);
    let path = path(&bench, "registry01");
    let absent = bench.path("Microsoft.ManagedIdentity/userAssignedIdentities/absent");
    let patch = |identity: Value| {
        let bench = &bench;
        let path = &path;
        let body = Some(json!({"identity": identity}));
        async move { bench.arm(Method::PATCH, path, VERSION, body).await }
    };
    let refused = patch(json!({"type": "UserAssigned", "userAssignedIdentities": {absent: {}}}));
    assert_eq!(refused.await.must(400).code(), "FailedIdentityOperation");
    let me = bench.identity("me").await;
    let own = me["id"].as_str().unwrap();
    let both = json!({"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {own: {}}});
    let shown = patch(both).await.must(201).body["identity"].clone();
    assert_eq!(shown["type"], "systemAssigned, userAssigned");
    assert_eq!(
        shown["userAssignedIdentities"][own]["principalId"],
        me["properties"]["principalId"]
    );
    let taken =
        json!({"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {own: null}});
    let left = patch(taken).await.must(201).body["identity"].clone();
    assert_eq!(left["type"], "systemAssigned");
    assert_eq!(left["principalId"], shown["principalId"]);
}

#[tokio::test]
async fn a_registry_with_a_label_of_its_own_is_found_by_that_alone() {
    let bench = Bench::new().await;
    let more = json!({"autoGeneratedDomainNameLabelScope": "TenantReuse"});
    let sent = json!({"location": "eastus", "sku": {"name": "Standard"}, "properties": more});
    let path = path(&bench, "registry01");
    let made = bench
        .arm(Method::PUT, &path, "2025-11-01", Some(sent))
        .await;
    let server = made.body["properties"]["loginServer"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        server.starts_with("registry01-") && server.ends_with(".azurecr.io"),
        "{server}"
    );
    let ask = |host: String| {
        let bench = &bench;
        async move {
            bench
                .send(Method::GET, &format!("https://{host}/v2/"), None, None)
                .await
        }
    };
    ask(server).await.must(401);
    ask("registry01.azurecr.io".to_owned()).await.must(404);
}
