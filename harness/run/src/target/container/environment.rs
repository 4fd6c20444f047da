//! One walkthrough's containers: [`ContainerEnvironment`].

use super::engine::{Engine, Run};
use super::error::DockerError;
use super::image::Images;
use super::network::{self, Wanted};
use super::workload::Place;
use super::{agent, emulator, shell, trust};
use crate::environment::{Command, Environment, EnvironmentError, ObservedRequest, Running};
use crate::folder::RunFolder;
use crate::workloads::StandIns;
use bollard::models::{ContainerCreateBody, HostConfig};
use docproof_emulator::Exchange;
use docproof_emulator::remote::{Answer, Link, LinkError, Question};
use docproof_emulator::workload::TokenEndpoint;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

/// The containers of one walkthrough. The fields are dropped in order: first the containers, then the
/// files that they have seen.
pub(super) struct ContainerEnvironment {
    engine: Engine,
    link: Link,
    shell: String,
    stand_ins: StandIns,
    /// Every request that is known so far.
    requests: Mutex<Vec<Exchange>>,
    failure: Arc<Mutex<Option<EnvironmentError>>>,
    folder: RunFolder,
}

impl ContainerEnvironment {
    /// Makes everything ready for one walkthrough.
    pub(super) async fn open(images: &Images, roles: &[String]) -> Result<Self, EnvironmentError> {
        let no_folder = |error| EnvironmentError::new(format!("no temporary folder: {error}"));
        let folder = RunFolder::create(&std::env::temp_dir()).map_err(no_folder)?;
        for name in ["home", "work"] {
            std::fs::create_dir(folder.path().join(name)).map_err(no_folder)?;
        }
        let engine = Engine::start(&folder.lock())?;
        let stand_ins = StandIns::default();
        let opening = open(
            engine.run.clone(),
            images.clone(),
            roles.to_vec(),
            stand_ins.clone(),
            folder.path().to_owned(),
        );
        let (link, shell) = engine.carry_out(opening).await?;
        Ok(Self {
            engine,
            link,
            shell,
            stand_ins,
            requests: Mutex::default(),
            failure: Arc::default(),
            folder,
        })
    }

    fn requests(&self) -> MutexGuard<'_, Vec<Exchange>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the requests that are not known yet.
    fn refresh(&self) -> MutexGuard<'_, Vec<Exchange>> {
        let mut requests = self.requests();
        let (link, since) = (self.link.clone(), requests.len());
        let (sender, receiver) = mpsc::channel();
        self.engine.handle.spawn(async move {
            let _ = sender.send(link.ask(Question::Requests { since }).await);
        });
        // A message there and back, on another thread.
        let answer = tokio::task::block_in_place(|| receiver.recv());
        match answer.unwrap_or(Err(LinkError::Ended)) {
            Ok(Answer::Requests(new)) => requests.extend(new),
            Ok(_) => {}
            Err(error) => {
                let error = EnvironmentError::new(error.to_string())
                    .with_help("its container or Docker was stopped; `docproof doctor` tells more");
                lock(&self.failure).get_or_insert(error);
            }
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
    folder: PathBuf,
) -> Result<(Link, String), DockerError> {
    let network = network::make(&run).await?;
    let (emulator, asked) = emulator::start(&run, &network, &images.emulator, &roles).await?;
    let wanted = Wanted {
        name: "reader",
        hostname: Some("docproof".to_owned()),
        emulator: Some(emulator.address),
        tokens: TokenEndpoint::Instance,
    };
    let beside = network.beside(&run, &images.emulator, wanted).await?;
    let trust = trust::of(&run, &images.azure_cli).await?;
    let seen = folder.display();
    let body = ContainerCreateBody {
        image: Some(images.azure_cli.clone()),
        entrypoint: Some(vec!["sleep".to_owned(), "infinity".to_owned()]),
        cmd: Some(Vec::new()),
        user: Some(user()),
        host_config: Some(HostConfig {
            network_mode: Some(beside.mode()),
            // The harness and the reader's shell see the same files at the same place.
            binds: Some(vec![format!("{seen}:{seen}")]),
            cap_drop: Some(vec!["ALL".to_owned()]),
            security_opt: Some(vec![
                "no-new-privileges".to_owned(),
                "label=disable".to_owned(),
            ]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let shell = run.create("reader", body).await?;
    trust.extend(&run, &shell, &emulator.ca_pem, &[]).await?;
    run.start(&shell, "the reader's container").await?;
    let link = emulator.link.clone();
    let place = Place {
        run,
        network,
        images,
        emulator,
        stand_ins,
    };
    tokio::spawn(agent::serve(place, asked));
    Ok((link, shell))
}

/// Whoever runs docproof: what the reader writes is theirs.
fn user() -> String {
    format!("{}:{}", nix::unistd::getuid(), nix::unistd::getgid())
}

impl Environment for ContainerEnvironment {
    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn start(&self, command: Command) -> Result<Box<dyn Running>, EnvironmentError> {
        let home = self.folder.path().join("home");
        let environment = vec![
            format!("HOME={}", home.display()),
            "LANG=C.UTF-8".to_owned(),
            "TERM=xterm".to_owned(),
            "USER=reader".to_owned(),
        ];
        let failure = Arc::clone(&self.failure);
        let failed = move |error| {
            lock(&failure).get_or_insert(error);
        };
        let shell = shell::open(
            &self.engine,
            &self.shell,
            user(),
            environment,
            command,
            failed,
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
        lock(&self.failure).clone()
    }
}
