//! Runs that are killed at random points, and swept up after; somebody else works there meanwhile.

use crate::common;
use crate::place::{Day, Place};
use crate::subscription::Subscription;
use docproof_run::project::Project;
use libtest_mimic::{Failed, Trial};

/// How many in CI; `DOCPROOF_LIVE_KILLS=50` for more.
const KILLS: u64 = 5;
/// A scenario makes about this many requests.
const REQUESTS: u64 = 140;

pub(crate) fn trials(project: &Project, refusal: Option<&String>) -> Vec<Trial> {
    let asked = std::env::var("DOCPROOF_LIVE_KILLS").ok();
    let kills = asked.and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    // Those that run here, by what they make: not what needs PowerShell or Python.
    let runs = |id: &String| {
        let walkthrough = project.walkthrough(id);
        walkthrough.is_ok_and(|one| one.requires.is_empty() && !one.has_programs())
    };
    let ids: Vec<String> = project.ids().unwrap_or_default();
    let ids: Vec<String> = ids.into_iter().filter(runs).collect();
    let trial = |number: u64| {
        // The one with a vault, an identity and a container group is every other one.
        let other = usize::try_from(number / 2).unwrap_or_default();
        let id = match number % 2 {
            0 => "aci-user-assigned".to_owned(),
            _ => ids[other % ids.len()].clone(),
        };
        common::trial(format!("killed::{number}::{id}"), refusal, move || {
            tokio::runtime::Runtime::new()?.block_on(killed(&id, number))
        })
    };
    (0..kills).map(trial).collect()
}

/// A number that looks random, the same each time (SplitMix64).
fn random(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^ (z >> 27)
}

async fn killed(id: &str, number: u64) -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::ordinary(20.0, number))?;
    place.sign_in().await;
    let subscription = Subscription::of(&place.emulator).await;
    subscription.foreign("theirs-before").await;
    let mark = place.emulator.mark();
    // Most have their calls answered by one process, which ends with the run and is several times as fast.
    let az = if number.is_multiple_of(5) {
        "plain"
    } else {
        "preloaded"
    };
    let words = place.docproof(&["run", id, "--target", "azure", "--az", az]);
    let (process, _, _) = place.start(&words, &[]);
    // docproof's own look at the subscription comes first.
    let after = 15 + usize::try_from(random(number) % REQUESTS).unwrap_or_default();
    let mut seen = mark;
    while seen < mark + after && process.try_exit().is_none() {
        tokio::select! {
            new = place.emulator.next_requests(seen) => seen += new.len(),
            _ = process.wait() => {}
        }
    }
    process.signal(9).map_err(|error| error.to_string())?;
    process.wait().await;
    subscription.foreign("theirs-meanwhile").await;
    let there = subscription.inventory().await;
    let theirs = |id: &&String| id.contains("theirs") || is_theirs(id);
    let swept = place.run(&place.docproof(&["sweep"]), &[]).await;
    if swept.code != 0 {
        return Err(format!("after {after} requests: {}", swept.told()).into());
    }
    let now = subscription.inventory().await;
    let lost: Vec<&String> = there
        .iter()
        .filter(theirs)
        .filter(|id| !now.contains(*id))
        .collect();
    let left: Vec<&String> = now.iter().filter(|id| !theirs(id)).collect();
    if !lost.is_empty() || !left.is_empty() || !place.ledgers().is_empty() {
        let ledgers = place.ledgers();
        let told = swept.told();
        return Err(format!(
            "after {after} requests: lost {lost:?}, left {left:?}, ledgers {ledgers:?}\n{told}"
        )
        .into());
    }
    // A second sweep has nothing to do.
    let again = place.run(&place.docproof(&["sweep"]), &[]).await;
    match again.code == 0 && again.stdout.contains("nothing is left") {
        true => Ok(()),
        false => Err(again.told().into()),
    }
}

/// Role assignments at the subscription: those of the user and of somebody else's identities; none of
/// the scenarios gives a role there.
fn is_theirs(id: &str) -> bool {
    let parts: Vec<&str> = id.split('/').collect();
    parts.len() == 7 && id.contains("/roleassignments/")
}
