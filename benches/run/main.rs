//! `cargo bench --bench run`: where the time of a run goes, and what it is beside other ways to do the same.
//!
//! `cargo bench --bench run -- steps preloaded` measures these parts only. Prints tables; judges nothing. Each
//! comparison alternates between its sides in one run, since machines have other work.
#![expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is for"
)]

mod preloaded;
mod ready;
mod scenarios;
mod script;
mod steps;
mod together;

use docproof_run::az::{self, AzChoice, AzEnvironment};
use docproof_run::sandbox;
use docproof_run::target::Embedded;
use std::error::Error;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PARTS: [&str; 6] = [
    "steps",
    "script",
    "preloaded",
    "scenarios",
    "together",
    "ready",
];

fn main() -> Result<()> {
    sandbox::enter_if_helper();
    // Cargo itself adds `--bench`.
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    if let Some(unknown) = asked.iter().find(|part| !PARTS.contains(&part.as_str())) {
        return Err(format!("there is no part `{unknown}`: {}", PARTS.join(", ")).into());
    }
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|one| one == part);
    let runtime = tokio::runtime::Runtime::new()?;
    let found = az::provide(
        AzChoice::Auto,
        &AzEnvironment::from_process(),
        &mut |progress| {
            println!("az: {progress}");
        },
    )?;
    println!("az {}", found.version);
    let target = Embedded::new(found);
    if wanted("steps") {
        runtime.block_on(steps::measure(&target))?;
    }
    if wanted("script") {
        runtime.block_on(script::measure(&target))?;
    }
    if wanted("preloaded") {
        preloaded::measure()?;
    }
    if wanted("scenarios") {
        runtime.block_on(scenarios::measure(&target))?;
    }
    if wanted("together") {
        together::measure()?;
    }
    // Last: each emulator makes its signing key in the background, which would disturb the rest.
    if wanted("ready") {
        let _inside = runtime.enter();
        ready::measure()?;
    }
    runtime.shutdown_background();
    Ok(())
}

/// Where another program takes the processor for a moment, a mean says more of it than of us.
fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
