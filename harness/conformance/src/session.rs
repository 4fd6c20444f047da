//! A client of one emulator ([`Session`]): it signs in, and sends what was recorded.

use crate::bindings::ZERO;
use crate::replay::ReplayError;
use crate::workloads::Still;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use docproof_emulator::{Clock, Config, Emulator, Origin};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long operations take in a replay, in seconds of the emulator's clock.
pub(crate) const OPERATION_SECONDS: u64 = 60;
/// The name that the recorder gave every user.
const USER: &str = "user@example.com";
/// The client id of the Azure CLI.
const AZ: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// The secret of the application that asks where an application was recorded.
pub(crate) const SECRET: &str = "docproof-secret";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
/// How old a token may be, in seconds.
const TOKEN_AGE: i64 = 3000;
/// What the recorder left in URLs that no URL may have.
const NOT_IN_URLS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'<')
    .add(b'>')
    .add(b'"')
    .add(b'{')
    .add(b'}');

/// An answer, taken apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    /// JSON, or text as a JSON string, or null for none.
    pub(crate) body: Value,
}

impl Answer {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Whether the emulator does not have what was asked for.
    pub(crate) fn is_not_emulated(&self) -> bool {
        self.status == 501 && self.body.to_string().contains("\"NotEmulated\"")
    }
}

/// What stands for the caller in a request.
#[derive(Debug, Clone)]
pub(crate) enum Auth {
    /// Nothing.
    None,
    /// A token for the service at the request's host.
    OfHost,
    /// This token.
    Bearer(String),
}

/// A request to be sent.
pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    /// With its content type.
    pub(crate) body: Option<(&'static str, String)>,
    pub(crate) auth: Auth,
    pub(crate) origin: Origin,
}

/// A signed-in client.
pub(crate) struct Session {
    pub(crate) emulator: Emulator,
    clock: Arc<Clock>,
    /// By audience: token, and when it was had.
    tokens: BTreeMap<&'static str, (String, i64)>,
    /// The client id of an application that asks in the user's place.
    application: Option<String>,
}

impl Session {
    /// An emulator of its own, with its one user.
    pub(crate) fn start(workloads: Still) -> Result<Self, ReplayError> {
        let clock = Arc::new(Clock::default());
        let config = Config {
            user_principal_name: USER.to_owned(),
            clock: Arc::clone(&clock),
            operation_seconds: OPERATION_SECONDS,
            ..Config::default()
        };
        Ok(Self {
            emulator: Emulator::start(config, Arc::new(workloads))?,
            clock,
            tokens: BTreeMap::new(),
            application: None,
        })
    }

    /// Lets every operation end.
    pub(crate) fn pass_time(&self) {
        self.clock.advance(
            i64::try_from(OPERATION_SECONDS)
                .unwrap_or(i64::MAX)
                .saturating_add(1),
        );
    }

    /// `/subscriptions/{id}`.
    pub(crate) fn subscription(&self) -> String {
        format!("/subscriptions/{}", self.emulator.subscription_id())
    }

    /// The object id of whoever asks.
    pub(crate) async fn caller(&mut self) -> Option<String> {
        let token = self.token("management.azure.com").await?;
        claim(&token, "oid")
    }

    /// From now on an application asks, an owner of the subscription.
    pub(crate) async fn be_an_application(&mut self) {
        let application = self.emulator.add_application("docproof", SECRET);
        let scope = self.subscription();
        self.assign(&scope, OWNER, &application.object_id).await;
        self.application = Some(application.client_id);
        self.tokens.clear();
    }

    /// Gives a principal a role.
    pub(crate) async fn assign(&mut self, scope: &str, role: &str, principal: &str) {
        let path = format!(
            "{scope}/providers/Microsoft.Authorization/roleAssignments/{}",
            uuid::Uuid::new_v4()
        );
        let definition = format!(
            "{}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            self.subscription()
        );
        let body =
            json!({"properties": {"roleDefinitionId": definition, "principalId": principal}});
        self.arm("PUT", &path, "2022-04-01", Some(body)).await;
    }

    /// A request to Resource Manager that was not recorded: it prepares what the recording found.
    pub(crate) async fn arm(
        &mut self,
        method: &str,
        path: &str,
        version: &str,
        body: Option<Value>,
    ) -> Answer {
        let url = format!("https://management.azure.com{path}?api-version={version}");
        let sent = Sent {
            method,
            url: &url,
            body: body.map(|body| ("application/json", body.to_string())),
            auth: Auth::OfHost,
            origin: Origin::Caller,
        };
        self.send(sent).await.unwrap_or_default()
    }

    /// Sends a request; nothing comes of what is no HTTP request at all.
    pub(crate) async fn send(&mut self, sent: Sent<'_>) -> Option<Answer> {
        let url = utf8_percent_encode(sent.url, NOT_IN_URLS).to_string();
        let uri: http::Uri = url.parse().ok()?;
        let host = uri.host()?.to_owned();
        let mut request = http::Request::builder().method(sent.method).uri(uri);
        request = request.header("host", &host);
        let token = match sent.auth {
            Auth::None => None,
            Auth::OfHost => self.token(&host).await,
            Auth::Bearer(token) => Some(token),
        };
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if host == "169.254.169.254" {
            request = request.header("metadata", "true");
        }
        let body = match sent.body {
            Some((kind, body)) => {
                request = request.header("content-type", kind);
                Bytes::from(body)
            }
            None => Bytes::new(),
        };
        let request = request.body(body).ok()?;
        let response = self.emulator.send(&sent.origin, request).await;
        let headers = response.headers().iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        let text = String::from_utf8_lossy(response.body()).into_owned();
        Some(Answer {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: match text.as_str() {
                "" => Value::Null,
                text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            },
        })
    }

    /// A token for the service at `host`; none where services take none.
    pub(crate) async fn token(&mut self, host: &str) -> Option<String> {
        let audience = match host {
            "management.azure.com" => "https://management.core.windows.net",
            "graph.microsoft.com" => "https://graph.microsoft.com",
            host if host.ends_with(".vault.azure.net") => "https://vault.azure.net",
            _ => return None,
        };
        let now = self.clock.now().as_second();
        if let Some((token, had)) = self.tokens.get(audience)
            && now - had < TOKEN_AGE
        {
            return Some(token.clone());
        }
        let scope = format!("{audience}/.default");
        let answer = match self.application.clone() {
            Some(client) => {
                let form = [
                    ("grant_type", "client_credentials"),
                    ("client_id", &client),
                    ("client_secret", SECRET),
                    ("scope", &scope),
                ];
                self.entra("token", &form).await
            }
            None => {
                let asked = [("client_id", AZ), ("scope", scope.as_str())];
                let code = self.entra("devicecode", &asked).await.body;
                let form = [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                    (
                        "device_code",
                        code["device_code"].as_str().unwrap_or_default(),
                    ),
                    ("client_id", AZ),
                    ("scope", &scope),
                ];
                self.entra("token", &form).await
            }
        };
        let token = answer.body["access_token"].as_str()?.to_owned();
        self.tokens.insert(audience, (token.clone(), now));
        Some(token)
    }

    /// Posts a form to the tenant's sign-in endpoint.
    async fn entra(&mut self, endpoint: &str, fields: &[(&str, &str)]) -> Answer {
        let url = format!(
            "https://login.microsoftonline.com/{}/oauth2/v2.0/{endpoint}",
            self.emulator.tenant_id()
        );
        let sent = Sent {
            method: "POST",
            url: &url,
            body: Some(("application/x-www-form-urlencoded", form(fields))),
            auth: Auth::None,
            origin: Origin::Caller,
        };
        // No token is asked for here, so this ends.
        Box::pin(self.send(sent)).await.unwrap_or_default()
    }

    /// A code as a browser brings it back from a sign-in.
    pub(crate) async fn authorization_code(&mut self) -> Option<String> {
        let url = format!(
            "https://login.microsoftonline.com/{}/oauth2/v2.0/authorize?client_id={AZ}\
             &response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A8400&state={ZERO}",
            self.emulator.tenant_id()
        );
        let sent = Sent {
            method: "GET",
            url: &url,
            body: None,
            auth: Auth::None,
            origin: Origin::Caller,
        };
        let answer = self.send(sent).await?;
        let location = answer.header("location")?;
        let code = location
            .split(['?', '&'])
            .find_map(|pair| pair.strip_prefix("code="))?;
        Some(code.to_owned())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.emulator.shutdown();
    }
}

/// Fields as forms are sent.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    fields.join("&")
}

/// A claim of a token, which is not verified here.
fn claim(token: &str, name: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    Some(claims[name].as_str()?.to_owned())
}
