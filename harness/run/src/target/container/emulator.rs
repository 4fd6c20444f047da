//! The emulator of a run, in a container: [`start`].

use super::drive::drive;
use super::engine::Run;
use super::error::DockerError;
use super::network::{Network, Wanted, ready};
use bollard::models::{ContainerCreateBody, HealthConfig, HostConfig};
use docproof_emulator::remote::{Answer, Asked, Link, Question};
use std::net::Ipv4Addr;
use tokio::sync::mpsc;

/// A run's emulator.
#[derive(Debug, Clone)]
pub(super) struct RunEmulator {
    /// The connection that drives it.
    pub(super) link: Link,
    /// Where every name leads.
    pub(super) address: Ipv4Addr,
    /// The certificate that clients must trust.
    pub(super) ca_pem: String,
}

/// Starts an emulator; also gives what it asks for.
pub(super) async fn start(
    run: &Run,
    network: &Network,
    image: &str,
    roles: &[String],
) -> Result<(RunEmulator, mpsc::UnboundedReceiver<Asked>), DockerError> {
    let what = "the emulator";
    let wanted = Wanted {
        name: "emulator",
        ..Wanted::default()
    };
    let beside = network.beside(run, image, wanted).await?;
    let mut words: Vec<String> = ["serve", "--driven", "--address"].map(str::to_owned).into();
    words.push(beside.address.to_string());
    for role in roles {
        words.extend(["--role".to_owned(), role.clone()]);
    }
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(words),
        // Who drives it knows whether it is well.
        healthcheck: Some(unwatched()),
        host_config: Some(HostConfig {
            network_mode: Some(beside.mode()),
            cap_drop: Some(vec!["ALL".to_owned()]),
            readonly_rootfs: Some(true),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let id = run.create("emulator", body).await?;
    run.start(&id, what).await?;
    ready(run, &id, what).await?;
    let (link, asked) = drive(run, &id, "drive", None).await?;
    let hello = link.ask(Question::Hello).await;
    let Ok(Answer::Hello(hello)) = hello else {
        return Err(gone("it does not say who it is"));
    };
    // What one of another version says may be taken for something else.
    if hello.version != env!("CARGO_PKG_VERSION") {
        return Err(DockerError::Unfit(format!(
            "{image} is of docproof {}, and this is {}",
            hello.version,
            env!("CARGO_PKG_VERSION")
        )));
    }
    let emulator = RunEmulator {
        link,
        address: beside.address,
        ca_pem: hello.certificate_authority,
    };
    Ok((emulator, asked))
}

/// No health check: nobody waits for one.
pub(super) fn unwatched() -> HealthConfig {
    HealthConfig {
        test: Some(vec!["NONE".to_owned()]),
        ..HealthConfig::default()
    }
}

fn gone(reason: &str) -> DockerError {
    DockerError::Refused {
        doing: "drive the emulator".to_owned(),
        reason: reason.to_owned(),
    }
}
