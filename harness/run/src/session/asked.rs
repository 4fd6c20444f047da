//! Blocks whose commands ask: they run on the session's terminal, and what the scenario says is typed.

use super::inner::{through, without_colours, without_words};
use super::outcome::{BlockOutcome, SessionError};
use super::shell::{Said, Session};
use docproof_core::scenario::{Answer, Script};
use std::time::{Duration, Instant};

/// How long a line that may be a question stands there before it is taken for one.
const QUIET: Duration = Duration::from_secs(5);

impl Session {
    /// Runs a block on the terminal, and types each answer when its prompt appears; also how many
    /// answers were asked for. Standard output and error come together, as a reader sees them,
    /// without the prompts.
    ///
    /// # Errors
    /// When a command asks something else, the block has no end or takes the shell with it.
    pub async fn run_asked(
        &mut self,
        script: &Script,
        answers: &[Answer],
        limit: Duration,
    ) -> Result<(BlockOutcome, usize), SessionError> {
        let started = Instant::now();
        let from = self.pty.printed();
        let block = self.write_block(script).await?;
        self.talk.send("asked", &block).await?;
        let mut outcome = BlockOutcome::default();
        let mut answered = 0;
        // What was printed before the last answer asks nothing any more.
        let mut looked = from;
        loop {
            let next = answers.get(answered);
            let said = tokio::select! {
                biased;
                said = self.talk.said(started + limit) => said,
                answer = async {
                    match next {
                        Some(next) => {
                            let asks = |shown: &str| shown.contains(&next.prompt).then_some(next);
                            self.pty.wait_for(looked, asks).await
                        }
                        None => std::future::pending().await,
                    }
                } => {
                    looked = self.pty.printed();
                    answered += 1;
                    self.pty.type_text(&format!("{}\n", answer.typed)).await?;
                    continue;
                }
                question = self.pty.wait_for_question(looked, QUIET) => {
                    let output = without_words(&self.pty.since(from));
                    return Err(SessionError::Asked { question, output });
                }
            };
            match said.map_err(|silence| silence.into_error(limit, self.pty.since(from)))? {
                Said::Error(status, line) => outcome.add_error(script, status, line),
                Said::Done(status) => {
                    outcome.status = status;
                    through(&self.pty, from, started + limit).await;
                    break;
                }
                Said::Ready => {}
            }
        }
        outcome.elapsed = started.elapsed();
        let mut shown = without_colours(&without_words(&self.pty.since(from)));
        for answer in &answers[..answered.min(answers.len())] {
            shown = shown.replacen(&answer.prompt, "", 1);
        }
        outcome.stdout = shown;
        Ok((outcome, answered))
    }
}
