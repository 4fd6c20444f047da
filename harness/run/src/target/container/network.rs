//! The network of a run, and what stands beside each container of it.

use super::emulator::unwatched;
use super::engine::Run;
use super::error::{DockerError, Doing as _};
use bollard::models::{
    ContainerCreateBody, EndpointIpamConfig, EndpointSettings, HostConfig, NetworkCreateRequest,
    NetworkingConfig,
};
use bollard::query_parameters::LogsOptionsBuilder;
use docproof_emulator::workload::TokenEndpoint;
use futures_util::StreamExt as _;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};

/// Where Azure serves a workload's metadata.
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// Where a container app finds tokens, on its own loopback.
const APP_TOKENS: u16 = 42356;
/// Where a Windows container finds tokens.
const WINDOWS_TOKENS: u16 = 2377;

/// A network without a way out, not even to this machine: its bridge has no address here.
///
/// The engine chooses the addresses, so that two runs do not disturb each other. The metadata address
/// is no part of them: each container that has one has it itself, as a second, link-local address, and
/// what stands beside it relays. A network of its own with 169.254.169.0/24 could be there only once,
/// and would take the address away from this machine where that is a virtual machine in a cloud.
pub(super) async fn make(run: &Run) -> Result<Network, DockerError> {
    let options = HashMap::from([(
        "com.docker.network.bridge.inhibit_ipv4".to_owned(),
        "true".to_owned(),
    )]);
    let id = run
        .create_network(NetworkCreateRequest {
            driver: Some("bridge".to_owned()),
            internal: Some(true),
            options: Some(options),
            ..NetworkCreateRequest::default()
        })
        .await?;
    Ok(Network { id })
}

/// A run's network.
#[derive(Debug, Clone)]
pub(super) struct Network {
    id: String,
}

/// Who stands beside a container, and holds its network.
#[derive(Debug, Clone)]
pub(super) struct Beside {
    /// The container's id.
    pub(super) id: String,
    /// Its address, by which others see it.
    pub(super) address: Ipv4Addr,
}

/// What is wanted beside a container.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// The container's name.
    pub(super) name: &'a str,
    /// The host's name.
    pub(super) hostname: Option<String>,
    /// The emulator, but for the emulator's own.
    pub(super) emulator: Option<Ipv4Addr>,
    /// Where tokens are found.
    pub(super) tokens: TokenEndpoint,
    /// Volumes that it has too, and where: what the binding of one looks like.
    pub(super) volumes: Vec<String>,
    /// What else it is asked to do.
    pub(super) words: Vec<String>,
}

impl Network {
    /// Starts what stands beside a container, and waits until it is ready for it.
    pub(super) async fn beside(
        &self,
        run: &Run,
        image: &str,
        wanted: Wanted<'_>,
    ) -> Result<Beside, DockerError> {
        let mut words = vec!["beside".to_owned()];
        if let Some(emulator) = wanted.emulator {
            words.extend(["--names".to_owned(), emulator.to_string()]);
            let from = match wanted.tokens {
                TokenEndpoint::Instance => (METADATA, 80),
                TokenEndpoint::App => (Ipv4Addr::LOCALHOST, APP_TOKENS),
                TokenEndpoint::WindowsInstance => (Ipv4Addr::LOCALHOST, WINDOWS_TOKENS),
            };
            let from = SocketAddr::from(from);
            words.extend(["--relay".to_owned(), format!("{from}={emulator}:80")]);
        }
        words.extend(wanted.words);
        // A container app has no metadata address.
        let has_metadata = wanted.emulator.is_some() && wanted.tokens == TokenEndpoint::Instance;
        let endpoint = EndpointSettings {
            ipam_config: has_metadata.then(|| EndpointIpamConfig {
                link_local_ips: Some(vec![METADATA.to_string()]),
                ..EndpointIpamConfig::default()
            }),
            ..EndpointSettings::default()
        };
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            cmd: Some(words),
            hostname: wanted.hostname,
            // It says itself when it is ready, and looking at it every two seconds costs the machine.
            healthcheck: Some(unwatched()),
            // The file that says who is asked for names is root's.
            user: Some("0:0".to_owned()),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(self.id.clone(), endpoint)])),
            }),
            host_config: Some(HostConfig {
                network_mode: Some(self.id.clone()),
                cap_drop: Some(vec!["ALL".to_owned()]),
                // To lead the metadata address elsewhere; the container that joins has not the right.
                cap_add: has_metadata.then(|| vec!["NET_ADMIN".to_owned()]),
                binds: Some(wanted.volumes),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let what = format!("what stands beside {}", wanted.name);
        let id = run.create(&format!("{}-beside", wanted.name), body).await?;
        run.start(&id, &what).await?;
        ready(run, &id, &what).await?;
        let told = run.docker.inspect_container(&id, None).await.doing(&what)?;
        let settings = told.network_settings.and_then(|all| all.networks);
        // It is in this one only.
        let address = settings
            .and_then(|all| all.into_values().next()?.ip_address)
            .and_then(|address| address.parse().ok())
            .ok_or_else(|| DockerError::Refused {
                doing: what,
                reason: "it has no address".to_owned(),
            })?;
        Ok(Beside { id, address })
    }
}

impl Beside {
    /// The network of the container that it is beside.
    pub(super) fn mode(&self) -> String {
        format!("container:{}", self.id)
    }
}

/// Waits until one of the emulator's programs says that it is ready.
pub(super) async fn ready(run: &Run, id: &str, what: &str) -> Result<(), DockerError> {
    let options = LogsOptionsBuilder::new()
        .follow(true)
        .stdout(true)
        .stderr(true)
        .build();
    let mut log = run.docker.logs(id, Some(options));
    let mut said = String::new();
    while let Some(part) = log.next().await {
        let part = part.doing(&format!("read what {what} says"))?;
        said.push_str(&part.to_string());
        if said.lines().any(|line| line == "ready") {
            return Ok(());
        }
    }
    let told = run.docker.inspect_container(id, None).await;
    let state = told.doing(&format!("look at {what}"))?.state;
    Err(DockerError::Ended {
        what: what.to_owned(),
        exit_code: state.and_then(|state| state.exit_code).unwrap_or_default(),
        said: said.trim().to_owned(),
    })
}
