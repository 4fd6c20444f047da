//! Runs that are killed, and the next start.

use crate::common::open::{Open, block_on};
use crate::{container, expect};
use std::io::BufRead as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Makes this program a run that is killed.
pub(crate) const VICTIM: &str = "__victim";
/// Makes this program the run after it.
pub(crate) const NEXT: &str = "__next";
/// How often a run is killed at a random moment, if not once.
const KILLS: &str = "DOCPROOF_KILLS";

/// What a run that is killed does: everything that leaves something behind, over and over.
pub(crate) fn victim() -> ExitCode {
    let ran: Result<(), String> = block_on(async {
        let target = container()?;
        loop {
            let mut open = Open::new(target.as_ref()).await?;
            println!("open");
            let sign_in = open.environment.sign_in().unwrap_or_default();
            let block = format!(
                "{sign_in}\naz group create --name g --location eastus --output none\n\
                 az container create --resource-group g --name c --os-type Linux --cpu 1 --memory 1 \
                 --image mcr.microsoft.com/azure-cli --command-line 'sleep 1000' --output none\n"
            );
            let made = open.run(&block).await?;
            expect("it is made", made.errors.is_empty(), &made)?;
            println!("made");
            open.close();
        }
    });
    eprintln!("{ran:?}");
    ExitCode::FAILURE
}

/// Opens and closes: what a next start is.
pub(crate) fn next() -> ExitCode {
    let ran = block_on(async {
        Open::new(container()?.as_ref()).await?.close();
        Ok(())
    });
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What Docker has of runs whose temporary folder is here, and what is in that folder.
fn left(temporary: &Path) -> String {
    let mut left = String::new();
    for (kind, name) in [
        ("ps --all", "{{.Names}}"),
        ("network ls", "{{.Name}}"),
        ("volume ls", "{{.Name}}"),
    ] {
        let format = format!("{kind} {name} {{{{.Label \"net.docproof.lock\"}}}}");
        left += &docker(kind, &["--format", &format]);
    }
    // Their labels are not shown by that.
    let ids = docker(
        "image ls",
        &["--quiet", "--filter", "label=net.docproof.lock"],
    );
    for id in ids.lines() {
        left += &docker(
            "image inspect",
            &["--format", "image {{.Config.Labels}}", id],
        );
    }
    let ours = temporary.to_string_lossy();
    let mut left: Vec<String> = left
        .lines()
        .filter(|line| line.contains(&*ours))
        .map(str::to_owned)
        .collect();
    let files = std::fs::read_dir(temporary).unwrap();
    left.extend(files.map(|file| file.unwrap().path().display().to_string()));
    left.join("\n")
}

fn docker(kind: &str, words: &[&str]) -> String {
    let output = Command::new("docker")
        .args(kind.split(' '))
        .args(words)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// This program again, with a temporary folder of its own.
fn again(word: &str, temporary: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(word).env("TMPDIR", temporary);
    command
}

/// Killed once when something is there, and as often as [`KILLS`] says at random moments, from the
/// first instruction to the end.
pub(crate) fn nothing_is_left_of_a_killed_run() -> Result<(), String> {
    let temporary = tempfile::tempdir().unwrap();
    let temporary = temporary.path();
    let kills = std::env::var(KILLS)
        .ok()
        .and_then(|kills| kills.parse().ok());
    let mut whole = None;
    for kill in 0..=kills.unwrap_or(1) {
        let started = Instant::now();
        let mut victim = again(VICTIM, temporary)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = std::io::BufReader::new(victim.stdout.take().unwrap());
        match whole {
            None => {
                let lines = said.lines().map_while(Result::ok);
                let made = { lines }.any(|line| line == "made");
                whole = made.then(|| started.elapsed());
            }
            // The moment is what is tried.
            Some(whole) => std::thread::sleep(Duration::mul_f64(whole, random())),
        }
        let at = started.elapsed();
        victim.kill().unwrap();
        victim.wait().unwrap();
        let before = left(temporary);
        let things = before.lines().count();
        if kill == 0 && things < 5 {
            return Err(format!("the run made nothing that is labelled: {before}"));
        }
        let next = again(NEXT, temporary).status().unwrap();
        let after = left(temporary);
        eprintln!("killed after {:.1} s: {things} left", at.as_secs_f64());
        if !next.success() || !after.is_empty() {
            return Err(format!("killed after {at:?}, and left: {after}"));
        }
    }
    Ok(())
}

/// Between 0 and 1.
fn random() -> f64 {
    let bits = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0_u8);
    bits as f64 / u64::MAX as f64
}
