//! `cargo bench --bench run`: where the time of a run goes, what a step costs, how soon the emulator answers.
//!
//! Prints a table; judges nothing.
#![expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is for"
)]

use docproof_core::event::{Event, Timing};
use docproof_core::scenario::{Line, Script};
use docproof_core::source::Position;
use docproof_emulator::workload::{Container, ContainerSpec, WorkloadError, Workloads};
use docproof_emulator::{Config, Emulator, Network, Origin};
use docproof_run::az::{self, AzChoice, AzEnvironment};
use docproof_run::environment::{BoxFuture, Target};
use docproof_run::project::Project;
use docproof_run::session::Session;
use docproof_run::target::Embedded;
use docproof_run::{runner, sandbox};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    sandbox::enter_if_helper();
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
    runtime.block_on(async {
        steps(&target).await?;
        scenarios(&target).await?;
        // Last: each emulator makes its signing key in the background, which would disturb the rest.
        emulator_ready()
    })?;
    runtime.shutdown_background();
    Ok(())
}

/// Nothing in these measurements deploys a container.
struct NoWorkloads;

impl Workloads for NoWorkloads {
    fn start<'a>(
        &'a self,
        _: Emulator,
        spec: ContainerSpec,
    ) -> BoxFuture<'a, std::result::Result<Box<dyn Container>, WorkloadError>> {
        Box::pin(async move { Err(WorkloadError::ImageNotAvailable(spec.image)) })
    }
}

/// From nothing to the first answer on a socket, and what that takes of memory.
fn emulator_ready() -> Result<()> {
    let mut times = Vec::new();
    let before = resident_kib()?;
    let mut kept = Vec::new();
    for _ in 0..11 {
        let started = Instant::now();
        let emulator = Emulator::start(Config::default(), Arc::new(NoWorkloads))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let network = Network {
            dns_udp: None,
            dns_tcp: None,
            http: vec![listener],
            https: Vec::new(),
            address: Ipv4Addr::LOCALHOST,
        };
        let serving = emulator.serve(network, Origin::Caller)?;
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: management.azure.com\r\n\r\n")?;
        let mut first = [0; 12];
        stream.read_exact(&mut first)?;
        times.push(started.elapsed());
        kept.push((emulator, serving));
    }
    let grown = resident_kib()?.saturating_sub(before);
    times.sort();
    let per_emulator = grown / u64::try_from(kept.len())?;
    println!(
        "emulator ready (start to first answer): median {:.1} ms",
        ms(times[5])
    );
    println!("emulator memory: {per_emulator} KiB each, of 11 in one process");
    Ok(())
}

/// The memory of this process that is resident, in KiB.
fn resident_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmRSS")?
        .parse()?)
}

/// The same `echo` steps in a session and in one plain bash script.
async fn steps(target: &dyn Target) -> Result<()> {
    for count in [10_u32, 100, 1000] {
        let environment = target.prepare(&[]).await?;
        let mut session = Session::open(environment.as_ref()).await?;
        let script = Script {
            lines: vec![Line {
                text: "echo hello".into(),
                position: Position {
                    file: "benchmark".into(),
                    line: 1,
                    column: 1,
                },
            }],
        };
        let mut each = Vec::new();
        let started = Instant::now();
        for _ in 0..count {
            let begun = Instant::now();
            let outcome = session.run(&script, Duration::from_secs(10)).await?;
            each.push(begun.elapsed());
            assert_eq!(outcome.stdout, "hello\n");
        }
        let ours = started.elapsed();
        let plain = "echo hello\n".repeat(usize::try_from(count)?);
        let started = Instant::now();
        let output = std::process::Command::new("bash")
            .arg("-c")
            .arg(plain)
            .output()?;
        let bash = started.elapsed();
        assert_eq!(output.stdout.len(), 6 * usize::try_from(count)?);
        println!(
            "{count} echo steps: session {:.1} ms, plain bash {:.1} ms, {:.2} ms more per step; \
             median of the first ten {:.2} ms, of the last ten {:.2} ms",
            ms(ours),
            ms(bash),
            ms(ours.saturating_sub(bash)) / f64::from(count),
            ms(median(&each[..10])),
            ms(median(&each[each.len() - 10..])),
        );
    }
    Ok(())
}

/// Each scenario once, its wall time by who spent it.
async fn scenarios(target: &dyn Target) -> Result<()> {
    let project = Project::find(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    println!("| scenario | wall | `az` and other commands | emulator | harness | outcome |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for id in project.ids()? {
        let walkthrough = project.walkthrough(&id)?;
        let mut timing = Timing::default();
        let mut sink = |event| {
            if let Event::Verdict { timing: whole, .. } = event {
                timing = whole;
            }
        };
        let outcome = runner::run(&walkthrough, target, false, &mut sink).await;
        let commands = timing.seconds - timing.emulator_seconds - timing.harness_seconds;
        println!(
            "| `{id}` | {:.2} s | {commands:.2} s | {:.3} s | {:.3} s | {outcome:?} |",
            timing.seconds, timing.emulator_seconds, timing.harness_seconds
        );
    }
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
