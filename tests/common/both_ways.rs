//! The same command lines in two environments: what they print, how they end and what they ask of
//! Azure, without what differs from run to run.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use super::open::Open;
use docproof_run::environment::Target;
use regex::Regex;
use std::fmt::Write as _;

/// Which way a call is made: by a worker of the server, or by a Python of its own. The call waits, and
/// whoever makes it has opened a pipe.
pub(crate) const WHICH: &str = r#"(
    rm -f fifo; mkfifo fifo
    az rest --method put --url https://management.azure.com/x --body @fifo & call=$!
    exec 9>fifo
    for process in /proc/[0-9]*; do
        ls -l $process/fd 2>/dev/null | grep -q '/fifo$' && tr '\0' ' ' <$process/cmdline && echo
    done | sed -n 's/.* -s\?m azure.cli .*/plain/p; s/.*[s]erver\.py .*/answered/p' | sort -u
    kill -KILL $call; wait $call || true
) 2>/dev/null
"#;

/// One way of running `az`.
pub(crate) struct Way(Open);

/// Runs each line both ways; an error if any differs.
pub(crate) async fn compare(
    mut plain: Way,
    mut preloaded: Way,
    lines: &[String],
) -> Result<(), String> {
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
            write!(differing, "\n$ {line}\n{changes}").unwrap();
        }
    }
    plain.close();
    preloaded.close();
    match differing.is_empty() {
        true => Ok(()),
        false => Err(differing),
    }
}

impl Way {
    pub(crate) async fn open(target: &dyn Target) -> Result<Self, String> {
        Open::new(target).await.map(Self)
    }

    pub(crate) fn close(self) {
        self.0.close();
    }

    /// What there is to see of a command line.
    pub(crate) async fn run(&mut self, line: &str) -> Result<String, String> {
        let mark = self.0.environment.mark();
        let ran = self.0.run(line).await;
        let outcome = ran.map_err(|error| format!("{line}: {error}"))?;
        let mut seen = format!("status {}\n", outcome.status);
        for (name, text) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
            writeln!(seen, "{name}:\n{text}").unwrap();
        }
        let requests = self.0.environment.requests_since(mark);
        // A process of its own sends what was counted, whenever it comes to it.
        let asked = requests.iter().filter(|request| !request.quiet);
        let mut asked: Vec<String> = asked
            .map(|request| format!("{} {} {}", request.method, request.url, request.status))
            .collect();
        // Calls that run side by side ask in any order.
        if line.contains(['&', '|']) {
            asked.sort();
        }
        writeln!(seen, "{}", asked.join("\n")).unwrap();
        Ok(self.without_what_differs(&seen))
    }

    /// The same without what is another on every run: ids, times, the temporary folder, and the order
    /// of polls.
    fn without_what_differs(&self, seen: &str) -> String {
        let folder = self.0.environment.folder().to_string_lossy().into_owned();
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
            // The log of a call, where somebody's own home folder is there and cannot be written to.
            (
                r"\d{4}-\d\d-\d\d\.\d\d-\d\d-\d\d\.(\w+)\.\d+\.log",
                "<time>.$1.<pid>.log",
            ),
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
