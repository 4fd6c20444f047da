//! One recording against an emulator of its own ([`replay`]).

use crate::bindings::Bindings;
use crate::compare::{Difference, World, compare};
use crate::images;
use crate::prepare::{self, Plan};
use crate::recording::{Exchange, Recording, unsigned};
use crate::service::service_of;
use crate::session::{Answer, Auth, SECRET, Sent, Session, form};
use crate::types::{Checked, Types};
use crate::workloads::Still;
use docproof_emulator::{Origin, StartError, WorkloadId};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Key Vault Administrator.
const VAULT_ADMINISTRATOR: &str = "00482a5a-887f-4fb3-b363-3b7fe8e74483";
/// A client that signs users in.
const CLIENT: &str = "6a1f9a5e-6c0e-4a52-9c2a-0d4f0c7f2b11";
/// The group of what no recording places anywhere.
const GROUP: &str = "docproof-prepared";

/// Why a recording could not be replayed at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no emulator.
    #[error("the emulator did not start: {0}")]
    Start(#[from] StartError),
}

/// What became of one exchange.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The recording's name.
    pub recording: String,
    /// The exchange's place in it, from 0.
    pub exchange: usize,
    /// The service that it is with.
    pub service: String,
    /// The HTTP method.
    pub method: String,
    /// The recorded URL, without signature.
    pub url: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// Whether the emulator answers as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It does.
    Matched,
    /// It does not, here.
    Differs(Vec<Difference>),
    /// It does not have what was asked for.
    NotEmulated,
    /// It was not sent. It only repeats the one before it: a poll whose answer had not changed, or
    /// the same refusal once more. Or it asks for a further page of what the recorder's subscription
    /// had and the emulator has not.
    Collapsed,
}

/// Sends every exchange of a recording, in order, to an emulator of its own.
///
/// # Errors
/// If the emulator does not start.
pub async fn replay(recording: &Recording) -> Result<Vec<Outcome>, ReplayError> {
    let mut replay = Replay::prepare(recording).await?;
    let mut outcomes = Vec::new();
    for (index, exchange) in recording.exchanges.iter().enumerate() {
        let repeats = index
            .checked_sub(1)
            .and_then(|before| recording.exchanges.get(before))
            .is_some_and(|before| exchange.repeats(before));
        let verdict = if repeats || replay.is_page_of_others(exchange) {
            Verdict::Collapsed
        } else {
            replay.exchange(exchange).await
        };
        outcomes.push(Outcome {
            recording: recording.name.clone(),
            exchange: index,
            service: service_of(exchange),
            method: exchange.method.clone(),
            url: unsigned(&exchange.url),
            verdict,
        });
    }
    Ok(outcomes)
}

/// Sends every exchange of a recording in the api-versions whose types are at hand, and checks the
/// resources in the answers against them.
///
/// # Errors
/// If the emulator does not start.
pub async fn replay_typed(recording: &Recording, types: &Types) -> Result<Checked, ReplayError> {
    let mut replay = Replay::prepare(recording).await?;
    let mut checked = Checked::default();
    for exchange in &recording.exchanges {
        if replay.is_page_of_others(exchange) {
            continue;
        }
        let Some(version) = version_for(exchange, types) else {
            replay.exchange(exchange).await;
            continue;
        };
        let mut asked = exchange.clone();
        if let Some(recorded) = exchange.query("api-version") {
            let recorded = format!("api-version={recorded}");
            asked.url = asked
                .url
                .replace(&recorded, &format!("api-version={version}"));
        }
        replay.exchange(&asked).await;
        checked.add(types.check(&replay.last, version));
    }
    Ok(checked)
}

/// What is wrong with the recorded answers themselves: Azure knows its resources better than its
/// types do.
pub fn recorded_types(recording: &Recording, types: &Types) -> Checked {
    let mut checked = Checked::default();
    for exchange in &recording.exchanges {
        if let Some(version) = version_for(exchange, types) {
            checked.add(types.check(&exchange.response, version));
        }
    }
    checked
}

/// The version in which an exchange is about resources of known types.
fn version_for<'a>(exchange: &Exchange, types: &'a Types) -> Option<&'a str> {
    if exchange.host() != "management.azure.com" {
        return None;
    }
    let path = exchange.path();
    let segments: Vec<&str> = path.split('/').collect();
    let provider = segments
        .iter()
        .rposition(|part| part.eq_ignore_ascii_case("providers"));
    match provider {
        Some(at) => types.version(segments.get(at + 1)?),
        None => types.version("Microsoft.Resources"),
    }
}

struct Replay {
    /// The body of the latest answer.
    last: Value,
    session: Session,
    bindings: Bindings,
    world: World,
    caller: String,
    /// Recorded addresses of operations and pages to the emulator's.
    links: BTreeMap<String, String>,
    /// Paths and hosts where something may still be under way.
    pending: BTreeSet<String>,
    /// Vaults that the caller may use.
    granted: BTreeSet<String>,
    /// Hosts of vaults that refuse the caller later on.
    refusing: BTreeSet<String>,
    /// What the emulator could not make or begin: paths of resources, recorded addresses of
    /// operations.
    absent: BTreeSet<String>,
    /// Images that were pushed for this replay.
    images: BTreeSet<String>,
    /// The latest backup of a secret.
    backup: Option<String>,
}

impl Replay {
    async fn prepare(recording: &Recording) -> Result<Self, ReplayError> {
        let mut session = Session::start(Still::of(recording))?;
        let plan = prepare::plan(recording);
        if plan.application {
            session.be_an_application().await;
        }
        let caller = session.caller().await.unwrap_or_default();
        let mut bindings = Bindings::new(session.emulator.subscription_id());
        bindings.bind("fake-tenant", session.emulator.tenant_id());
        bindings.bind("fakevault.local", "fakevault.vault.azure.net");
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
    fn tenanted(&self, mut body: Value) -> Value {
        let tenant = self.session.emulator.tenant_id().to_owned();
        set_key(&mut body, "tenantId", &tenant);
        body
    }

    async fn exchange(&mut self, exchange: &Exchange) -> Verdict {
        let url = self.url(exchange);
        self.let_time_pass(exchange, &url);
        self.grant(exchange, &url).await;
        if exchange.status < 400 {
            let request = self.bindings.apply_to(&exchange.request);
            let group = format!("{}/resourceGroups/{GROUP}", self.session.subscription());
            images::provide(&mut self.session, &mut self.images, &request, &group).await;
        }
        let body = self.body(exchange).await;
        let sent = Sent {
            method: &exchange.method,
            url: &url,
            body,
            auth: if exchange.status == 401 {
                Auth::None
            } else {
                Auth::OfHost
            },
            origin: self.origin(exchange).await,
        };
        // A client id that the metadata endpoint is asked for is known only now.
        let url = self.bindings.apply(sent.url);
        let Some(answer) = self.session.send(Sent { url: &url, ..sent }).await else {
            return Verdict::Differs(vec![Difference {
                at: "/url".to_owned(),
                recorded: exchange.url.clone(),
                answered: "nothing: this is no URL".to_owned(),
            }]);
        };
        self.last.clone_from(&answer.body);
        self.note(exchange, &answer, &url);
        if answer.is_not_emulated() {
            self.absent.insert(place(&url));
            let begun = ["location", "azure-asyncoperation"];
            let begun = begun.iter().filter_map(|name| exchange.headers.get(*name));
            self.absent.extend(begun.map(|recorded| address(recorded)));
            return Verdict::NotEmulated;
        }
        // What could not be made is not there.
        let whole = place(&url);
        let missing = self.absent.contains(&address(&exchange.url))
            || self
                .absent
                .iter()
                .any(|path| whole.starts_with(path.as_str()));
        let asked = self
            .bindings
            .apply(&exchange.request.to_string())
            .to_ascii_lowercase();
        let names_missing = self.absent.iter().any(|path| {
            path.strip_prefix("management.azure.com")
                .is_some_and(|id| id.contains("/providers/") && asked.contains(id))
        });
        let gone = missing && matches!(answer.status, 204 | 404) && exchange.status < 400;
        if gone || (names_missing && answer.status >= 400) {
            if exchange.method == "PUT" {
                self.absent.insert(whole);
            }
            return Verdict::NotEmulated;
        }
        let differences = compare(exchange, &answer, &mut self.bindings, &self.world);
        if differences.is_empty() {
            Verdict::Matched
        } else {
            Verdict::Differs(differences)
        }
    }

    /// The emulator's address for a recorded one: an operation or page as the emulator named it.
    fn url(&self, exchange: &Exchange) -> String {
        match self.links.get(&address(&exchange.url)) {
            Some(url) if exchange.method == "GET" => url.clone(),
            _ => self.bindings.apply(&exchange.url),
        }
    }

    /// Whether this asks for a page that the emulator's list does not have.
    fn is_page_of_others(&self, exchange: &Exchange) -> bool {
        exchange.url.contains("skiptoken=") && !self.links.contains_key(&address(&exchange.url))
    }

    /// Lets operations end where the recorded answer says that they have.
    fn let_time_pass(&mut self, exchange: &Exchange, url: &str) {
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
    async fn grant(&mut self, exchange: &Exchange, url: &str) {
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
    async fn body(&mut self, exchange: &Exchange) -> Option<(&'static str, String)> {
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
    async fn origin(&mut self, exchange: &Exchange) -> Origin {
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

    /// Remembers what an answer begins, and what it calls what the recording calls otherwise.
    fn note(&mut self, exchange: &Exchange, answer: &Answer, url: &str) {
        if answer.status >= 400 {
            return;
        }
        let mut places = Vec::new();
        for name in ["location", "azure-asyncoperation"] {
            if let (Some(recorded), Some(actual)) =
                (exchange.headers.get(name), answer.header(name))
            {
                self.links.insert(address(recorded), actual.to_owned());
                places.push(place(actual));
            }
        }
        let next = |body: &Value| body["nextLink"].as_str().map(str::to_owned);
        if let (Some(recorded), Some(actual)) = (next(&exchange.response), next(&answer.body)) {
            self.links.insert(address(&recorded), actual);
        }
        if exchange.path().ends_with("/backup") {
            self.backup = answer.body["value"].as_str().map(str::to_owned);
        }
        if exchange.path().ends_with("/oauth2/exchange")
            && let Some(token) = answer.body["refresh_token"].as_str()
        {
            self.bindings.bind("refresh-token-of-a-registry", token);
        }
        if matches!(
            exchange.method.as_str(),
            "PUT" | "PATCH" | "POST" | "DELETE"
        ) {
            let own = place(url);
            if exchange.method == "PUT" {
                let secret = own.contains("/secrets/").then(|| format!("https://{own}"));
                let path = own.strip_prefix("management.azure.com").map(str::to_owned);
                self.world.own.extend(path.or(secret));
            }
            let whole = match exchange.method.as_str() {
                "POST" => own
                    .rsplit_once('/')
                    .map_or(own.clone(), |(parent, _)| parent.to_owned()),
                _ => own.clone(),
            };
            let secret = subject(url);
            places.push(if secret.contains(".vault.azure.net") {
                secret
            } else {
                whole
            });
            self.pending.extend(places);
        }
    }
}

/// Host and path of a URL, lower case.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('?')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// What a request is about: a path, or a secret, which is seen at several paths of its vault.
fn subject(url: &str) -> String {
    let place = place(url);
    match place.split_once('/') {
        Some((host, path)) if host.ends_with(".vault.azure.net") => {
            match path.split('/').nth(1).filter(|name| !name.is_empty()) {
                Some(name) => format!("{host}/{name}"),
                None => host.to_owned(),
            }
        }
        _ => place,
    }
}

/// A URL as links are found by: without signature, decoded, lower case.
fn address(url: &str) -> String {
    percent_decode_str(&unsigned(url))
        .decode_utf8_lossy()
        .to_ascii_lowercase()
        .replace(":443/", "/")
}

/// Sets a key, wherever it has the id that stands for a removed one.
fn set_key(value: &mut Value, name: &str, id: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if key == name && value == crate::bindings::ZERO {
                    *value = json!(id);
                }
                set_key(value, name, id);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set_key(item, name, id)),
        _ => {}
    }
}
