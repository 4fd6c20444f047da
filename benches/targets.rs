//! `cargo bench --bench targets [SCENARIO…]`: the embedded and the container target side by side: a
//! scenario, the emulator's start, memory, images.
//!
//! Prints a table; judges nothing. `az` is preloaded where nothing else is said. The runs take turns,
//! so that all see the same machine.
#![expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is for"
)]

use docproof_core::event::Outcome;
use docproof_core::scenario::Walkthrough;
use docproof_run::az::{self, AzChoice, AzEnvironment, Preloaded};
use docproof_run::environment::Target;
use docproof_run::project::Project;
use docproof_run::target::{AZURE_CLI_IMAGE, Container, Embedded, EmulatorImage};
use docproof_run::{runner, sandbox};
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often each is measured.
const TIMES: usize = 3;

fn main() -> Result<()> {
    sandbox::enter_if_helper();
    let names: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async { targets(names).await })?;
    runtime.shutdown_background();
    Ok(())
}

async fn targets(mut names: Vec<String>) -> Result<()> {
    if names.is_empty() {
        names.push("aci-user-assigned".to_owned());
    }
    let image = EmulatorImage::find()
        .provide(&|said| println!("{said}"))
        .await?;
    let load = std::fs::read_to_string("/proc/loadavg")?;
    println!("load {load}");
    let found = az::provide(AzChoice::Auto, &AzEnvironment::from_process(), &mut |_| {})?;
    let preloaded = Preloaded::start(&found)?;
    let embedded = Embedded::new(found.clone()).with_preloaded(preloaded);
    let plain = Embedded::new(found);
    let named = EmulatorImage::Named(image.clone());
    let containers = |preloaded| {
        let target = Container::new(AZURE_CLI_IMAGE, named.clone(), |said| println!("{said}"));
        target.with_preloaded(preloaded)
    };
    let (container, plain_container) = (containers(true), containers(false));
    let targets: [(&str, &dyn Target); 4] = [
        ("embedded", &embedded),
        ("embedded --az plain", &plain),
        ("container", &container),
        ("container --az plain", &plain_container),
    ];
    let project = Project::find(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    for name in names {
        let walkthrough = project.walkthrough(&name)?;
        for _ in 0..TIMES {
            for (target_name, target) in targets {
                let seconds = run(&walkthrough, target).await?;
                println!("{name:<24} {target_name:<20} {seconds:6.2} s");
            }
        }
    }
    for _ in 0..TIMES {
        for (name, target) in targets {
            let started = Instant::now();
            let environment = target.prepare(&[]).await;
            let ready = started.elapsed();
            tokio::task::block_in_place(|| drop(environment));
            println!(
                "walkthrough ready        {name:<20} {:6.2} s",
                ready.as_secs_f64()
            );
        }
    }
    emulator(&image)?;
    for image in [image.as_str(), AZURE_CLI_IMAGE] {
        let size = docker(&["image", "inspect", "--format", "{{.Size}}", image])?;
        let megabytes = size.parse::<f64>()? / 1e6;
        println!("image                    {image}: {megabytes:.1} MB");
    }
    Ok(())
}

/// How long a walkthrough takes, teardown included.
async fn run(walkthrough: &Walkthrough, target: &dyn Target) -> Result<f64> {
    let started = Instant::now();
    match runner::run(walkthrough, target, false, &mut |_| {}).await {
        Outcome::Passed => Ok(started.elapsed().as_secs_f64()),
        other => Err(format!("{other:?}").into()),
    }
}

/// The emulator's container by itself: from the command to the word that it is ready, and its memory.
fn emulator(image: &str) -> Result<()> {
    for _ in 0..TIMES {
        let started = Instant::now();
        let mut child = Command::new("docker")
            .args([
                "run",
                "--rm",
                "--name",
                "docproof-bench",
                "--network",
                "none",
            ])
            .args([image, "serve", "--address", "192.0.2.1"])
            .stdout(Stdio::piped())
            .spawn()?;
        let said = child.stdout.take().ok_or("no standard output")?;
        let ready = BufReader::new(said)
            .lines()
            .map_while(std::io::Result::ok)
            .any(|line| line == "ready");
        let seconds = started.elapsed().as_secs_f64();
        let words = [
            "stats",
            "--no-stream",
            "--format",
            "{{.MemUsage}}",
            "docproof-bench",
        ];
        let memory = docker(&words)?;
        docker(&["rm", "--force", "docproof-bench"])?;
        child.wait()?;
        println!("emulator in a container  ready {ready} after {seconds:.2} s, {memory}");
    }
    Ok(())
}

fn docker(words: &[&str]) -> Result<String> {
    let output = Command::new("docker").args(words).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}
