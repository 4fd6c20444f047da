//! Nothing is left behind, however a run ends: the command itself, on a small project.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(clippy::panic, reason = "a test that fails panics")]

mod common;

use docproof_run::az::{Az, AzChoice, AzEnvironment, AzOrigin};
use libtest_mimic::Failed;
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Pid, geteuid};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::time::{Duration, Instant};

/// The user who is neither root nor anybody else.
const NOBODY: u32 = 65534;

fn main() -> ExitCode {
    let (arguments, refusal) = common::begin();
    let mut tests: Vec<(&str, fn())> = vec![
        ("ten_runs_at_once_leave_nothing", || {
            ten_runs_at_once(&Place::new());
        }),
        (
            "an_interrupted_run_cleans_up_and_says_130",
            an_interrupted_run,
        ),
        (
            "what_a_killed_run_left_is_gone_after_the_next_start",
            a_killed_run,
        ),
    ];
    // Whoever is not root has just proved it with the first one.
    if geteuid().is_root() {
        tests.push(("ten_runs_at_once_of_a_plain_user_leave_nothing", || {
            ten_runs_at_once(&Place::of_a_plain_user());
        }));
    }
    let trials = tests.into_iter().map(|(name, test)| {
        common::trial(name, refusal.as_ref(), move || {
            test();
            Ok::<(), Failed>(())
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// A project with one scenario of one block, a temporary folder of its own, and the command.
struct Place {
    project: tempfile::TempDir,
    temporary: tempfile::TempDir,
    program: PathBuf,
    /// Variables for the command; empty for those of this process.
    variables: Vec<(OsString, OsString)>,
    user: Option<u32>,
}

impl Place {
    fn new() -> Self {
        let project = tempfile::tempdir().unwrap();
        fs::create_dir_all(project.path().join("docs-snapshots/a")).unwrap();
        fs::create_dir(project.path().join("scenarios")).unwrap();
        let scenario = "title = \"T\"\narticle = \"a\"\n[[step]]\nname = \"s\"\nblock = \"b#1\"\n";
        fs::write(project.path().join("scenarios/one.toml"), scenario).unwrap();
        Self {
            project,
            temporary: tempfile::tempdir().unwrap(),
            program: env!("CARGO_BIN_EXE_docproof").into(),
            variables: Vec::new(),
            user: None,
        }
    }

    /// The same for a user who cannot read root's files: with a command and an `az` that he can.
    fn of_a_plain_user() -> Self {
        let mut place = Self::new();
        let az = az_for_everybody();
        place.program = place.project.path().join("docproof");
        fs::copy(env!("CARGO_BIN_EXE_docproof"), &place.program).unwrap();
        let home = place.project.path().join("home");
        fs::create_dir(&home).unwrap();
        for folder in [place.project.path(), place.temporary.path(), &home] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
            chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", az.bin.display());
        place.variables = vec![
            ("HOME".into(), home.into()),
            ("PATH".into(), path.into()),
            // Nothing is to be fetched: it is all there.
            ("DOCPROOF_OFFLINE".into(), "1".into()),
        ];
        place.user = Some(NOBODY);
        place
    }

    /// Makes this the article's only block.
    fn write(&self, block: &str) {
        let article = format!("# A\n\n## B\n\n```bash\n{block}\n```\n");
        let file = self.project.path().join("docs-snapshots/a/article.md");
        fs::write(file, article).unwrap();
    }

    fn start(&self) -> Child {
        let mut command = Command::new(&self.program);
        if !self.variables.is_empty() {
            command.env_clear().envs(self.variables.iter().cloned());
        }
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
            .args(["run", "--format", "json"])
            .current_dir(self.project.path())
            .env("TMPDIR", self.temporary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// What is in the temporary folder.
    fn left(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.temporary.path()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The files of this name that blocks have written, one for each run.
    fn written(&self, name: &str) -> Vec<PathBuf> {
        let works = self.left().into_iter().map(|folder| folder.join("work"));
        works
            .map(|work| work.join(name))
            .filter(|file| file.exists())
            .collect()
    }
}

/// An `az` that every user of this machine can read: root's own if it is one, else one that is
/// installed once beside the tests, or in `/var/tmp` if that is out of reach too.
fn az_for_everybody() -> Az {
    let mut environment = AzEnvironment::from_process();
    let is_open = |az: &Az| {
        let files = [&az.program, &az.python].into_iter();
        let mut files = files.chain(&az.ca_bundles).chain(&az.folders);
        files.all(|file| can_everybody_reach(file))
    };
    let choice = match docproof_run::az::find(AzChoice::Auto, &environment) {
        Some(az) if is_open(&az) => return az,
        // The cache may hold one that the PATH hides.
        _ => AzChoice::Pinned,
    };
    let caches = [
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("for-everybody"),
        PathBuf::from("/var/tmp/docproof-tests"),
    ];
    // Others must not be able to put their own `az` there.
    umask(Mode::from_bits_truncate(0o022));
    for cache in caches {
        fs::create_dir_all(&cache).unwrap();
        if can_everybody_reach(&cache) && cache.metadata().unwrap().uid() == geteuid().as_raw() {
            environment.cache = cache;
            break;
        }
    }
    let names = environment.pythons.iter();
    let pythons = names.flat_map(|name| {
        std::env::split_paths(&environment.path).map(move |folder| folder.join(name))
    });
    // An absolute name is looked for where it says.
    environment.pythons = pythons
        .filter(|python| python.is_absolute() && can_everybody_reach(python))
        .filter_map(|python| Some(python.to_str()?.to_owned()))
        .collect();
    let az = common::provide(choice, &environment).unwrap();
    assert_eq!(az.origin, AzOrigin::Cache);
    assert!(is_open(&az), "not every user can read {az:?}");
    az
}

/// Whether the file, where its links lead, and every folder on the way are open to every user.
fn can_everybody_reach(file: &Path) -> bool {
    let is_open = |path: &Path| {
        path.ancestors().all(|path| {
            let mode = path.metadata().map(|data| data.permissions().mode());
            mode.is_ok_and(|mode| mode & 0o005 == 0o005 || (mode & 0o004 != 0 && path.is_file()))
        })
    };
    is_open(file) && file.canonicalize().is_ok_and(|file| is_open(&file))
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// The processes of this machine.
fn processes() -> impl Iterator<Item = (u32, PathBuf)> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
}

/// Those that have `word` in their command line.
fn processes_with(word: &str) -> Vec<PathBuf> {
    let has = |process: &PathBuf| {
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(word)
    };
    processes().map(|(_, path)| path).filter(has).collect()
}

/// Namespaces, held open so that their numbers are not given to new ones. What is held keeps no
/// process alive.
struct Namespaces {
    held: Vec<(PathBuf, fs::File)>,
}

impl Namespaces {
    /// Those of these processes.
    fn of(processes: &[PathBuf]) -> Self {
        let kinds = ["user", "mnt", "net", "pid"];
        let links = processes
            .iter()
            .flat_map(|process| kinds.map(|kind| process.join("ns").join(kind)));
        let held = links.map(|link| {
            let file = fs::File::open(&link).unwrap();
            (fs::read_link(link).unwrap(), file)
        });
        Self {
            held: held.collect(),
        }
    }

    fn count(&self) -> usize {
        let names: BTreeSet<_> = self.held.iter().map(|(name, _)| name).collect();
        names.len()
    }

    /// Those of them that a process other than this one is in, holds open or has mounted.
    fn in_use(&self) -> Vec<String> {
        let mut found = BTreeSet::new();
        for process in processes().filter(|(id, _)| *id != std::process::id()) {
            let process = process.1;
            let links = ["ns", "fd"].map(|folder| fs::read_dir(process.join(folder)));
            let links = links.into_iter().flatten().flatten().flatten();
            found.extend(links.filter_map(|link| fs::read_link(link.path()).ok()));
            let mounts = fs::read_to_string(process.join("mountinfo")).unwrap_or_default();
            found.extend(mounts.split_whitespace().map(PathBuf::from));
        }
        let held = self.held.iter().filter(|(name, _)| found.contains(name));
        held.map(|(name, _)| name.display().to_string()).collect()
    }
}

fn passed(output: &Output) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let mut events = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_default());
    let verdict = events
        .rfind(|event: &serde_json::Value| event["event"] == "verdict")
        .unwrap_or_else(|| panic!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(verdict["outcome"], "passed", "{stdout}");
    assert_eq!(output.status.code(), Some(0));
}

/// All ten are in the middle of their block at the same time, each in namespaces of its own, with a
/// process in the background; then they are let go.
fn ten_runs_at_once(place: &Place) {
    let user = place.user.unwrap_or_else(|| geteuid().as_raw());
    let mark = format!("86{user}{}", std::process::id());
    place.write(&format!(
        "tail -f /dev/null --sleep-interval {mark} &\n\
         touch begun\n\
         until [[ -e go ]]; do sleep 0.1; done"
    ));
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let runs: Vec<_> = (0..10).map(|_| place.start()).collect();
    until("ten runs in their blocks", || {
        place.written("begun").len() == 10
    });
    let processes = processes_with(&mark);
    assert_eq!(processes.len(), 10);
    let namespaces = Namespaces::of(&processes);
    assert_eq!((namespaces.count(), namespaces.in_use().len()), (40, 40));
    for file in place.written("begun") {
        assert_eq!(file.metadata().unwrap().uid(), user);
        fs::write(file.with_file_name("go"), "").unwrap();
    }
    for run in runs {
        passed(&run.wait_with_output().unwrap());
    }
    assert_eq!(place.left(), Vec::<PathBuf>::new());
    assert_eq!(processes_with(&mark), Vec::<PathBuf>::new());
    assert_eq!(namespaces.in_use(), Vec::<String>::new());
    assert_eq!(fs::read_to_string("/proc/self/mountinfo").unwrap(), mounts);
}

fn an_interrupted_run() {
    let mark = format!("87{}", std::process::id());
    let place = Place::new();
    place.write(&format!(
        "touch begun\ntail -f /dev/null --sleep-interval {mark}"
    ));
    let run = place.start();
    until("the block's first file", || {
        !place.written("begun").is_empty()
    });
    kill(pid(&run), Signal::SIGINT).unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(place.left(), Vec::<PathBuf>::new());
    assert_eq!(processes_with(&mark), Vec::<PathBuf>::new());
}

fn a_killed_run() {
    let mark = format!("88{}", std::process::id());
    let place = Place::new();
    place.write(&format!(
        "touch begun\ntail -f /dev/null --sleep-interval {mark}"
    ));
    let mut run = place.start();
    until("the block's first file", || {
        !place.written("begun").is_empty()
    });
    kill(pid(&run), Signal::SIGKILL).unwrap();
    run.wait().unwrap();
    until("the end of everything that ran", || {
        processes_with(&mark).is_empty()
    });
    assert!(
        !place.left().is_empty(),
        "a killed run cannot remove its folders"
    );
    place.write("echo hello");
    passed(&place.start().wait_with_output().unwrap());
    assert_eq!(place.left(), Vec::<PathBuf>::new());
}

fn pid(run: &Child) -> Pid {
    Pid::from_raw(i32::try_from(run.id()).unwrap())
}
