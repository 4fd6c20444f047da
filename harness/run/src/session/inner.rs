//! The shell inside a container: opened by a block on the terminal, then typed into.

use super::channel::{MARK, Pty};
use super::outcome::{BlockOutcome, SessionError};
use super::shell::{Said, Session};
use docproof_core::scenario::Script;
use std::time::{Duration, Instant};

/// A shell in a container that is open on the session's terminal.
pub(super) struct Inner {
    /// How many blocks were typed into it.
    blocks: usize,
}

/// Typed first: no line editing (which echoes on its own), no echo, no prompt, failing commands
/// told with their line.
const PREPARE: &str = " set +o emacs 2>/dev/null; set +o vi 2>/dev/null; stty -echo; \
     PS1= PS2= PROMPT_COMMAND=; trap 'printf \"\\036error %s %s\\036\" \"$?\" \"$LINENO\"' ERR; \
     printf '\\036ready\\036'\n";

impl Session {
    /// Runs a block whose last command opens a shell in a container, and waits for that shell.
    /// When the block ends without one, that is in the outcome's errors.
    ///
    /// # Errors
    /// When nothing answers within `limit`, or the reader's shell ends.
    pub async fn run_opening(
        &mut self,
        script: &Script,
        limit: Duration,
    ) -> Result<BlockOutcome, SessionError> {
        let started = Instant::now();
        let from = self.pty.printed();
        let block = self.write_block(script).await?;
        self.talk.send("terminal", &block).await?;
        let mut outcome = BlockOutcome::default();
        let opened = prepare_inner(&self.pty, from);
        tokio::pin!(opened);
        loop {
            let said = tokio::select! {
                biased;
                opened = &mut opened => {
                    opened?;
                    self.inner = Some(Inner { blocks: 0 });
                    break;
                }
                said = self.talk.said(started + limit) => said,
            };
            match said.map_err(|silence| silence.into_error(limit, self.pty.since(from)))? {
                Said::Error(status, line) => outcome.add_error(script, status, line),
                Said::Done(status) => {
                    outcome.status = status;
                    if outcome.errors.is_empty() {
                        outcome.add_error(script, status, script.lines.len());
                    }
                    through(&self.pty, from, started + limit).await;
                    break;
                }
                Said::Ready => {}
            }
        }
        outcome.elapsed = started.elapsed();
        outcome.stdout = without_colours(&without_words(&self.pty.since(from)));
        Ok(outcome)
    }

    /// Whether a shell in a container is open.
    pub fn is_inside(&self) -> bool {
        self.inner.is_some()
    }

    /// Types a block into the shell in the container. Its standard output and error come together,
    /// as a reader sees them.
    ///
    /// # Errors
    /// When no such shell is open, the block has no end, or the shell ends.
    pub async fn run_inside(
        &mut self,
        script: &Script,
        limit: Duration,
    ) -> Result<BlockOutcome, SessionError> {
        let inner = self.inner.as_mut().ok_or(SessionError::NoInnerShell)?;
        inner.blocks += 1;
        let number = inner.blocks;
        let started = Instant::now();
        let from = self.pty.printed();
        let text = format!(
            " printf '\\036begin %s %s\\036' {number} \"$LINENO\"\n{} printf '\\036end %s %s\\036' \
             {number} \"$?\"\n",
            script.text()
        );
        self.pty.type_text(&text).await?;
        let shown = tokio::select! {
            biased;
            shown = self.pty.wait_for_mark(from, |shown| between(shown, number)) => shown,
            said = self.talk.said(started + limit) => {
                let output = without_words(&self.pty.since(from));
                return Err(match said {
                    Ok(Said::Done(status) | Said::Error(status, _)) => {
                        self.inner = None;
                        SessionError::Ended { status, output }
                    }
                    Ok(Said::Ready) => SessionError::NoInnerShell,
                    Err(silence) => silence.into_error(limit, output),
                });
            }
        };
        let mut outcome = BlockOutcome {
            status: shown.status,
            ..BlockOutcome::default()
        };
        for (status, line) in shown.errors {
            outcome.add_error(script, status, line);
        }
        outcome.stdout = without_colours(&shown.output);
        outcome.elapsed = started.elapsed();
        Ok(outcome)
    }

    /// Leaves the shell in the container, if one is open, and waits for the command that opened it.
    ///
    /// # Errors
    /// When that command does not end within `limit`.
    pub async fn leave(&mut self, limit: Duration) -> Result<(), SessionError> {
        if self.inner.take().is_none() {
            return Ok(());
        }
        let from = self.pty.printed();
        let started = Instant::now();
        self.pty.type_text(" exit\n").await?;
        loop {
            let said = self.talk.said(started + limit).await;
            let said = said.map_err(|silence| silence.into_error(limit, self.pty.since(from)))?;
            if let Said::Done(_) = said {
                through(&self.pty, from, started + limit).await;
                return Ok(());
            }
        }
    }
}

/// Types [`PREPARE`] each time that something new is printed, until the inner shell answers: a
/// client empties the terminal's input when it takes it over, so what is typed too early is lost.
/// Typing it twice does no harm.
async fn prepare_inner(pty: &Pty, from: usize) -> std::io::Result<()> {
    let mut seen = 0;
    loop {
        let ready = pty
            .wait_for(from, |shown| {
                let ready = words(shown).any(|word| word == "ready");
                (ready || shown.len() > seen).then(|| {
                    seen = shown.len();
                    ready
                })
            })
            .await;
        if ready {
            return Ok(());
        }
        pty.type_text(PREPARE).await?;
    }
}

/// Waits until everything that a block printed to the terminal has arrived.
pub(super) async fn through(pty: &Pty, from: usize, deadline: Instant) {
    let through = pty.wait_for_mark(from, |shown| {
        words(shown).find(|word| *word == "through").map(drop)
    });
    // Without it what has arrived must do.
    let _ = tokio::time::timeout_at(deadline.into(), through).await;
}

/// What a block showed once it is through.
struct Shown {
    output: String,
    status: i32,
    errors: Vec<(i32, usize)>,
}

/// The words that the inner shell said to the harness.
fn words(shown: &str) -> impl Iterator<Item = &str> {
    shown.split(MARK).skip(1).step_by(2)
}

/// What a person sees of it.
pub(super) fn without_words(shown: &str) -> String {
    shown.split(MARK).step_by(2).collect()
}

/// The text alone: a program on a terminal may colour what it prints, and an article shows text.
/// The sequences are those of ECMA-48, 5.4 (control sequences).
pub(super) fn without_colours(shown: &str) -> String {
    let mut text = String::new();
    let mut rest = shown;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        text.push_str(before);
        let end = after.find(|c: char| ('@'..='~').contains(&c));
        rest = end.and_then(|end| after.get(end + 1..)).unwrap_or_default();
    }
    text + rest
}

/// What stands between the `begin` and the `end` of a block; `None` while it still runs.
fn between(shown: &str, number: usize) -> Option<Shown> {
    let mut output = String::new();
    let mut errors = Vec::new();
    let mut first_line = None;
    for (index, part) in shown.split(MARK).enumerate() {
        if index % 2 == 0 {
            if first_line.is_some() {
                output.push_str(part);
            }
            continue;
        }
        let mut fields = part.split(' ');
        let kind = fields.next()?;
        let numbers: Vec<i64> = fields.filter_map(|field| field.parse().ok()).collect();
        let is_ours = numbers.first().copied() == i64::try_from(number).ok();
        match (kind, numbers.as_slice()) {
            ("begin", [_, line]) if is_ours => first_line = Some(*line),
            ("error", [status, line]) => {
                if let Some(first) = first_line {
                    let line = usize::try_from(line - first).unwrap_or_default();
                    errors.push((i32::try_from(*status).unwrap_or(1), line));
                }
            }
            ("end", [_, status]) if is_ours => {
                let status = i32::try_from(*status).unwrap_or(1);
                return Some(Shown {
                    output,
                    status,
                    errors,
                });
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{between, without_colours};

    #[test]
    fn colours_are_left_out_and_nothing_else() {
        assert_eq!(
            without_colours("\u{1b}[1;39m{ \u{1b}[0m[1m] é\u{1b}[0"),
            "{ [1m] é"
        );
    }

    #[test]
    fn a_block_without_its_end_has_no_outcome() {
        assert!(between("\u{1e}begin 1 7\u{1e}hello", 1).is_none());
        assert!(between("\u{1e}begin 1 7\u{1e}hello\u{1e}end 2 0\u{1e}", 1).is_none());
    }

    #[test]
    fn output_errors_and_status_are_told_apart() {
        let shown =
            "noise\u{1e}begin 3 10\u{1e}one\n\u{1e}error 4 12\u{1e}two\n\u{1e}end 3 4\u{1e}";
        let shown = between(shown, 3).expect("the block is through");
        assert_eq!(shown.output, "one\ntwo\n");
        assert_eq!(shown.status, 4);
        assert_eq!(shown.errors, [(4, 2)]);
    }
}
