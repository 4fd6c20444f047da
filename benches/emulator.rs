//! `cargo bench --bench emulator`: how many requests the emulator answers over TLS, how fast, and in how
//! much memory.
//!
//! `docproof emulator` is started as a process of its own, as its users start it. Clients are threads of
//! this one, with a connection each that stays open; each asks for one resource group with a signed
//! token, reads the whole answer, checks its status and asks again. Both share the machine's cores.
//! Prints a table; judges nothing.
#![expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is for"
)]

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Connection = StreamOwned<ClientConnection, TcpStream>;

const ARM: &str = "management.azure.com";
const ENTRA: &str = "login.microsoftonline.com";
const AZ: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// How long each number of connections is measured, and how often; the median is told.
const MEASURED: Duration = Duration::from_secs(3);
const TIMES: usize = 3;

fn main() -> Result<()> {
    let azure = Azure::start()?;
    println!(
        "at rest: {} KiB of its own, {} KiB resident with what it has mapped of the program",
        azure.memory_kib("RssAnon:")?,
        azure.memory_kib("VmRSS:")?
    );
    println!(
        "| connections | GET a resource group, per second | median | 99 of 100 | memory of its own after |"
    );
    println!("| --- | --- | --- | --- | --- |");
    for connections in [1, 16] {
        let mut runs = (0..TIMES)
            .map(|_| azure.measure(connections))
            .collect::<Result<Vec<_>>>()?;
        runs.sort_by_key(|run| run.per_second);
        let Run {
            per_second,
            median,
            late,
        } = &runs[TIMES / 2];
        println!(
            "| {connections} | {per_second} | {:.0} µs | {:.0} µs | {} KiB |",
            median.as_secs_f64() * 1e6,
            late.as_secs_f64() * 1e6,
            azure.memory_kib("RssAnon:")?
        );
    }
    Ok(())
}

/// The emulator's process, and what its clients need.
struct Azure {
    process: Child,
    port: u64,
    tls: Arc<ClientConfig>,
    /// A whole request for a resource group that is there.
    request: Vec<u8>,
}

struct Run {
    per_second: usize,
    median: Duration,
    late: Duration,
}

impl Azure {
    fn start() -> Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_docproof"))
            .args(["emulator", "--https-port", "0", "--http-port", "0"])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("no standard output")?;
        let mut out = BufReader::new(out);
        let told = (&mut out)
            .lines()
            .take_while(|line| !line.as_ref().is_ok_and(String::is_empty))
            .collect::<std::io::Result<Vec<String>>>()?;
        // Read to its end, so that the emulator can say the rest.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        let text = |name: &str| {
            let mut lines = told.iter().filter_map(|line| line.trim().split_once(' '));
            let found = lines.find(|(key, _)| *key == name);
            found
                .map(|(_, value)| value.trim().to_owned())
                .ok_or(format!("no {name} is told"))
        };
        let port = text("https")?;
        let port = port.rsplit(':').next().unwrap_or_default().parse()?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(text("certificate")?)?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut azure = Self {
            process,
            port,
            tls: Arc::new(tls),
            request: Vec::new(),
        };
        let token = azure.sign_in()?;
        let group = format!(
            "/subscriptions/{}/resourcegroups/measured?api-version=2024-11-01",
            text("subscription")?
        );
        let request = |method: &str, body: &str| {
            format!(
                "{method} {group} HTTP/1.1\r\nhost: {ARM}\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        };
        let mut arm = azure.connect(ARM)?;
        let body = br#"{"location": "eastus"}"#;
        let (status, _) = ask(&mut arm, &request("PUT", std::str::from_utf8(body)?))?;
        if status != 201 {
            return Err(format!("no resource group: {status}").into());
        }
        azure.request = request("GET", "");
        Ok(azure)
    }

    fn connect(&self, host: &'static str) -> Result<Connection> {
        let stream = TcpStream::connect(("127.0.0.1", u16::try_from(self.port)?))?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from(host)?;
        let session = ClientConnection::new(Arc::clone(&self.tls), name)?;
        Ok(StreamOwned::new(session, stream))
    }

    /// A token of the user, by device code.
    fn sign_in(&self) -> Result<String> {
        let mut entra = self.connect(ENTRA)?;
        let mut form = |path: &str, form: &str| -> Result<Value> {
            let request = format!(
                "POST /organizations/oauth2/v2.0/{path} HTTP/1.1\r\nhost: {ENTRA}\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
                form.len()
            );
            let (_, body) = ask(&mut entra, request.as_bytes())?;
            Ok(serde_json::from_slice(&body)?)
        };
        let asked = format!("client_id={AZ}&scope=https%3A%2F%2F{ARM}%2F.default");
        let code = form("devicecode", &asked)?;
        let code = code["device_code"].as_str().unwrap_or_default();
        let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";
        let token = form(
            "token",
            &format!("grant_type={grant}&device_code={code}&{asked}"),
        )?;
        let token = token["access_token"].as_str();
        Ok(token.ok_or("no token")?.to_owned())
    }

    /// So many connections at once, each asking as soon as it was answered.
    fn measure(&self, connections: usize) -> Result<Run> {
        let (ready, over) = (Barrier::new(connections + 1), AtomicBool::new(false));
        let mut times = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..connections)
                .map(|_| scope.spawn(|| self.client(&ready, &over)))
                .collect();
            ready.wait();
            // The measured time itself: nothing is waited for.
            std::thread::sleep(MEASURED);
            over.store(true, Ordering::Relaxed);
            let mut times = Vec::new();
            for client in clients {
                times.extend(client.join().map_err(|_| "a client failed")??);
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(times)
        })?;
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        Ok(Run {
            per_second: (times.len() as f64 / MEASURED.as_secs_f64()) as usize,
            median: at(0.5),
            late: at(0.99),
        })
    }

    fn client(&self, ready: &Barrier, over: &AtomicBool) -> Result<Vec<Duration>> {
        let connected = self.connect(ARM).and_then(|mut arm| {
            ask(&mut arm, &self.request)?;
            Ok(arm)
        });
        // The others wait for this one, whatever happened.
        ready.wait();
        let mut arm = connected?;
        let mut times = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let (status, _) = ask(&mut arm, &self.request)?;
            if status != 200 {
                return Err(format!("answered {status}").into());
            }
            times.push(begun.elapsed());
        }
        Ok(times)
    }

    /// A part of the memory of the emulator's process that is resident, in KiB, as `proc(5)` calls it.
    fn memory_kib(&self, part: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(part));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.ok_or("no such memory")?.parse()?)
    }
}

impl Drop for Azure {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a request and reads its whole answer: the status, and the body.
fn ask(connection: &mut Connection, request: &[u8]) -> Result<(u16, Vec<u8>)> {
    connection.write_all(request)?;
    connection.flush()?;
    let mut read = Vec::with_capacity(4096);
    let mut part = [0; 4096];
    let end = loop {
        let length = connection.read(&mut part)?;
        if length == 0 {
            return Err("the emulator closed the connection".into());
        }
        read.extend_from_slice(&part[..length]);
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = std::str::from_utf8(&read[..end])?;
    let status = head.get(9..12).ok_or("no status")?.parse()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Ok(0), |(_, value)| value.trim().parse::<usize>())?;
    let mut body = read.split_off(end);
    let have = body.len();
    body.resize(length, 0);
    connection.read_exact(&mut body[have.min(length)..])?;
    Ok((status, body))
}
