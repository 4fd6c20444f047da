//! The container target on Docker engines of the test's own: one that shares no files with this
//! machine, one that is stopped, one that hangs, one whose disk is full, one without addresses.
//!
//! Each trial starts an engine and runs this program again with `DOCKER_HOST` set.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what runs with `DOCKER_HOST` talks to its trial"
)]

#[path = "../common/mod.rs"]
mod common;
mod daemon;
mod image;

use common::open::{Open, block_on, script, told};
use daemon::{Daemon, Options};
use docproof_run::target::{Container, EmulatorImage};
use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Makes this program what runs on an engine.
const INSIDE: &str = "__inside";
/// The image that steps run in.
const SHELL: &str = "docproof-tests/shell:1";
/// How long an engine that hangs may hold up a run's end.
const PATIENCE: Duration = Duration::from_secs(90);

type Test = fn() -> Result<(), Failed>;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some(INSIDE) {
        let ended = inside(&words.next().unwrap_or_default());
        return match ended {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                println!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let (arguments, _) = common::begin();
    let trials: [(&str, Test); 6] = [
        ("no_file_system_is_shared", elsewhere),
        ("an_engine_that_stops_in_the_middle_is_told", stopped),
        ("an_engine_that_hangs_is_told", hanging),
        ("a_full_disk_is_told", full),
        (
            "a_network_that_takes_the_last_addresses_is_told",
            no_addresses,
        ),
        ("an_image_that_cannot_be_had_is_told", no_image),
    ];
    let refusal = Daemon::refusal();
    let trials: Vec<Trial> = trials
        .into_iter()
        .map(|(name, test)| common::trial(name, refusal.as_ref(), test))
        .collect();
    libtest_mimic::run(&common::mostly_waiting(arguments), trials).exit_code()
}

/// What runs on the engine that `DOCKER_HOST` names.
fn inside(what: &str) -> Result<(), String> {
    let image = match what {
        "absent" => "registry.invalid/azure-cli:1",
        _ => SHELL,
    };
    let say = |said: &str| eprintln!("docker: {said}");
    let target = Container::new(image, EmulatorImage::find(), say);
    block_on(async {
        let mut open = Open::new(&target).await?;
        println!("open");
        if let Some(limit) = waiting(what) {
            let ran = open.session.run(&script("sleep 1000"), limit).await;
            println!("ran: {:?}", ran.map_err(|error| error.to_string()));
            // As the runner asks after each step.
            open.environment.requests_since(0);
            let failure = open.environment.failure();
            println!("{}", failure.map_or("no failure".to_owned(), told));
        } else {
            walk(&mut open).await?;
        }
        open.close();
        println!("closed");
        Ok(())
    })
}

/// How long a block may take in what waits for its engine to give out.
fn waiting(what: &str) -> Option<Duration> {
    match what {
        "wait" => Some(Duration::from_secs(60)),
        "hang" => Some(Duration::from_secs(5)),
        _ => None,
    }
}

/// Files both ways, a big output, and a command that fails.
async fn walk(open: &mut Open) -> Result<(), String> {
    let (work, files) = (open.environment.work(), open.environment.files());
    let ours = files.write(&work.join("ours"), b"ours").await;
    ours.map_err(|error| error.to_string())?;
    let outcome = open
        .run("cat ours; echo theirs >theirs; sh -c 'exit 7'")
        .await?;
    let theirs = files.read(&work.join("theirs")).await;
    let theirs = theirs.map_err(|error| error.to_string())?;
    if outcome.stdout != "ours" || theirs != b"theirs\n" || outcome.errors.len() != 1 {
        return Err(format!("{outcome:?}, {theirs:?}"));
    }
    let outcome = open
        .run("dd if=/dev/zero bs=1000000 count=20 2>/dev/null")
        .await?;
    match outcome.stdout.len() {
        20_000_000 => Ok(()),
        length => Err(format!("{length} bytes came")),
    }
}

/// Something that runs on an engine.
struct Inside {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Inside {
    fn start(daemon: &Daemon, what: &str) -> Result<Self, Failed> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([INSIDE, what])
            .env("DOCKER_HOST", daemon.host())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = child.stdout.take().ok_or("no standard output")?;
        Ok(Self {
            child,
            said: BufReader::new(said),
        })
    }

    /// The next line that it says.
    fn line(&mut self) -> Result<String, Failed> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    /// What else it says, and whether it ended well.
    fn end(mut self) -> Result<(String, bool), Failed> {
        let mut said = String::new();
        self.said.read_to_string(&mut said)?;
        let status = self.child.wait()?;
        Ok((said, status.success()))
    }
}

/// An engine with the image that steps run in.
fn engine(options: Options) -> Result<Daemon, Failed> {
    let daemon = Daemon::start(options)?;
    daemon.docker(&["import", "-", SHELL], &image::shell()?)?;
    Ok(daemon)
}

fn expect(what: &str, is_so: bool, said: &str) -> Result<(), Failed> {
    match is_so {
        true => Ok(()),
        false => Err(format!("{what}: {said}").into()),
    }
}

/// The words are there, in this order.
fn says(said: &str, words: &[&str]) -> Result<(), Failed> {
    let mut rest = said;
    for word in words {
        rest = match rest.split_once(word) {
            Some((_, rest)) => rest,
            None => return expect(&format!("no `{word}`"), false, said),
        };
    }
    Ok(())
}

/// Nothing is left of earlier runs after another one.
fn nothing_is_left(daemon: &Daemon) -> Result<(), Failed> {
    let (said, ended_well) = Inside::start(daemon, "walk")?.end()?;
    expect("the next run", ended_well, &said)?;
    let left = daemon.left()?;
    expect("left", left.is_empty(), &left)
}

fn elsewhere() -> Result<(), Failed> {
    let daemon = engine(Options::default())?;
    // The trial proves nothing if a folder of this machine's is seen there.
    let ours = tempfile::NamedTempFile::new()?;
    let bound = format!("{}:/seen", ours.path().display());
    let seen = daemon.docker(
        &[
            "run",
            "--rm",
            "--network",
            "none",
            "--volume",
            &bound,
            SHELL,
            "cat",
            "/seen",
        ],
        b"",
    );
    expect("the file system is shared", seen.is_err(), "it was read")?;
    nothing_is_left(&daemon)
}

fn stopped() -> Result<(), Failed> {
    let mut daemon = engine(Options::default())?;
    let mut run = Inside::start(&daemon, "wait")?;
    assert_eq!(run.line()?, "open");
    daemon.kill();
    let (said, _) = run.end()?;
    says(
        &said,
        &[
            "the Docker engine was stopped in the middle of the run: no Docker engine answers",
            "help: start Docker and run again",
            "closed",
        ],
    )?;
    daemon.run()?;
    let left = daemon.left()?;
    expect(
        "something is left until the next start",
        !left.is_empty(),
        &left,
    )?;
    nothing_is_left(&daemon)
}

fn hanging() -> Result<(), Failed> {
    let daemon = engine(Options::default())?;
    let mut run = Inside::start(&daemon, "hang")?;
    assert_eq!(run.line()?, "open");
    daemon.signal(Signal::SIGSTOP)?;
    let started = Instant::now();
    let (said, _) = run.end()?;
    expect("it waits for ever", started.elapsed() < PATIENCE, &said)?;
    daemon.signal(Signal::SIGCONT)?;
    says(
        &said,
        &["the Docker engine was stopped in the middle of the run: it does not answer"],
    )?;
    nothing_is_left(&daemon)
}

fn full() -> Result<(), Failed> {
    let daemon = engine(Options {
        disk: "20m",
        ..Options::default()
    })?;
    let (said, ended_well) = Inside::start(&daemon, "walk")?.end()?;
    expect("it fits", !ended_well, &said)?;
    says(
        &said,
        &["the disk of the Docker engine is full", "help: make room"],
    )
}

fn no_addresses() -> Result<(), Failed> {
    let daemon = engine(Options {
        words: &["--default-address-pool", "base=10.213.0.0/28,size=28"],
        ..Options::default()
    })?;
    daemon.docker(&["network", "create", "there-already"], b"")?;
    let (said, ended_well) = Inside::start(&daemon, "walk")?.end()?;
    expect("there are addresses", !ended_well, &said)?;
    says(
        &said,
        &[
            "make the network",
            "help: Docker has no network addresses left",
        ],
    )?;
    daemon.docker(&["network", "rm", "there-already"], b"")?;
    nothing_is_left(&daemon)
}

fn no_image() -> Result<(), Failed> {
    let daemon = engine(Options::default())?;
    let (said, ended_well) = Inside::start(&daemon, "absent")?.end()?;
    expect("it is there", !ended_well, &said)?;
    says(
        &said,
        &["there is no image registry.invalid/azure-cli:1", "help: "],
    )
}
