//! The emulator alone, on loopback, until it is stopped.

use super::listen::{Place, listen};
use super::{LogFormat, ServeArguments};
use crate::exit::{CommandError, Exit};
use crate::interruption::interruption;
use docproof_emulator::workload::{Container, ContainerSpec, WorkloadError, Workloads};
use docproof_emulator::{Config, Emulator, Exchange, Faults, Network, Origin, StartError};
use docproof_run::az::{self, AzChoice, AzEnvironment};
use docproof_run::sandbox;
use docproof_run::workloads::{ProcessWorkloads, WorkloadEnvironment};
use serde_json::json;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

/// Where the emulator is.
struct Doors<'a> {
    https: u16,
    http: u16,
    certificate: &'a Path,
    containers: &'a str,
}

pub(super) fn run(arguments: &ServeArguments) -> Result<Exit, CommandError> {
    let https = listen(arguments.https_port, 443, "--https-port")?;
    let http = listen(arguments.http_port, 80, "--http-port")?;
    let (https_port, http_port) = (https.local_addr()?.port(), http.local_addr()?.port());
    let (workloads, containers) = workloads();
    let config = Config {
        reader_roles: arguments.role.clone(),
        operation_seconds: arguments.operation_seconds,
        faults: Faults {
            propagation: arguments.propagation.clone(),
            throttled_percent: arguments.throttled,
            unavailable_percent: arguments.unavailable,
            seed: arguments.seed,
        },
        control: true,
        ..Config::default()
    };
    let user = config.user_principal_name.clone();
    let emulator = Emulator::start(config, workloads).map_err(refused)?;
    let place = Place::make(http_port)?;
    let certificate = match &arguments.ca {
        Some(path) => std::path::absolute(path)?,
        None => place.certificate(),
    };
    std::fs::write(&certificate, emulator.certificate_authority_pem()).map_err(|error| {
        let shown = certificate.display();
        CommandError::environment(format!("{shown} cannot be written: {error}"))
    })?;
    let network = Network {
        dns_udp: None,
        dns_tcp: None,
        http: vec![http],
        https: vec![https],
        address: Ipv4Addr::LOCALHOST,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let ended = runtime.block_on(async {
        // Listened for before anybody is told that the emulator is there.
        let mut interrupted = std::pin::pin!(interruption());
        let _serving = emulator.serve(network, Origin::Caller).map_err(refused)?;
        let doors = Doors {
            https: https_port,
            http: http_port,
            certificate: &certificate,
            containers: &containers,
        };
        tell(&emulator, &user, &doors, arguments.log)?;
        let mut mark = 0;
        loop {
            tokio::select! {
                biased;
                () = &mut interrupted => return Ok(Exit::Passed),
                requests = emulator.next_requests(mark), if arguments.log.is_some() => {
                    mark = requests.last().map_or(mark, |last| last.id + 1);
                    log(&requests, arguments.log)?;
                }
            }
        }
    });
    emulator.shutdown();
    // Connections that clients keep open must not hold up the end.
    runtime.shutdown_background();
    if arguments.ca.is_some() {
        let _ = std::fs::remove_file(&certificate);
    }
    ended
}

fn refused(error: StartError) -> CommandError {
    match error {
        StartError::UnknownRole(_) => CommandError::usage(error.to_string()),
        _ => CommandError::environment(error.to_string()),
    }
}

/// What runs containers, and in words: this machine's processes where it has sandboxes.
fn workloads() -> (Arc<dyn Workloads>, String) {
    if let Err(refusal) = sandbox::probe() {
        return (Arc::new(Nothing), format!("not run: {refusal}"));
    }
    let found = az::find(AzChoice::Auto, &AzEnvironment::from_process());
    let mut environment = WorkloadEnvironment::default();
    let mut told = "run as processes in sandboxes".to_owned();
    match found {
        Some(az) => {
            environment.az_bin = Some(az.bin.clone());
            environment.ca_bundles = az.ca_bundles.clone();
            environment.visible = az.folders.clone();
        }
        None => told.push_str("; without `az` in them, since there is none on this machine"),
    }
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
    environment
        .hidden
        .extend(home.filter(|home| home.parent().is_some() && home.is_dir()));
    (Arc::new(ProcessWorkloads::new(environment)), told)
}

/// For machines that cannot run containers.
struct Nothing;

impl Workloads for Nothing {
    fn start<'a>(
        &'a self,
        _emulator: Emulator,
        spec: ContainerSpec,
    ) -> Pin<Box<dyn Future<Output = Result<Box<dyn Container>, WorkloadError>> + Send + 'a>> {
        let refusal = WorkloadError::ImageNotAvailable(spec.image);
        Box::pin(std::future::ready(Err(refusal)))
    }
}

/// Tells where the emulator is, and how to point clients at it.
fn tell(
    emulator: &Emulator,
    user: &str,
    doors: &Doors<'_>,
    log: Option<LogFormat>,
) -> std::io::Result<()> {
    let (https, http) = (doors.https, doors.http);
    let certificate = doors.certificate.display();
    let (tenant, subscription) = (emulator.tenant_id(), emulator.subscription_id());
    let mut out = std::io::stdout().lock();
    if log == Some(LogFormat::Json) {
        let line = json!({
            "event": "listening", "https": format!("127.0.0.1:{https}"),
            "http": format!("127.0.0.1:{http}"), "certificate": certificate.to_string(),
            "tenantId": tenant, "subscriptionId": subscription, "user": user,
        });
        writeln!(out, "{line}")?;
        return out.flush();
    }
    writeln!(
        out,
        "Azure on this machine:\n\
         \x20 https         127.0.0.1:{https}\n\
         \x20 http          127.0.0.1:{http}, a proxy too\n\
         \x20 certificate   {certificate}\n\
         \x20 tenant        {tenant}\n\
         \x20 subscription  {subscription}\n\
         \x20 user          {user}, Owner\n\
         \x20 containers    {}\n\
         \n\
         curl, for any of Azure's hosts:\n\
         \x20 curl --cacert {certificate} --connect-to ::127.0.0.1:{https} \\\n\
         \x20   'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration'\n\
         az and SDKs, in one shell:\n\
         \x20 export HTTPS_PROXY=http://127.0.0.1:{http}\n\
         \x20 export REQUESTS_CA_BUNDLE={certificate} SSL_CERT_FILE={certificate}\n\
         \x20 export AZURE_CONFIG_DIR=$(mktemp -d)\n\
         \x20 az login --use-device-code\n\
         forget everything that was made: docproof emulator --reset --http-port {http}\n\
         stop: Ctrl-C",
        doors.containers
    )?;
    out.flush()
}

fn log(requests: &[Exchange], format: Option<LogFormat>) -> std::io::Result<()> {
    let Some(format) = format else { return Ok(()) };
    let mut out = std::io::stdout().lock();
    for one in requests {
        let milliseconds = one.duration.as_secs_f64() * 1000.0;
        match format {
            LogFormat::Text => {
                let error = one.error.as_deref().unwrap_or_default();
                let fault = match &one.fault {
                    Some(fault) => format!("  fault: {fault}"),
                    None => String::new(),
                };
                let from = match &one.origin {
                    Origin::Caller => String::new(),
                    Origin::Azure => "  from Azure itself".to_owned(),
                    Origin::Workload(id) => format!("  from {}", id.0),
                };
                writeln!(
                    out,
                    "{}  {:6} {}  {milliseconds:.1} ms  {error}{fault}{from}",
                    one.status, one.method, one.url
                )?;
            }
            LogFormat::Json => {
                let from = match &one.origin {
                    Origin::Caller | Origin::Azure => None,
                    Origin::Workload(id) => Some(&id.0),
                };
                let line = json!({
                    "event": "request", "method": one.method, "url": one.url,
                    "status": one.status, "error": one.error, "notEmulated": one.not_emulated,
                    "quiet": one.quiet, "milliseconds": milliseconds, "workload": from,
                    "fault": one.fault,
                });
                writeln!(out, "{line}")?;
            }
        }
    }
    out.flush()
}
