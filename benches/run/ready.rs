//! How soon the emulator answers, and in how much memory.

use crate::{Result, ms};
use docproof_emulator::workload::{Container, ContainerSpec, WorkloadError, Workloads};
use docproof_emulator::{Config, Emulator, Network, Origin};
use docproof_run::environment::BoxFuture;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Instant;

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
pub(crate) fn measure() -> Result<()> {
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
