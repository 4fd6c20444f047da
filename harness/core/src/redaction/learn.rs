//! Finding values in what Azure answers and commands print: [`Tracker::learn`].

use super::kind::Kind;
use super::tracker::Tracker;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::Regex;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// How the names of fields end whose text is a secret, in lower case and without `_` and `-`.
const SECRETS: [&str; 17] = [
    "accesskey",
    "accesstoken",
    "accountkey",
    "assertion",
    "authtoken",
    "clientsecret",
    "connectionstring",
    "devicecode",
    "federatedtoken",
    "idtoken",
    "password",
    "primarykey",
    "refreshtoken",
    "sastoken",
    "secondarykey",
    "securevalue",
    "sharedkey",
];

impl Tracker {
    /// Tracks what a text has of secrets and ids: the answer of a request, the output of a command.
    /// JSON is known by its fields; tokens, keys, signatures and ids that stand in an address are
    /// known anywhere. Tells how many values are new.
    pub fn learn(&mut self, text: &str) -> usize {
        let before = self.len();
        match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => self.learn_json(&value),
            _ => self.learn_text(text),
        }
        self.len() - before
    }

    /// Tracks what the answer to this request has. An address tells more than a field's name.
    pub fn learn_answer(&mut self, url: &str, body: &str) -> usize {
        let before = self.len();
        self.learn_text(url);
        let path = url.split('?').next().unwrap_or(url).to_ascii_lowercase();
        let secret = path.contains(".vault.azure.net/secrets/")
            || path.rsplit('/').next().is_some_and(|last| {
                ["list", "regenerate", "sharedkeys", "getsecret"]
                    .iter()
                    .any(|verb| last.starts_with(verb) && last != "list")
            });
        if let (true, Ok(value)) = (secret, serde_json::from_str::<Value>(body)) {
            self.learn_values(&value);
        }
        self.learn(body);
        self.len() - before
    }

    /// Every field `value` is a secret here.
    fn learn_values(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(text) if name == "value" => {
                            self.track(Kind::Secret, text);
                        }
                        _ => self.learn_values(value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_values(item)),
            _ => {}
        }
    }

    fn learn_json(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => self.learn_object(fields),
            Value::Array(items) => items.iter().for_each(|item| self.learn_json(item)),
            Value::String(text) => self.learn_text(text),
            _ => {}
        }
    }

    fn learn_object(&mut self, fields: &Map<String, Value>) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        // A secret of a vault; a key of a storage account; a password of a registry.
        let of_vault = ["id", "kid"]
            .iter()
            .any(|name| text(name).is_some_and(|id| id.contains(".vault.azure.net/secrets/")));
        let of_key = fields.contains_key("keyName")
            || matches!(text("name"), Some("password" | "password2" | "password1"));
        if let (true, Some(value)) = (of_vault || of_key, text("value")) {
            self.track(Kind::Secret, value);
        }
        // `az account show`.
        if let (true, Some(id)) = (fields.contains_key("tenantId"), text("id"))
            && is_guid(id)
        {
            self.track(Kind::Subscription, id);
        }
        if let (true, Some(user)) = (fields.contains_key("type"), text("name"))
            && user.contains('@')
            && user.contains('.')
        {
            self.track(Kind::Account, user);
        }
        for (name, value) in fields {
            let Value::String(text) = value else {
                self.learn_text(name);
                self.learn_json(value);
                continue;
            };
            let plain: String = name.chars().filter(|c| !matches!(c, '_' | '-')).collect();
            let plain = plain.to_ascii_lowercase();
            if plain == "secrettext" || SECRETS.iter().any(|end| plain.ends_with(end)) {
                self.track(Kind::Secret, text);
            } else if let Some(kind) = id_kind(&plain).filter(|_| is_guid(text)) {
                self.track(kind, text);
            } else if plain == "userprincipalname" {
                self.track(Kind::Account, text);
            }
            self.learn_text(text);
        }
    }

    /// What tells itself.
    fn learn_text(&mut self, text: &str) {
        for found in TOKEN.captures_iter(text) {
            self.learn_token(&found[0]);
        }
        for found in KEY.find_iter(text) {
            self.track(Kind::Secret, found.as_str());
        }
        for found in PARAMETER.captures_iter(text) {
            self.track(Kind::Secret, &found[1]);
        }
        for found in BEARER.captures_iter(text) {
            self.track(Kind::Secret, &found[1]);
        }
        for found in SUBSCRIPTION.captures_iter(text) {
            self.track(Kind::Subscription, &found[1]);
        }
        for found in TENANT.captures_iter(text) {
            self.track(Kind::Tenant, &found[1]);
        }
    }

    /// A JSON web token, and whom it is about.
    fn learn_token(&mut self, token: &str) {
        self.track(Kind::Secret, token);
        let claims = token
            .split('.')
            .nth(1)
            .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let Some(Value::Object(claims)) =
            claims.and_then(|json| serde_json::from_slice::<Value>(&json).ok())
        else {
            return;
        };
        let kinds = [
            ("tid", Kind::Tenant),
            ("oid", Kind::Principal),
            ("appid", Kind::Client),
            ("azp", Kind::Client),
            ("upn", Kind::Account),
            ("unique_name", Kind::Account),
            ("preferred_username", Kind::Account),
            ("email", Kind::Account),
        ];
        for (name, kind) in kinds {
            let text = claims.get(name).and_then(Value::as_str);
            if let Some(text) = text.filter(|text| !PUBLIC_CLIENTS.contains(text)) {
                self.track(kind, text);
            }
        }
        if let Some(resource) = claims.get("xms_mirid").and_then(Value::as_str) {
            self.learn_text(resource);
        }
    }
}

/// Applications that everybody knows: `az`, Azure PowerShell.
const PUBLIC_CLIENTS: [&str; 2] = [
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "1950a258-227b-4e31-a9cf-717495945fc2",
];

/// What a field holds that is called so, in lower case and without `_` and `-`.
fn id_kind(name: &str) -> Option<Kind> {
    Some(match name {
        "subscriptionid" | "subscription" => Kind::Subscription,
        "tenantid" | "hometenantid" | "tenant" => Kind::Tenant,
        "principalid" | "objectid" | "oid" | "createdby" | "updatedby" => Kind::Principal,
        "clientid" | "appid" | "serviceprincipalid" => Kind::Client,
        _ => return None,
    })
}

fn is_guid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(index, byte)| match hyphens.contains(&index) {
                true => byte == b'-',
                false => byte.is_ascii_hexdigit(),
            })
}

const GUID: &str = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| constant(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"));

/// Keys of storage accounts and workspaces, of services that mark theirs (`+ASt`, `AzSe`, `+ACR`), and
/// client secrets of Entra.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{33,76}(?:\+ACR|\+ASt|AzSe|AzCa|AzFu|\+ABa|\+AIo|ACDb|\+AEh|\+ARm|\+AMC)[A-Za-z0-9+/]{5,6}={0,2}|[A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34}",
    )
});

/// What follows one of these names.
static PARAMETER: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r#"(?i)\b(?:sig|accountkey|sharedaccesskey|sharedaccesssignature|client_secret|client_assertion|refresh_token|access_token|password)=([^&\s"';,<>$]{8,})"#,
    )
});

static BEARER: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)\bbearer\s+([A-Za-z0-9._~+/-]{20,}=*)"));

static SUBSCRIPTION: LazyLock<Regex> =
    LazyLock::new(|| constant(&format!("(?i)/subscriptions/({GUID})")));

static TENANT: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        r"(?i)(?:login\.microsoftonline\.com|sts\.windows\.net|/tenants)/({GUID})"
    ))
});

#[expect(
    clippy::expect_used,
    reason = "the expressions are constants of this file, used by tests"
)]
fn constant(expression: &str) -> Regex {
    Regex::new(expression).expect("a constant expression compiles")
}
