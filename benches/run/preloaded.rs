//! A scenario with `az` started for each call, and with the one that is preloaded: while azure-cli is still
//! being imported, as in a run of this scenario alone, and after that.

use crate::{Result, median, ms};
use docproof_core::event::Event;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SCENARIO: &str = "aci-user-assigned";
const PAIRS: usize = 5;

pub(crate) fn measure() -> Result<()> {
    let (mut plain, mut alone, mut imported) = (Vec::new(), Vec::new(), Vec::new());
    let mut plain_scenario = Vec::new();
    for _ in 0..PAIRS {
        let (whole, scenarios) = time("plain", 1)?;
        plain.push(whole);
        plain_scenario.extend(scenarios);
        alone.push(time("preloaded", 1)?.0);
        // One after the other: the first finds azure-cli in the middle of its import.
        imported.extend(time("preloaded", 3)?.1.into_iter().skip(1));
    }
    let whole = (median(&plain), median(&alone));
    let scenario = (median(&plain_scenario), median(&imported));
    println!("| `{SCENARIO}`, medians of {PAIRS} | `--az plain` | preloaded | of plain |");
    println!("| --- | --- | --- | --- |");
    for (what, (plain, preloaded)) in [
        ("the whole command, which imports azure-cli", whole),
        ("the scenario, once azure-cli is imported", scenario),
    ] {
        println!(
            "| {what} | {:.2} s | {:.2} s | {:.2} |",
            plain.as_secs_f64(),
            preloaded.as_secs_f64(),
            ms(preloaded) / ms(plain)
        );
    }
    Ok(())
}

/// How long the command takes to run the scenario so often, and what each of these takes.
fn time(az: &str, times: usize) -> Result<(Duration, Vec<Duration>)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docproof"));
    command
        .arg("run")
        .args(vec![SCENARIO; times])
        .args(["--az", az, "--jobs", "1", "--format", "json"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    let started = Instant::now();
    let output = command.output()?;
    let time = started.elapsed();
    let said = String::from_utf8(output.stdout)?;
    if !output.status.success() {
        return Err(format!("--az {az}: {said}").into());
    }
    let mut scenarios = Vec::new();
    for line in said.lines() {
        if let Event::Verdict { timing, .. } = serde_json::from_str(line)? {
            scenarios.push(Duration::try_from_secs_f64(timing.seconds)?);
        }
    }
    Ok((time, scenarios))
}
