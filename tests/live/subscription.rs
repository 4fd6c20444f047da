//! The emulated subscription from outside: what is in it, and somebody else who works there.

use docproof_emulator::{Emulator, Origin};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const AZ: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const LISTS: [&str; 5] = [
    "/resourcegroups?api-version=2024-11-01",
    "/resources?api-version=2021-04-01",
    "/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01",
    "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01",
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2023-01-31",
];

/// Somebody who is signed in.
pub(crate) struct Subscription<'a> {
    emulator: &'a Emulator,
    token: String,
}

impl<'a> Subscription<'a> {
    pub(crate) async fn of(emulator: &'a Emulator) -> Self {
        let login = "https://login.microsoftonline.com/organizations/oauth2/v2.0";
        let form = format!("client_id={AZ}&scope=openid");
        let code = ask(emulator, "POST", &format!("{login}/devicecode"), "", form)
            .await
            .1;
        let code = code["device_code"].as_str().unwrap();
        let form = format!(
            "client_id={AZ}&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
             &device_code={code}&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
        );
        let token = ask(emulator, "POST", &format!("{login}/token"), "", form)
            .await
            .1;
        Self {
            emulator,
            token: token["access_token"].as_str().unwrap().to_owned(),
        }
    }

    /// Asks until no fault comes between.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let subscription = self.emulator.subscription_id();
        let url = format!("https://management.azure.com/subscriptions/{subscription}{path}");
        loop {
            let body = if body.is_null() {
                String::new()
            } else {
                body.to_string()
            };
            let (status, answer) = ask(self.emulator, method, &url, &self.token, body).await;
            match status {
                429 | 503 => {}
                200..300 => return answer,
                _ => panic!("{method} {path}: {status} {answer}"),
            }
        }
    }

    /// The ids of everything that is there.
    pub(crate) async fn inventory(&self) -> BTreeSet<String> {
        let mut ids = BTreeSet::new();
        for list in LISTS {
            let answer = self.ask("GET", list, &Value::Null).await;
            let items = answer["value"].as_array().unwrap();
            ids.extend(
                items
                    .iter()
                    .map(|one| one["id"].as_str().unwrap().to_lowercase()),
            );
        }
        ids
    }

    /// Makes somebody an owner of the subscription.
    pub(crate) async fn owner(&self, principal: &str) {
        let owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
        let path = format!(
            "/providers/Microsoft.Authorization/roleAssignments/{principal}?api-version=2022-04-01"
        );
        let body = json!({ "properties": {
            "roleDefinitionId":
                format!("/providers/Microsoft.Authorization/roleDefinitions/{owner}"),
            "principalId": principal,
            "principalType": "ServicePrincipal",
        } });
        self.ask("PUT", &path, &body).await;
    }

    /// Somebody else makes a group with an identity and a vault, and gives the identity a role.
    pub(crate) async fn foreign(&self, name: &str) {
        let location = json!({ "location": "eastus" });
        let group = format!("/resourcegroups/{name}");
        let path = format!("{group}?api-version=2024-11-01");
        self.ask("PUT", &path, &location).await;
        let path = format!(
            "{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}\
             ?api-version=2023-01-31"
        );
        let identity = self.ask("PUT", &path, &location).await;
        let tenant = self.emulator.tenant_id();
        let path =
            format!("{group}/providers/Microsoft.KeyVault/vaults/{name}?api-version=2023-07-01");
        let vault = json!({ "location": "eastus", "properties": {
            "tenantId": tenant, "sku": { "family": "A", "name": "standard" },
            "accessPolicies": [],
        } });
        self.ask("PUT", &path, &vault).await;
        let guid = identity["properties"]["clientId"].as_str().unwrap();
        let path = format!(
            "/providers/Microsoft.Authorization/roleAssignments/{guid}?api-version=2022-04-01"
        );
        let role = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
        let body = json!({ "properties": {
            "roleDefinitionId":
                format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
            "principalId": identity["properties"]["principalId"],
            "principalType": "ServicePrincipal",
        } });
        self.ask("PUT", &path, &body).await;
    }
}

async fn ask(
    emulator: &Emulator,
    method: &str,
    url: &str,
    token: &str,
    body: String,
) -> (u16, Value) {
    let kind = match body.starts_with('{') {
        true => "application/json",
        false => "application/x-www-form-urlencoded",
    };
    let mut request = http::Request::builder().method(method).uri(url);
    request = request.header("content-type", kind);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(bytes::Bytes::from(body)).unwrap();
    let answer = emulator.send(&Origin::Caller, request).await;
    let body = serde_json::from_slice(answer.body()).unwrap_or_default();
    (answer.status().as_u16(), body)
}
