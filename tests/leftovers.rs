//! Nothing is left behind, however a run ends: the command itself, on a small project.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(clippy::panic, reason = "a test that fails panics")]

use libtest_mimic::{Arguments, Failed, Trial};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    docproof_run::sandbox::enter_if_helper();
    let arguments = Arguments::from_args();
    let refusal = docproof_run::sandbox::probe()
        .err()
        .map(|refusal| refusal.to_string());
    let tests: [(&str, fn()); 3] = [
        ("ten_runs_at_once_leave_nothing", ten_runs_at_once),
        (
            "an_interrupted_run_cleans_up_and_says_130",
            an_interrupted_run,
        ),
        (
            "what_a_killed_run_left_is_gone_after_the_next_start",
            a_killed_run,
        ),
    ];
    let trials = tests.into_iter().map(|(name, test)| {
        let trial = Trial::test(name, move || {
            test();
            Ok::<(), Failed>(())
        });
        match &refusal {
            Some(reason) => trial.with_kind(reason.clone()).with_ignored_flag(true),
            None => trial,
        }
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// A project with one scenario of one block, a temporary folder of its own, and the command.
struct Place {
    project: tempfile::TempDir,
    temporary: tempfile::TempDir,
}

impl Place {
    fn new(block: &str) -> Self {
        let project = tempfile::tempdir().unwrap();
        let snapshot = project.path().join("docs-snapshots/a");
        fs::create_dir_all(&snapshot).unwrap();
        fs::create_dir(project.path().join("scenarios")).unwrap();
        let article = format!("# A\n\n## B\n\n```bash\n{block}\n```\n");
        fs::write(snapshot.join("article.md"), article).unwrap();
        let scenario = "title = \"T\"\narticle = \"a\"\n[[step]]\nname = \"s\"\nblock = \"b#1\"\n";
        fs::write(project.path().join("scenarios/one.toml"), scenario).unwrap();
        Self {
            project,
            temporary: tempfile::tempdir().unwrap(),
        }
    }

    fn start(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_docproof"))
            .args(["run", "--format", "json"])
            .current_dir(self.project.path())
            .env("TMPDIR", self.temporary.path())
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

    /// Waits until a file that the block writes is there, and gives the run's folder.
    fn wait_for(&self, name: &str) {
        until(&format!("the block's file {name}"), || {
            self.left()
                .iter()
                .any(|folder| folder.join("work").join(name).exists())
        });
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Processes of this machine that have `word` in their command line.
fn processes_with(word: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    entries
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(word))
        .collect()
}

fn passed(output: &Output) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let verdict = stdout.lines().last().unwrap_or_default();
    let verdict: serde_json::Value = serde_json::from_str(verdict)
        .unwrap_or_else(|_| panic!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(verdict["outcome"], "passed", "{stdout}");
    assert_eq!(output.status.code(), Some(0));
}

fn ten_runs_at_once() {
    let mark = format!("86{}", std::process::id());
    let place = Place::new(&format!(
        "tail -f /dev/null --sleep-interval {mark} &\necho hello"
    ));
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let runs: Vec<_> = (0..10).map(|_| place.start()).collect();
    for run in runs {
        passed(&run.wait_with_output().unwrap());
    }
    assert_eq!(place.left(), Vec::<PathBuf>::new());
    assert_eq!(processes_with(&mark), Vec::<String>::new());
    assert_eq!(fs::read_to_string("/proc/self/mountinfo").unwrap(), mounts);
}

fn an_interrupted_run() {
    let mark = format!("87{}", std::process::id());
    let place = Place::new(&format!(
        "touch begun\ntail -f /dev/null --sleep-interval {mark}"
    ));
    let run = place.start();
    place.wait_for("begun");
    kill(pid(&run), Signal::SIGINT).unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(place.left(), Vec::<PathBuf>::new());
    assert_eq!(processes_with(&mark), Vec::<String>::new());
}

fn a_killed_run() {
    let mark = format!("88{}", std::process::id());
    let place = Place::new(&format!(
        "touch begun\ntail -f /dev/null --sleep-interval {mark}"
    ));
    let mut run = place.start();
    place.wait_for("begun");
    kill(pid(&run), Signal::SIGKILL).unwrap();
    run.wait().unwrap();
    until("the end of everything that ran", || {
        processes_with(&mark).is_empty()
    });
    assert_eq!(
        place.left().len(),
        1,
        "a killed run cannot remove its folder"
    );
    let article = place.project.path().join("docs-snapshots/a/article.md");
    fs::write(article, "# A\n\n## B\n\n```bash\necho hello\n```\n").unwrap();
    passed(&place.start().wait_with_output().unwrap());
    assert_eq!(place.left(), Vec::<PathBuf>::new());
}

fn pid(run: &Child) -> Pid {
    Pid::from_raw(i32::try_from(run.id()).unwrap())
}
