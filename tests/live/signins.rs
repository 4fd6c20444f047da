//! What a caller may sign in with, beside a session of `az` and a secret.

use crate::common;
use crate::place::{Day, Place};
use crate::subscription::Subscription;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libtest_mimic::{Failed, Trial};
use serde_json::json;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "repo:contoso/docs:environment:nightly";

pub(crate) fn trials(refusal: Option<&String>) -> Vec<Trial> {
    let trial = common::trial("signs_in::federated", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(federated())
    });
    let kept = common::trial("ends::kept", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(kept())
    });
    vec![trial, kept]
}

/// A token of that issuer; nobody here verifies its signature.
fn token(subject: &str) -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({
        "iss": ISSUER, "sub": subject, "aud": "api://AzureADTokenExchange", "exp": 4_102_444_800_u64,
    });
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    format!("{}.{}.c2lnbmF0dXJl", part(header), part(claims))
}

async fn federated() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    let subscription = Subscription::of(&place.emulator).await;
    let application = place.emulator.add_application("nightly", "unused-here");
    subscription.owner(&application.object_id).await;
    place.emulator.trust(&application, ISSUER, SUBJECT);
    place.write("token", &token(SUBJECT));
    place.write("other-token", &token("repo:contoso/docs:pull_request"));
    let tenant = place.emulator.tenant_id().to_owned();
    let words = ["run", "aci-user-assigned", "--target", "azure", "--dry-run"];
    for (file, code) in [("token", 0), ("other-token", 3)] {
        let file = place.path().join(file).to_string_lossy().into_owned();
        let variables = [
            ("AZURE_CLIENT_ID", application.client_id.as_str()),
            ("AZURE_TENANT_ID", tenant.as_str()),
            ("AZURE_FEDERATED_TOKEN_FILE", file.as_str()),
        ];
        let ended = place.run(&place.docproof(&words), &variables).await;
        assert_eq!(ended.code, code, "{}", ended.told());
        crate::secrets::none_of(&place, &ended, &[&token(SUBJECT), &application.client_id])?;
    }
    Ok(())
}

/// What is kept stays, and is nobody else's to sweep up unless that is said.
async fn kept() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    place.sign_in().await;
    let subscription = Subscription::of(&place.emulator).await;
    let before = subscription.inventory().await;
    let ended = place.live("aci-user-assigned", &["--keep"]).await;
    assert_eq!(ended.code, 0, "{}", ended.told());
    let there = subscription.inventory().await;
    assert!(there.len() > before.len(), "{}", ended.told());
    let swept = place.run(&place.docproof(&["sweep"]), &[]).await;
    assert!(swept.stdout.contains("nothing is left"), "{}", swept.told());
    assert_eq!(subscription.inventory().await, there);
    let looked = place
        .run(&place.docproof(&["sweep", "--kept", "--dry-run"]), &[])
        .await;
    assert!(
        looked.stdout.contains("resource group"),
        "{}",
        looked.told()
    );
    assert_eq!(subscription.inventory().await, there);
    let swept = place.run(&place.docproof(&["sweep", "--kept"]), &[]).await;
    assert_eq!(swept.code, 0, "{}", swept.told());
    assert_eq!(subscription.inventory().await, before, "{}", swept.told());
    assert!(place.ledgers().is_empty());
    Ok(())
}
