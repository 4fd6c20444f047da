//! What a recorded request needs before it can be sent: time, rights, a body, somebody who asks.

use super::places::{set_key, subject};
use super::{GROUP, Replay};
use crate::images;
use crate::recording::Exchange;
use crate::session::{SECRET, form};
use docproof_emulator::{Origin, WorkloadId};
use serde_json::{Value, json};

/// Key Vault Administrator.
const VAULT_ADMINISTRATOR: &str = "00482a5a-887f-4fb3-b363-3b7fe8e74483";
/// A client that signs users in.
const CLIENT: &str = "6a1f9a5e-6c0e-4a52-9c2a-0d4f0c7f2b11";

impl Replay {
    /// Lets operations end where the recorded answer says that they have.
    pub(super) fn let_time_pass(&mut self, exchange: &Exchange, url: &str) {
        let code = exchange.response.pointer("/error/code");
        let unseen = exchange.status == 404 && code.is_some_and(|code| code == "SecretNotFound");
        if exchange.is_under_way() || unseen || self.pending.is_empty() {
            return;
        }
        let place = subject(url);
        let concerned = self.pending.iter().any(|pending| {
            place.starts_with(pending.as_str())
                || (place.ends_with(".vault.azure.net") && pending.starts_with(&place))
        });
        if concerned {
            self.session.pass_time();
            self.pending.clear();
        }
    }

    /// Lets the caller use a vault that the recording's caller could use.
    pub(super) async fn grant(&mut self, exchange: &Exchange, url: &str) {
        let host = url
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split(['/', ':']).next());
        let Some(name) = host.and_then(|host| host.strip_suffix(".vault.azure.net")) else {
            return;
        };
        let refused = matches!(exchange.status, 401 | 403);
        if (refused && self.refusing.contains(exchange.host()))
            || !self.granted.insert(name.to_owned())
        {
            return;
        }
        let path = format!("{}/resources", self.session.subscription());
        let listed = self
            .session
            .arm("GET", &path, "2024-11-01", None)
            .await
            .body;
        let vault = listed["value"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| {
                one["name"]
                    .as_str()
                    .is_some_and(|own| own.eq_ignore_ascii_case(name))
                    && one["type"] == "Microsoft.KeyVault/vaults"
            });
        let Some(id) = vault
            .and_then(|vault| vault["id"].as_str())
            .map(str::to_owned)
        else {
            return;
        };
        let caller = self.caller.clone();
        let shown = self.session.arm("GET", &id, "2024-11-01", None).await.body;
        if shown["properties"]["enableRbacAuthorization"] == true {
            self.session.assign(&id, VAULT_ADMINISTRATOR, &caller).await;
        } else if !shown.to_string().contains(&caller) {
            let path = format!("{id}/accessPolicies/add");
            let body = json!({"properties": {"accessPolicies": [{
                "tenantId": self.session.emulator.tenant_id(), "objectId": caller,
                "permissions": {"secrets": ["all"]},
            }]}});
            self.session
                .arm("PUT", &path, "2024-11-01", Some(body))
                .await;
        }
    }

    /// The body to send. The recorder kept nothing of sign-in forms: they are made anew from what
    /// was answered.
    pub(super) async fn body(&mut self, exchange: &Exchange) -> Option<(&'static str, String)> {
        const FORM: &str = "application/x-www-form-urlencoded";
        match &exchange.request {
            Value::Null => None,
            Value::String(text) => {
                let mut sent = self.bindings.apply(text);
                if sent.contains("access_token=***") {
                    let token = self.session.token("management.azure.com").await?;
                    sent = sent.replace("access_token=***", &format!("access_token={token}"));
                }
                if let Some(token) = self.bindings.get("refresh-token-of-a-registry") {
                    sent = sent.replace("refresh_token=***", &format!("refresh_token={token}"));
                }
                Some((FORM, sent))
            }
            _ if exchange.path().ends_with("/token") && exchange.host().starts_with("login.") => {
                Some((FORM, self.sign_in_form(exchange).await))
            }
            body => {
                let mut body = self.tenanted(self.bindings.apply_to(body));
                if exchange.path().ends_with("/restore")
                    && let Some(backup) = &self.backup
                {
                    body["value"] = json!(backup);
                }
                images::fill_passwords(&mut self.session, &mut body).await;
                if exchange.status < 400 {
                    set_key(&mut body, "objectId", &self.caller);
                }
                Some(("application/json", body.to_string()))
            }
        }
    }

    async fn sign_in_form(&mut self, exchange: &Exchange) -> String {
        let response = &exchange.response;
        let codes = response["error_codes"].to_string();
        let scope = (
            "scope",
            "https://management.core.windows.net//.default openid offline_access profile",
        );
        if response["id_token"].is_string() || codes.contains("54005") {
            let code = if response["id_token"].is_string() {
                self.session.authorization_code().await.unwrap_or_default()
            } else {
                "redeemed-before".to_owned()
            };
            return form(&[
                ("grant_type", "authorization_code"),
                ("client_id", CLIENT),
                ("code", &code),
                ("redirect_uri", "http://localhost:8400"),
                scope,
            ]);
        }
        let application = self.session.emulator.add_application("docproof", SECRET);
        let secret = if codes.contains("7000215") {
            "another"
        } else {
            SECRET
        };
        form(&[
            ("grant_type", "client_credentials"),
            ("client_id", &application.client_id),
            ("client_secret", secret),
            ("scope", "https://management.azure.com/.default"),
        ])
    }

    /// Who asks: the metadata endpoint is asked by a workload, which is made for it.
    pub(super) async fn origin(&mut self, exchange: &Exchange) -> Origin {
        if exchange.host() != "169.254.169.254" {
            return Origin::Caller;
        }
        let group = format!("{}/resourceGroups/{GROUP}", self.session.subscription());
        let place = json!({"location": "eastus"});
        self.session
            .arm("PUT", &group, "2024-11-01", Some(place.clone()))
            .await;
        let mut identity = json!({"type": "SystemAssigned"});
        if let Some(client) = exchange.query("client_id").map(str::to_owned) {
            let id = format!(
                "{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/caller"
            );
            let made = self
                .session
                .arm("PUT", &id, "2023-01-31", Some(place))
                .await
                .body;
            let actual = made["properties"]["clientId"].as_str().unwrap_or_default();
            self.bindings.bind(&client, actual);
            identity = json!({"type": "UserAssigned", "userAssignedIdentities": {id: {}}});
        }
        let id = format!("{group}/providers/Microsoft.ContainerInstance/containerGroups/caller");
        let body = json!({"location": "eastus", "identity": identity, "properties": {
            "osType": "Linux",
            "containers": [{"name": "caller", "properties": {
                "image": "mcr.microsoft.com/azure-cli",
                "resources": {"requests": {"cpu": 1.0, "memoryInGB": 1.0}},
            }}],
        }});
        self.session
            .arm("PUT", &id, "2024-05-01-preview", Some(body))
            .await;
        self.session.pass_time();
        Origin::Workload(WorkloadId(id.to_ascii_lowercase()))
    }
}
