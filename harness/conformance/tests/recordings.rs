//! Replays `$DOCPROOF_GOLDEN/exchanges`: floors that only rise, and a reason for every difference.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(
    clippy::print_stderr,
    reason = "the table is what one looks at after a change"
)]

use docproof_conformance::{Floors, Known, Outcome, Recording, Report, replay};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// Where recordings and specifications are.
const GOLDEN: &str = "DOCPROOF_GOLDEN";

type Test = fn(&Replayed) -> Result<(), Failed>;

struct Replayed {
    outcomes: Vec<Outcome>,
    known: Known,
    report: Report,
}

fn replay_all(folder: &Path) -> Replayed {
    let recordings = Recording::read_all(&folder.join("exchanges")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcomes: Vec<Outcome> = runtime.block_on(async {
        let runs: Vec<_> = recordings
            .into_iter()
            .map(|recording| tokio::spawn(async move { replay(&recording).await.unwrap() }))
            .collect();
        let mut outcomes = Vec::new();
        for run in runs {
            outcomes.extend(run.await.unwrap());
        }
        outcomes
    });
    let known = Known::ours().unwrap();
    let report = Report::new(outcomes.clone(), &known);
    eprintln!("{}", report.table());
    if let Some(file) = std::env::var_os("DOCPROOF_CONFORMANCE_DETAILS") {
        std::fs::write(file, report.details()).unwrap();
    }
    Replayed {
        outcomes,
        known,
        report,
    }
}

fn no_service_falls_below_its_floor(replayed: &Replayed) -> Result<(), Failed> {
    let floors = Floors::ours().unwrap();
    let broken = floors.broken(&replayed.report);
    if !broken.is_empty() {
        return Err(broken.join("\n").into());
    }
    if std::env::var_os("DOCPROOF_RAISE_FLOORS").is_some() {
        raise(&floors, &replayed.report);
    }
    Ok(())
}

fn raise(floors: &Floors, report: &Report) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("floors.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let comment: String = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut explained = floors.explained.clone();
    let mut matched = floors.matched.clone();
    for (service, count) in report.services() {
        let floor = matched.entry(service.to_owned()).or_default();
        *floor = count.matched.max(*floor);
        if count.unexplained == 0 {
            explained.insert(service.to_owned());
        }
    }
    let names: Vec<String> = explained
        .iter()
        .map(|name| format!("    {name:?},\n"))
        .collect();
    let lines: Vec<String> = matched
        .iter()
        .map(|(name, floor)| format!("{name:?} = {floor}\n"))
        .collect();
    let new = format!(
        "{comment}explained = [\n{}]\n\n[matched]\n{}",
        names.concat(),
        lines.concat()
    );
    std::fs::write(path, new).unwrap();
}

fn every_difference_has_its_reason(replayed: &Replayed) -> Result<(), Failed> {
    let floors = Floors::ours().unwrap();
    let unexplained: Vec<String> = replayed
        .report
        .mismatches()
        .filter(|(outcome, reason)| reason.is_none() && floors.explained.contains(&outcome.service))
        .map(|(outcome, _)| format!("{outcome:#?}"))
        .collect();
    match unexplained.as_slice() {
        [] => Ok(()),
        all => Err(all.join("\n").into()),
    }
}

fn no_known_difference_is_stale(replayed: &Replayed) -> Result<(), Failed> {
    match replayed.known.stale(&replayed.outcomes).as_slice() {
        [] => Ok(()),
        stale => Err(stale.join("\n").into()),
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let golden = std::env::var_os(GOLDEN).map(PathBuf::from);
    let tests: [(&str, Test); 3] = [
        (
            "no_service_falls_below_its_floor",
            no_service_falls_below_its_floor,
        ),
        (
            "every_difference_has_its_reason",
            every_difference_has_its_reason,
        ),
        ("no_known_difference_is_stale", no_known_difference_is_stale),
    ];
    // Replayed once, by whichever test comes first.
    let folder = golden.clone();
    let replayed = Arc::new(LazyLock::new(move || {
        replay_all(&folder.unwrap_or_default())
    }));
    let trials = tests
        .into_iter()
        .map(|(name, test)| {
            let replayed = Arc::clone(&replayed);
            let name = match golden {
                Some(_) => name.to_owned(),
                None => format!("{name} ({GOLDEN} names no folder of recordings)"),
            };
            Trial::test(name, move || test(&replayed)).with_ignored_flag(golden.is_none())
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}
