//! Child processes of an installation: [`stream`] tells each line as it comes and keeps the last.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

/// How many lines of output an error shows.
const TAIL_LINES: usize = 15;

/// How a child ended.
pub(super) struct Finished {
    /// Its exit status.
    pub(super) status: ExitStatus,
    /// Its last lines, credentials masked.
    pub(super) tail: String,
}

impl Finished {
    /// Whether somebody ended it: Ctrl-C reaches the whole foreground process group.
    pub(super) fn interrupted(&self) -> bool {
        let by_signal = |signal| matches!(signal, libc::SIGINT | libc::SIGTERM | libc::SIGHUP);
        self.status.signal().is_some_and(by_signal) || self.status.code() == Some(130)
    }
}

/// Runs a program in `folder` with exactly these variables, standard output and standard error
/// together, each line told to `line` with the credentials in addresses masked.
///
/// `input` becomes the child's standard input. Given a duplicate of a locked file, the lock lasts
/// until the child has ended, even if this process is killed before.
pub(super) fn stream(
    program: &Path,
    arguments: &[OsString],
    variables: &BTreeMap<OsString, OsString>,
    folder: &Path,
    input: Option<File>,
    line: &mut dyn FnMut(&str),
) -> io::Result<Finished> {
    let mut command = duct::cmd(program, arguments)
        .dir(folder)
        .full_env(variables)
        .stderr_to_stdout()
        .unchecked();
    command = match input {
        Some(file) => command.stdin_file(file),
        None => command.stdin_null(),
    };
    let mut reader = BufReader::new(command.reader()?);
    let mut tail = VecDeque::new();
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        let text = masked(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
        if text.is_empty() {
            continue;
        }
        line(&text);
        if tail.len() == TAIL_LINES {
            tail.pop_front();
        }
        tail.push_back(text);
    }
    let status = match reader.get_ref().try_wait()? {
        Some(output) => output.status,
        None => return Err(io::Error::other("the output ended before the program did")),
    };
    Ok(Finished {
        status,
        tail: Vec::from(tail).join("\n"),
    })
}

/// The text with `user:password@` in addresses replaced: indexes are often private.
pub(super) fn masked(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (before, after) = rest.split_at(start + 3);
        result.push_str(before);
        let end = after
            .find(|c: char| c == '/' || c.is_whitespace())
            .unwrap_or(after.len());
        let (authority, later) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                result.push_str("****@");
                result.push_str(host);
            }
            None => result.push_str(authority),
        }
        rest = later;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> (Finished, Vec<String>) {
        let mut lines = Vec::new();
        let arguments = ["-c".into(), script.into()];
        let finished = stream(
            Path::new("/bin/sh"),
            &arguments,
            &BTreeMap::new(),
            Path::new("/"),
            None,
            &mut |line| lines.push(line.to_owned()),
        )
        .unwrap();
        (finished, lines)
    }

    #[test]
    fn a_signal_is_an_interruption_and_a_failure_is_not() {
        // A job in the background of a shell inherits that it ignores SIGINT; nobody ignores this one.
        assert!(sh("kill -TERM $$").0.interrupted());
        assert!(sh("exit 130").0.interrupted());
        assert!(!sh("exit 1").0.interrupted());
        assert!(!sh("kill -SEGV $$").0.interrupted());
    }

    #[test]
    fn both_outputs_are_told_and_only_the_end_is_kept() {
        let (finished, lines) =
            sh("i=0; while [ $i -lt 40 ]; do echo out$i; i=$((i+1)); done; echo err >&2");
        assert_eq!(lines.len(), 41);
        assert_eq!(finished.tail.lines().count(), TAIL_LINES);
        assert!(finished.tail.ends_with("err"), "{}", finished.tail);
    }

    #[test]
    fn credentials_never_show() {
        let text = "error: https://me:p4ss@host/simple and http://t0k@h2 (https://plain/x@y)";
        let shown = masked(text);
        assert_eq!(
            shown,
            "error: https://****@host/simple and http://****@h2 (https://plain/x@y)"
        );
        assert_eq!(masked("no address"), "no address");
    }
}
