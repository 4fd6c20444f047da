//! A preloaded `az` cannot be told from the real one: hundreds of command lines are run both ways,
//! and what they print, how they end and what they ask of Azure is compared.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

mod common;

use common::both_ways::{self, Way};
use docproof_run::az::Preloaded;
use docproof_run::target::Embedded;
use libtest_mimic::Failed;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::ExitCode;
use std::sync::Arc;

/// One command line each, in the order in which a reader could type them; `#` begins a comment, and
/// an empty line ends a group, which has an account and resources of its own.
const LINES: &str = include_str!("az_both_ways/lines.txt");

fn main() -> ExitCode {
    let (arguments, refusal) = common::begin();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let handle = runtime.handle().clone();
    let mut trials = vec![common::trial(
        "a_call_that_cannot_be_taken_is_made_by_the_real_az",
        refusal.as_ref(),
        {
            let handle = handle.clone();
            move || handle.block_on(not_taken())
        },
    )];
    for group in LINES.split("\n\n") {
        let lines = group.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        let name = group.trim().lines().next().unwrap_or_default();
        let name = name.trim_start_matches(['#', ' ']).replace(' ', "_");
        let handle = handle.clone();
        trials.push(common::trial(name, refusal.as_ref(), move || {
            handle.block_on(compare(&lines))
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A way of running `az`, and the server if it has one.
async fn open(preloaded: bool) -> Result<(Way, Option<Arc<Preloaded>>), Failed> {
    let az = common::az()?;
    let server = match preloaded {
        true => Preloaded::start(&az).map_err(|error| error.to_string())?,
        false => None,
    };
    if preloaded && server.is_none() {
        return Err("this az is not the script that pip installs".into());
    }
    let target = Embedded::new(az).with_preloaded(server.clone());
    Ok((Way::open(&target).await?, server))
}
async fn compare(lines: &[String]) -> Result<(), Failed> {
    let ((plain, _), (preloaded, _server)) = (open(false).await?, open(true).await?);
    Ok(both_ways::compare(plain, preloaded, lines).await?)
}

/// Which way a call is made: by a worker of the server, or by a Python of its own. The call waits long
/// enough to be looked at.
const WHICH: &str = r#"
    rm -f fifo; mkfifo fifo
    az rest --method put --url https://management.azure.com/x --body @fifo & call=$!
    while true; do
        if tr '\0' ' ' < /proc/$call/cmdline | grep -q 'm azure.cli'; then echo plain; break; fi
        if grep -lq '[s]erver.py' /proc/[0-9]*/cmdline 2>/dev/null; then echo worker; break; fi
    done
    kill -KILL $call; wait $call
    while grep -lq '[s]erver.py' /proc/[0-9]*/cmdline 2>/dev/null; do true; done
"#;

/// What is read while azure-cli is imported is known only to an `az` that is started with it; and
/// without a server there is still an `az`.
async fn not_taken() -> Result<(), Failed> {
    let (mut way, server) = open(true).await?;
    way.run("az login --output none").await?;
    for (variable, expected) in [
        ("UNKNOWN=1", "worker"),
        ("AZURE_CONFIG_DIR=$HOME/.azure", "worker"),
        ("PYTHONWARNINGS=ignore", "plain"),
        ("PYTHONPATH=/nowhere", "plain"),
        ("LANG=C", "plain"),
        ("AZURE_EXTENSION_DIR=/nowhere", "plain"),
        ("ARM_CLOUD_METADATA_URL=", "plain"),
    ] {
        let seen = way.run(&format!("(export {variable}\n{WHICH})")).await?;
        if !seen.contains(&format!("stdout:\n{expected}\n")) {
            return Err(format!("with {variable}: {seen}").into());
        }
    }
    let server = server.as_ref().map(|server| server.server());
    let server = i32::try_from(server.unwrap_or_default())?;
    kill(Pid::from_raw(server), Signal::SIGKILL)?;
    let seen = way.run(WHICH).await?;
    match seen.contains("stdout:\nplain\n") {
        true => Ok(()),
        false => Err(format!("without a server: {seen}").into()),
    }
}
