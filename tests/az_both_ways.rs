//! A preloaded `az` cannot be told from the real one: hundreds of command lines are run both ways,
//! and what they print, how they end and what they ask of Azure is compared.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

mod common;

use docproof_core::scenario::{Line, Script};
use docproof_core::source::Position;
use docproof_run::az::Preloaded;
use docproof_run::environment::{Environment, Target as _};
use docproof_run::session::Session;
use docproof_run::target::Embedded;
use libtest_mimic::Failed;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use regex::Regex;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// One command line each, in the order in which a reader could type them; `#` begins a comment, and
/// an empty line ends a group, which has an account and resources of its own.
const LINES: &str = include_str!("az_both_ways/lines.txt");

/// Longer than any of them takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

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

/// One way of running `az`: a shell in an environment of its own.
struct Way {
    server: Option<Arc<Preloaded>>,
    session: Session,
    environment: Box<dyn Environment>,
}

impl Way {
    async fn open(preloaded: bool) -> Result<Self, Failed> {
        let az = common::az()?;
        let server = match preloaded {
            true => Preloaded::start(&az).map_err(|error| error.to_string())?,
            false => None,
        };
        if preloaded && server.is_none() {
            return Err("this az is not the script that pip installs".into());
        }
        let target = Embedded::new(az).with_preloaded(server.clone());
        let environment = target
            .prepare(&[])
            .await
            .map_err(|error| error.to_string())?;
        let session = Session::open(environment.as_ref())
            .await
            .map_err(|error| error.to_string())?;
        Ok(Self {
            server,
            session,
            environment,
        })
    }

    /// What there is to see of a command line.
    async fn run(&mut self, line: &str) -> Result<String, Failed> {
        let mark = self.environment.mark();
        let position = Position {
            file: "lines.txt".to_owned(),
            line: 1,
            column: 1,
        };
        let lines = vec![Line {
            text: line.to_owned(),
            position,
        }];
        let outcome = self
            .session
            .run(&Script { lines }, LIMIT)
            .await
            .map_err(|error| format!("{line}: {error}"))?;
        let mut seen = format!("status {}\n", outcome.status);
        for (name, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            writeln!(seen, "{name}:\n{text}")?;
        }
        let requests = self.environment.requests_since(mark);
        // A process of its own sends what was counted, whenever it comes to it.
        let asked = requests.iter().filter(|request| !request.quiet);
        let mut asked: Vec<String> = asked
            .map(|request| format!("{} {} {}", request.method, request.url, request.status))
            .collect();
        // Calls that run side by side ask in any order.
        if line.contains(['&', '|']) {
            asked.sort();
        }
        writeln!(seen, "{}", asked.join("\n"))?;
        Ok(self.without_what_differs(&seen))
    }

    /// The same without what is another on every run: ids, times, the temporary folder, and the order
    /// of polls.
    fn without_what_differs(&self, seen: &str) -> String {
        let folder = self.environment.folder().to_string_lossy().into_owned();
        let mut seen = seen.replace(&folder, "<folder>");
        for (pattern, stand_in) in [
            (
                r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
                "<id>",
            ),
            (r"[0-9a-f]{32}", "<hex>"),
            (r"eyJ[\w.-]{20,}", "<token>"),
            (
                r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?",
                "<time>",
            ),
            (r"\b\d+\.\d+ ?(seconds|s)\b", "<seconds>"),
            (r"\b1[78]\d{8}\b", "<seconds>"),
            (r"(init|invoke): \d+\.\d+", "$1: <seconds>"),
            (r"enter the code \w+", "enter the code <code>"),
            (r"0x[0-9a-f]{6,}", "<address>"),
            (r"&t=\d+", "&t=<ticks>"),
            (r"process \d+|pid \d+", "<pid>"),
            (r"\bsbz[0-9a-f]+\.", "<session>."),
            (r"workspace-containers\w{4}", "workspace-<random>"),
            (r"[\r ]*[-\\|/] (Starting|Running|Finished) \.\.[\r\n]*", ""),
            // A progress bar is wiped out with blanks.
            (r"(\(y/n\): )(\x1b\[K|[^a-zA-Z])*", "$1\n"),
            (r"\d+ (Killed|Terminated|Hangup)", "<pid> $1"),
        ] {
            seen = Regex::new(pattern)
                .unwrap()
                .replace_all(&seen, stand_in)
                .into_owned();
        }
        seen
    }
}

async fn compare(lines: &[String]) -> Result<(), Failed> {
    let (mut plain, mut preloaded) = (Way::open(false).await?, Way::open(true).await?);
    let mut differing = String::new();
    for line in lines {
        let (expected, seen) = tokio::join!(plain.run(line), preloaded.run(line));
        let (expected, seen) = (expected?, seen?);
        if expected != seen {
            let changes = similar::TextDiff::from_lines(&expected, &seen);
            let changes = changes
                .unified_diff()
                .header("plain", "preloaded")
                .to_string();
            write!(differing, "\n$ {line}\n{changes}")?;
        }
    }
    match differing.is_empty() {
        true => Ok(()),
        false => Err(differing.into()),
    }
}

/// Which way a call is made: by a worker of the server, or by a Python of its own. The call waits long
/// enough to be looked at.
const WHICH: &str = r#"
    rm -f fifo; mkfifo fifo
    az rest --method put --url https://management.azure.com/x --body @fifo & call=$!
    while true; do
        if tr '\0' ' ' < /proc/$call/cmdline | grep -q 'm azure.cli'; then echo plain; break; fi
        if grep -lq '[A]nswers calls of' /proc/[0-9]*/cmdline 2>/dev/null; then echo worker; break; fi
    done
    kill -KILL $call; wait $call
    while grep -lq '[A]nswers calls of' /proc/[0-9]*/cmdline 2>/dev/null; do true; done
"#;

/// What is read while azure-cli is imported is known only to an `az` that is started with it; and
/// without a server there is still an `az`.
async fn not_taken() -> Result<(), Failed> {
    let mut way = Way::open(true).await?;
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
    let server = way.server.as_ref().map(|server| server.server());
    let server = i32::try_from(server.unwrap_or_default())?;
    kill(Pid::from_raw(server), Signal::SIGKILL)?;
    let seen = way.run(WHICH).await?;
    match seen.contains("stdout:\nplain\n") {
        true => Ok(()),
        false => Err(format!("without a server: {seen}").into()),
    }
}
