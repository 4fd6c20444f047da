//! One container: a sandbox, its main command, and the emulator's sockets in it.

use super::WorkloadEnvironment;
use super::image::Image;
use super::rootfs::RootFs;
use super::{prepare, terminal, unpack, windows_shell};
use crate::az::Served;
use crate::sandbox::{Process, Sandbox, SandboxCommand, SandboxConfig, SandboxError, SandboxRoot};
use docproof_emulator::workload::{
    Connection, Container, ContainerSpec, ContainerState, PulledImage, Terminal, WorkloadError,
};
use docproof_emulator::{Emulator, Origin, Serving};
use std::ffi::OsString;
use std::fs::File;
use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::net::unix::pipe;

/// Where system tools are found; the folder of `az` comes before.
const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How much of a log is kept, in bytes: what Container Instances keeps.
const LOG_LIMIT: usize = 4 * 1024 * 1024;

/// What a container printed so far.
type Log = Arc<Mutex<Vec<u8>>>;

/// A container that is a process.
pub(super) struct ProcessContainer {
    main: Process,
    log: Log,
    env: Vec<(OsString, OsString)>,
    /// Where its commands start.
    start_folder: PathBuf,
    windows: bool,
    /// Taken by [`Container::stop`].
    inside: Mutex<Option<Inside>>,
}

/// Dropped in order: first whatever still runs, then the sockets, then the files.
struct Inside {
    sandbox: Sandbox,
    _served: Option<Served>,
    _serving: Serving,
    _folder: TempDir,
}

impl ProcessContainer {
    /// Starts a container; blocks until its command runs. Needs a runtime to serve on. `image` is
    /// what this machine has of the image, or of the one below it.
    pub(super) fn start(
        environment: &WorkloadEnvironment,
        image: Option<&Image>,
        emulator: &Emulator,
        spec: ContainerSpec,
    ) -> Result<Self, WorkloadError> {
        let folder = tempfile::Builder::new()
            .prefix("docproof-container-")
            .tempdir()
            .map_err(other)?;
        let home = folder.path().join("root");
        std::fs::create_dir(&home).map_err(other)?;
        let has_az = image.is_some_and(|image| image.az);
        let az_bin = environment.az_bin.as_deref().filter(|_| has_az);
        let preloaded = environment.preloaded.upgrade().filter(|_| has_az);
        let hostname = spec.hostname.clone().unwrap_or_else(host_name);
        // An environment of Python is a folder with `bin` in it.
        let mut visible = environment.visible.clone();
        visible.extend(az_bin.and_then(Path::parent).map(Path::to_owned));
        visible.extend(preloaded.iter().flat_map(|preloaded| preloaded.visible()));
        let files = spec.files.as_deref();
        let ca_pem = emulator.certificate_authority_pem();
        let root = files
            .map(|files| put_together(files, folder.path(), image, &ca_pem, &hostname))
            .transpose()?;
        // An image that stands alone has folders of its own.
        let (home, start_folder) = match (files, image) {
            (Some(files), None) => ("/root".into(), start_folder(files, "/")),
            (Some(files), Some(_)) => (home.clone(), start_folder(files, &home)),
            (None, _) => (home.clone(), home),
        };
        let config = SandboxConfig {
            as_root: true,
            writable: folder.path().to_owned(),
            ca_pem,
            ca_bundles: environment.ca_bundles.clone(),
            hidden: environment.hidden.clone(),
            visible,
            hostname: Some(hostname.clone()),
            tokens: spec.tokens,
            root,
        };
        let (mut sandbox, network) = Sandbox::open(&config).map_err(refused)?;
        let serving = emulator
            .serve(network, Origin::Workload(spec.id))
            .map_err(other)?;
        let served = sandbox
            .take_calls()
            .and_then(|port| Some(preloaded.as_ref()?.serve(&port)));
        let client_bin = preloaded.as_ref().map(|preloaded| preloaded.bin());
        let argv = command_line(&spec.command, files, image)?;
        let python_bin = environment.python_bin.as_deref().filter(|_| has_az);
        let env = variables(
            &[python_bin, client_bin.as_deref(), az_bin],
            &home,
            &hostname,
            files,
            spec.environment,
        );
        let (output, log) = log_pipe()?;
        let main = sandbox.spawn(SandboxCommand {
            argv,
            env: env.clone(),
            cwd: start_folder.clone(),
            stdio: [
                File::open("/dev/null").map_err(other)?.into(),
                output.try_clone().map_err(other)?,
                output,
            ],
            terminal: false,
        });
        let main = main.map_err(refused)?;
        let inside = Inside {
            sandbox,
            _served: served,
            _serving: serving,
            _folder: folder,
        };
        Ok(Self {
            main,
            log,
            env,
            start_folder,
            windows: image.is_some_and(|image| image.windows),
            inside: Mutex::new(Some(inside)),
        })
    }

    fn inside(&self) -> MutexGuard<'_, Option<Inside>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(
        &self,
        command: Vec<String>,
        columns: u16,
        rows: u16,
    ) -> Result<Terminal, WorkloadError> {
        let inside = self.inside();
        let Some(Inside { sandbox, .. }) = &*inside else {
            return Err(WorkloadError::Environment(
                "the container is not running".into(),
            ));
        };
        if self.main.try_exit().is_some() {
            return Err(WorkloadError::Environment(
                "the container is not running".into(),
            ));
        }
        let command = match self.windows {
            true => windows_shell(&command).map_err(WorkloadError::Environment)?,
            false => command,
        };
        let (controlling, end) = sandbox.open_terminal(columns, rows).map_err(refused)?;
        let mut env = self.env.clone();
        env.push(("TERM".into(), "xterm".into()));
        sandbox
            .spawn(SandboxCommand {
                argv: command.into_iter().map(Into::into).collect(),
                env,
                cwd: self.start_folder.clone(),
                stdio: [
                    end.try_clone().map_err(other)?,
                    end.try_clone().map_err(other)?,
                    end,
                ],
                terminal: true,
            })
            .map_err(refused)?;
        terminal::open(controlling).map_err(other)
    }
}

impl Container for ProcessContainer {
    fn state(&self) -> ContainerState {
        match self.main.try_exit() {
            None => ContainerState::Running,
            Some(exit_code) => ContainerState::Terminated { exit_code },
        }
    }

    fn ended(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.main.ended())
    }

    fn log(&self) -> Vec<u8> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn exec<'a>(
        &'a self,
        command: Vec<String>,
        columns: u16,
        rows: u16,
    ) -> Pin<Box<dyn Future<Output = Result<Terminal, WorkloadError>> + Send + 'a>> {
        // Blocks for the time of one exec, a millisecond.
        Box::pin(async move { self.open(command, columns, rows) })
    }

    fn connect<'a>(
        &'a self,
        port: u16,
    ) -> Pin<Box<dyn Future<Output = io::Result<Connection>> + Send + 'a>> {
        Box::pin(async move {
            let connection = match &*self.inside() {
                Some(Inside { sandbox, .. }) => sandbox.connect(port).map_err(io::Error::other)?,
                None => return Err(io::ErrorKind::NotConnected.into()),
            };
            connection.set_nonblocking(true)?;
            Ok(Box::new(TcpStream::from_std(connection)?) as Connection)
        })
    }

    fn stop<'a>(&'a self) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            let inside = self.inside().take();
            // Dropping waits until every process has ended.
            let _ = tokio::task::spawn_blocking(move || drop(inside)).await;
        })
    }
}

fn other(error: impl std::fmt::Display) -> WorkloadError {
    WorkloadError::Environment(error.to_string())
}

fn refused(error: SandboxError) -> WorkloadError {
    let help = error.help();
    WorkloadError::Environment(format!("{error} (help: {help})"))
}

/// A name as Container Instances gives: `SandboxHost-` and digits.
fn host_name() -> String {
    let digits = uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000_000_000;
    format!("SandboxHost-{digits:018}")
}

/// Unpacks an image and makes it the container's `/`: alone, or over what this machine has of the
/// image below it.
fn put_together(
    files: &PulledImage,
    folder: &Path,
    below: Option<&Image>,
    ca_pem: &str,
    hostname: &str,
) -> Result<SandboxRoot, WorkloadError> {
    let own = folder.join("image");
    std::fs::create_dir(&own).map_err(other)?;
    let rootfs = RootFs::new(own.clone());
    unpack::unpack(files, &rootfs).map_err(|error| {
        WorkloadError::Environment(format!(
            "image '{}' could not be unpacked: {error}",
            files.reference
        ))
    })?;
    prepare::working_folder(&rootfs, files).map_err(other)?;
    let over_machine = match below {
        Some(_) => {
            let merged = folder.join("merged");
            std::fs::create_dir(&merged).map_err(other)?;
            Some(merged)
        }
        None => {
            prepare::alone(&rootfs, ca_pem, hostname).map_err(other)?;
            None
        }
    };
    Ok(SandboxRoot {
        files: own,
        over_machine,
    })
}

/// Where an image's commands start.
fn start_folder(files: &PulledImage, otherwise: impl AsRef<Path>) -> PathBuf {
    match files.config.working_folder.as_str() {
        "" => otherwise.as_ref().to_owned(),
        folder => Path::new("/").join(folder),
    }
}

/// What is asked for, or else the image's own, or else that of the image below it.
fn command_line(
    asked: &[String],
    files: Option<&PulledImage>,
    below: Option<&Image>,
) -> Result<Vec<OsString>, WorkloadError> {
    let mut words: Vec<String> = match files {
        Some(files) => files.config.command_line(asked, &[]),
        None => asked.to_vec(),
    };
    if words.is_empty() {
        let own = below.map(|image| image.command).unwrap_or_default();
        words = own.iter().map(|&word| word.to_owned()).collect();
    }
    if words.is_empty() {
        return Err(WorkloadError::Environment(
            "the image names no command, and none is given".to_owned(),
        ));
    }
    Ok(words.into_iter().map(Into::into).collect())
}

/// The machine's part of the environment, the image's, and last what the template sets, which wins.
fn variables(
    programs: &[Option<&Path>],
    home: &Path,
    hostname: &str,
    files: Option<&PulledImage>,
    own: Vec<(String, String)>,
) -> Vec<(OsString, OsString)> {
    let of_image = files.map_or(&[][..], |files| &files.config.environment);
    let image_path = of_image.iter().find(|(name, _)| name == "PATH");
    let mut path = OsString::new();
    for folder in programs.iter().flatten() {
        path.push(folder);
        path.push(":");
    }
    path.push(image_path.map_or(SYSTEM_PATH, |(_, value)| value));
    let mut env = vec![
        ("PATH".into(), path),
        ("HOME".into(), home.into()),
        ("HOSTNAME".into(), hostname.into()),
        ("LANG".into(), "C.UTF-8".into()),
    ];
    let of_image = of_image.iter().filter(|(name, _)| name != "PATH").cloned();
    env.extend(
        of_image
            .chain(own)
            .map(|(name, value)| (name.into(), value.into())),
    );
    env
}

/// A pipe whose other end is read into a log.
fn log_pipe() -> Result<(OwnedFd, Log), WorkloadError> {
    let (reader, writer) = std::io::pipe().map_err(other)?;
    let mut reader = pipe::Receiver::from_owned_fd(reader.into()).map_err(other)?;
    let log = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&log);
    // Ends with the last process that holds the other end, so with the sandbox.
    tokio::spawn(async move {
        let mut part = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = reader.read(&mut part).await {
            let mut log = kept.lock().unwrap_or_else(PoisonError::into_inner);
            log.extend_from_slice(&part[..length]);
            let surplus = log.len().saturating_sub(LOG_LIMIT);
            log.drain(..surplus);
        }
    });
    Ok((writer.into(), log))
}
