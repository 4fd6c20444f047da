//! The caller's side of a sandbox: [`Sandbox`] and the [`Process`]es in it.

use super::calls::{self, CallPort};
use super::error::Refusal;
use super::wire::{Failure, Reply, Request, Root, Setup, TOKEN_ENDPOINTS, receive, send};
use super::{HELPER_ARGUMENT, SandboxCommand, SandboxConfig, SandboxError, network};
use docproof_emulator::Network;
use docproof_emulator::workload::TokenEndpoint;
use nix::sys::socket::{AddressFamily, Shutdown, SockFlag, SockType, shutdown, socketpair};
use std::collections::HashMap;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// The status of a command that ended with its sandbox: killed.
const KILLED: i32 = 128 + libc::SIGKILL;

/// A sealed place for commands. Dropping it kills all that runs inside and waits until nothing is
/// left.
#[derive(Debug)]
pub struct Sandbox {
    control: Arc<Control>,
    calls: Option<CallPort>,
    helper: Child,
    reader: Option<JoinHandle<()>>,
}

/// A started command.
#[derive(Debug, Clone)]
pub struct Process {
    control: Arc<Control>,
    pid: i32,
    exit: watch::Receiver<Option<i32>>,
}

impl Sandbox {
    /// Makes a sandbox, and gives the sockets that listen inside it. Takes some milliseconds and
    /// blocks for them.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] if this machine refuses a step.
    pub fn open(config: &SandboxConfig) -> Result<(Self, Network), SandboxError> {
        let helper_error = SandboxError::Helper;
        let (ours, theirs) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )
        .map_err(|errno| helper_error(errno.into()))?;
        let helper = Command::new("/proc/self/exe")
            .arg(HELPER_ARGUMENT)
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(helper_error)?;
        let control = Arc::new(Control::new(ours));
        // From here on dropping it ends the helper.
        let mut sandbox = Self {
            control,
            calls: None,
            helper,
            reader: None,
        };
        let network = sandbox.set_up(config)?;
        let control = Arc::clone(&sandbox.control);
        let reader = std::thread::Builder::new().name("sandbox".into());
        sandbox.reader = Some(reader.spawn(move || control.read()).map_err(helper_error)?);
        Ok((sandbox, network))
    }

    /// The way in for calls of `az`, until somebody takes it.
    pub(crate) fn take_calls(&mut self) -> Option<CallPort> {
        self.calls.take()
    }

    fn set_up(&mut self, config: &SandboxConfig) -> Result<Network, SandboxError> {
        let setup = setup(config)?;
        let socket = &self.control.socket;
        send(socket, &Request::Setup(setup), &[]).map_err(SandboxError::Helper)?;
        match receive(socket).map_err(SandboxError::Helper)? {
            Some((Reply::Ready, mut sockets)) => {
                let calls = sockets.len().saturating_sub(calls::COUNT);
                self.calls = calls::port(sockets.split_off(calls));
                network(sockets, config.tokens).ok_or(SandboxError::Ended)
            }
            Some((Reply::Refused(failure), _)) => Err(Refusal::new(failure).into()),
            _ => Err(SandboxError::Ended),
        }
    }

    /// Starts a command; blocks until it runs.
    ///
    /// # Errors
    /// [`SandboxError::Command`] if it cannot be started.
    pub fn spawn(&self, command: SandboxCommand) -> Result<Process, SandboxError> {
        let SandboxCommand {
            argv,
            env,
            cwd,
            stdio,
            terminal,
        } = command;
        let cwd = cwd.into_os_string();
        let stdio = stdio.each_ref().map(|fd| fd.as_fd());
        let request = |id| Request::Spawn {
            id,
            argv,
            env,
            cwd,
            terminal,
        };
        match self.control.ask(request, &stdio)? {
            Answer::Spawned(pid, exit) => Ok(Process {
                control: Arc::clone(&self.control),
                pid,
                exit,
            }),
            Answer::Failed(failure) => Err(SandboxError::command(failure)),
            Answer::Terminal(_) | Answer::Connected(_) => Err(SandboxError::Ended),
        }
    }

    /// Opens a pseudo-terminal of the sandbox's own: the controlling end, and the end for a
    /// command.
    ///
    /// # Errors
    /// [`SandboxError::Command`] if there is none to be had.
    pub fn open_terminal(
        &self,
        columns: u16,
        rows: u16,
    ) -> Result<(OwnedFd, OwnedFd), SandboxError> {
        match self
            .control
            .ask(|id| Request::Terminal { id, columns, rows }, &[])?
        {
            Answer::Terminal(ends) => {
                let [controlling, command] =
                    <[OwnedFd; 2]>::try_from(ends).map_err(|_| SandboxError::Ended)?;
                Ok((controlling, command))
            }
            Answer::Failed(failure) => Err(SandboxError::command(failure)),
            Answer::Spawned(..) | Answer::Connected(_) => Err(SandboxError::Ended),
        }
    }

    /// Connects to a port on the sandbox's loopback.
    ///
    /// # Errors
    /// [`SandboxError::Command`] if nobody listens there.
    pub fn connect(&self, port: u16) -> Result<TcpStream, SandboxError> {
        match self.control.ask(|id| Request::Connect { id, port }, &[])? {
            Answer::Connected(mut ends) => {
                let connection = ends.pop().ok_or(SandboxError::Ended)?;
                Ok(connection.into())
            }
            Answer::Failed(failure) => Err(SandboxError::command(failure)),
            Answer::Spawned(..) | Answer::Terminal(_) => Err(SandboxError::Ended),
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Process 1 sees the end of its socket and ends; the kernel kills the rest before the
        // helper's wait is over.
        let _ = shutdown(self.control.socket.as_raw_fd(), Shutdown::Both);
        let _ = self.helper.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

impl Process {
    /// Waits for the end: the exit code, or 128 + n for signal n.
    pub async fn wait(&self) -> i32 {
        let mut exit = self.exit.clone();
        exit.wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|status| *status)
            .unwrap_or(KILLED)
    }

    /// The same, for whoever does not keep it.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut exit = self.exit.clone();
        async move {
            let _ = exit.wait_for(Option::is_some).await;
        }
    }

    /// The exit code, or 128 + n for signal n, if it has ended.
    pub fn try_exit(&self) -> Option<i32> {
        *self.exit.borrow()
    }

    /// Signals the command's process group; does nothing once the command has ended.
    ///
    /// # Errors
    /// [`SandboxError::Ended`] if the sandbox is gone.
    pub fn signal(&self, signal: i32) -> Result<(), SandboxError> {
        let request = Request::Signal {
            pid: self.pid,
            signal,
        };
        send(&self.control.socket, &request, &[]).map_err(|_| SandboxError::Ended)
    }
}

#[derive(Debug)]
enum Answer {
    Spawned(i32, watch::Receiver<Option<i32>>),
    Terminal(Vec<OwnedFd>),
    Connected(Vec<OwnedFd>),
    Failed(Failure),
}

/// The socket to process 1, and who waits for what from it.
#[derive(Debug)]
struct Control {
    socket: OwnedFd,
    next: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Set once the sandbox has ended.
    ended: bool,
    asked: HashMap<u64, mpsc::Sender<Answer>>,
    running: HashMap<i32, watch::Sender<Option<i32>>>,
}

impl Control {
    fn new(socket: OwnedFd) -> Self {
        Self {
            socket,
            next: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(
        &self,
        request: impl FnOnce(u64) -> Request,
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<Answer, SandboxError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = mpsc::channel();
        {
            let mut state = self.state();
            if state.ended {
                return Err(SandboxError::Ended);
            }
            state.asked.insert(id, sender);
        }
        if send(&self.socket, &request(id), descriptors).is_err() {
            self.state().asked.remove(&id);
            return Err(SandboxError::Ended);
        }
        receiver.recv().map_err(|_| SandboxError::Ended)
    }

    /// Reads what process 1 says until it ends.
    fn read(&self) {
        while let Ok(Some((reply, descriptors))) = receive(&self.socket) {
            let mut state = self.state();
            let (id, answer) = match reply {
                Reply::Exited { pid, status } => {
                    if let Some(sender) = state.running.remove(&pid) {
                        sender.send_replace(Some(status));
                    }
                    continue;
                }
                Reply::Spawned { id, pid } => {
                    let (sender, receiver) = watch::channel(None);
                    state.running.insert(pid, sender);
                    (id, Answer::Spawned(pid, receiver))
                }
                Reply::Terminal { id } => (id, Answer::Terminal(descriptors)),
                Reply::Connected { id } => (id, Answer::Connected(descriptors)),
                Reply::Failed { id, failure } => (id, Answer::Failed(failure)),
                Reply::Ready | Reply::Refused(_) => continue,
            };
            if let Some(sender) = state.asked.remove(&id) {
                // Nobody waits any more only if the asking thread was ended by a panic.
                let _ = sender.send(answer);
            }
        }
        let mut state = self.state();
        state.ended = true;
        state.asked.clear();
        for (_, sender) in state.running.drain() {
            sender.send_replace(Some(KILLED));
        }
    }
}

fn setup(config: &SandboxConfig) -> Result<Setup, SandboxError> {
    let absolute = |path: &Path| std::path::absolute(path).map(PathBuf::into_os_string);
    let all = |paths: &[PathBuf]| {
        paths
            .iter()
            .map(|path| absolute(path))
            .collect::<Result<Vec<_>, _>>()
    };
    let build = || -> std::io::Result<Setup> {
        Ok(Setup {
            as_root: config.as_root,
            hostname: config
                .hostname
                .clone()
                .unwrap_or_else(|| "docproof".to_owned()),
            writable: absolute(&config.writable)?,
            ca_pem: config.ca_pem.clone(),
            ca_bundles: all(&config.ca_bundles)?,
            hidden: all(&config.hidden)?,
            visible: all(&config.visible)?,
            tokens: TOKEN_ENDPOINTS
                .iter()
                .position(|known| *known == config.tokens)
                .unwrap_or_default(),
            root: match &config.root {
                None => None,
                Some(root) => Some(Root {
                    files: absolute(&root.files)?,
                    over_machine: root.over_machine.as_deref().map(absolute).transpose()?,
                }),
            },
        })
    };
    build().map_err(SandboxError::Helper)
}

/// The sockets in the order in which [`network::open`] opens them.
fn network(sockets: Vec<OwnedFd>, tokens: TokenEndpoint) -> Option<Network> {
    let listeners = network::listeners(tokens);
    if sockets.len() != listeners.len() + 1 {
        return None;
    }
    let mut sockets = sockets.into_iter();
    let dns_udp = sockets.next()?.into();
    let (mut http, mut https) = (Vec::new(), Vec::new());
    for (socket, (_, secure)) in sockets.map(TcpListener::from).zip(listeners) {
        if secure { &mut https } else { &mut http }.push(socket);
    }
    Some(Network {
        dns_udp: Some(dns_udp),
        // The listener for names is the first one.
        dns_tcp: Some(http.remove(0)),
        http,
        https,
        address: network::EMULATOR,
    })
}
