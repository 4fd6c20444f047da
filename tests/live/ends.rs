//! However a run ends, it leaves nothing: interrupted, terminated, out of time.

use crate::common;
use crate::place::{Day, Place};
use crate::subscription::Subscription;
use libtest_mimic::{Failed, Trial};

/// SIGINT and SIGTERM.
const SIGNALS: [(&str, i32); 2] = [("interrupted", 2), ("terminated", 15)];

pub(crate) fn trials(refusal: Option<&String>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = SIGNALS
        .iter()
        .map(|(name, signal)| {
            common::trial(format!("ends::{name}"), refusal, move || {
                tokio::runtime::Runtime::new()?.block_on(signalled(*signal))
            })
        })
        .collect();
    trials.push(common::trial("ends::out_of_time", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(out_of_time())
    }));
    trials
}

async fn signalled(signal: i32) -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::ordinary(20.0, 3))?;
    place.sign_in().await;
    let subscription = Subscription::of(&place.emulator).await;
    let before = subscription.inventory().await;
    let words = place.docproof(&["run", "aci-user-assigned", "--target", "azure"]);
    let (process, out, err) = place.start(&words, &[]);
    // Until the vault is there.
    let mut seen = 0;
    while process.try_exit().is_none() {
        let new = place.emulator.next_requests(seen).await;
        seen += new.len();
        let made = |url: &str| url.contains("/providers/Microsoft.KeyVault/vaults/");
        if new
            .iter()
            .any(|one| one.method == "PUT" && one.status == 200 && made(&one.url))
        {
            break;
        }
    }
    assert_ne!(subscription.inventory().await, before);
    process.signal(signal).map_err(|error| error.to_string())?;
    let code = process.wait().await;
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let told = format!("{}\n{}", read(&out), read(&err));
    assert_eq!(code, 130, "{told}");
    assert!(!told.contains("left behind"), "{told}");
    assert_eq!(subscription.inventory().await, before, "{told}");
    assert!(place.ledgers().is_empty(), "{told}");
    Ok(())
}

async fn out_of_time() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::ordinary(20.0, 4))?;
    place.sign_in().await;
    let subscription = Subscription::of(&place.emulator).await;
    let before = subscription.inventory().await;
    let more = ["--scenario-timeout", "6"];
    let ended = place.live("aci-user-assigned", &more).await;
    assert!([1, 3].contains(&ended.code), "{}", ended.told());
    assert!(ended.stdout.contains("skipped"), "{}", ended.told());
    assert_eq!(subscription.inventory().await, before, "{}", ended.told());
    assert!(place.ledgers().is_empty());
    Ok(())
}
