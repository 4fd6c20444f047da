//! The emulator of a run, in a container: [`start`], and the connection that drives it.
//!
//! It is driven over the streams of a command inside its container (`docproof-emulator drive`): that
//! goes wherever Docker does, needs no port, and nobody on the network can speak to it.

use super::engine::Run;
use super::error::{DockerError, Doing as _};
use super::image::PROGRAM;
use super::network::{Network, Wanted, ready};
use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecResults};
use bollard::models::{ContainerCreateBody, HealthConfig, HostConfig};
use docproof_emulator::remote::{Answer, Asked, Link, Question};
use futures_util::StreamExt as _;
use std::net::Ipv4Addr;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

/// How much of what the emulator says may wait to be read.
const BUFFER: usize = 1024 * 1024;

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
    let (link, asked) = drive(run, &id).await?;
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

/// Connects to what drives it.
async fn drive(run: &Run, id: &str) -> Result<(Link, mpsc::UnboundedReceiver<Asked>), DockerError> {
    let doing = "drive the emulator";
    let program = format!("/{PROGRAM}");
    let options = CreateExecOptions {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(vec![program.as_str(), "drive"]),
        ..CreateExecOptions::default()
    };
    let exec = run.docker.create_exec(id, options).await.doing(doing)?;
    let started = run.docker.start_exec(&exec.id, None).await.doing(doing)?;
    let StartExecResults::Attached { mut output, input } = started else {
        return Err(gone("Docker gives no streams"));
    };
    let (reader, mut writer) = tokio::io::duplex(BUFFER);
    tokio::spawn(async move {
        while let Some(Ok(part)) = output.next().await {
            // What is said on standard error is an end, too.
            let LogOutput::StdOut { message } = part else {
                break;
            };
            if writer.write_all(&message).await.is_err() {
                break;
            }
        }
    });
    Ok(Link::open(reader, input))
}
