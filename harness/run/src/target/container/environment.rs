//! One walkthrough's containers: [`ContainerEnvironment`].

use super::engine::{self, Engine, Run};
use super::error::DockerError;
use super::files::{self, Reader};
use super::image::Images;
use super::network;
use super::workload::Place;
use super::{agent, emulator, reader, shell};
use crate::environment::{Command, Environment, EnvironmentError, ObservedRequest, Running};
use crate::files::Files;
use crate::folder::RunFolder;
use crate::workloads::StandIns;
use bollard::Docker;
use docproof_emulator::Exchange;
use docproof_emulator::remote::{Answer, Link, LinkError, Question};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// The containers of one walkthrough. The fields are dropped in order: first the containers, then the
/// lock that says that they are wanted.
pub(super) struct ContainerEnvironment {
    engine: Engine,
    opened: Opened,
    stand_ins: StandIns,
    /// Every request that is known so far.
    requests: Mutex<Vec<Exchange>>,
    failure: Failure,
    reader: Reader,
    place: PathBuf,
    _lock: RunFolder,
}

/// What a walkthrough is driven by.
struct Opened {
    link: Link,
    /// The reader's container.
    shell: String,
    files: Arc<dyn Files>,
}

/// Why Docker has given out, once it has.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    docker: Docker,
    error: Arc<Mutex<Option<EnvironmentError>>>,
}

impl Failure {
    /// What was there is gone: whoever comes first says why.
    pub(super) fn set(&self, error: EnvironmentError) {
        lock(&self.error).get_or_insert(error);
    }

    /// What comes of something that is asked over a connection, for as long as Docker is there: an
    /// engine that hangs ends none, and one that is slow answers in the end.
    pub(super) async fn patient<T>(
        &self,
        asked: impl Future<Output = Result<T, LinkError>>,
    ) -> Result<T, LinkError> {
        let mut asked = std::pin::pin!(asked);
        let answer = loop {
            let patience = if self.is_known() { ANSWER } else { PATIENCE };
            match tokio::time::timeout(patience, &mut asked).await {
                Ok(answer) => break answer,
                Err(_) if !self.is_known() && self.answers().await => {}
                Err(_) => break Err(LinkError::Ended),
            }
        };
        if matches!(answer, Err(LinkError::Ended)) {
            self.lost().await;
        }
        answer
    }

    fn is_known(&self) -> bool {
        lock(&self.error).is_some()
    }

    /// Whether Docker answers.
    async fn answers(&self) -> bool {
        let asked = tokio::time::timeout(ANSWER, engine::version(&self.docker)).await;
        matches!(asked, Ok(Ok(_)))
    }

    /// A connection has ended: either Docker tells why, or somebody has stopped a container.
    pub(super) async fn lost(&self) {
        if self.is_known() {
            return;
        }
        let asked = tokio::time::timeout(ANSWER, engine::version(&self.docker)).await;
        self.set(match asked {
            Ok(Ok(_)) => EnvironmentError::new("a container of the run was stopped").with_help(
                "somebody, or the machine for lack of memory, has ended it: run again; `docker events` \
                 tells what happens",
            ),
            Ok(Err(error)) => DockerError::Stopped(error.to_string()).into(),
            Err(_) => DockerError::Stopped(format!(
                "it does not answer within {} s",
                ANSWER.as_secs()
            ))
            .into(),
        });
    }
}

/// How long Docker gets to say that it is there.
const ANSWER: Duration = Duration::from_secs(5);
/// How long an answer may take before Docker is asked whether it is there.
const PATIENCE: Duration = Duration::from_secs(10);

impl ContainerEnvironment {
    /// Makes everything ready for one walkthrough.
    pub(super) async fn open(images: &Images, roles: &[String]) -> Result<Self, EnvironmentError> {
        let lock = RunFolder::create(&std::env::temp_dir())
            .map_err(|error| EnvironmentError::new(format!("no temporary folder: {error}")))?;
        let engine = Engine::start(&lock.lock())?;
        let stand_ins = StandIns::default();
        let failure = Failure {
            docker: engine.run.docker.clone(),
            error: Arc::default(),
        };
        let reader = Reader::new();
        let place = files::folder(&engine.run);
        let opening = open(
            engine.run.clone(),
            images.clone(),
            roles.to_vec(),
            stand_ins.clone(),
            reader,
            failure.clone(),
        );
        let opened = engine.carry_out(opening).await?;
        Ok(Self {
            engine,
            opened,
            stand_ins,
            requests: Mutex::default(),
            failure,
            reader,
            place,
            _lock: lock,
        })
    }

    fn requests(&self) -> MutexGuard<'_, Vec<Exchange>> {
        lock(&self.requests)
    }

    /// Asks for the requests that are not known yet.
    fn refresh(&self) -> MutexGuard<'_, Vec<Exchange>> {
        let mut requests = self.requests();
        let (link, since) = (self.opened.link.clone(), requests.len());
        let failure = self.failure.clone();
        let (sender, receiver) = mpsc::channel();
        self.engine.handle.spawn(async move {
            let asked = link.ask(Question::Requests { since });
            let _ = sender.send(failure.patient(asked).await);
        });
        // A message there and back, on another thread.
        let answer = tokio::task::block_in_place(|| receiver.recv());
        if let Ok(Ok(Answer::Requests(new))) = answer {
            requests.extend(new);
        }
        requests
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the network, the emulator and the reader's container.
async fn open(
    run: Run,
    images: Images,
    roles: Vec<String>,
    stand_ins: StandIns,
    reader: Reader,
    failure: Failure,
) -> Result<Opened, DockerError> {
    let network = network::make(&run).await?;
    // Neither is cut off half-way where the other fails.
    let (started, prepared) = tokio::join!(
        emulator::start(&run, &network, &images.emulator, &roles),
        reader::prepare(&run, &images),
    );
    let ((emulator, asked), prepared) = (started?, prepared?);
    let started = reader::start(
        &run, &network, &images, &emulator, &prepared, reader, failure,
    );
    let started = started.await?;
    let link = emulator.link.clone();
    let place = Place {
        run,
        network,
        images,
        preload: prepared.preload,
        emulator,
        stand_ins,
    };
    tokio::spawn(agent::serve(place, asked));
    Ok(Opened {
        link,
        shell: started.id,
        files: Arc::new(started.files),
    })
}

impl Environment for ContainerEnvironment {
    fn folder(&self) -> &Path {
        &self.place
    }

    fn files(&self) -> Arc<dyn Files> {
        Arc::clone(&self.opened.files)
    }

    fn work(&self) -> PathBuf {
        self.place.join("work")
    }

    fn start(&self, command: Command) -> Result<Box<dyn Running>, EnvironmentError> {
        let failure = self.failure.clone();
        let shell = shell::open(
            &self.engine,
            &self.opened.shell,
            self.reader.user(),
            reader::variables(&self.place),
            command,
            failure,
        )?;
        Ok(Box::new(shell))
    }

    fn mark(&self) -> usize {
        self.refresh().len()
    }

    fn requests_since(&self, mark: usize) -> Vec<ObservedRequest> {
        let all = self.refresh();
        let since = all.get(mark..).unwrap_or_default();
        since.iter().cloned().map(ObservedRequest::from).collect()
    }

    fn stand_ins(&self) -> Vec<(String, String)> {
        let all = self.stand_ins.all().into_iter();
        all.map(|(image, what)| (image, what.to_owned())).collect()
    }

    fn sign_in(&self) -> Option<String> {
        Some("az login --output none".to_owned())
    }

    fn failure(&self) -> Option<EnvironmentError> {
        lock(&self.failure.error).clone()
    }
}
