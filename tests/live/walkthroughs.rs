//! Each scenario on an ordinary day of Azure; nothing is left of it.

use crate::common;
use crate::place::{Day, Place};
use crate::secrets;
use crate::subscription::Subscription;
use docproof_run::project::Project;
use docproof_run::requirements;
use libtest_mimic::{Failed, Trial};

/// How much faster than real time it goes in CI; `DOCPROOF_LIVE_SPEED=1` is real time.
const SPEED: f64 = 10.0;

/// Those that are always run; the others take ten minutes more.
const SOME: [&str; 3] = ["aca-system-assigned", "aci-template", "aci-user-assigned"];
/// The only one of them that starts `az` for each call, as a run does that says nothing of it.
const PLAIN: &str = "aci-user-assigned";
const OTHERS: &str = "not run: DOCPROOF_LIVE_ALL is not set";

pub(crate) fn speed() -> f64 {
    let asked = std::env::var("DOCPROOF_LIVE_SPEED").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(SPEED)
}

fn all() -> bool {
    std::env::var_os("DOCPROOF_LIVE_ALL").is_some()
}

pub(crate) fn trials(project: &Project, refusal: Option<&String>) -> Vec<Trial> {
    let all = all();
    let ids = project.ids().unwrap_or_default();
    let trial = |id: String| {
        let scenario = project.scenario(&id).ok();
        let mut requires = scenario.into_iter().flat_map(|scenario| scenario.requires);
        let lacking = requires.find_map(requirements::lacking);
        let lacking = lacking.map(|reason| format!("not run: {reason}"));
        let walkthrough = project.walkthrough(&id).ok();
        let programs = walkthrough.is_some_and(|one| one.has_programs());
        let other = (!all && !SOME.contains(&id.as_str())).then(|| OTHERS.to_owned());
        let reason = refusal.or(lacking.as_ref()).or(other.as_ref());
        common::trial(format!("passes::{id}"), reason, move || {
            passes(&id, programs)
        })
    };
    ids.into_iter().map(trial).collect()
}

fn passes(id: &str, programs: bool) -> Result<(), Failed> {
    let az = common::az()?;
    let sdk = match programs {
        true => Some(common::sdk()?),
        false => None,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let seed = id.bytes().map(u64::from).sum();
        let place = Place::open(&az, sdk.as_ref(), Day::ordinary(speed(), seed))?;
        place.sign_in().await;
        let subscription = Subscription::of(&place.emulator).await;
        let before = subscription.inventory().await;
        let recorded = place.path().join("recorded");
        let folder = recorded.to_string_lossy().into_owned();
        let by_default = all() || id == PLAIN;
        let az = if by_default { "plain" } else { "preloaded" };
        let ended = place.live(id, &["--record", &folder, "--az", az]).await;
        if std::env::var_os("DOCPROOF_LIVE_SHOW").is_some() {
            eprintln!("{}", ended.told());
        }
        if ended.code != 0 {
            return Err(ended.told().into());
        }
        // A run may take longer than a token lasts.
        let after = Subscription::of(&place.emulator).await.inventory().await;
        if before != after {
            let left: Vec<_> = after.symmetric_difference(&before).collect();
            return Err(format!("not as before: {left:?}\n{}", ended.told()).into());
        }
        let requests = place.emulator.mark();
        if requests > 200 && place.faults().is_empty() {
            return Err(format!("{requests} requests, and no fault among them").into());
        }
        let (subscription, tenant) = (place.emulator.subscription_id(), place.emulator.tenant_id());
        secrets::none_of(&place, &ended, &[subscription, tenant])?;
        // What was recorded can be replayed.
        let program = env!("CARGO_BIN_EXE_docproof");
        let replayed = place
            .run(&[program, "emulator", "conformance", &folder], &[])
            .await;
        if std::env::var_os("DOCPROOF_LIVE_SHOW").is_some() {
            eprintln!("{}", replayed.told());
        }
        if !recorded.join(format!("{id}.jsonl")).is_file() || replayed.code == 2 {
            return Err(format!("no recording\n{}", replayed.told()).into());
        }
        match place.ledgers().is_empty() {
            true => Ok(()),
            false => Err(format!("a ledger is left\n{}", ended.told()).into()),
        }
    })
}
