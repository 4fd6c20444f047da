//! [`Ready`]: an environment with a reader signed in at its terminal.

use super::account::Account;
use super::execute::LEAVE_LIMIT;
use super::prepare::prepare;
use super::step::Steps;
use crate::environment::{Environment, EnvironmentError, Target};
use crate::session::{Session, SessionError};
use docproof_core::event::StepOutcome;
use docproof_core::report::mask_secrets;
use docproof_core::scenario::{Elsewhere, Line, Script, Step, Walkthrough};
use docproof_core::source::Position;
use std::time::{Duration, Instant};

/// How long the sign-in before the first step may take.
const SIGN_IN_LIMIT: Duration = Duration::from_secs(120);

/// How long it may take to write down what the terminal holds.
const KEEP_LIMIT: Duration = Duration::from_secs(60);

/// Where the steps run.
pub(super) struct Ready {
    // Dropped before the environment that it runs in.
    pub(super) session: Session,
    pub(super) environment: Box<dyn Environment>,
}

/// Why nothing can be run.
pub(super) enum NotReady {
    /// The environment does not let it.
    Environment(EnvironmentError),
    /// A preparation failed; that is told.
    Preparation,
}

impl From<EnvironmentError> for NotReady {
    fn from(error: EnvironmentError) -> Self {
        Self::Environment(error)
    }
}

impl Ready {
    /// Makes the environment, starts the shell, signs in, and prepares what the article takes for
    /// granted.
    pub(super) async fn open(
        walkthrough: &Walkthrough,
        target: &dyn Target,
        account: &mut Account<'_>,
    ) -> Result<Self, NotReady> {
        let started = Instant::now();
        let environment = target.prepare_for(walkthrough).await?;
        let mut session = Session::open(environment.as_ref())
            .await
            .map_err(|error| no_shell("start", &error))?;
        let mark = environment.mark();
        let mut sign_in = Duration::ZERO;
        if let Some(command) = environment.sign_in() {
            let script = own(command.clone(), account.position());
            let outcome = session
                .run(&script, SIGN_IN_LIMIT)
                .await
                .map_err(|error| no_shell("sign in", &error))?;
            if outcome.status != 0 {
                let printed = mask_secrets(outcome.stderr.trim());
                let message = format!("`{command}` ended with {}: {printed}", outcome.status);
                return Err(EnvironmentError::new(message).into());
            }
            sign_in = outcome.elapsed;
        }
        let requests = environment.requests_since(mark);
        account.spend_around(
            started.elapsed().saturating_sub(sign_in),
            requests.iter().map(|request| request.seconds).sum(),
        );
        let mut ready = Self {
            session,
            environment,
        };
        let from = ready.environment.kept().filter(|kept| kept.from() > 0);
        if let Some(kept) = from {
            let script = own(kept.restore(), account.position());
            own_block(&mut ready.session, &script, "hold again what it held").await?;
            return Ok(ready);
        }
        for (index, preparation) in walkthrough.preparations.iter().enumerate() {
            account.preparing(index, preparation);
            let environment = ready.environment.as_ref();
            let run = prepare(&mut ready.session, environment, preparation, index).await;
            let outcome = run.outcome;
            account.prepared(index, preparation, run);
            if outcome != StepOutcome::Passed {
                ready.close(account);
                return Err(NotReady::Preparation);
            }
        }
        Ok(ready)
    }

    /// Ends all that runs, and removes all that is there.
    pub(super) fn close(self, account: &mut Account<'_>) {
        let ending = Instant::now();
        drop(self.session);
        tokio::task::block_in_place(|| drop(self.environment));
        account.spend_around(ending.elapsed(), 0.0);
    }
}

/// Writes down what there is before a step, where that is kept; not in the shell of a container.
pub(super) async fn keep(
    session: &mut Session,
    environment: &dyn Environment,
    steps: &Steps<'_>,
    index: usize,
    step: &Step,
) -> Result<(), EnvironmentError> {
    let is_outside = step.elsewhere != Elsewhere::Inside;
    let Some(kept) = environment.kept().filter(|_| is_outside) else {
        return Ok(());
    };
    kept.save(index, &steps.progress())?;
    let script = own(kept.tell(index), step.position.clone());
    let left = session.leave(LEAVE_LIMIT).await;
    left.map_err(|error| no_shell("leave the container", &error))?;
    own_block(session, &script, "say what it holds").await?;
    environment.reached(index);
    Ok(())
}

/// Runs a block of docproof's own, which has to end well.
async fn own_block(
    session: &mut Session,
    script: &Script,
    doing: &str,
) -> Result<(), EnvironmentError> {
    let ran = session.run(script, KEEP_LIMIT).await;
    let outcome = ran.map_err(|error| no_shell(doing, &error))?;
    match outcome.status {
        0 => Ok(()),
        status => {
            let printed = mask_secrets(outcome.stderr.trim());
            let message = format!("the shell did not {doing}: it ended with {status}: {printed}");
            Err(EnvironmentError::new(message))
        }
    }
}

/// A script of docproof's own.
fn own(text: String, position: Position) -> Script {
    let lines = text.lines().map(|line| Line {
        text: line.to_owned(),
        position: position.clone(),
    });
    Script {
        lines: lines.collect(),
    }
}

fn no_shell(doing: &str, error: &SessionError) -> EnvironmentError {
    EnvironmentError::new(format!("the shell did not {doing}: {error}"))
}
