//! `cargo run --release -p docproof-core --example fuzz -- --seconds 600 [--seed N] [--out FOLDER]
//! [--long N] [--all] [--replay FILE]`:
//! throws mutated articles, scenarios and commands at every parser and rule.
//!
//! Ends with 1 at the first panic, hang, place outside its text, or input that takes more than
//! linear time; the input is in the folder then (`target/fuzz` unless told otherwise), as small as it
//! could be made. The seed is printed, and the same seed goes the same way. One input in `--long` is
//! made long, to see how the time grows. With `--all` it goes on and tells everything that it finds.
//! `--replay` reads one input that was made long, at several lengths, and prints how long each reader
//! took.
#![expect(
    clippy::print_stdout,
    reason = "what it finds is told to the person who runs it"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a fuzzer ends where something it needs is missing"
)]

#[path = "fuzz/examine.rs"]
mod examine;
#[path = "fuzz/mutate.rs"]
mod mutate;
#[path = "../tests/common/stopwatch.rs"]
mod stopwatch;

use examine::{examine, growth, superlinear};
use mutate::{Mutator, Unit};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Longer than any input takes on a busy machine.
const HANGS: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let option = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1)
    };
    if let Some(file) = option("--replay") {
        let Some(unit) = Unit::read(&std::fs::read_to_string(&file).unwrap()) else {
            println!("{file} is no input that was made long");
            return ExitCode::FAILURE;
        };
        growth(&unit);
        return ExitCode::SUCCESS;
    }
    let seconds = option("--seconds").map_or(60, |text| text.parse().unwrap());
    let seed = option("--seed").map_or(0x5EED, |text| text.parse().unwrap());
    // Other inputs take little time.
    let long = option("--long").map_or(60, |text| text.parse().unwrap());
    let all = std::env::args().any(|argument| argument == "--all");
    let out = option("--out").map_or_else(|| PathBuf::from("target/fuzz"), PathBuf::from);
    std::fs::create_dir_all(&out).unwrap();
    println!(
        "seed {seed}, {seconds} seconds, inputs in {}",
        out.display()
    );

    // What the worker is at, in milliseconds since the start, for the watch over it.
    let started = Instant::now();
    let busy_since = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&busy_since);
    let folder = out.clone();
    // As small a stack as any thread of the command has.
    let worker = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || {
            let limit = Duration::from_secs(seconds);
            fuzz(seed, long, limit, all, &folder, &|| {
                let now = u64::try_from(started.elapsed().as_millis()).unwrap();
                clock.store(now, Ordering::Relaxed);
            })
        });
    let worker = worker.unwrap();
    while !worker.is_finished() {
        std::thread::sleep(Duration::from_millis(50));
        let since = Duration::from_millis(busy_since.load(Ordering::Relaxed));
        if started.elapsed().saturating_sub(since) > HANGS {
            println!("hangs: {}", out.join("current").display());
            return ExitCode::FAILURE;
        }
    }
    worker.join().unwrap()
}

/// Throws inputs until the time is over or one fails.
fn fuzz(seed: u64, long: u64, limit: Duration, all: bool, out: &Path, tick: &dyn Fn()) -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let mut mutator = Mutator::new(seed, Path::new(env!("CARGO_MANIFEST_DIR")));
    let started = Instant::now();
    let (mut count, mut pumped, mut bytes) = (0_u64, 0_u64, 0_usize);
    let mut told = Instant::now();
    let mut failures = 0_usize;
    while started.elapsed() < limit {
        tick();
        count += 1;
        let failure = if count.is_multiple_of(long) {
            pumped += 1;
            let unit = mutator.unit();
            std::fs::write(out.join("current"), unit.concat()).unwrap();
            superlinear(&unit, tick).map(|complaint| (unit.concat(), complaint))
        } else {
            let input = mutator.input();
            bytes += input.len();
            // A stack that overflows ends the process: the input must be there already.
            std::fs::write(out.join("current"), &input).unwrap();
            complaint(&input).map(|complaint| (smallest(input, tick), complaint))
        };
        if let Some((input, complaint)) = failure {
            failures += 1;
            let file = out.join(format!("failing-{failures}"));
            std::fs::write(&file, &input).unwrap();
            println!("{complaint}\ninput {count}: {}\n{input:?}", file.display());
            if !all {
                return ExitCode::FAILURE;
            }
        }
        if told.elapsed() > Duration::from_secs(30) {
            told = Instant::now();
            println!("{count} inputs, {} MB, {pumped} made long", bytes >> 20);
        }
    }
    println!(
        "{count} inputs, {} MB, {pumped} made long, in {} s: {failures} found",
        bytes >> 20,
        started.elapsed().as_secs()
    );
    if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What is wrong with how an input is read.
fn complaint(input: &str) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| examine(input))) {
        Ok(result) => result.err(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("panic: {}", text.unwrap_or_default()))
        }
    }
}

/// The input with everything taken out that it fails without.
fn smallest(input: String, tick: &dyn Fn()) -> String {
    let mut chars: Vec<char> = input.chars().collect();
    let mut size = chars.len() / 2;
    let limit = Instant::now() + Duration::from_secs(30);
    while size > 0 && Instant::now() < limit {
        let mut at = 0;
        while at < chars.len() {
            tick();
            let mut shorter = chars.clone();
            shorter.drain(at..(at + size).min(chars.len()));
            if complaint(&shorter.iter().collect::<String>()).is_some() {
                chars = shorter;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    chars.into_iter().collect()
}
