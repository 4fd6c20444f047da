//! [`pull`]: how the emulator's other services get an image, over the registry's own protocol.
//!
//! Each request goes through the emulator's front door as any client's does, and into its log: what
//! the registry refuses, no other service gets.

use super::host;
use super::tokens::{AUDIENCE, TOKEN_USER};
use crate::context::Context;
use crate::http::Origin;
use crate::workload::{ImageConfig, ImageLayer, PulledImage};
use ::http::Method;
use ::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What a client of today says that it reads.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json";
/// How long a token of Entra's for the pull is good, in seconds.
const LIFETIME: i64 = 3600;
/// An index within an index is one more than anybody makes.
const DEPTH: usize = 2;

/// An answer, as it comes to a client.
type Answer = ::http::Response<Bytes>;

/// With what an image is pulled.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// Nothing.
    Anonymous,
    /// A name and a password: the admin user's, an application's.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// An identity, by its object id.
    Principal(String),
}

/// Why there is no image. Its text is what a client prints that puts the registry's answer into one
/// line, as Container Apps does (quoted in public issues, microsoft/azure-container-apps 212 and
/// Azure-Samples/call-center-voice-agent-accelerator 3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PullError {
    /// The image is in a registry that the emulator does not have: `mcr.microsoft.com`, Docker Hub.
    #[error("docproof does not have the registry '{registry}'")]
    OtherRegistry {
        /// Its host.
        registry: String,
    },
    /// The registry refused, or does not have it.
    #[error("GET https:: {code}: {message}{detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The registry's code.
        code: String,
        /// The registry's text.
        message: String,
        /// More about it, as Go prints a map; empty if there is none.
        detail: String,
    },
    /// The name is none, or what the registry has is no image that can be read.
    #[error("{0}")]
    Invalid(String),
}

impl PullError {
    /// Whether the registry did not let the caller in.
    pub(crate) fn is_unauthorized(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 401 | 403,
                ..
            }
        )
    }

    fn of(response: &Answer) -> Self {
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        let error = &body["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let detail = error["detail"].as_object().map(|map| {
            let pairs: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key}:{}", text(value)))
                .collect();
            format!("; map[{}]", pairs.join(" "))
        });
        Self::Refused {
            status: response.status().as_u16(),
            code: text(&error["code"]),
            message: text(&error["message"]),
            detail: detail.unwrap_or_default(),
        }
    }
}

/// An image's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    registry: String,
    repository: String,
    /// A digest, or else a tag.
    version: String,
}

impl Reference {
    fn parse(text: &str) -> Option<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let (registry, rest) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (first.to_ascii_lowercase(), rest)
            }
            _ => ("docker.io".to_owned(), name),
        };
        // A colon before a slash would be a port's, and the registry is gone by now.
        let (repository, tag) = rest.rsplit_once(':').unwrap_or((rest, "latest"));
        if repository.is_empty() || tag.is_empty() || digest.is_some_and(str::is_empty) {
            return None;
        }
        Some(Self {
            registry,
            repository: repository.to_owned(),
            version: digest.unwrap_or(tag).to_owned(),
        })
    }
}

/// Pulls an image. `reference` is what a template says (`server/repository:tag`, or `@sha256:…`).
///
/// # Errors
/// [`PullError`]; a registry that is not Azure's own is [`PullError::OtherRegistry`].
pub(crate) async fn pull(
    cx: &Context,
    reference: &str,
    credential: &Credential,
) -> Result<PulledImage, PullError> {
    let parsed = Reference::parse(reference)
        .ok_or_else(|| PullError::Invalid(format!("'{reference}' is no name of an image")))?;
    if host::name_of(&parsed.registry).is_none() {
        return Err(PullError::OtherRegistry {
            registry: parsed.registry,
        });
    }
    let mut client = Client {
        cx,
        reference: &parsed,
        authorization: String::new(),
    };
    client.sign_in(credential).await?;
    let (digest, manifest) = client.manifest().await?;
    let part = |part: &Value| part.as_str().unwrap_or_default().to_owned();
    let config = client.blob(&part(&manifest["config"]["digest"])).await?;
    let config: Value = serde_json::from_slice(&config).map_err(|error| {
        PullError::Invalid(format!("the image's configuration is none: {error}"))
    })?;
    let mut layers = Vec::new();
    for layer in manifest["layers"].as_array().into_iter().flatten() {
        let digest = part(&layer["digest"]);
        layers.push(ImageLayer {
            media_type: part(&layer["mediaType"]),
            bytes: client.blob(&digest).await?,
            digest,
        });
    }
    Ok(PulledImage {
        reference: reference.to_owned(),
        canonical: format!("{}/{}@{digest}", parsed.registry, parsed.repository),
        digest,
        annotations: texts(&manifest["annotations"]),
        config: read_config(&config),
        layers,
    })
}

/// A client of one registry for one image.
struct Client<'a> {
    cx: &'a Context,
    reference: &'a Reference,
    /// What every request carries once there is a token.
    authorization: String,
}

impl Client<'_> {
    async fn send(
        &self,
        method: Method,
        path: &str,
        query: &str,
        headers: &[(::http::HeaderName, &str)],
        body: String,
    ) -> Result<Answer, PullError> {
        let emulator = self.cx.emulator();
        let emulator = emulator
            .ok_or_else(|| PullError::Invalid("the emulator is shutting down".to_owned()))?;
        let mut url = format!("https://{}{path}", self.reference.registry);
        if !query.is_empty() {
            url = format!("{url}?{query}");
        }
        let mut request = ::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let has_own = headers.iter().any(|(name, _)| *name == AUTHORIZATION);
        if !has_own && !self.authorization.is_empty() {
            request = request.header(AUTHORIZATION, &self.authorization);
        }
        let request = request
            .body(Bytes::from(body))
            .map_err(|error| PullError::Invalid(format!("the name is no address: {error}")))?;
        Ok(emulator.send(&Origin::Azure, request).await)
    }

    /// Gets an access token for the pull.
    async fn sign_in(&mut self, credential: &Credential) -> Result<(), PullError> {
        let Reference {
            registry,
            repository,
            ..
        } = self.reference;
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let scope = encode(&format!("repository:{repository}:pull"));
        let asked = format!("scope={scope}&service={registry}");
        let form = [(CONTENT_TYPE, "application/x-www-form-urlencoded")];
        let answer = match credential {
            Credential::Anonymous => {
                self.send(Method::GET, "/oauth2/token", &asked, &[], String::new())
                    .await?
            }
            Credential::Password { user, password } => {
                let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
                let headers = [(AUTHORIZATION, basic.as_str())];
                self.send(
                    Method::GET,
                    "/oauth2/token",
                    &asked,
                    &headers,
                    String::new(),
                )
                .await?
            }
            Credential::Principal(object_id) => {
                let principal = self.cx.directory.by_object_id(object_id);
                let token = principal
                    .map(|principal| self.cx.tokens.issue(&principal, AUDIENCE, LIFETIME).token)
                    .unwrap_or_default();
                let body = format!(
                    "grant_type=access_token&service={registry}&tenant={}&access_token={}",
                    self.cx.tenant,
                    encode(&token)
                );
                let exchanged = self
                    .send(Method::POST, "/oauth2/exchange", "", &form, body)
                    .await?;
                let refresh = field(&exchanged, "refresh_token")?;
                let basic = STANDARD.encode(format!("{TOKEN_USER}:{refresh}"));
                let basic = format!("Basic {basic}");
                let headers = [(AUTHORIZATION, basic.as_str())];
                self.send(
                    Method::GET,
                    "/oauth2/token",
                    &asked,
                    &headers,
                    String::new(),
                )
                .await?
            }
        };
        self.authorization = format!("Bearer {}", field(&answer, "access_token")?);
        Ok(())
    }

    /// The image's manifest; from an index, the one for Linux on AMD64, which is what Azure runs.
    async fn manifest(&self) -> Result<(String, Value), PullError> {
        let mut version = self.reference.version.clone();
        for _ in 0..=DEPTH {
            let path = format!("/v2/{}/manifests/{version}", self.reference.repository);
            let headers = [(ACCEPT, MANIFESTS)];
            let answer = self
                .send(Method::GET, &path, "", &headers, String::new())
                .await?;
            if !answer.status().is_success() {
                return Err(PullError::of(&answer));
            }
            let digest = super::state::digest(answer.body());
            if version.contains(':') && version != digest {
                return Err(PullError::Invalid(format!(
                    "manifest {version} has the digest {digest}"
                )));
            }
            let body: Value = serde_json::from_slice(answer.body())
                .map_err(|error| PullError::Invalid(format!("the manifest is none: {error}")))?;
            let Some(manifests) = body["manifests"].as_array() else {
                return Ok((digest, body));
            };
            let fits = |one: &&Value| {
                one["platform"]["os"] == "linux" && one["platform"]["architecture"] == "amd64"
            };
            let chosen = manifests.iter().find(fits);
            version = chosen
                .and_then(|one| one["digest"].as_str())
                .ok_or_else(|| {
                    PullError::Invalid("no child with platform linux/amd64 in index".to_owned())
                })?
                .to_owned();
        }
        Err(PullError::Invalid("the index has no end".to_owned()))
    }

    async fn blob(&self, digest: &str) -> Result<Bytes, PullError> {
        let path = format!("/v2/{}/blobs/{digest}", self.reference.repository);
        let answer = self
            .send(Method::GET, &path, "", &[], String::new())
            .await?;
        if !answer.status().is_success() {
            return Err(PullError::of(&answer));
        }
        if super::state::digest(answer.body()) != digest {
            return Err(PullError::Invalid(format!(
                "blob {digest} is not what its digest says"
            )));
        }
        Ok(answer.into_body())
    }
}

fn field(answer: &Answer, name: &str) -> Result<String, PullError> {
    if !answer.status().is_success() {
        return Err(PullError::of(answer));
    }
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    Ok(body[name].as_str().unwrap_or_default().to_owned())
}

fn read_config(config: &Value) -> ImageConfig {
    let own = &config["config"];
    let list = |value: &Value| -> Vec<String> {
        let texts = value.as_array().into_iter().flatten();
        texts.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    ImageConfig {
        entrypoint: list(&own["Entrypoint"]),
        command: list(&own["Cmd"]),
        environment: list(&own["Env"])
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        working_folder: own["WorkingDir"].as_str().unwrap_or_default().to_owned(),
        labels: texts(&own["Labels"]),
        diff_ids: list(&config["rootfs"]["diff_ids"]),
    }
}

fn texts(map: &Value) -> std::collections::BTreeMap<String, String> {
    let pairs = map.as_object().into_iter().flatten();
    pairs
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Reference;

    fn parts(text: &str) -> Option<(String, String, String)> {
        let parsed = Reference::parse(text)?;
        Some((parsed.registry, parsed.repository, parsed.version))
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "a:", "r.azurecr.io/", "r.azurecr.io/a@", ":tag"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_taken_apart() {
        let own = |a: &str, b: &str, c: &str| Some((a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(parts("nginx"), own("docker.io", "nginx", "latest"));
        assert_eq!(
            parts("R.azurecr.io/team/app:1"),
            own("r.azurecr.io", "team/app", "1")
        );
        assert_eq!(
            parts("localhost:5000/app"),
            own("localhost:5000", "app", "latest")
        );
        assert_eq!(
            parts("r.azurecr.io/app:1@sha256:00"),
            own("r.azurecr.io", "app", "sha256:00")
        );
    }
}
