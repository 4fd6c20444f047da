//! [`RemoteWorkloads`]: containers that somebody else starts, and [`drive`], which answers them.

use super::link::{Link, LinkError};
use super::message::{Answer, Asked, Files, Hello, Layer, Question, Refusal, RemoteContainer};
use crate::workload::{
    Connection, Container, ContainerSpec, ContainerState, PulledImage, Terminal, WorkloadError,
    Workloads,
};
use crate::{Clients, Emulator, Origin, WorkloadId};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

/// How much of a log is kept, in bytes: what Container Instances keeps.
const LOG_LIMIT: usize = 4 * 1024 * 1024;

/// Asks whoever is connected to start containers.
#[derive(Debug, Clone)]
pub struct RemoteWorkloads {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clients: Arc<Clients>,
    link: Mutex<Option<Link>>,
    next: AtomicU32,
    known: Mutex<HashMap<u32, Arc<Known>>>,
}

/// What is known of a container.
#[derive(Debug)]
struct Known {
    workload: WorkloadId,
    exit_code: watch::Sender<Option<i32>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    addresses: Vec<IpAddr>,
    log: Vec<u8>,
}

impl RemoteWorkloads {
    /// Workloads whose addresses are told to `clients`.
    pub fn new(clients: Arc<Clients>) -> Self {
        Self {
            shared: Arc::new(Shared {
                clients,
                link: Mutex::default(),
                next: AtomicU32::new(1),
                known: Mutex::default(),
            }),
        }
    }

    fn link(&self) -> Option<Link> {
        lock(&self.shared.link).clone()
    }

    fn known(&self, container: u32) -> Option<Arc<Known>> {
        lock(&self.shared.known).get(&container).cloned()
    }

    fn forget(&self, container: u32) {
        if let Some(known) = lock(&self.shared.known).remove(&container) {
            for address in &known.state().addresses {
                self.shared.clients.forget(*address);
            }
        }
    }

    async fn ask_for(&self, spec: ContainerSpec) -> Result<RemoteHandle, WorkloadError> {
        let Some(link) = self.link() else {
            return Err(WorkloadError::ImageNotAvailable(spec.image));
        };
        let container = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let log = link.new_channel();
        let known = Arc::new(Known {
            workload: spec.id.clone(),
            exit_code: watch::Sender::new(None),
            state: Mutex::default(),
        });
        lock(&self.shared.known).insert(container, Arc::clone(&known));
        let mut wanted = RemoteContainer::new(&spec, container, log);
        wanted.files = spec.files.as_ref().map(|files| send_files(&link, files));
        tokio::spawn(keep_log(link.clone(), log, Arc::clone(&known)));
        // Dropped where this is: by then somebody has to stop what may have been started.
        let handle = RemoteHandle {
            workloads: self.clone(),
            link,
            container,
            known,
        };
        let started = handle.link.ask(Question::Start(Box::new(wanted))).await;
        started.map(|_| handle).map_err(refused)
    }
}

impl Workloads for RemoteWorkloads {
    fn start<'a>(
        &'a self,
        _emulator: Emulator,
        spec: ContainerSpec,
    ) -> BoxFuture<'a, Result<Box<dyn Container>, WorkloadError>> {
        Box::pin(async move {
            let handle = self.ask_for(spec).await?;
            Ok(Box::new(handle) as Box<dyn Container>)
        })
    }
}

/// A container somewhere else.
struct RemoteHandle {
    workloads: RemoteWorkloads,
    link: Link,
    container: u32,
    known: Arc<Known>,
}

impl Container for RemoteHandle {
    fn state(&self) -> ContainerState {
        match *self.known.exit_code.borrow() {
            None => ContainerState::Running,
            Some(exit_code) => ContainerState::Terminated { exit_code },
        }
    }

    fn ended(&self) -> BoxFuture<'static, ()> {
        let mut exit_code = self.known.exit_code.subscribe();
        Box::pin(async move {
            let _ = exit_code.wait_for(Option::is_some).await;
        })
    }

    fn log(&self) -> Vec<u8> {
        self.known.state().log.clone()
    }

    fn exec<'a>(
        &'a self,
        command: Vec<String>,
        columns: u16,
        rows: u16,
    ) -> BoxFuture<'a, Result<Terminal, WorkloadError>> {
        Box::pin(async move {
            let channel = self.link.new_channel();
            let stream = self.link.stream(channel);
            let question = Question::Exec {
                container: self.container,
                command,
                columns,
                rows,
                channel,
            };
            self.link.ask(question).await.map_err(refused)?;
            let (output, input) = tokio::io::split(stream);
            Ok(Terminal {
                output: Box::new(output),
                input: Box::new(input),
            })
        })
    }

    fn connect<'a>(&'a self, port: u16) -> BoxFuture<'a, std::io::Result<Connection>> {
        Box::pin(async move {
            let address = self.known.state().addresses.first().copied();
            let address = address.ok_or(std::io::ErrorKind::NotConnected)?;
            let stream = TcpStream::connect((address, port)).await?;
            Ok(Box::new(stream) as Connection)
        })
    }

    fn stop<'a>(&'a self) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let container = self.container;
            let _ = self.link.ask(Question::Stop { container }).await;
            // Its log and its exit code can be asked for after it.
            self.known.end(137);
            self.workloads.forget(container);
        })
    }
}

impl Drop for RemoteHandle {
    fn drop(&mut self) {
        let known = self.workloads.known(self.container);
        let (Some(_), Ok(runtime)) = (known, tokio::runtime::Handle::try_current()) else {
            return;
        };
        self.workloads.forget(self.container);
        let (link, container) = (self.link.clone(), self.container);
        runtime.spawn(async move {
            let _ = link.ask(Question::Stop { container }).await;
        });
    }
}

impl Known {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// It has ended; who says so first is believed.
    fn end(&self, exit_code: i32) {
        self.exit_code.send_if_modified(|known| {
            let is_new = known.is_none();
            known.get_or_insert(exit_code);
            is_new
        });
    }
}

/// Answers what is asked of an emulator, and lets it ask for containers, until the other side is
/// gone.
pub async fn drive(
    emulator: &Emulator,
    workloads: &RemoteWorkloads,
    link: Link,
    mut asked: mpsc::UnboundedReceiver<Asked>,
) {
    *lock(&workloads.shared.link) = Some(link.clone());
    while let Some(asked) = asked.recv().await {
        let answer = answer(emulator, workloads, &asked.question);
        if link.answer(&asked, answer).await.is_err() {
            break;
        }
    }
    *lock(&workloads.shared.link) = None;
}

fn answer(
    emulator: &Emulator,
    workloads: &RemoteWorkloads,
    question: &Question,
) -> Result<Answer, Refusal> {
    let gone = |container: &u32| Refusal::Environment(format!("no container {container} is known"));
    match question {
        Question::Hello => Ok(Answer::Hello(Hello {
            certificate_authority: emulator.certificate_authority_pem(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })),
        Question::Requests { since } => Ok(Answer::Requests(emulator.requests_since(*since))),
        Question::At {
            container,
            addresses,
        } => {
            let known = workloads.known(*container).ok_or_else(|| gone(container))?;
            for address in addresses {
                let origin = Origin::Workload(known.workload.clone());
                workloads.shared.clients.know(*address, origin);
            }
            known.state().addresses.clone_from(addresses);
            Ok(Answer::Done)
        }
        Question::Exited {
            container,
            exit_code,
        } => {
            let known = workloads.known(*container).ok_or_else(|| gone(container))?;
            known.end(*exit_code);
            Ok(Answer::Done)
        }
        Question::Start(_) | Question::Stop { .. } | Question::Exec { .. } => Err(
            Refusal::Unsupported("containers of its own: an emulator asks for them".to_owned()),
        ),
        Question::Write { .. } | Question::Read { .. } | Question::Pipes { .. } => {
            Err(Refusal::Unsupported("files of a reader's".to_owned()))
        }
    }
}

/// Sends the layers, each on a channel of its own.
fn send_files(link: &Link, files: &Arc<PulledImage>) -> Files {
    let layers: Vec<Layer> = files
        .layers
        .iter()
        .map(|layer| Layer {
            digest: layer.digest.clone(),
            channel: link.new_channel(),
        })
        .collect();
    let channels: Vec<u32> = layers.iter().map(|layer| layer.channel).collect();
    let (sending, link) = (Arc::clone(files), link.clone());
    tokio::spawn(async move {
        for (layer, channel) in sending.layers.iter().zip(channels) {
            if link.send(channel, &layer.bytes).await.is_err()
                || link.finish(channel).await.is_err()
            {
                return;
            }
        }
    });
    Files {
        reference: files.reference.clone(),
        digest: files.digest.clone(),
        config: files.config.clone(),
        layers,
    }
}

/// Keeps what a container prints until its channel ends.
async fn keep_log(link: Link, channel: u32, known: Arc<Known>) {
    let mut receiver = link.receiver(channel);
    while let Some(bytes) = receiver.recv().await {
        if bytes.is_empty() {
            return;
        }
        let mut state = known.state();
        state.log.extend_from_slice(&bytes);
        let surplus = state.log.len().saturating_sub(LOG_LIMIT);
        state.log.drain(..surplus);
    }
}

fn refused(error: LinkError) -> WorkloadError {
    match error {
        LinkError::Ended => {
            WorkloadError::Environment("who runs containers for the emulator is gone".to_owned())
        }
        LinkError::Refused(Refusal::ImageNotAvailable(image)) => {
            WorkloadError::ImageNotAvailable(image)
        }
        LinkError::Refused(Refusal::ImageNotFound(image)) => WorkloadError::ImageNotFound(image),
        LinkError::Refused(Refusal::Unsupported(what)) => WorkloadError::Unsupported(what),
        LinkError::Refused(Refusal::Environment(why)) => WorkloadError::Environment(why),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
