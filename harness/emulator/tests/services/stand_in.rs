//! A stand-in for the runtime of containers: nothing runs, but what was asked is kept, each
//! workload's network is served, and a terminal answers what is typed.

use docproof_emulator::workload::{
    Container, ContainerSpec, ContainerState, Terminal, WorkloadError, Workloads,
};
use docproof_emulator::{Emulator, Network, Origin, Serving};
use futures_util::future::BoxFuture;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::watch;

/// The stand-in.
#[derive(Default)]
pub(crate) struct StandIn {
    /// What was started, and where its metadata endpoint is.
    pub(crate) started: Mutex<Vec<(ContainerSpec, SocketAddr)>>,
    /// The ids of what was stopped.
    pub(crate) stopped: Arc<Mutex<Vec<String>>>,
    /// The states of all that was started, in that order.
    states: watch::Sender<Vec<State>>,
}

type State = watch::Sender<ContainerState>;

impl StandIn {
    /// Waits until so many were started, and lets the last one end.
    pub(crate) async fn end(&self, started: usize, exit_code: i32) {
        self.started_so_far(started).await;
        self.end_of(started, exit_code);
    }

    /// Lets the one end that was started as this, from 1.
    pub(crate) fn end_of(&self, number: usize, exit_code: i32) {
        let states = self.states.borrow();
        states[number - 1].send_replace(ContainerState::Terminated { exit_code });
    }

    /// How many there are that have not ended.
    pub(crate) fn running(&self) -> usize {
        let states = self.states.borrow();
        let running = states
            .iter()
            .filter(|state| *state.borrow() == ContainerState::Running);
        running.count()
    }

    /// Waits until so many were started.
    pub(crate) async fn started_so_far(&self, started: usize) {
        let mut states = self.states.subscribe();
        let enough = states.wait_for(|states| states.len() >= started);
        assert_eq!(enough.await.unwrap().len(), started);
    }
}

struct Standing {
    id: String,
    state: State,
    stopped: Arc<Mutex<Vec<String>>>,
    _serving: Serving,
}

impl Workloads for StandIn {
    fn start<'a>(
        &'a self,
        emulator: Emulator,
        spec: ContainerSpec,
    ) -> BoxFuture<'a, Result<Box<dyn Container>, WorkloadError>> {
        Box::pin(async move {
            if spec.image.contains("unknown") {
                return Err(WorkloadError::ImageNotAvailable(spec.image));
            }
            let http = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = http.local_addr().unwrap();
            let network = Network {
                dns_udp: None,
                dns_tcp: None,
                http: vec![http],
                https: Vec::new(),
                address: Ipv4Addr::LOCALHOST,
            };
            let serving = emulator
                .serve(network, Origin::Workload(spec.id.clone()))
                .unwrap();
            let id = spec.id.0.clone();
            self.started.lock().unwrap().push((spec, address));
            let state = State::new(ContainerState::Running);
            self.states.send_modify(|states| states.push(state.clone()));
            Ok(Box::new(Standing {
                id,
                state,
                stopped: Arc::clone(&self.stopped),
                _serving: serving,
            }) as Box<dyn Container>)
        })
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        // As the real ones: what is dropped is killed.
        self.kill();
    }
}

impl Standing {
    fn kill(&self) {
        self.state.send_if_modified(|state| {
            let ran = *state == ContainerState::Running;
            if ran {
                *state = ContainerState::Terminated { exit_code: 137 };
            }
            ran
        });
    }
}

impl Container for Standing {
    fn state(&self) -> ContainerState {
        *self.state.borrow()
    }

    fn ended(&self) -> BoxFuture<'static, ()> {
        let mut state = self.state.subscribe();
        Box::pin(async move {
            let _ = state
                .wait_for(|state| *state != ContainerState::Running)
                .await;
        })
    }

    fn log(&self) -> Vec<u8> {
        b"one\ntwo\nthree\n".to_vec()
    }

    fn exec<'a>(
        &'a self,
        command: Vec<String>,
        columns: u16,
        rows: u16,
    ) -> BoxFuture<'a, Result<Terminal, WorkloadError>> {
        Box::pin(async move {
            if self.state() != ContainerState::Running {
                return Err(WorkloadError::Environment("it does not run".to_owned()));
            }
            let (near, far) = tokio::io::duplex(1024);
            tokio::spawn(async move {
                let (read, mut write) = tokio::io::split(far);
                let greeting = format!("{command:?} {columns}x{rows}\r\n");
                write.write_all(greeting.as_bytes()).await.unwrap();
                let mut lines = BufReader::new(read).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "exit" {
                        break;
                    }
                    write
                        .write_all(format!("typed {line}\r\n").as_bytes())
                        .await
                        .unwrap();
                }
                write.shutdown().await.unwrap();
            });
            let (output, input) = tokio::io::split(near);
            Ok(Terminal {
                output: Box::new(output),
                input: Box::new(input),
            })
        })
    }

    fn stop<'a>(&'a self) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.kill();
            self.stopped.lock().unwrap().push(self.id.clone());
        })
    }
}
