//! Connections over the streams of a command in a container ([`drive`]): they go wherever Docker does,
//! need no port, and nobody on the network can speak to them.

use super::engine::Run;
use super::error::{DockerError, Doing as _};
use super::image::PROGRAM;
use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecResults};
use docproof_emulator::remote::{Asked, Link};
use futures_util::StreamExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

/// How much of what the other side says may wait to be read.
const BUFFER: usize = 1024 * 1024;

/// Connects to a verb of docproof's own program in a container of its image; also gives what the other
/// side asks for.
pub(super) async fn drive(
    run: &Run,
    container: &str,
    verb: &str,
    user: Option<String>,
) -> Result<(Link, mpsc::UnboundedReceiver<Asked>), DockerError> {
    let doing = format!("run `{PROGRAM} {verb}` in a container");
    let program = format!("/{PROGRAM}");
    let options = CreateExecOptions {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(vec![program, verb.to_owned()]),
        user,
        ..CreateExecOptions::default()
    };
    let exec = run.docker.create_exec(container, options).await;
    let exec = exec.doing(&doing)?;
    let started = run.docker.start_exec(&exec.id, None).await.doing(&doing)?;
    let StartExecResults::Attached { mut output, input } = started else {
        return Err(DockerError::Refused {
            doing,
            reason: "Docker gives no streams".to_owned(),
        });
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
