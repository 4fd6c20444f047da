//! The index of azure-cli's extensions, and the one extension in it: `containerapp`, empty.
//!
//! azure-cli has the commands of that extension built in since 2.53. The extension of today is a
//! preview that takes their place with commands of its own (quoted in Azure/container-apps-deploy-action
//! 130: "No stable version of 'containerapp' to install. Preview versions allowed.", and with every
//! command "The behavior of this command has been altered by the following extension: containerapp").
//! This one has its name, its version and those warnings when it is installed, and no commands, so that
//! the built-in ones are what a walkthrough runs. Its answer says so, and with it every report.
//! No other extension is in the index.

mod wheel;

use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use ::http::{Method, StatusCode};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;

/// The extension, as it is published.
const NAME: &str = "containerapp";
const VERSION: &str = "1.3.0b4";
/// What it asks of azure-cli.
const LEAST_CLI: &str = "2.79.0";
const SUMMARY: &str = "A stand-in of docproof's without commands: azure-cli has them built in.";
/// What every report says of it.
const STAND_IN: &str = "the extension containerapp 1.3.0b4, without its commands: those built into \
     azure-cli are run";

/// Where `az` asks for the index, and where that leads.
const INDEX: (&str, &str) = ("aka.ms", "/azure-cli-extension-index-v1");
const INDEX_AT: (&str, &str) = (
    "azcliextensionsync.blob.core.windows.net",
    "/index1/index.json",
);
/// Where extensions are fetched from.
const FILES: &str = "azcliprod.blob.core.windows.net";

/// The service.
#[derive(Debug, Default)]
pub(crate) struct CliExtensions {
    wheel: OnceLock<Bytes>,
}

/// Whether a request asks for the index, or for an extension: its user made it, unlike what else
/// `az` asks of the same hosts.
pub(crate) fn is_asked(request: &Request) -> bool {
    let at = (request.host.as_str(), request.path.as_str());
    at == INDEX
        || at == INDEX_AT
        || (request.host == FILES && request.segment(0) == "cli-extensions")
}

impl Service for CliExtensions {
    fn owns(&self, request: &Request) -> bool {
        is_asked(request)
    }

    fn answer<'a>(&'a self, _cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(std::future::ready(self.route(request)))
    }
}

impl CliExtensions {
    fn wheel(&self) -> Bytes {
        self.wheel
            .get_or_init(|| wheel::extension(NAME, VERSION, SUMMARY, &metadata()).into())
            .clone()
    }

    fn route(&self, request: &Request) -> Response {
        if request.method != Method::GET {
            return arm::not_emulated(request).into();
        }
        let at = (request.host.as_str(), request.path.as_str());
        if at == INDEX {
            let (host, path) = INDEX_AT;
            return Response::empty(StatusCode::MOVED_PERMANENTLY)
                .with_header("location", format!("https://{host}{path}"));
        }
        if at == INDEX_AT {
            return Response::json(StatusCode::OK, &self.index());
        }
        if request.segment(1) == file_name() {
            return Response::empty(StatusCode::OK)
                .with_bytes("application/octet-stream", self.wheel())
                .with_header("x-docproof-stand-in", STAND_IN);
        }
        Response::text(StatusCode::NOT_FOUND, "The specified blob does not exist.")
    }

    fn index(&self) -> serde_json::Value {
        let hash = Sha256::digest(self.wheel());
        let digest: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut own = metadata();
        own["name"] = json!(NAME);
        own["version"] = json!(VERSION);
        own["summary"] = json!(SUMMARY);
        let file = file_name();
        json!({ "formatVersion": "1", "extensions": { NAME: [{
            "downloadUrl": format!("https://{FILES}/cli-extensions/{file}"),
            "filename": file,
            "metadata": own,
            "sha256Digest": digest,
        }]}})
    }
}

fn metadata() -> serde_json::Value {
    json!({ "azext.isPreview": true, "azext.minCliCoreVersion": LEAST_CLI })
}

fn file_name() -> String {
    format!("{NAME}-{VERSION}-py2.py3-none-any.whl")
}
