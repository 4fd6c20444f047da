//! Replays `$DOCPROOF_GOLDEN/exchanges`: floors that only rise, and a reason for every difference.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(
    clippy::print_stderr,
    reason = "the table is what one looks at after a change"
)]

use docproof_conformance::{
    Apis, Checked, Floors, Known, Outcome, Recording, Report, Types, Violations, recorded_requests,
    recorded_types, replay, replay_typed,
};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// Where recordings and specifications are.
const GOLDEN: &str = "DOCPROOF_GOLDEN";

type Test = fn(&Replayed) -> Result<(), Failed>;
type TypeTest = fn(&Path) -> Result<(), Failed>;

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
        std::fs::write(file, report.details(true)).unwrap();
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

/// Every flow of the recordings again, in the api-versions that `az` sends today and whose types are
/// at hand. What the types do not know of Azure's own answers is no error.
fn answers_are_of_their_types(golden: &Path) -> Result<(), Failed> {
    let types = Arc::new(Types::read(&golden.join("specs/bicep-types-az")).unwrap());
    let recordings = Recording::read_all(&golden.join("exchanges")).unwrap();
    let (mut of_azure, mut ours) = (Checked::default(), Checked::default());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut runs = Vec::new();
        for recording in recordings {
            of_azure.add(recorded_types(&recording, &types));
            let types = Arc::clone(&types);
            runs.push(tokio::spawn(async move {
                replay_typed(&recording, &types).await.unwrap()
            }));
        }
        for run in runs {
            ours.add(run.await.unwrap());
        }
    });
    assert!(
        ours.resources > 200,
        "only {} resources were checked",
        ours.resources
    );
    let lines: Vec<String> = ours
        .errors
        .difference(&of_azure.errors)
        .map(|error| format!("{} {} {}", error.kind, error.at, error.what))
        .collect();
    match lines.as_slice() {
        [] => Ok(()),
        all => Err(all.join("\n").into()),
    }
}

/// Every recorded request that Azure took, against the types of resources and the operations that are at
/// hand.
fn requests_are_of_their_types(golden: &Path) -> Result<(), Failed> {
    let types = Types::read(&golden.join("specs/bicep-types-az")).unwrap();
    let apis = Apis::read(&golden.join("specs/specification")).unwrap();
    let mut checked = Checked::default();
    for recording in Recording::read_all(&golden.join("exchanges")).unwrap() {
        checked.add(recorded_requests(&recording, &types, &apis));
    }
    eprintln!("{} requests have a type or an operation", checked.resources);
    assert!(
        checked.resources > 200,
        "only {} requests were checked",
        checked.resources
    );
    match Violations::ours()
        .unwrap()
        .unexplained(&checked.errors)
        .as_slice()
    {
        [] => Ok(()),
        all => Err(all.join("\n").into()),
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
    let name = |name: &str| match golden {
        Some(_) => name.to_owned(),
        None => format!("{name} ({GOLDEN} names no folder of recordings)"),
    };
    let of_types: [(&str, TypeTest); 2] = [
        ("answers_are_of_their_types", answers_are_of_their_types),
        ("requests_are_of_their_types", requests_are_of_their_types),
    ];
    let typed = of_types.into_iter().map(|(test_name, test)| {
        let folder = golden.clone().unwrap_or_default();
        Trial::test(name(test_name), move || test(&folder)).with_ignored_flag(golden.is_none())
    });
    let typed: Vec<Trial> = typed.collect();
    let trials = tests
        .into_iter()
        .map(|(test_name, test)| {
            let replayed = Arc::clone(&replayed);
            Trial::test(name(test_name), move || test(&replayed))
                .with_ignored_flag(golden.is_none())
        })
        .chain(typed)
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}
