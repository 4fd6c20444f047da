//! Commands on terminals inside containers: the reader's shell, and `exec`.

use super::engine::{Engine, Run};
use super::environment::Failure;
use super::error::{DockerError, Doing as _};
use crate::environment::{BoxFuture, Command, EnvironmentError, Running};
use crate::workloads::open_terminal;
use bollard::Docker;
use bollard::exec::{CreateExecOptions, ResizeExecOptions, StartExecOptions, StartExecResults};
use futures_util::StreamExt as _;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::os::fd::OwnedFd;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;

/// Echo is off on the session's own terminal, and has to be on this one: nobody looks at what is typed.
const SHELL: &str = "stty -echo rows 50 columns 250; exec \"$@\"";
/// The exit code of what Docker ended.
const KILLED: i32 = 137;

/// What a command in a container is run with.
pub(super) struct Exec<'a> {
    pub(super) container: &'a str,
    pub(super) command: Vec<String>,
    pub(super) user: Option<String>,
    pub(super) folder: Option<String>,
    pub(super) environment: Vec<String>,
    pub(super) size: (u16, u16),
}

/// A command that was started on a terminal.
pub(super) struct Started {
    id: String,
    docker: Docker,
    streams: StartExecResults,
}

/// Starts a command on a terminal.
pub(super) async fn start(run: &Run, exec: Exec<'_>) -> Result<Started, DockerError> {
    let doing = format!("run `{}` in a container", exec.command.join(" "));
    let options = CreateExecOptions {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        tty: Some(true),
        cmd: Some(exec.command),
        env: Some(exec.environment),
        user: exec.user,
        working_dir: exec.folder,
        ..CreateExecOptions::default()
    };
    let made = run.docker.create_exec(exec.container, options).await;
    let id = made.doing(&doing)?.id;
    let options = StartExecOptions {
        tty: true,
        ..StartExecOptions::default()
    };
    let streams = run.docker.start_exec(&id, Some(options)).await;
    let streams = streams.doing(&doing)?;
    let (width, height) = exec.size;
    let size = ResizeExecOptions { height, width };
    // Refused where the command has ended already.
    let _ = run.docker.resize_exec(&id, size).await;
    Ok(Started {
        id,
        docker: run.docker.clone(),
        streams,
    })
}

impl Started {
    /// Lets the command talk to somebody until it ends: its exit code.
    pub(super) async fn join(
        self,
        mut typed: impl AsyncRead + Send + Unpin + 'static,
        mut shown: impl AsyncWrite + Unpin,
    ) -> Result<i32, DockerError> {
        let doing = "wait for a command in a container";
        let StartExecResults::Attached {
            mut output,
            mut input,
        } = self.streams
        else {
            return Err(DockerError::Refused {
                doing: doing.to_owned(),
                reason: "Docker gives no streams".to_owned(),
            });
        };
        let typing = tokio::spawn(async move {
            let mut part = vec![0; 4096];
            while let Ok(length @ 1..) = typed.read(&mut part).await {
                if input.write_all(&part[..length]).await.is_err() || input.flush().await.is_err() {
                    return;
                }
            }
        });
        while let Some(Ok(part)) = output.next().await {
            if shown.write_all(&part.into_bytes()).await.is_err() {
                break;
            }
        }
        let _ = shown.flush().await;
        typing.abort();
        let told = self.docker.inspect_exec(&self.id).await.doing(doing)?;
        let code = told.exit_code.and_then(|code| i32::try_from(code).ok());
        Ok(code.unwrap_or(KILLED))
    }
}

/// The reader's shell.
pub(super) struct Shell {
    ended: watch::Receiver<Option<i32>>,
}

impl Running for Shell {
    fn wait<'a>(&'a self) -> BoxFuture<'a, i32> {
        let mut ended = self.ended.clone();
        Box::pin(async move {
            let code = ended.wait_for(Option::is_some).await;
            code.ok().and_then(|code| *code).unwrap_or(KILLED)
        })
    }
}

/// Starts a program of the reader's in its container, on the terminal whose far end it is given.
pub(super) fn open(
    engine: &Engine,
    container: &str,
    user: String,
    environment: Vec<String>,
    command: Command,
    failure: Failure,
) -> Result<Shell, EnvironmentError> {
    let cannot =
        |error: &dyn std::fmt::Display| EnvironmentError::new(format!("no terminal: {error}"));
    if !command.terminal {
        return Err(cannot(&"only a shell on a terminal can be started here"));
    }
    let [terminal, ..] = command.stdio;
    make_raw(&terminal).map_err(|error| cannot(&error))?;
    let words = command
        .argv
        .iter()
        .map(|word| word.to_string_lossy().into_owned());
    let before = ["sh", "-c", SHELL, "sh"].map(str::to_owned);
    let all: Vec<String> = before.into_iter().chain(words).collect();
    let folder = command.folder.to_string_lossy().into_owned();
    let (tell, ended) = watch::channel(None);
    let (run, container) = (engine.run.clone(), container.to_owned());
    engine.handle.spawn(async move {
        let joined = async {
            let terminal = open_terminal(terminal).map_err(|error| DockerError::Refused {
                doing: "open a terminal".to_owned(),
                reason: error.to_string(),
            })?;
            let exec = Exec {
                container: &container,
                command: all,
                user: Some(user),
                folder: Some(folder),
                environment,
                size: (250, 50),
            };
            let started = start(&run, exec).await?;
            started.join(terminal.output, terminal.input).await
        };
        let code = match joined.await {
            Ok(code) => code,
            Err(DockerError::NoEngine(_)) => {
                failure.lost().await;
                KILLED
            }
            Err(error) => {
                failure.set(error.into());
                KILLED
            }
        };
        tell.send_replace(Some(code));
    });
    Ok(Shell { ended })
}

/// Between two terminals, only the one in the container is one.
fn make_raw(terminal: &OwnedFd) -> nix::Result<()> {
    let mut attributes = tcgetattr(terminal)?;
    cfmakeraw(&mut attributes);
    tcsetattr(terminal, SetArg::TCSANOW, &attributes)
}
