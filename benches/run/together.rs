//! The whole set of scenarios, as many at once as there are cores.
//!
//! Processor time is that of the whole machine while the command runs, since calls of `az` are nobody's
//! children: it says something only of a machine without other work.

use crate::Result;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

pub(crate) fn measure() -> Result<()> {
    let cores = std::thread::available_parallelism()?.get() as f64;
    let busy = busy_seconds()?;
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_docproof"))
        .args(["run", "--format", "json"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()?;
    let wall = started.elapsed().as_secs_f64();
    let busy = busy_seconds()? - busy;
    if !output.status.success() {
        return Err("a scenario failed: run `docproof run`".into());
    }
    let text = String::from_utf8(output.stdout)?;
    let mut longest: f64 = 0.0;
    let mut scenarios = 0;
    for line in text.lines() {
        let event: Value = serde_json::from_str(line)?;
        if event["event"] == "verdict" && event["outcome"] != "not-run" {
            scenarios += 1;
            let seconds = event["timing"]["seconds"].as_f64();
            longest = longest.max(seconds.ok_or("a verdict without its time")?);
        }
    }
    println!(
        "{scenarios} scenarios on {cores} cores: {wall:.1} s; longest {longest:.1} s, processor time \
         {busy:.1} s; {:.2} of the larger of the longest and the processor time by core",
        wall / longest.max(busy / cores)
    );
    Ok(())
}

/// Seconds in which the machine's cores were not idle, since it started.
fn busy_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let first = stat.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = first
        .split_whitespace()
        .skip(1)
        .map(str::parse)
        .collect::<std::result::Result<_, _>>()?;
    // user, nice, system, idle, iowait, irq, softirq; a tick is a hundredth of a second.
    let busy = [0, 1, 2, 5, 6].iter().filter_map(|index| ticks.get(*index));
    Ok(busy.sum::<f64>() / 100.0)
}
