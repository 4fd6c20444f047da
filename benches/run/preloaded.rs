//! A scenario with `az` started for each call, and with the one that is preloaded.

use crate::{Result, median, ms};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SCENARIO: &str = "aci-user-assigned";
const PAIRS: usize = 5;

pub(crate) fn measure() -> Result<()> {
    let (mut plain, mut preloaded) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        plain.push(time("plain")?);
        preloaded.push(time("preloaded")?);
    }
    let (plain, preloaded) = (median(&plain), median(&preloaded));
    println!("| `{SCENARIO}`, the whole command, median of {PAIRS} | wall |");
    println!("| --- | --- |");
    println!("| `--az plain` | {:.2} s |", plain.as_secs_f64());
    println!("| `--az preloaded` | {:.2} s |", preloaded.as_secs_f64());
    println!("| preloaded of plain | {:.2} |", ms(preloaded) / ms(plain));
    Ok(())
}

fn time(az: &str) -> Result<Duration> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docproof"));
    command
        .args(["run", SCENARIO, "--az", az])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    let started = Instant::now();
    let output = command.output()?;
    let time = started.elapsed();
    if !output.status.success() {
        return Err(format!("--az {az}: {}", String::from_utf8_lossy(&output.stdout)).into());
    }
    Ok(time)
}
