//! Does what the emulator asks for: the emulator itself has no way to start a container.

use super::error::{DockerError, Doing as _};
use super::shell::{self, Exec};
use super::workload::{self, Place, Workload, refused};
use crate::workloads::windows_shell;
use bollard::query_parameters::{
    LogsOptionsBuilder, RemoveContainerOptionsBuilder, WaitContainerOptionsBuilder,
};
use docproof_emulator::remote::{Answer, Asked, Question, Refusal, RemoteContainer};
use futures_util::StreamExt as _;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// The exit code of what was ended from outside, if Docker tells none.
const KILLED: i32 = 137;

/// The containers that run for an emulator.
struct Agent {
    place: Place,
    running: Mutex<HashMap<u32, Workload>>,
}

/// Answers until the emulator is gone. Each request is carried out on its own.
pub(super) async fn serve(place: Place, mut asked: mpsc::UnboundedReceiver<Asked>) {
    let agent = Arc::new(Agent {
        place,
        running: Mutex::default(),
    });
    while let Some(asked) = asked.recv().await {
        let agent = Arc::clone(&agent);
        tokio::spawn(async move {
            let answer = agent.answer(&asked.question).await;
            let _ = agent.place.emulator.link.answer(&asked, answer).await;
        });
    }
}

impl Agent {
    fn running(&self) -> MutexGuard<'_, HashMap<u32, Workload>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn workload(&self, container: u32) -> Result<Workload, Refusal> {
        let found = self.running().get(&container).cloned();
        found.ok_or_else(|| Refusal::Environment("the container is not running".to_owned()))
    }

    async fn answer(self: &Arc<Self>, question: &Question) -> Result<Answer, Refusal> {
        match question {
            Question::Start(wanted) => self.start(wanted).await,
            Question::Stop { container } => {
                self.stop(*container).await;
                Ok(Answer::Done)
            }
            Question::Exec {
                container,
                command,
                columns,
                rows,
                channel,
            } => {
                let workload = self.workload(*container)?;
                self.exec(&workload, command, (*columns, *rows), *channel)
                    .await
            }
            _ => Err(Refusal::Unsupported("questions to an emulator".to_owned())),
        }
    }

    async fn start(self: &Arc<Self>, wanted: &RemoteContainer) -> Result<Answer, Refusal> {
        let link = &self.place.emulator.link;
        let mut layers = Vec::new();
        for layer in wanted.files.iter().flat_map(|files| &files.layers) {
            let bytes = link.whole(layer.channel).await;
            layers.push(bytes.map_err(|error| Refusal::Environment(error.to_string()))?);
        }
        let started = workload::start(&self.place, wanted, layers).await?;
        self.running().insert(wanted.container, started.clone());
        let (agent, container, log) = (Arc::clone(self), wanted.container, wanted.log);
        tokio::spawn(async move { agent.watch(container, started, log).await });
        Ok(Answer::Done)
    }

    /// Tells the emulator what a container prints, and how it ends.
    async fn watch(&self, container: u32, workload: Workload, channel: u32) {
        let (docker, link) = (&self.place.run.docker, &self.place.emulator.link);
        let options = LogsOptionsBuilder::new()
            .follow(true)
            .stdout(true)
            .stderr(true)
            .build();
        let mut log = docker.logs(&workload.id, Some(options));
        while let Some(Ok(part)) = log.next().await {
            if link.send(channel, &part.into_bytes()).await.is_err() {
                return;
            }
        }
        let _ = link.finish(channel).await;
        let options = WaitContainerOptionsBuilder::new()
            .condition("not-running")
            .build();
        // Bollard tells an exit code other than 0 as an error: what it was is asked for below.
        let _ = docker
            .wait_container(&workload.id, Some(options))
            .next()
            .await;
        let told = docker.inspect_container(&workload.id, None).await.ok();
        let code = told.and_then(|told| told.state?.exit_code);
        let exit_code = code
            .and_then(|code| i32::try_from(code).ok())
            .unwrap_or(KILLED);
        let _ = link
            .ask(Question::Exited {
                container,
                exit_code,
            })
            .await;
    }

    async fn stop(&self, container: u32) {
        let stopped = self.running().remove(&container);
        let Some(workload) = stopped else { return };
        let force = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        for id in [&workload.id, &workload.beside.id] {
            // What cannot be removed now is removed with the run.
            let _ = self
                .place
                .run
                .docker
                .remove_container(id, Some(force.clone()))
                .await;
        }
    }

    async fn exec(
        &self,
        workload: &Workload,
        command: &[String],
        size: (u16, u16),
        channel: u32,
    ) -> Result<Answer, Refusal> {
        let command = match workload.windows {
            true => windows_shell(command).map_err(Refusal::Environment)?,
            false => command.to_vec(),
        };
        let program = command.first().cloned().unwrap_or_default();
        let exec = Exec {
            container: &workload.id,
            command,
            user: None,
            folder: None,
            environment: vec!["TERM=xterm".to_owned()],
            size,
        };
        let run = &self.place.run;
        let is_running = async {
            let told = run.docker.inspect_container(&workload.id, None).await;
            let state = told.doing("look at a container")?.state;
            Ok::<_, DockerError>(state.and_then(|state| state.running).unwrap_or_default())
        };
        if !is_running.await.map_err(refused)? {
            return Err(Refusal::Environment(
                "the container is not running".to_owned(),
            ));
        }
        let started = shell::start(run, exec).await.map_err(|error| match error {
            DockerError::Refused { reason, .. } => {
                Refusal::Environment(format!("{program}: {reason}"))
            }
            other => refused(other),
        })?;
        let (typed, shown) = tokio::io::split(self.place.emulator.link.stream(channel));
        tokio::spawn(async move { started.join(typed, shown).await });
        Ok(Answer::Done)
    }
}
