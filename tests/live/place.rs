//! A network whose Azure is the emulator, and `docproof` inside of it: [`Place`].

use docproof_emulator::{Clock, Config, Emulator, Exchange, Faults, Origin, Serving};
use docproof_run::az::{Az, PythonSdk};
use docproof_run::sandbox::{Process, Sandbox, SandboxCommand, SandboxConfig};
use docproof_run::workloads::{ProcessWorkloads, WorkloadEnvironment};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What Azure is like in a place.
pub(crate) struct Day {
    pub(crate) faults: Faults,
    /// How many times as fast as real time the emulator's goes.
    pub(crate) speed: f64,
    pub(crate) operation_seconds: u64,
}

impl Day {
    /// Nothing is difficult.
    pub(crate) fn without_faults() -> Self {
        Self {
            faults: Faults::default(),
            speed: 1.0,
            operation_seconds: 0,
        }
    }

    /// An ordinary day of Azure: propagation within a minute, operations that take half a minute, one
    /// in twenty requests throttled and one in fifty failing. Time goes `speed` times as fast.
    pub(crate) fn ordinary(speed: f64, seed: u64) -> Self {
        Self {
            faults: Faults {
                propagation: 5..=60,
                throttled_percent: 5.0,
                unavailable_percent: 2.0,
                seed,
            },
            speed,
            operation_seconds: 30,
        }
    }
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn told(&self) -> String {
        format!("ended with {}\n{}\n{}", self.code, self.stdout, self.stderr)
    }
}

/// The fields are dropped in order: what runs, then the sockets, then the emulator, then the files.
pub(crate) struct Place {
    sandbox: Sandbox,
    _serving: Serving,
    pub(crate) emulator: Emulator,
    az: Az,
    speed: f64,
    number: std::sync::atomic::AtomicUsize,
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn open(az: &Az, sdk: Option<&PythonSdk>, day: Day) -> Result<Self, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let folder = tempfile::tempdir().map_err(|error| told(&error))?;
        for name in ["home", "tmp", "state", "azure", "project", "out"] {
            fs::create_dir(folder.path().join(name)).map_err(|error| told(&error))?;
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["scenarios", "docs-snapshots"] {
            let to = folder.path().join("project").join(name);
            copy(&root.join(name), &to).map_err(|error| told(&error))?;
        }
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let hidden: Vec<PathBuf> = home.into_iter().filter(|home| home.is_dir()).collect();
        let workloads = ProcessWorkloads::new(WorkloadEnvironment {
            az_bin: Some(az.bin.clone()),
            python_bin: sdk.map(|sdk| sdk.bin.clone()),
            ca_bundles: both(&az.ca_bundles, sdk.map(|sdk| &sdk.ca_bundles)),
            hidden: hidden.clone(),
            visible: both(&az.folders, sdk.map(|sdk| &sdk.folders)),
            ..WorkloadEnvironment::default()
        });
        let config = Config {
            clock: Arc::new(Clock::with_speed(day.speed)),
            operation_seconds: day.operation_seconds,
            faults: day.faults,
            ..Config::default()
        };
        let emulator = Emulator::start(config, Arc::new(workloads)).map_err(|e| told(&e))?;
        let program = Path::new(env!("CARGO_BIN_EXE_docproof"));
        let mut visible = az.folders.clone();
        visible.extend(program.parent().map(Path::to_owned));
        let (sandbox, network) = Sandbox::open(&SandboxConfig {
            writable: folder.path().to_owned(),
            ca_pem: emulator.certificate_authority_pem(),
            ca_bundles: az.ca_bundles.clone(),
            hidden,
            visible,
            ..SandboxConfig::default()
        })
        .map_err(|error| told(&error))?;
        let serving = emulator.serve(network, Origin::Caller);
        let place = Self {
            sandbox,
            _serving: serving.map_err(|error| told(&error))?,
            emulator,
            az: az.clone(),
            speed: day.speed,
            number: std::sync::atomic::AtomicUsize::new(0),
            folder,
        };
        let allowed = format!(
            "[azure]\nsubscriptions = [\"{}\"]\n",
            place.emulator.subscription_id()
        );
        place.write("project/docproof.toml", &allowed);
        Ok(place)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The caller's own environment.
    fn variables(&self) -> Vec<(OsString, OsString)> {
        let at = |name: &str| self.path().join(name).into_os_string();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.az.bin.display());
        let all: [(&str, OsString); 7] = [
            ("HOME", at("home")),
            ("TMPDIR", at("tmp")),
            ("XDG_STATE_HOME", at("state")),
            ("AZURE_CONFIG_DIR", at("azure")),
            ("PATH", path.into()),
            ("LANG", "C.UTF-8".into()),
            ("USER", "caller".into()),
        ];
        all.map(|(name, value)| (name.into(), value)).into()
    }

    /// Starts a program; its output goes into two files, whose paths come back.
    pub(crate) fn start(
        &self,
        argv: &[&str],
        more: &[(&str, &str)],
    ) -> (Process, PathBuf, PathBuf) {
        let number = self
            .number
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let at = |kind: &str| self.path().join(format!("out/{number}.{kind}"));
        let (out, err) = (at("out"), at("err"));
        let stdio = [
            File::open("/dev/null").unwrap().into(),
            File::create(&out).unwrap().into(),
            File::create(&err).unwrap().into(),
        ];
        let mut env = self.variables();
        env.extend(
            more.iter()
                .map(|(name, value)| ((*name).into(), (*value).into())),
        );
        let process = self
            .sandbox
            .spawn(SandboxCommand {
                argv: argv.iter().map(Into::into).collect(),
                env,
                cwd: self.path().join("project"),
                stdio,
                terminal: false,
            })
            .unwrap();
        (process, out, err)
    }

    pub(crate) async fn run(&self, argv: &[&str], more: &[(&str, &str)]) -> Ended {
        let (process, out, err) = self.start(argv, more);
        let code = process.wait().await;
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        Ended {
            code,
            stdout: read(&out),
            stderr: read(&err),
        }
    }

    /// Signs the caller in, as a person does.
    pub(crate) async fn sign_in(&self) {
        let az = self.az.program.to_str().unwrap();
        for _ in 0..20 {
            let ended = self.run(&[az, "login", "--output", "none"], &[]).await;
            if ended.code == 0 {
                return;
            }
        }
        panic!("`az login` never passed");
    }

    /// The words of a `docproof` command on this subscription.
    pub(crate) fn docproof<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        let mut argv = vec![env!("CARGO_BIN_EXE_docproof")];
        argv.extend(words);
        argv.extend(["--subscription", self.emulator.subscription_id(), "--yes"]);
        argv
    }

    pub(crate) async fn live(&self, scenario: &str, more: &[&str]) -> Ended {
        let pause = format!("{:.2}", 3.0 / self.speed);
        let mut words = vec!["run", scenario, "--target", "azure", "--pause", &pause];
        words.extend(more);
        self.run(&self.docproof(&words), &[]).await
    }

    /// The faults so far.
    pub(crate) fn faults(&self) -> Vec<Exchange> {
        let all = self.emulator.requests_since(0).into_iter();
        all.filter(|one| one.fault.is_some()).collect()
    }

    /// The ledgers that are there.
    pub(crate) fn ledgers(&self) -> Vec<PathBuf> {
        let folder = self.path().join("state/docproof/runs");
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

/// Two lists, each entry once.
fn both(first: &[PathBuf], second: Option<&Vec<PathBuf>>) -> Vec<PathBuf> {
    let mut all = first.to_vec();
    let more = second.into_iter().flatten();
    all.extend(more.filter(|path| !first.contains(path)).cloned());
    all
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to)?,
            false => fs::copy(entry.path(), to).map(drop)?,
        }
    }
    Ok(())
}
