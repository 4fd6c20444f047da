//! Runs a step's commands where they belong, and says what it means when they come to no end.

use crate::session::{BlockOutcome, Session, SessionError};
use docproof_core::event::{Failure, NoteKind, StepNote, StepOutcome};
use docproof_core::report::mask_secrets;
use docproof_core::scenario::{Elsewhere, Script, Step};
use docproof_core::source::Position;
use std::time::Duration;

/// How long a shell in a container may take to close.
pub(super) const LEAVE_LIMIT: Duration = Duration::from_secs(60);

/// Runs the commands; what was answered for them goes into the notes.
pub(super) async fn execute(
    session: &mut Session,
    step: &Step,
    script: &Script,
    notes: &mut Vec<StepNote>,
) -> Result<BlockOutcome, SessionError> {
    if step.elsewhere == Elsewhere::Inside {
        return session.run_inside(script, step.timeout).await;
    }
    session.leave(LEAVE_LIMIT).await?;
    match step.elsewhere {
        Elsewhere::Opens => session.run_opening(script, step.timeout).await,
        Elsewhere::Here | Elsewhere::Inside if !step.answers.is_empty() => {
            let (outcome, answered) = session
                .run_asked(script, &step.answers, step.timeout)
                .await?;
            let mut left = step.answers.iter().skip(answered);
            let unasked = left.find(|answer| !answer.optional);
            if let Some(answer) = unasked.filter(|_| outcome.status == 0) {
                return Err(SessionError::NotAsked {
                    prompt: answer.prompt.clone(),
                    output: outcome.stdout,
                });
            }
            notes.extend(step.answers.iter().take(answered).map(|answer| StepNote {
                about: NoteKind::Answered,
                text: format!("{} {}", answer.prompt.trim(), answer.typed),
                why: None,
                position: None,
            }));
            Ok(outcome)
        }
        Elsewhere::Here | Elsewhere::Inside => session.run(script, step.timeout).await,
    }
}

/// The block did not come to its end.
pub(super) fn no_outcome(
    position: &Position,
    script: &Script,
    error: &SessionError,
) -> (StepOutcome, Option<Failure>) {
    let (outcome, output, help) = match error {
        SessionError::TimedOut { output, .. } => (
            StepOutcome::Failed,
            Some(output),
            "if the block needs longer, give the step a `timeout`; a command may also wait for \
             input that nobody types",
        ),
        SessionError::Ended { output, .. } => (
            StepOutcome::Failed,
            Some(output),
            "a block that ends its shell (`exit`, `exec`) ends the reader's terminal too",
        ),
        SessionError::Asked { output, .. } => (
            StepOutcome::Failed,
            Some(output),
            "give the step an `answer` with this prompt, if a reader is to answer it",
        ),
        SessionError::NotAsked { output, .. } => (
            StepOutcome::Failed,
            Some(output),
            "take the `answer` out, or write its prompt as the command does",
        ),
        SessionError::NoInnerShell => (
            StepOutcome::CouldNotRun,
            None,
            "an earlier step must open the container's shell (`az container exec`)",
        ),
        SessionError::Environment(_) | SessionError::Channel(_) => {
            (StepOutcome::CouldNotRun, None, "run `docproof doctor`")
        }
    };
    let failure = Failure {
        position: position.clone(),
        message: error.to_string(),
        command: Some(script.text().trim_end().to_owned()),
        expected: None,
        actual: output
            .map(|text| mask_secrets(text.trim()))
            .filter(|text| !text.is_empty()),
        help: Some(help.to_owned()),
    };
    (outcome, Some(failure))
}
