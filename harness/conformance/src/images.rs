//! Images that a recording's requests name: whoever recorded it had pushed them, so somebody has to
//! here.

use crate::session::{Answer, Auth, Sent, Session, form};
use docproof_emulator::Origin;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// The end of every registry's host.
const SUFFIX: &str = ".azurecr.io";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const VERSION: &str = "2025-03-01-preview";

/// Pushes the images that a request names to registries of the emulator. A registry that nobody made
/// is made in `group`.
pub(crate) async fn provide(
    session: &mut Session,
    provided: &mut BTreeSet<String>,
    request: &Value,
    group: &str,
) {
    for image in named(request) {
        if provided.insert(image.clone()) {
            push(session, &image, group).await;
        }
    }
}

/// Puts the password of a registry's admin user where the recorder removed it.
pub(crate) async fn fill_passwords(session: &mut Session, request: &mut Value) {
    let Some(credentials) = request.pointer_mut("/properties/imageRegistryCredentials") else {
        return;
    };
    for credential in credentials.as_array_mut().into_iter().flatten() {
        let server = credential["server"].as_str().unwrap_or_default();
        if credential["password"] == "***"
            && let Some(name) = server.strip_suffix(SUFFIX)
            && let Some(id) = find(session, name).await
        {
            let path = format!("{id}/listCredentials");
            let answer = session.arm("POST", &path, VERSION, None).await;
            credential["password"] = answer.body["passwords"][0]["value"].clone();
        }
    }
}

/// The images of registries that a request names.
fn named(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(text) if key == "image" && text.contains(&format!("{SUFFIX}/")) => {
                        found.insert(text.to_owned());
                    }
                    _ => found.extend(named(value)),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| found.extend(named(item))),
        _ => {}
    }
    found
}

/// The id of the registry with this name.
async fn find(session: &mut Session, name: &str) -> Option<String> {
    let path = format!("{}/resources", session.subscription());
    let listed = session.arm("GET", &path, "2024-11-01", None).await.body;
    let registry = listed["value"]
        .as_array()?
        .iter()
        .find(|one| one["type"] == "Microsoft.ContainerRegistry/registries" && one["name"] == name);
    Some(registry?["id"].as_str()?.to_owned())
}

/// Pushes an image without files.
async fn push(session: &mut Session, image: &str, group: &str) -> Option<()> {
    let (server, rest) = image.split_once('/')?;
    let (repository, tag) = rest.rsplit_once(':').unwrap_or((rest, "latest"));
    let name = server.strip_suffix(SUFFIX)?;
    if find(session, name).await.is_none() {
        let place = json!({"location": "eastus"});
        session.arm("PUT", group, "2024-11-01", Some(place)).await;
        let id = format!("{group}/providers/Microsoft.ContainerRegistry/registries/{name}");
        let body = json!({
            "location": "eastus", "sku": {"name": "Basic"},
            "properties": {"adminUserEnabled": true},
        });
        session.arm("PUT", &id, VERSION, Some(body)).await;
        session.pass_time();
    }
    let token = session.token("management.azure.com").await?;
    let fields = [
        ("grant_type", "access_token"),
        ("service", server),
        ("access_token", &token),
    ];
    let refresh = ask(session, server, "/oauth2/exchange", &fields).await;
    let scope = format!("repository:{repository}:pull,push");
    let fields = [
        ("grant_type", "refresh_token"),
        ("service", server),
        ("scope", &scope),
        ("refresh_token", refresh["refresh_token"].as_str()?),
    ];
    let token = ask(session, server, "/oauth2/token", &fields).await;
    let token = token["access_token"].as_str()?.to_owned();
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": []},
    })
    .to_string();
    let digest = format!("sha256:{}", hex(&Sha256::digest(config.as_bytes())));
    let base = format!("https://{server}/v2/{repository}");
    let begun = upload(
        session,
        &token,
        "POST",
        &format!("{base}/blobs/uploads/"),
        None,
    )
    .await?;
    let location = begun.header("location")?.to_owned();
    let sign = if location.contains('?') { '&' } else { '?' };
    let url = if location.starts_with('/') {
        format!("https://{server}{location}{sign}digest={digest}")
    } else {
        format!("{location}{sign}digest={digest}")
    };
    let body = Some(("application/octet-stream", config.clone()));
    upload(session, &token, "PUT", &url, body).await?;
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": digest, "size": config.len()},
        "layers": [],
    });
    let body = Some((MANIFEST, manifest.to_string()));
    upload(
        session,
        &token,
        "PUT",
        &format!("{base}/manifests/{tag}"),
        body,
    )
    .await?;
    Some(())
}

async fn upload(
    session: &mut Session,
    token: &str,
    method: &str,
    url: &str,
    body: Option<(&'static str, String)>,
) -> Option<Answer> {
    let sent = Sent {
        method,
        url,
        body,
        auth: Auth::Bearer(token.to_owned()),
        origin: Origin::Caller,
    };
    session.send(sent).await
}

async fn ask(session: &mut Session, server: &str, path: &str, fields: &[(&str, &str)]) -> Value {
    let url = format!("https://{server}{path}");
    let sent = Sent {
        method: "POST",
        url: &url,
        body: Some(("application/x-www-form-urlencoded", form(fields))),
        auth: Auth::None,
        origin: Origin::Caller,
    };
    session.send(sent).await.unwrap_or_default().body
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
