//! No secret and no id that a run meets reaches anything that it writes.

use crate::common;
use crate::place::{Day, Ended, Place};
use crate::subscription::Subscription;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use libtest_mimic::{Failed, Trial};
use regex::bytes::Regex;
use std::path::Path;

/// In no article, with characters that every encoding writes in another way.
const PLANTED: &str = "pl4nted/+sècret \"of\\mine\"&more=yes";
/// Signs in with it.
const CREDENTIAL: &str = "Cr3d~ential/+which nobody&may see";

const SCENARIO: &str = r##"
title   = "Whatever shows what nobody may see"
article = "container-instances-managed-identity"

[names]
myResourceGroup = "resource-group"
mykeyvault      = "key-vault"

[[step]]
name  = "create the resource group"
block = "create-an-azure-key-vault#1"

[[step]]
name  = "create the key vault"
block = "create-an-azure-key-vault#2"

  [[step.correction]]
  find    = "--location eastus"
  replace = "--location eastus --enable-rbac-authorization false"
  why     = "a vault with policies"

[[step]]
name = "print and fail"
why  = "a test"
run  = '''
az keyvault set-policy --name mykeyvault --object-id "$(az account get-access-token --query accessToken --output tsv | cut -d. -f2 | tr _- /+ | base64 --decode 2>/dev/null | jq -r .oid)" --secret-permissions get set list --output none
az keyvault secret set --vault-name mykeyvault --name s --value "$(cat ../../../planted)" --output none
V=$(az keyvault secret show --vault-name mykeyvault --name s --query value --output tsv)
printf '%s\n' "$V" "$(printf %s "$V" | base64 -w0)" "$(printf %s "$V" | jq -sRr @uri)" >&2
printf %s "$V" | jq -sR . >&2
az account show >&2
az account get-access-token >&2
az keyvault show --name mykeyvault --output json >&2
az account get-access-token --query accessToken --output tsv | base64 -w0 >&2
false
'''
"##;

pub(crate) fn trials(refusal: Option<&String>) -> Vec<Trial> {
    let trial = common::trial("secrets::of_a_failure", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(failure())
    });
    vec![trial]
}

/// What a text can be written as.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![text.as_bytes().to_vec(), text.to_uppercase().into_bytes()];
    let encode = percent_encoding::NON_ALPHANUMERIC;
    let url = percent_encoding::utf8_percent_encode(text, encode).to_string();
    forms.push(url.to_lowercase().into_bytes());
    forms.push(url.into_bytes());
    let json = serde_json::to_string(text).unwrap();
    forms.push(json.trim_matches('"').as_bytes().to_vec());
    // In the middle of something else, base64 begins at one of three places: its ends differ.
    for before in ["", "x", "xx"] {
        for encoded in [
            STANDARD.encode(format!("{before}{text}")),
            URL_SAFE_NO_PAD.encode(format!("{before}{text}")),
        ] {
            let encoded = encoded.trim_end_matches('=');
            let middle = encoded.get(4..encoded.len().saturating_sub(4));
            forms.extend(middle.map(|middle| middle.as_bytes().to_vec()));
        }
    }
    forms
}

/// Everything that a run has written: what it printed, and files that are still there. The caller's own
/// sign-in is the caller's.
fn written(place: &Place, ended: &Ended) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![
        (
            "standard output".to_owned(),
            ended.stdout.clone().into_bytes(),
        ),
        (
            "standard error".to_owned(),
            ended.stderr.clone().into_bytes(),
        ),
    ];
    let mut folders = vec![place.path().join("state"), place.path().join("tmp")];
    folders.push(place.path().join("recorded"));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => all.push((shown(&path), std::fs::read(&path).unwrap_or_default())),
            }
        }
    }
    all
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Fails if one of these stands anywhere in what a run has written, or any token.
pub(crate) fn none_of(place: &Place, ended: &Ended, secrets: &[&str]) -> Result<(), Failed> {
    let token = Regex::new(r"eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}").unwrap();
    for (name, bytes) in written(place, ended) {
        for (number, secret) in secrets.iter().enumerate() {
            for form in forms(secret) {
                if bytes.windows(form.len()).any(|window| window == form) {
                    let form = String::from_utf8_lossy(&form).into_owned();
                    return Err(
                        format!("{name} has value {number}, as {form}\n{}", ended.told()).into(),
                    );
                }
            }
        }
        if token.is_match(&bytes) {
            return Err(format!("{name} has a token\n{}", ended.told()).into());
        }
    }
    Ok(())
}

async fn failure() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    place.write("planted", PLANTED);
    place.write("project/scenarios/planted.toml", SCENARIO);
    let subscription = Subscription::of(&place.emulator).await;
    let application = place.emulator.add_application("nightly", CREDENTIAL);
    subscription.owner(&application.object_id).await;
    let before = subscription.inventory().await;
    let tenant = place.emulator.tenant_id().to_owned();
    let credential = [
        ("AZURE_CLIENT_ID", application.client_id.as_str()),
        ("AZURE_TENANT_ID", tenant.as_str()),
        ("AZURE_CLIENT_SECRET", CREDENTIAL),
    ];
    let secrets = [
        PLANTED,
        CREDENTIAL,
        &tenant,
        place.emulator.subscription_id(),
        &application.client_id,
        &application.object_id,
    ];
    for (format, az) in [("human", "plain"), ("json", "preloaded")] {
        let words = [
            "run", "planted", "--target", "azure", "--format", format, "--az", az,
        ];
        let ended = place.run(&place.docproof(&words), &credential).await;
        assert_eq!(ended.code, 1, "{}", ended.told());
        // It did meet them.
        assert!(
            ended.stdout.contains("<subscription-id>"),
            "{}",
            ended.told()
        );
        none_of(&place, &ended, &secrets)?;
    }
    // Where ids are shown this test finds them: it does look.
    let words = [
        "run",
        "planted",
        "--target",
        "azure",
        "--az",
        "preloaded",
        "--show-ids",
    ];
    let ended = place.run(&place.docproof(&words), &credential).await;
    assert!(none_of(&place, &ended, &secrets).is_err());
    none_of(&place, &ended, &[PLANTED, CREDENTIAL])?;
    // A credential that is refused is not shown either.
    let mut wrong = credential;
    let other = format!("{CREDENTIAL}x");
    wrong[2].1 = &other;
    let words = ["run", "planted", "--target", "azure"];
    let ended = place.run(&place.docproof(&words), &wrong).await;
    assert_eq!(ended.code, 3, "{}", ended.told());
    none_of(&place, &ended, &secrets)?;
    assert_eq!(subscription.inventory().await, before);
    assert!(place.ledgers().is_empty());
    Ok(())
}
