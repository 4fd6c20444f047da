//! What a live run refuses before it makes anything.

use crate::common;
use crate::place::{Day, Place};
use crate::subscription::Subscription;
use docproof_emulator::Exchange;
use libtest_mimic::{Failed, Trial};
use serde_json::json;

const SCENARIO: &str = "aci-user-assigned";

pub(crate) fn trials(refusal: Option<&String>) -> Vec<Trial> {
    let trial = common::trial("refuses", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(refuses())
    });
    vec![trial]
}

/// Whether something was changed since a mark.
fn changed(place: &Place, mark: usize) -> bool {
    let changes =
        |one: &Exchange| one.url.starts_with("https://management.azure.com") && one.method != "GET";
    place.emulator.requests_since(mark).iter().any(changes)
}

async fn refuses() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    let program = env!("CARGO_BIN_EXE_docproof");
    let live = ["run", SCENARIO, "--target", "azure"];
    let with = |more: &[&'static str]| [&[program], &live[..], more].concat();

    let ended = place.run(&with(&[]), &[]).await;
    assert_eq!(ended.code, 2, "{}", ended.told());
    assert!(ended.stderr.contains("--subscription"), "{}", ended.told());

    let ended = place.live(SCENARIO, &[]).await;
    assert_eq!(ended.code, 3, "{}", ended.told());
    assert!(
        ended.stderr.contains("nobody is signed in"),
        "{}",
        ended.told()
    );

    place.sign_in().await;
    let mark = place.emulator.mark();
    let ended = place
        .run(&with(&["--subscription", "elsewhere"]), &[])
        .await;
    assert_eq!(ended.code, 3, "{}", ended.told());

    // Nobody is there to be asked.
    let id = place.emulator.subscription_id().to_owned();
    let mut words = with(&["--subscription"]);
    words.push(&id);
    let ended = place.run(&words, &[]).await;
    assert_eq!(ended.code, 2, "{}", ended.told());
    assert!(ended.stderr.contains("--yes"), "{}", ended.told());
    assert!(!format!("{}{}", ended.stdout, ended.stderr).contains(&id));

    let ended = place.live(SCENARIO, &["--dry-run"]).await;
    assert_eq!(ended.code, 0, "{}", ended.told());
    assert!(
        ended.stdout.contains("Microsoft.KeyVault/vaults"),
        "{}",
        ended.told()
    );
    assert!(
        ended.stdout.contains("--name myResourceGroup-"),
        "{}",
        ended.told()
    );

    let subscription = Subscription::of(&place.emulator).await;
    let allowed = place.read("project/docproof.toml");
    place.write("project/docproof.toml", "[azure]\nsubscriptions = []\n");
    let ended = place.live(SCENARIO, &[]).await;
    assert_eq!(ended.code, 3, "{}", ended.told());
    assert!(ended.stderr.contains("does not allow"), "{}", ended.told());
    place.write("project/docproof.toml", &allowed);
    assert!(!changed(&place, mark));

    // A command that names somebody else's group does not run.
    subscription.foreign("theirs").await;
    let scenario = place.read("project/scenarios/aci-user-assigned.toml");
    let unnamed = scenario.replace("myResourceGroup = \"resource-group\"\n", "");
    assert_ne!(scenario, unnamed);
    place.write("project/scenarios/aci-user-assigned.toml", &unnamed);
    let body = json!({ "location": "eastus", "tags": { "whose": "theirs" } });
    let group = "/resourcegroups/myResourceGroup?api-version=2024-11-01";
    subscription.ask("PUT", group, &body).await;
    let before = subscription.inventory().await;
    let ended = place.live(SCENARIO, &[]).await;
    assert_eq!(ended.code, 3, "{}", ended.told());
    assert!(
        ended.stdout.contains("which is not the run's"),
        "{}",
        ended.told()
    );
    assert_eq!(subscription.inventory().await, before);
    Ok(())
}
