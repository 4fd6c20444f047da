//! The embedded target: an emulator in this process, and a sealed sandbox for each walkthrough.
//!
//! Linux, no root, no Docker. Everything a walkthrough makes lives in one temporary folder and in
//! namespaces that end with the sandbox; where a walkthrough is to be run again from one of its steps
//! ([`Embedded::keeping`]), the folder and the emulator stay for as long as the target.

mod stage;

use crate::az::{Az, Preloaded, PythonSdk, Served};
use crate::environment::{
    BoxFuture, Command, Environment, EnvironmentError, ObservedRequest, Running, Target,
};
use crate::folder::RunFolder;
use crate::kept::Kept;
use crate::requirements;
use crate::sandbox::{Process, Sandbox, SandboxCommand, SandboxConfig, SandboxError};
use crate::workloads::{ProcessWorkloads, WorkloadEnvironment};
use docproof_core::scenario::{Requirement, Walkthrough};
use docproof_emulator::{Clock, Config, Emulator, Origin, Serving};
use stage::{Stage, Stages, no_folder};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where system tools are found; the folder of `az` comes before.
const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The embedded target.
pub struct Embedded {
    az: Az,
    sdk: Option<PythonSdk>,
    preloaded: Option<Arc<Preloaded>>,
    clock: Arc<Clock>,
    stages: Option<Stages>,
}

impl Embedded {
    /// The target with this `az`.
    pub fn new(az: Az) -> Self {
        Self::with_clock(az, Arc::default())
    }

    /// The target with this `az`, whose emulators take their time from this clock: whoever holds it
    /// can let time pass between two steps. What runs in the sandbox keeps the machine's time.
    pub fn with_clock(az: Az, clock: Arc<Clock>) -> Self {
        Self {
            az,
            sdk: None,
            preloaded: None,
            clock,
            stages: None,
        }
    }

    /// The same, where a walkthrough that is run again begins with the first step that is not what it was.
    /// It is put back to before that step: the terminal, the reader's files, and the emulator. What was
    /// done inside a container that goes on stays done. Walkthroughs are told apart by their ids, and one
    /// of them runs only once at a time.
    #[must_use]
    pub fn keeping(mut self) -> Self {
        self.stages = Some(Stages::default());
        self
    }

    /// Lets go of what is kept, but for these walkthroughs.
    pub fn keep_only(&self, walkthroughs: &[Walkthrough]) {
        if let Some(stages) = &self.stages {
            stages.retain(walkthroughs);
        }
    }

    /// The same, whose containers have a `python3` with these packages.
    #[must_use]
    pub fn with_sdk(mut self, sdk: PythonSdk) -> Self {
        self.sdk = Some(sdk);
        self
    }

    /// The same, whose calls of `az` are answered by a process that has imported it already.
    #[must_use]
    pub fn with_preloaded(mut self, preloaded: Option<Arc<Preloaded>>) -> Self {
        self.preloaded = preloaded;
        self
    }

    /// What `az` needs, and what the packages need.
    fn with(&self, of_az: &[PathBuf], of_sdk: fn(&PythonSdk) -> &Vec<PathBuf>) -> Vec<PathBuf> {
        let mut all = of_az.to_vec();
        for path in self.sdk.iter().flat_map(of_sdk) {
            if !all.contains(path) {
                all.push(path.clone());
            }
        }
        all
    }

    /// A new emulator, and a folder that nothing is in.
    fn stage(&self, reader_roles: &[String]) -> Result<Stage, EnvironmentError> {
        let folder = RunFolder::create(&std::env::temp_dir()).map_err(|error| no_folder(&error))?;
        Stage::furnish(folder.path())?;
        let workloads = ProcessWorkloads::new(WorkloadEnvironment {
            az_bin: Some(self.az.bin.clone()),
            preloaded: self
                .preloaded
                .as_ref()
                .map(Arc::downgrade)
                .unwrap_or_default(),
            python_bin: self.sdk.as_ref().map(|sdk| sdk.bin.clone()),
            ca_bundles: self.with(&self.az.ca_bundles, |sdk| &sdk.ca_bundles),
            hidden: hidden(),
            visible: self.with(&self.az.folders, |sdk| &sdk.folders),
        });
        let stand_ins = workloads.stand_ins();
        let config = Config {
            reader_roles: reader_roles.to_vec(),
            clock: Arc::clone(&self.clock),
            settle: true,
            ..Config::default()
        };
        let emulator = Emulator::start(config, Arc::new(workloads)).map_err(not_started)?;
        Ok(Stage::new(emulator, stand_ins, folder))
    }

    /// The stage of a walkthrough, and where it begins there: the one that it ran on before, if there is
    /// a way back on it.
    fn stage_of(
        &self,
        stages: &Stages,
        walkthrough: &Walkthrough,
    ) -> Result<(Arc<Stage>, Kept), EnvironmentError> {
        if let Some(stage) = stages.of(walkthrough)
            && let Some(kept) = stage.go_back(walkthrough)?
        {
            return Ok((stage, kept));
        }
        let stage = Arc::new(self.stage(&walkthrough.reader_roles)?);
        let kept = stage.begin(walkthrough)?;
        stages.keep(walkthrough, Arc::clone(&stage));
        Ok((stage, kept))
    }

    /// Opens a sandbox on a stage.
    fn open(
        &self,
        stage: Arc<Stage>,
        kept: Option<Kept>,
    ) -> Result<EmbeddedEnvironment, EnvironmentError> {
        let mut visible = self.az.folders.clone();
        visible.extend(
            self.preloaded
                .iter()
                .flat_map(|preloaded| preloaded.visible()),
        );
        let (mut sandbox, network) = Sandbox::open(&SandboxConfig {
            as_root: false,
            writable: stage.folder.path().to_owned(),
            ca_pem: stage.emulator.certificate_authority_pem(),
            ca_bundles: self.az.ca_bundles.clone(),
            hidden: hidden(),
            visible,
            ..SandboxConfig::default()
        })?;
        let serving = stage.emulator.serve(network, Origin::Caller);
        let serving = serving.map_err(not_started)?;
        let served = sandbox
            .take_calls()
            .and_then(|port| Some(self.preloaded.as_ref()?.serve(&port)));
        let mut path = format!("{}:{SYSTEM_PATH}", self.az.bin.display());
        if let Some(preloaded) = &self.preloaded {
            path = format!("{}:{path}", preloaded.bin().display());
        }
        Ok(EmbeddedEnvironment {
            sandbox,
            _served: served,
            _serving: serving,
            stage,
            kept,
            path,
        })
    }
}

fn not_started(error: docproof_emulator::StartError) -> EnvironmentError {
    EnvironmentError::new(format!("the emulator did not start: {error}"))
}

/// The caller's own home: its files are nobody's business, and a socket in it would lead out.
fn hidden() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    home.into_iter()
        .filter(|home| home.parent().is_some() && home.is_dir())
        .collect()
}

impl Target for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn lacks(&self, requirement: Requirement) -> Option<String> {
        requirements::lacking_sealed(requirement)
    }

    fn prepare<'a>(
        &'a self,
        reader_roles: &'a [String],
    ) -> BoxFuture<'a, Result<Box<dyn Environment>, EnvironmentError>> {
        Box::pin(async move {
            let environment = tokio::task::block_in_place(|| {
                let stage = Arc::new(self.stage(reader_roles)?);
                self.open(stage, None)
            })?;
            Ok(Box::new(environment) as Box<dyn Environment>)
        })
    }

    fn prepare_for<'a>(
        &'a self,
        walkthrough: &'a Walkthrough,
    ) -> BoxFuture<'a, Result<Box<dyn Environment>, EnvironmentError>> {
        let Some(stages) = &self.stages else {
            return self.prepare(&walkthrough.reader_roles);
        };
        Box::pin(async move {
            let environment = tokio::task::block_in_place(|| {
                let (stage, kept) = self.stage_of(stages, walkthrough)?;
                self.open(stage, Some(kept))
            })?;
            Ok(Box::new(environment) as Box<dyn Environment>)
        })
    }
}

/// One walkthrough's sandbox. The fields are dropped in order: first whatever still runs, then the
/// sockets, then the emulator with its workloads and the files, unless they are kept.
struct EmbeddedEnvironment {
    sandbox: Sandbox,
    _served: Option<Served>,
    _serving: Serving,
    stage: Arc<Stage>,
    kept: Option<Kept>,
    path: String,
}

impl EmbeddedEnvironment {
    /// What a reader's terminal has and nothing else: the caller's own environment may hold
    /// secrets, settings of `az`, or proxies.
    fn variables(&self) -> Vec<(OsString, OsString)> {
        let home = self.stage.folder.path().join("home");
        [
            ("HOME", home.as_os_str()),
            ("PATH", self.path.as_ref()),
            ("LANG", "C.UTF-8".as_ref()),
            ("TERM", "xterm".as_ref()),
            ("USER", "reader".as_ref()),
        ]
        .map(|(name, value)| (name.into(), value.to_owned()))
        .into()
    }
}

impl Environment for EmbeddedEnvironment {
    fn folder(&self) -> &Path {
        self.stage.folder.path()
    }

    fn work(&self) -> PathBuf {
        self.stage.folder.path().join("work")
    }

    fn start(&self, command: Command) -> Result<Box<dyn Running>, EnvironmentError> {
        let process = self.sandbox.spawn(SandboxCommand {
            argv: command.argv,
            env: self.variables(),
            cwd: command.folder,
            stdio: command.stdio,
            terminal: command.terminal,
        })?;
        Ok(Box::new(process))
    }

    fn mark(&self) -> usize {
        self.stage.emulator.mark()
    }

    fn requests_since(&self, mark: usize) -> Vec<ObservedRequest> {
        self.stage
            .emulator
            .requests_since(mark)
            .into_iter()
            .map(ObservedRequest::from)
            .collect()
    }

    fn stand_ins(&self) -> Vec<(String, String)> {
        let all = self.stage.stand_ins.all().into_iter();
        all.map(|(image, what)| (image, what.to_owned())).collect()
    }

    fn sign_in(&self) -> Option<String> {
        // Whoever goes on is signed in.
        let goes_on = self.kept.as_ref().is_some_and(|kept| kept.from() > 0);
        (!goes_on).then(|| "az login --output none".to_owned())
    }

    fn kept(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    fn reached(&self, step: usize) {
        self.stage.before(step);
    }
}

impl Running for Process {
    fn wait<'a>(&'a self) -> BoxFuture<'a, i32> {
        Box::pin(Process::wait(self))
    }
}

impl From<SandboxError> for EnvironmentError {
    fn from(error: SandboxError) -> Self {
        let help = error.help();
        Self {
            message: error.to_string(),
            help: Some(help),
        }
    }
}
