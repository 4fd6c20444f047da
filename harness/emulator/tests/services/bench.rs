//! An emulator on loopback, and a client that trusts it.

use crate::stand_in::StandIn;
use docproof_emulator::{Config, Emulator, Network, Origin, Serving};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

pub(crate) const VAULT: &str = "https://vault.azure.net";
pub(crate) const ARM: &str = "https://management.azure.com";
const AZ: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const HOSTS: [&str; 9] = [
    "management.azure.com",
    "login.microsoftonline.com",
    "eastus.azurecontainerapps.dev",
    "v-one.vault.azure.net",
    "v-two.vault.azure.net",
    "nobodys.vault.azure.net",
    "registry01.azurecr.io",
    "registry01-vigbmtwlzvrgpfkj.azurecr.io",
    "registry02.azurecr.io",
];

pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) workloads: Arc<StandIn>,
    pub(crate) client: Client,
    pub(crate) https: SocketAddr,
    pub(crate) user: String,
    _serving: Serving,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn must(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Bench {
    /// An emulator with a signed-in user and the resource group `rg`.
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// The same, of an emulator that begins like this.
    pub(crate) async fn with(config: Config) -> Self {
        // Fails when another test of this process was first, which is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let workloads = Arc::new(StandIn::default());
        let emulator = Emulator::start(config, Arc::clone(&workloads) as Arc<_>).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let https = listener.local_addr().unwrap();
        let network = Network {
            dns_udp: None,
            dns_tcp: None,
            http: Vec::new(),
            https: vec![listener],
            address: Ipv4Addr::LOCALHOST,
        };
        let serving = emulator.serve(network, Origin::Caller).unwrap();
        let authority = emulator.certificate_authority_pem();
        let authority = reqwest::Certificate::from_pem(authority.as_bytes()).unwrap();
        let mut client = Client::builder().add_root_certificate(authority).no_proxy();
        for host in HOSTS {
            client = client.resolve(host, https);
        }
        let client = client.build().unwrap();
        let mut bench = Self {
            emulator,
            workloads,
            client,
            https,
            user: String::new(),
            _serving: serving,
        };
        bench.user = bench.sign_in("https://management.core.windows.net").await;
        let group = format!(
            "/subscriptions/{}/resourcegroups/rg",
            bench.emulator.subscription_id()
        );
        bench
            .arm(
                Method::PUT,
                &group,
                "2024-11-01",
                Some(json!({"location": "eastus"})),
            )
            .await
            .must(201);
        bench
    }

    async fn form(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let body: Vec<String> = form
            .iter()
            .map(|(k, v)| format!("{k}={}", encode(v)))
            .collect();
        let url = format!("https://login.microsoftonline.com/{path}");
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        request.send().await.unwrap().json().await.unwrap()
    }

    /// A token of the user, by device code.
    pub(crate) async fn sign_in(&self, resource: &str) -> String {
        let scope = format!("{resource}/.default");
        let asked = [("client_id", AZ), ("scope", &scope)];
        let code = self
            .form("organizations/oauth2/v2.0/devicecode", &asked)
            .await;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", code["device_code"].as_str().unwrap()),
            ("client_id", AZ),
            ("scope", &scope),
        ];
        let token = self.form("organizations/oauth2/v2.0/token", &form).await;
        token["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token: {token}"))
            .to_owned()
    }

    /// The object id in a token.
    pub(crate) fn object_id(token: &str) -> String {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        let claims = URL_SAFE_NO_PAD
            .decode(token.split('.').nth(1).unwrap())
            .unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        claims["oid"].as_str().unwrap().to_owned()
    }

    /// A path of a resource in `rg`.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/rg/providers/{rest}",
            self.emulator.subscription_id()
        )
    }

    pub(crate) async fn arm(
        &self,
        method: Method,
        path: &str,
        version: &str,
        body: Option<Value>,
    ) -> Answer {
        let sign = if path.contains('?') { '&' } else { '?' };
        let url = format!("{ARM}{path}{sign}api-version={version}");
        self.send(method, &url, Some(&self.user), body).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        url: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let mut request = self.client.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        Answer {
            status,
            headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        }
    }

    /// A vault that uses access policies, or roles.
    pub(crate) async fn vault(&self, name: &str, policies: Value, rbac: bool) -> Answer {
        let body = json!({"location": "eastus", "properties": {
            "tenantId": self.emulator.tenant_id(),
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": policies,
            "enableRbacAuthorization": rbac,
            "softDeleteRetentionInDays": 7,
            "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow"},
        }});
        let path = self.path(&format!("Microsoft.KeyVault/vaults/{name}"));
        self.arm(Method::PUT, &path, "2026-02-01", Some(body)).await
    }

    /// An access policy for secrets.
    pub(crate) fn policy(&self, object_id: &str, secrets: &[&str]) -> Value {
        json!({
            "tenantId": self.emulator.tenant_id(),
            "objectId": object_id,
            "permissions": {"secrets": secrets},
        })
    }

    /// A user-assigned identity in `rg`.
    pub(crate) async fn identity(&self, name: &str) -> Value {
        let path = self.path(&format!(
            "Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
        ));
        let body = Some(json!({"location": "eastus"}));
        self.arm(Method::PUT, &path, "2023-01-31", body)
            .await
            .must(201)
            .body
    }

    /// Gives a role at a scope.
    pub(crate) async fn assign(&self, scope: &str, role: &str, properties: Value) -> Answer {
        let definition = format!(
            "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            self.emulator.subscription_id()
        );
        let mut properties = properties;
        properties["roleDefinitionId"] = json!(definition);
        let path = format!(
            "{scope}/providers/Microsoft.Authorization/roleAssignments/{}",
            uuid::Uuid::new_v4()
        );
        self.arm(
            Method::PUT,
            &path,
            "2022-04-01",
            Some(json!({"properties": properties})),
        )
        .await
    }
}
