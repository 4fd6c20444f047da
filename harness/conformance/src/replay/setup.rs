//! The world that a recording takes for granted, made before its first exchange.

use super::places::set_key;
use super::{GROUP, Replay, ReplayError};
use crate::bindings::Bindings;
use crate::compare::World;
use crate::prepare::{self, Plan};
use crate::recording::Recording;
use crate::session::Session;
use crate::workloads::Still;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Replay {
    /// An emulator with what the recording finds there.
    pub(super) async fn prepare(recording: &Recording) -> Result<Self, ReplayError> {
        let mut session = Session::start(Still::of(recording))?;
        let plan = prepare::plan(recording);
        if plan.application {
            session.be_an_application().await;
        }
        let caller = session.caller().await.unwrap_or_default();
        let mut bindings = Bindings::new(session.emulator.subscription_id());
        bindings.bind("fake-tenant", session.emulator.tenant_id());
        bindings.bind("fakevault.local", "fakevault.vault.azure.net");
        // The recorder wrote one address for all, and no range begins there.
        bindings.bind("203.0.113.7/23", "203.0.112.0/23");
        // Regions for Azure's own tests stand beside those that everybody has.
        for (canary, region) in [
            ("northcentralusstage", "northcentralus"),
            ("North Central US (Stage)", "North Central US"),
            ("centraluseuap", "centralus"),
            ("Central US EUAP", "Central US"),
        ] {
            bindings.bind(canary, region);
        }
        for (recorded, server) in &plan.servers {
            bindings.bind(recorded, server);
        }
        for tenant in &plan.tenants {
            bindings.bind(tenant, session.emulator.tenant_id());
        }
        for id in &plan.callers {
            bindings.bind(id, &caller);
        }
        let refusing = recording.exchanges.iter().filter(|one| one.status == 403);
        let mut replay = Self {
            last: Value::Null,
            session,
            bindings,
            world: World {
                own: BTreeSet::new(),
            },
            caller,
            links: BTreeMap::new(),
            pending: BTreeSet::new(),
            granted: BTreeSet::new(),
            refusing: refusing.map(|one| one.host().to_owned()).collect(),
            absent: BTreeSet::new(),
            images: BTreeSet::new(),
            backup: None,
            principals: prepare::principals(recording),
        };
        replay.make(&plan).await;
        replay.make_vaults(recording).await;
        replay.session.pass_time();
        Ok(replay)
    }

    /// Makes what the recording takes for granted.
    async fn make(&mut self, plan: &Plan) {
        for namespace in &plan.unregistered {
            let path = format!(
                "{}/providers/{namespace}/unregister",
                self.session.subscription()
            );
            self.session.arm("POST", &path, "2024-11-01", None).await;
        }
        for (id, body) in &plan.groups {
            let (id, body) = (self.bindings.apply(id), self.bindings.apply_to(body));
            self.world.own.insert(id.to_ascii_lowercase());
            self.session.arm("PUT", &id, "2024-11-01", Some(body)).await;
        }
        for (id, version, body) in &plan.resources {
            let (id, mut body) = (
                self.bindings.apply(id),
                self.tenanted(self.bindings.apply_to(body)),
            );
            set_key(&mut body, "objectId", &self.caller);
            self.world.own.insert(id.to_ascii_lowercase());
            let made = self.session.arm("PUT", &id, version, Some(body)).await;
            if made.is_not_emulated() {
                let path = format!("management.azure.com{}", id.to_ascii_lowercase());
                self.absent.insert(path);
            }
        }
    }

    /// Vaults of which only the secrets were recorded.
    async fn make_vaults(&mut self, recording: &Recording) {
        let mut known = BTreeSet::new();
        for exchange in &recording.exchanges {
            let host = self.bindings.apply(exchange.host());
            let Some(name) = host.strip_suffix(".vault.azure.net") else {
                continue;
            };
            let elsewhere = recording.exchanges.iter().any(|one| {
                let path = one.path().to_ascii_lowercase();
                path.contains("/microsoft.keyvault/vaults/")
                    && path.contains(&name.to_ascii_lowercase())
                    || one
                        .response
                        .to_string()
                        .contains(&format!("Microsoft.KeyVault/vaults/{name}"))
            });
            if elsewhere || !known.insert(name.to_owned()) {
                continue;
            }
            let days = recording
                .exchanges
                .iter()
                .find_map(|one| one.response["attributes"]["recoverableDays"].as_i64());
            let group = format!("{}/resourceGroups/{GROUP}", self.session.subscription());
            let place = json!({"location": "eastus"});
            self.session
                .arm("PUT", &group, "2024-11-01", Some(place))
                .await;
            let id = format!("{group}/providers/Microsoft.KeyVault/vaults/{name}");
            let body = json!({"location": "eastus", "properties": {
                "tenantId": self.session.emulator.tenant_id(),
                "sku": {"family": "A", "name": "standard"},
                "enableRbacAuthorization": true,
                "softDeleteRetentionInDays": days.unwrap_or(90),
            }});
            self.session.arm("PUT", &id, "2024-11-01", Some(body)).await;
        }
    }

    /// The tenant's id in the place of one that the recorder removed.
    pub(super) fn tenanted(&self, mut body: Value) -> Value {
        let tenant = self.session.emulator.tenant_id().to_owned();
        set_key(&mut body, "tenantId", &tenant);
        body
    }
}
