//! The index of azure-cli's extensions.

use crate::bench::Bench;
use bytes::Bytes;
use docproof_emulator::Origin;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

async fn get(bench: &Bench, url: &str) -> http::Response<Bytes> {
    let request = http::Request::get(url)
        .header("user-agent", "python-requests/2.32.3")
        .body(Bytes::new())
        .unwrap();
    bench.emulator.send(&Origin::Caller, request).await
}

#[tokio::test]
async fn one_extension_is_there_and_says_that_it_is_a_stand_in() {
    let bench = Bench::new().await;
    let files = "https://azcliprod.blob.core.windows.net/cli-extensions";
    let absent = get(&bench, &format!("{files}/ssh-2.0.6-py3-none-any.whl")).await;
    assert_eq!(absent.status(), 404);
    // What `az` asks of the same hosts on its own account is no concern of a report.
    let mark = bench.emulator.mark();
    let own = get(&bench, "https://aka.ms/azure-cli-history").await;
    assert_eq!(own.status(), 404);
    assert!(bench.emulator.requests_since(mark)[0].quiet);
    let index = get(&bench, "https://aka.ms/azure-cli-extension-index-v1").await;
    assert_eq!(index.status(), 301);
    let index = get(&bench, index.headers()["location"].to_str().unwrap()).await;
    let index: Value = serde_json::from_slice(index.body()).unwrap();
    let extensions = index["extensions"].as_object().unwrap();
    assert_eq!(extensions.keys().collect::<Vec<_>>(), ["containerapp"]);
    let entry = &extensions["containerapp"][0];
    // As `az` says of the real one: there is no stable version of it.
    assert_eq!(entry["metadata"]["azext.isPreview"], true);
    let mark = bench.emulator.mark();
    let wheel = get(&bench, entry["downloadUrl"].as_str().unwrap()).await;
    let hash = Sha256::digest(wheel.body());
    let digest: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(entry["sha256Digest"], digest.as_str());
    let asked = &bench.emulator.requests_since(mark)[0];
    assert!(!asked.quiet);
    let said = asked.stand_in.as_deref().unwrap();
    assert!(said.starts_with("the extension containerapp"), "{said}");
}
