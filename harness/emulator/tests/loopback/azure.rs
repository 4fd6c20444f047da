//! A client of an emulator on loopback ports, trusting only the emulator's authority.

use docproof_emulator::workload::{Container, ContainerSpec, WorkloadError, Workloads};
use docproof_emulator::{Config, Emulator, Network, Origin, Serving};
use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

const CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// Runs no container.
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

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Null if it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        let error = &self.body["error"];
        error["code"]
            .as_str()
            .or_else(|| error.as_str())
            .unwrap_or_default()
    }
}

pub(crate) struct Azure {
    pub(crate) emulator: Emulator,
    serving: Option<Serving>,
    http: SocketAddr,
    https: SocketAddr,
}

impl Azure {
    pub(crate) fn start() -> Self {
        Self::start_with(Config::default())
    }

    pub(crate) fn start_with(config: Config) -> Self {
        let emulator = Emulator::start(config, Arc::new(Nothing)).unwrap();
        let http = TcpListener::bind("127.0.0.1:0").unwrap();
        let https = TcpListener::bind("127.0.0.1:0").unwrap();
        let addresses = (http.local_addr().unwrap(), https.local_addr().unwrap());
        let network = Network {
            dns_udp: None,
            dns_tcp: None,
            http: vec![http],
            https: vec![https],
            address: Ipv4Addr::LOCALHOST,
        };
        let serving = emulator.serve(network, Origin::Caller).unwrap();
        Self {
            emulator,
            serving: Some(serving),
            http: addresses.0,
            https: addresses.1,
        }
    }

    pub(crate) fn stop(&mut self) {
        self.serving = None;
    }

    /// A new client each time: nothing of an earlier request is kept.
    fn request(&self, method: reqwest::Method, url: &str) -> reqwest::RequestBuilder {
        let mut url = reqwest::Url::parse(url).unwrap();
        url.set_port(Some(self.https.port())).unwrap();
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let authority = self.emulator.certificate_authority_pem();
        let client = reqwest::Client::builder()
            .no_proxy()
            .add_root_certificate(reqwest::Certificate::from_pem(authority.as_bytes()).unwrap())
            .resolve(url.host_str().unwrap(), self.https)
            .build()
            .unwrap();
        client.request(method, url)
    }

    async fn send(request: reqwest::RequestBuilder, token: Option<&str>) -> Answer {
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer {
            status,
            headers,
            text,
            body,
        }
    }

    pub(crate) async fn get(&self, url: &str, token: Option<&str>) -> Answer {
        Self::send(self.request(reqwest::Method::GET, url), token).await
    }

    pub(crate) async fn delete(&self, url: &str, token: &str) -> Answer {
        Self::send(self.request(reqwest::Method::DELETE, url), Some(token)).await
    }

    pub(crate) async fn put(&self, url: &str, token: &str, body: &Value) -> Answer {
        Self::send(
            self.request(reqwest::Method::PUT, url).json(body),
            Some(token),
        )
        .await
    }

    pub(crate) async fn post_json(&self, url: &str, token: Option<&str>, body: &Value) -> Answer {
        Self::send(self.request(reqwest::Method::POST, url).json(body), token).await
    }

    pub(crate) async fn token(&self, form: &str) -> Answer {
        let url = "https://login.microsoftonline.com/organizations/oauth2/v2.0/token";
        Self::send(
            self.request(reqwest::Method::POST, url)
                .body(form.to_owned()),
            None,
        )
        .await
    }

    pub(crate) async fn device_code(&self) -> String {
        let url = "https://login.microsoftonline.com/organizations/oauth2/v2.0/devicecode";
        let form = format!("client_id={CLIENT}&scope=openid");
        let answer = Self::send(self.request(reqwest::Method::POST, url).body(form), None).await;
        answer.body["device_code"].as_str().unwrap().to_owned()
    }

    /// Signs the user in, as `az login` does, and gives an access token for a scope.
    pub(crate) async fn sign_in(&self, scope: &str) -> String {
        let code = self.device_code().await;
        let answer = self.token(&device_form(&code, scope)).await;
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn group_url(&self, name: &str) -> String {
        format!(
            "https://management.azure.com/subscriptions/{}/resourcegroups/{name}\
             ?api-version=2024-11-01",
            self.emulator.subscription_id()
        )
    }

    /// Asks the metadata endpoint, whose address stands in the `Host` header only.
    pub(crate) async fn metadata(&self, url: &str, header: bool) -> Answer {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let here = url.replace("169.254.169.254", &self.http.to_string());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client.get(here).header("host", "169.254.169.254");
        if header {
            request = request.header("metadata", "true");
        }
        Self::send(request, None).await
    }

    pub(crate) async fn refuses(&self, url: &str) -> bool {
        let wait = std::time::Duration::from_secs(10);
        // The listening socket closes when its task has ended, which a drop only asks for.
        let deadline = std::time::Instant::now() + wait;
        while std::time::Instant::now() < deadline {
            if self
                .request(reqwest::Method::GET, url)
                .send()
                .await
                .is_err()
            {
                return true;
            }
            tokio::task::yield_now().await;
        }
        false
    }
}

pub(crate) fn device_form(code: &str, scope: &str) -> String {
    let scope = scope.replace(':', "%3A").replace('/', "%2F");
    format!(
        "client_id={CLIENT}&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
         &device_code={code}&scope={scope}%20openid%20profile%20offline_access"
    )
}
